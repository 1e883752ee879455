//! Diagnostics: errors and warnings for the user, in order and without duplicates.

use super::Path;
use crate::printable::{escape, escape_lines};

/// The severity of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The operation fails.
    Error,
    /// The operation continues.
    Warning,
}

/// One message: a fixed summary, and a detail with the value in backticks, the rule and the next step. Its constructors escape
/// hidden characters, so that no value from outside reaches a terminal as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// A short fixed phrase, so that it can be searched for.
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
    /// The summary of an error that comes after the first, if it is not that error's own.
    pub summary: Option<String>,
    /// The detail of such an error: what it concerns, and the cause in one line.
    pub brief: String,
}

impl Cause {
    /// A cause.
    pub fn new(id: impl Into<String>, brief: impl Into<String>) -> Self {
        Self { id: id.into(), summary: None, brief: brief.into() }
    }

    /// With a summary of its own, for a cause of several errors.
    #[must_use]
    pub fn titled(self, summary: impl Into<String>) -> Self {
        Self { summary: Some(summary.into()), ..self }
    }
}

impl Diagnostic {
    /// An error about the whole block.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        let (summary, detail) = (summary.into(), detail.into());
        Self {
            severity: Severity::Error,
            summary: escape(&summary).into_owned(),
            detail: escape_lines(&detail).into_owned(),
            path: Path::root(),
            cause: None,
        }
    }

    /// A warning about the whole block.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(summary, detail) }
    }

    /// An error in anu itself, with the address to report it.
    pub fn bug(detail: impl AsRef<str>) -> Self {
        Self::error(
            "Bug in anu",
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
        all.push(Diagnostic::warning("b", "1"));
        all.push(Diagnostic::error("a", "1"));
        all.push(Diagnostic::warning("b", "1"));
        all.extend([Diagnostic::error("a", "1"), Diagnostic::error("a", "1").at(Path::attribute("x"))]);
        let texts: Vec<_> = all.iter().map(|d| (d.summary.as_str(), d.path.to_string())).collect();
        assert_eq!(texts, [("b", String::new()), ("a", String::new()), ("a", "x".to_owned())]);
    }
}
