//! Why a verb failed: what happened, the rule, the next step.

use std::fmt;

use crate::printable::escape;

use super::exit::Exit;
use crate::codes::{self, Code};

/// An error as it is printed, and its exit code.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::cli) struct Error {
    exit: Exit,
    code: Code,
    /// One sentence, without its full stop.
    what: String,
    /// Sentences that follow it.
    rule: String,
    /// The next step; empty if there is none.
    hint: String,
}

impl Error {
    /// The work failed, or a check found something.
    pub(in crate::cli) fn failed(code: Code, what: impl Into<String>) -> Self {
        Self { exit: Exit::Failure, code, what: what.into(), rule: String::new(), hint: String::new() }
    }

    /// The command line is wrong.
    pub(in crate::cli) fn usage(what: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::failed(codes::COMMAND_LINE, what) }
    }

    /// A file, program or address that is needed was not found.
    pub(in crate::cli) fn missing(code: Code, what: impl Into<String>) -> Self {
        Self { exit: Exit::Missing, ..Self::failed(code, what) }
    }

    /// The user pressed Ctrl-C.
    pub(in crate::cli) fn cancelled(what: impl Into<String>) -> Self {
        Self { exit: Exit::Stopped, ..Self::failed(codes::CANCELLED, what) }
    }

    /// With the code of a kind of mistake that has one of its own.
    pub(in crate::cli) fn coded(self, code: Code) -> Self {
        Self { code, ..self }
    }

    /// Why that is an error.
    pub(in crate::cli) fn because(mut self, rule: impl Into<String>) -> Self {
        self.rule = rule.into();
        self
    }

    /// The next step.
    pub(in crate::cli) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// What happened, and the next step if there is one.
    pub(in crate::cli) fn summary(&self) -> (&str, Option<&str>) {
        (&self.what, Some(self.hint.as_str()).filter(|hint| !hint.is_empty()))
    }

    pub(in crate::cli) fn exit_code(&self) -> u8 {
        self.exit.code()
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
        write!(f, "\n  {}", self.code)
    }
}

/// Names the file that could not be read, written or created.
pub(in crate::cli) fn io(doing: &str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Error {
    let what = format!("Cannot {doing} `{}`", escape(&path.to_string_lossy()));
    move |error| Error::failed(codes::FILE_NOT_ACCESSIBLE, format!("{what}: {error}"))
}
