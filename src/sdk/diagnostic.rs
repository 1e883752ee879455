//! Diagnostics: errors and warnings for the user, in order and without duplicates.

use super::Path;
pub use crate::codes::Severity;
use crate::codes::{self, Code};
use crate::printable::{escape, escape_lines};

/// One message: its code, a summary, and a detail with the value in backticks, the rule and the next step. Its constructors escape
/// hidden characters, so that no value from outside reaches a terminal as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// The row in the table of codes.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// The short fixed phrase of the code, so that it can be searched for, with the subject's name where it varies.
    pub summary: String,
    /// The value, the rule and the next step.
    pub detail: String,
    /// The attribute; the root for the whole block.
    pub path: Path,
    /// Why other calls of the run may have the same error, where that is so. Core is not sent it.
    pub cause: Option<Box<Cause>>,
}

/// What makes several calls of one run fail alike, so that a provider can print the whole text once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cause {
    /// Equal for all errors with this cause.
    pub id: String,
    /// The code of an error that comes after the first, if it is not that error's own.
    pub code: Option<Code>,
    /// The detail of such an error: what it concerns, and the cause in one line.
    pub brief: String,
}

impl Cause {
    /// A cause.
    pub fn new(id: impl Into<String>, brief: impl Into<String>) -> Self {
        Self { id: id.into(), code: None, brief: brief.into() }
    }

    /// With a code of its own, for a cause of several errors.
    #[must_use]
    pub fn coded(self, code: Code) -> Self {
        Self { code: Some(code), ..self }
    }
}

impl Diagnostic {
    /// An error or warning about the whole block, with the summary of its code.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self::titled(code, code.summary(), detail)
    }

    /// One whose code's summary contains what varies (`…`). `summary` is that phrase with the values in it.
    pub fn titled(code: Code, summary: impl Into<String>, detail: impl Into<String>) -> Self {
        let (summary, detail) = (summary.into(), detail.into());
        debug_assert!(code.matches(&summary), "`{summary}` is not a summary of `{code}`: `{}`", code.summary());
        Self {
            code,
            severity: code.severity(),
            summary: escape(&summary).into_owned(),
            detail: escape_lines(&detail).into_owned(),
            path: Path::root(),
            cause: None,
        }
    }

    /// The whole text below the summary: the detail, and the code in its last line.
    pub fn text(&self) -> String {
        format!("{}\n\n{}", self.detail, self.code)
    }

    /// An error in anu itself, with the address to report it.
    pub fn bug(detail: impl AsRef<str>) -> Self {
        Self::new(
            codes::BUG,
            format!(
                "{}\n\nThis is a bug in anu, not in your configuration. Please report it, with this text, at \
                 https://github.com/anu-registry/terraform-provider-anu/issues.",
                detail.as_ref()
            ),
        )
    }

    /// Sets the attribute's path.
    pub fn at(mut self, path: Path) -> Self {
        self.path = path;
        self
    }

    /// Sets the cause.
    #[must_use]
    pub fn caused_by(mut self, cause: Cause) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }
}

/// Diagnostics in the order of their creation, without duplicates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a diagnostic unless an equal one exists.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.0.contains(&diagnostic) {
            self.0.push(diagnostic);
        }
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The diagnostics in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        // A set in addition to the list, so that thousands of problems do not take quadratic time.
        let mut seen: std::collections::HashSet<Diagnostic> = self.0.iter().cloned().collect();
        for diagnostic in diagnostics {
            if seen.insert(diagnostic.clone()) {
                self.0.push(diagnostic);
            }
        }
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        let mut all = Self::new();
        all.extend(diagnostics);
        all
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'d> IntoIterator for &'d Diagnostics {
    type Item = &'d Diagnostic;
    type IntoIter = std::slice::Iter<'d, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_preserved_and_duplicates_are_removed() {
        let mut all = Diagnostics::new();
        let (warning, error) = (codes::READ_FROM_FALLBACK, codes::MISSING_VALUE);
        all.push(Diagnostic::new(warning, "1"));
        all.push(Diagnostic::new(error, "1"));
        all.push(Diagnostic::new(warning, "1"));
        all.extend([Diagnostic::new(error, "1"), Diagnostic::new(error, "1").at(Path::attribute("x"))]);
        let codes: Vec<_> = all.iter().map(|d| (d.code, d.path.to_string())).collect();
        assert_eq!(codes, [(warning, String::new()), (error, String::new()), (error, "x".to_owned())]);
    }

    #[test]
    fn the_last_line_is_the_code() {
        let bug = Diagnostic::bug("A value has no type.");
        assert_eq!(bug.text(), format!("{}\n\nanu:bug", bug.detail));
    }

    #[test]
    #[should_panic(expected = "is not a summary of `anu:not-empty`")]
    fn a_summary_of_another_code_is_a_defect() {
        drop(Diagnostic::titled(codes::NOT_EMPTY, "Project `x` is full", ""));
    }
}
