//! A code: the stable name of one kind of error or warning, its severity and its summary.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::example::{Example, Guide};

/// The severity of an error or warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The operation fails.
    Error,
    /// The operation continues.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// The code of an error or warning. `Display` is the last line of its text, `anu:unknown-team`: the only place that writes it so.
#[derive(Clone, Copy)]
pub struct Code(pub(super) &'static Entry);

/// One row of the table.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) severity: Severity,
    pub(super) summary: &'static str,
    pub(super) cause: &'static str,
    pub(super) way_out: &'static str,
    pub(super) guide: Guide,
    pub(super) example: Example,
}

/// What varies in a summary: the name of the subject, a number.
const VARIES: char = '…';

impl Code {
    /// The name for programs: stable, kebab-case.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Whether it is an error or a warning.
    pub fn severity(self) -> Severity {
        self.0.severity
    }

    /// The phrase for people. `…` is what varies.
    pub fn summary(self) -> &'static str {
        self.0.summary
    }

    /// Whether a summary is one of this code: the phrase, and after it perhaps a colon and a place.
    pub fn matches(self, summary: &str) -> bool {
        let mut parts = self.summary().split(VARIES);
        let Some(mut rest) = parts.next().and_then(|first| summary.strip_prefix(first)) else { return false };
        let mut is_open = false;
        for part in parts {
            // Something varies here, so the next fixed part begins later than now.
            let from = rest.chars().next().map_or(0, char::len_utf8);
            let found = if part.is_empty() { Some(rest.len()) } else { rest[from..].find(part).map(|at| from + at) };
            let Some(found) = found.filter(|_| from > 0) else { return false };
            rest = &rest[(found + part.len()).min(rest.len())..];
            is_open = true;
        }
        rest.is_empty() || rest.starts_with(": ") || (is_open && self.ends_late(summary))
    }

    /// Whether the last fixed part is at the end, where the first occurrence of it is not.
    fn ends_late(self, summary: &str) -> bool {
        self.summary().rsplit(VARIES).next().is_some_and(|last| summary.ends_with(last))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "anu:{}", self.name())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Code {}

impl Hash for Code {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(summary: &'static str) -> Code {
        let entry = Entry {
            name: "made-up",
            severity: Severity::Error,
            summary,
            cause: "",
            way_out: "",
            guide: ("", ""),
            example: Example::Shown,
        };
        Code(Box::leak(Box::new(entry)))
    }

    #[test]
    fn a_summary_is_the_phrase_with_what_varies() {
        for (phrase, summary) in [
            ("Unknown team", "Unknown team"),
            ("Unknown IAM role", "Unknown IAM role: at `/permissions`"),
            ("…: deletion of … is refused", "Service `a`: deletion of 1 project is refused"),
            ("…: … existing … will be adopted", "Service `a`: 3 existing resources will be adopted"),
            ("Provider has no …", "Provider has no function `x`"),
            ("… is being deleted", "Project `x is being deleted y` is being deleted"),
        ] {
            assert!(code(phrase).matches(summary), "{phrase}: {summary}");
        }
        for (phrase, summary) in [
            ("Unknown team", "Unknown teams"),
            ("…: deletion of … is refused", "Service `a`: deletion is refused"),
            ("… is being deleted", " is being deleted"),
            ("Provider has no …", "Provider has no "),
            ("…: … already", "Service `a`: 3 resources exist"),
        ] {
            assert!(!code(phrase).matches(summary), "{phrase}: {summary}");
        }
    }

    #[test]
    fn the_line_has_the_prefix_and_the_name() {
        assert_eq!(code("Unknown team").to_string(), "anu:made-up");
    }
}
