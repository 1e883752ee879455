//! Why a registry was not loaded.

use crate::connect::Cancelled;
use crate::discovery::DiscoveryError;
use crate::registry::Problem;

/// Why a registry was not loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The user stopped the run.
    #[error("the run was cancelled before the registry was read")]
    Cancelled(#[from] Cancelled),
    /// No source could be read.
    #[error(transparent)]
    Discovery(DiscoveryError),
    /// The document was read and has errors.
    #[error("the registry in `{source_name}` has {} problems", .problems.len())]
    Problems {
        /// The source of the document, without secrets.
        source_name: String,
        /// All problems, warnings included, in the document's order.
        problems: Vec<Problem>,
    },
}

impl From<DiscoveryError> for LoadError {
    fn from(error: DiscoveryError) -> Self {
        match error {
            DiscoveryError::Cancelled => Self::Cancelled(Cancelled),
            error => Self::Discovery(error),
        }
    }
}
