//! Why a verb ended early: what happened, what the rule is, what to do next.

use std::fmt;

/// An error as it is shown, and the exit code it stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Error {
    code: u8,
    /// One sentence, without its end.
    what: String,
    /// Sentences that follow it.
    rule: String,
    /// What to do next; empty if there is nothing.
    hint: String,
}

impl Error {
    /// It did not work, or what was checked is not as it should be.
    pub(super) fn failed(what: impl Into<String>) -> Self {
        Self { code: 1, what: what.into(), rule: String::new(), hint: String::new() }
    }

    /// The command line asks for something that cannot be.
    pub(super) fn usage(what: impl Into<String>) -> Self {
        Self { code: 2, ..Self::failed(what) }
    }

    /// Something needed is not there.
    pub(super) fn missing(what: impl Into<String>) -> Self {
        Self { code: 3, ..Self::failed(what) }
    }

    /// The user pressed Ctrl-C.
    pub(super) fn stopped(what: impl Into<String>) -> Self {
        Self { code: 130, ..Self::failed(what) }
    }

    /// Why that is an error.
    pub(super) fn because(mut self, rule: impl Into<String>) -> Self {
        self.rule = rule.into();
        self
    }

    /// What to do next.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    pub(super) fn code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        for (before, text) in [("\n  ", &self.rule), ("\nhint: ", &self.hint)] {
            if !text.is_empty() {
                write!(f, "{before}{text}")?;
            }
        }
        Ok(())
    }
}

/// Names the file that could not be read, written or made.
pub(super) fn io(doing: &str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Error {
    let what = format!("Could not {doing} `{}`", path.display());
    move |error| Error::failed(format!("{what}: {error}"))
}
