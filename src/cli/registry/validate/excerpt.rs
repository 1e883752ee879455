//! The line of a problem, with its number and carets below the word that the problem is about.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use crate::printable::escape;
use crate::registry::{Location, MAX_BYTES, Position};

/// The most of a line that is shown.
const MOST_SHOWN: usize = 160;
/// Columns after this one are not shown: a document in one line of megabytes was not written by a person, and finding a column in it
/// takes as long as the line.
const LONGEST_LINE: usize = 10_000;

/// A text, and where its lines begin: they are looked up for many problems.
struct Text {
    text: String,
    starts: Vec<usize>,
}

impl Text {
    fn of(text: String) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(breaks).collect();
        Self { text, starts }
    }

    /// A line, counted from 1.
    fn line(&self, number: usize) -> Option<&str> {
        let start = *self.starts.get(number.checked_sub(1)?)?;
        let end = self.starts.get(number).map_or(self.text.len(), |next| next - 1);
        self.text.get(start..end).filter(|line| !line.is_empty() || end < self.text.len())
    }
}

/// The texts that problems are located in.
pub(super) struct Texts {
    /// That of the source, unless it is a program.
    source: Option<Text>,
    /// Those of the files of a program, which are read when they are needed.
    files: HashMap<String, Option<Text>>,
}

impl Texts {
    pub(super) fn of(source: Option<String>) -> Self {
        Self { source: source.map(Text::of), files: HashMap::new() }
    }

    /// The line of a place.
    pub(super) fn excerpt(&mut self, location: &Location) -> Option<Excerpt> {
        let text = match &self.source {
            Some(text) => text,
            None => {
                let path = Path::new(&*location.file);
                let read = || {
                    let is_small = path.metadata().is_ok_and(|found| found.len() <= MAX_BYTES as u64);
                    is_small.then(|| std::fs::read_to_string(path).ok().map(Text::of)).flatten()
                };
                self.files.entry(location.file.to_string()).or_insert_with(read).as_ref()?
            }
        };
        let position = Some(location.position).filter(|position| position.column <= LONGEST_LINE)?;
        text.line(position.line).map(|line| Excerpt::of(line, position))
    }
}

/// One line of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    number: usize,
    /// What is before the carets, what is above them, and what follows.
    parts: [String; 3],
}

impl Excerpt {
    fn of(line: &str, position: Position) -> Self {
        let before = (position.column - 1).saturating_sub(MOST_SHOWN);
        let characters: Vec<char> = line.trim_end().chars().skip(before).take(4 * MOST_SHOWN).collect();
        let start = (position.column - 1 - before).min(characters.len());
        let end = start + word(&characters[start..]).min(MOST_SHOWN);
        let shown = |part: &[char]| escape(&part.iter().collect::<String>().replace('\t', "    ")).into_owned();
        let first = start.saturating_sub(MOST_SHOWN / 2);
        let last = characters.len().min(end + MOST_SHOWN / 2);
        let parts = [shown(&characters[first..start]), shown(&characters[start..end]), shown(&characters[end..last])];
        Self { number: position.line, parts }
    }
}

/// The length of the word or quoted text that begins there.
fn word(characters: &[char]) -> usize {
    match characters.first() {
        None => 0,
        Some(quote @ ('"' | '\'')) => {
            let mut is_escaped = false;
            let end = characters.iter().skip(1).position(|c| {
                let is_end = c == quote && !is_escaped;
                is_escaped = *c == '\\' && !is_escaped;
                is_end
            });
            end.map_or(characters.len(), |end| end + 2)
        }
        Some(_) => {
            let end = characters.iter().position(|c| c.is_whitespace() || ",:]})".contains(*c));
            end.unwrap_or(characters.len()).max(1)
        }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [before, marked, after] = &self.parts;
        let number = self.number.to_string();
        let gutter = " ".repeat(number.len());
        let (indent, carets) = (" ".repeat(before.chars().count()), "^".repeat(marked.chars().count().max(1)));
        write!(f, "{gutter} |\n{number} | {before}{marked}{after}\n{gutter} | {indent}{carets}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_are_below_the_word() {
        let shown = |line: &str, column: usize| Excerpt::of(line, Position { line: 7, column }).to_string();
        assert_eq!(shown("  \"team\": \"core\",", 3), "  |\n7 |   \"team\": \"core\",\n  |   ^^^^^^");
        for (line, column, carets) in [
            ("\"a\\\"b\": 1", 1, "^^^^^^"),
            ("\"open", 1, "^^^^^"),
            ("team: core", 1, "^^^^"),
            ("{name: a}", 8, "       ^"),
            ("withTeam('core')", 10, "         ^^^^^^"),
            ("\tä: 1", 2, "    ^"),
            ("", 5, "^"),
            ("x\u{1b}y", 1, "^^^^^^^^"),
        ] {
            assert!(shown(line, column).ends_with(&format!("\n  | {carets}")), "{line}: {}", shown(line, column));
        }
        let long = format!("{}\"team\": 1{}", "ä".repeat(500), "x".repeat(500));
        assert!(shown(&long, 501).lines().all(|line| line.chars().count() < 200));
    }

    #[test]
    fn the_text_is_that_of_the_source_or_of_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.jsonnet");
        std::fs::write(&path, "one\ntwo").expect("written");
        let location =
            |line| Location { file: path.to_string_lossy().as_ref().into(), position: Position { line, column: 1 } };
        let line = |texts: &mut Texts, line| texts.excerpt(&location(line)).map(|excerpt| excerpt.parts[1].clone());
        let (mut source, mut file) = (Texts::of(Some("three\nfour".into())), Texts::of(None));
        assert_eq!((line(&mut source, 2), line(&mut source, 3)), (Some("four".into()), None));
        assert_eq!((line(&mut file, 1), line(&mut file, 2)), (Some("one".into()), Some("two".into())));
        std::fs::remove_file(&path).expect("removed");
        assert_eq!((line(&mut file, 1), line(&mut Texts::of(None), 1)), (Some("one".into()), None));
    }
}
