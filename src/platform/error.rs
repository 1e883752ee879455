//! Why a verb failed.

use std::collections::BTreeSet;

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
    Unavailable(String),
    /// The user cancelled the run.
    #[error("the run was cancelled")]
    Cancelled,
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
