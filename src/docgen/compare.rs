//! The files of the repository beside the generated ones.

use std::fmt;

use super::Files;

/// A file that differs from the generated one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its path.
    pub path: String,
    /// The text of the repository; `None` if the file does not exist.
    pub found: Option<String>,
    /// The generated text; `None` if the file is not generated.
    pub generated: Option<String>,
}

/// The files that differ, by path.
pub fn compare(found: &Files, generated: &Files) -> Vec<Difference> {
    let mut paths: Vec<&String> = found.keys().chain(generated.keys()).collect();
    paths.sort();
    paths.dedup();
    paths
        .into_iter()
        .filter(|path| found.get(*path) != generated.get(*path))
        .map(|path| Difference {
            path: path.clone(),
            found: found.get(path).cloned(),
            generated: generated.get(path).cloned(),
        })
        .collect()
}

/// How many lines around a change are shown with it, and how many changed lines of a file at most.
const CONTEXT: usize = 2;
const MOST: usize = 60;

impl fmt::Display for Difference {
    /// The part that changed, from its first to its last changed line, in the form of `diff -u`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(found), Some(generated)) = (&self.found, &self.generated) else {
            return match &self.found {
                Some(_) => write!(f, "{}: exists, but is not generated any more", self.path),
                None => write!(f, "{}: does not exist", self.path),
            };
        };
        let (old, new): (Vec<&str>, Vec<&str>) = (found.lines().collect(), generated.lines().collect());
        let alike = |mut pairs: Box<dyn Iterator<Item = (&&str, &&str)>>| {
            let mut count = 0;
            while pairs.next().is_some_and(|(old, new)| old == new) {
                count += 1;
            }
            count
        };
        let before = alike(Box::new(old.iter().zip(&new)));
        let after = alike(Box::new(old[before..].iter().rev().zip(new[before..].iter().rev())));

        write!(f, "--- {}\n+++ what `anu docs` writes", self.path)?;
        let from = before.saturating_sub(CONTEXT);
        write!(f, "\n@@ line {} @@", from + 1)?;
        for line in &old[from..before] {
            write!(f, "\n {line}")?;
        }
        for (mark, lines) in [('-', &old[before..old.len() - after]), ('+', &new[before..new.len() - after])] {
            for line in lines.iter().take(MOST) {
                write!(f, "\n{mark}{line}")?;
            }
            if lines.len() > MOST {
                write!(f, "\n{mark}… {} more lines", lines.len() - MOST)?;
            }
        }
        for line in old[old.len() - after..].iter().take(CONTEXT) {
            write!(f, "\n {line}")?;
        }
        if before == old.len() && before == new.len() {
            write!(f, "\n (only the end of the last line differs)")?;
        }
        Ok(())
    }
}
