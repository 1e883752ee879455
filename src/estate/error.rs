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
        "{setting} pins the bytes of a compiled registry. A source that ends in `.jsonnet` or is a folder is compiled when it is read, \
         and its files could change. Remove {setting}, or compile the registry (`anu registry compile`) and pin the result"
    )]
    PinnedProgram {
        /// What the pin is called where the user gives it.
        setting: &'static str,
    },
    /// What must be signed is a program and not a document.
    #[error(
        "{setting} requires the signature of a compiled registry. A source that ends in `.jsonnet` or is a folder is compiled when it is \
         read, and its files have no signature. Remove {setting}, or compile the registry (`anu registry compile`) and sign the result"
    )]
    SignedProgram {
        /// What the keys are called where the user gives them.
        setting: &'static str,
    },
    /// The signature is of a registry with another name.
    #[error(
        "the signature of `{source_name}` is for registry `{signed}` (the field `registry:` of its trusted comment), and the document is of \
         registry `{found}`. Check the address; or sign it again: `minisign -Sm registry.json -t 'registry:{found}'`"
    )]
    SignedForAnother {
        /// The source of the document, without secrets.
        source_name: String,
        /// The registry that the signature names.
        signed: String,
        /// The name of the registry.
        found: String,
    },
    /// How old the registry is cannot be known.
    #[error(
        "`{source_name}` has no `metadata.compiledAt`, which {setting} requires. Write the time of the compilation into it when it is \
         published, or remove {setting}"
    )]
    NoAge {
        /// The source of the document, without secrets.
        source_name: String,
        /// What the limit is called where the user gives it.
        setting: &'static str,
    },
    /// The registry is older than it may be.
    #[error(
        "`{source_name}` was compiled at `{compiled_at}` (`metadata.compiledAt`), {age} ago, and {setting} permits {max_age}. Publish the \
         registry again, and check that the source is not a copy that is no longer updated"
    )]
    TooOld {
        /// The source of the document, without secrets.
        source_name: String,
        /// When.
        compiled_at: String,
        /// How long ago that is.
        age: String,
        /// The limit.
        max_age: String,
        /// What the limit is called where the user gives it.
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

impl LoadError {
    /// Whether there is no registry at the source.
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Discovery(DiscoveryError::Nowhere { attempts, .. }) => {
                attempts.iter().all(|attempt| attempt.failure.is_missing())
            }
            _ => false,
        }
    }
}

impl From<DiscoveryError> for LoadError {
    fn from(error: DiscoveryError) -> Self {
        match error {
            DiscoveryError::Cancelled => Self::Cancelled(Cancelled),
            error => Self::Discovery(error),
        }
    }
}
