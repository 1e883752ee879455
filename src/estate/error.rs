//! Why a registry was not loaded.

use crate::compile::CompileError;
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
    /// The program that the document is written in does not compile.
    #[error("`{source_name}` does not compile: {error}")]
    Compile {
        /// The source of the program, without secrets.
        source_name: String,
        /// Why.
        error: Box<CompileError>,
    },
    /// What is pinned is a program and not a document.
    #[error(
        "{setting} pins the bytes of a compiled registry. A source that ends in `.jsonnet` is compiled when it is read, and what it \
         imports could change. Remove {setting}, or compile the registry (`anu registry compile`) and pin the result"
    )]
    PinnedProgram {
        /// What the pin is called where the user gives it.
        setting: &'static str,
    },
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
