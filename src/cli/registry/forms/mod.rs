//! The forms of findings that other programs show: annotations of GitHub Actions, SARIF, JUnit, the summary and outputs of a job.

pub(super) mod github;
pub(super) mod job;
pub(super) mod junit;
pub(super) mod markdown;
pub(super) mod sarif;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// A check fails.
    Error,
    /// A check passes.
    Warning,
    /// For information.
    Notice,
}

impl Level {
    /// From the gravest on.
    pub(super) const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// A rule that findings are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    /// Its code, for programs.
    pub(super) code: &'static str,
    /// Its phrase, for people.
    pub(super) title: &'static str,
    pub(super) level: Level,
}

/// One finding, in the form that every program is given.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) rule: Rule,
    /// What was found and what to do.
    pub(super) message: String,
    pub(super) service: Option<String>,
    pub(super) environment: Option<String>,
    /// The file, if the registry is one.
    pub(super) file: Option<String>,
    /// The line in it, where it is known.
    pub(super) line: Option<usize>,
}
