//! The problems that are shown in full: the first ones. Thousands of problems usually have one cause.

use super::problem::{Problem, Severity};
use crate::codes::{self, Code};

/// How many problems of one severity are shown. The others are counted.
pub const MOST_SHOWN: usize = 50;

/// The first problems of each severity, in their order, and the number of the others.
#[derive(Debug, Default)]
pub struct Excerpt<'p> {
    /// The problems to show.
    pub shown: Vec<&'p Problem>,
    counts: [usize; 2],
}

impl<'p> Excerpt<'p> {
    /// Chooses the problems to show.
    pub fn of(problems: impl IntoIterator<Item = &'p Problem>) -> Self {
        let mut excerpt = Self::default();
        let mut shown = [0; 2];
        for problem in problems {
            let severity = problem.severity as usize;
            excerpt.counts[severity] += 1 + problem.more;
            if shown[severity] < MOST_SHOWN {
                shown[severity] += 1;
                excerpt.shown.push(problem);
            }
        }
        excerpt
    }

    /// All problems of a severity, shown or not.
    pub fn count(&self, severity: Severity) -> usize {
        self.counts[severity as usize]
    }

    /// The code of [`Excerpt::rest`].
    pub fn more(severity: Severity) -> Code {
        match severity {
            Severity::Error => codes::MORE_ERRORS,
            Severity::Warning => codes::MORE_WARNINGS,
        }
    }

    /// The sentence that counts the problems of a severity that are not shown; `None` if all are. `subject` has the problems:
    /// ``The registry in `registry.json` ``.
    pub fn rest(&self, severity: Severity, subject: &str) -> Option<String> {
        let shown = self.shown.iter().filter(|problem| problem.severity == severity).count();
        let more = self.count(severity) - shown;
        let what = severity.word();
        let plural = if more == 1 { "" } else { "s" };
        (more > 0).then(|| format!("{subject} has {more} more {what}{plural} like these."))
    }
}
