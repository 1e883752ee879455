//! Whether everything is there that anu works with.

use schemars::JsonSchema;
use serde::Serialize;

/// `anu doctor`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Checks {
    /// The checks, in the order in which one thing needs the other.
    pub checks: Vec<Check>,
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// What was checked.
    pub subject: String,
    /// Whether it is as it should be.
    pub state: CheckState,
    /// What was found.
    pub found: String,
    /// What mends it; null if nothing need be done.
    pub remedy: Option<String>,
}

impl Check {
    /// It is as it should be.
    pub fn ok(subject: impl ToString, found: impl ToString) -> Self {
        Self { subject: subject.to_string(), state: CheckState::Ok, found: found.to_string(), remedy: None }
    }

    /// It is missing, and some commands do not work without it.
    pub fn warning(subject: impl ToString, found: impl ToString, remedy: impl ToString) -> Self {
        let (subject, found) = (subject.to_string(), found.to_string());
        Self { subject, state: CheckState::Warning, found, remedy: Some(remedy.to_string()) }
    }

    /// It is there and does not work.
    pub fn failed(subject: impl ToString, found: impl ToString, remedy: impl ToString) -> Self {
        Self { state: CheckState::Failed, ..Self::warning(subject, found, remedy) }
    }
}

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckState {
    /// It is as it should be.
    Ok,
    /// Some commands do not work without it.
    Warning,
    /// It is there and does not work.
    Failed,
}

impl CheckState {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}
