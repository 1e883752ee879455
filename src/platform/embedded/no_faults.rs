//! In a released program: nothing fails on demand, and no environment variable is read. The feature `testing` has `faults.rs` in
//! this place.

use std::time::Duration;

use super::schema::OpenError;
use crate::platform::Error;

/// No faults.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults;

impl Faults {
    pub(super) fn from_environment() -> Result<Self, OpenError> {
        Ok(Self)
    }

    pub(super) fn delay(&self) -> Option<Duration> {
        None
    }

    pub(super) fn before_commit(&self, _resource: impl FnOnce() -> String) -> Result<u64, Error> {
        Ok(0)
    }

    pub(super) fn after_commit(&self, _nth: u64) {}
}
