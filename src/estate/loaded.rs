//! The registry, as it was read.

use std::sync::{Mutex, PoisonError};

use crate::discovery;
use crate::fanout::FanOut;
use crate::registry::Problem;

/// A registry without errors, fanned out.
#[derive(Debug)]
pub struct LoadedRegistry {
    /// The desired resources of its services.
    pub fan_out: FanOut,
    /// The document, as it was read.
    pub document: String,
    /// The source that it was read from, without secrets.
    pub source: String,
    /// Why it must not be applied: it is not from the source itself, but from a fallback or the last good copy.
    pub fallback_reason: Option<String>,
    pub(super) warnings: Mutex<Vec<Warning>>,
}

impl LoadedRegistry {
    /// The warnings, to the first caller only: each is shown once.
    pub fn take_warnings(&self) -> Vec<Warning> {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a user should know about a registry that is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// It was not read from its source.
    Discovery(discovery::Warning),
    /// Something in the document.
    Problem(Problem),
}
