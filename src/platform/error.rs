//! Why a verb failed.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

use crate::connect::Cancelled;
use crate::registry::names::Principal;

/// Why a verb failed. Each variant is a decision of the caller; the text is for people, without a chain of causes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No object of that name.
    #[error("{0}")]
    NotFound(String),
    /// The object exists, and has no ownership label of this registry.
    #[error("{what} exists and has no ownership label of registry `{registry}`")]
    NotOwned {
        /// The object: "project `x`".
        what: String,
        /// The registry that the call was for.
        registry: String,
    },
    /// The object is being deleted.
    #[error("{what} is being deleted: {detail}")]
    PendingDeletion {
        /// The object.
        what: String,
        /// Until when, or what blocks the deletion.
        detail: String,
    },
    /// A namespace that contains objects not created by anu.
    #[error("{what} contains {}", not_created_by_anu(.contents.len()))]
    NotEmpty {
        /// The namespace.
        what: String,
        /// One line for each object.
        contents: Vec<String>,
    },
    /// Other writers changed it on every attempt.
    #[error("{0}")]
    Conflict(String),
    /// Permission denied.
    #[error("{0}")]
    PermissionDenied(String),
    /// There are no credentials, or the platform does not accept them.
    #[error("{0}")]
    Unauthenticated(Outage),
    /// The settings of the provider, or a file that they name, permit no connection.
    #[error("{0}")]
    Misconfigured(Outage),
    /// The platform refuses the request, and would refuse it again.
    #[error("{0}")]
    Invalid(String),
    /// Principals that do not exist. The rest of the change to the policy is made.
    #[error("{what}: {}", do_not_exist(.principals))]
    UnknownPrincipals {
        /// The object.
        what: String,
        /// Those that were to be added.
        principals: BTreeSet<Principal>,
    },
    /// The platform is busy, unreachable or out of quota. A later attempt may succeed.
    #[error("{0}")]
    Unavailable(Outage),
    /// The user cancelled the run.
    #[error("the run was cancelled")]
    Cancelled,
}

/// What fails every request in the same way, whatever the request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// What failed: ``project `x`: its APIs cannot be read``. Empty where the text names it.
    pub what: String,
    /// Why, with what is known of this request, such as the number of attempts.
    pub text: String,
    /// The same without that: equal for all requests that fail for the same reason.
    pub cause: String,
}

impl Outage {
    /// The failure of a request for this reason.
    pub fn new(what: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { what: what.into(), cause: text.clone(), text }
    }

    /// The same with another subject, in front of its own.
    #[must_use]
    pub fn of(self, what: &str) -> Self {
        let what = if self.what.is_empty() { what.to_owned() } else { format!("{what}: {}", self.what) };
        Self { what, ..self }
    }
}

impl Display for Outage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.what.is_empty() { f.write_str(&self.text) } else { write!(f, "{}: {}", self.what, self.text) }
    }
}

impl From<String> for Outage {
    fn from(text: String) -> Self {
        Self::new("", text)
    }
}

impl From<&str> for Outage {
    fn from(text: &str) -> Self {
        Self::new("", text)
    }
}

fn not_created_by_anu(objects: usize) -> String {
    format!("{objects} {} not created by anu", if objects == 1 { "object" } else { "objects" })
}

fn do_not_exist(principals: &BTreeSet<Principal>) -> String {
    let names: Vec<String> = principals.iter().map(|principal| format!("`{principal}`")).collect();
    format!("{} {} not exist", names.join(", "), if names.len() == 1 { "does" } else { "do" })
}

impl From<Cancelled> for Error {
    fn from(Cancelled: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Result of a platform verb.
pub type Result<T> = std::result::Result<T, Error>;
