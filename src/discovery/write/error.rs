//! Why a place was not written, with the next step.

use super::super::failure::Failure;

/// Why a place was not read or written by a publisher. Except after [`WriteError::Failed`] it is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The place has another version than required.
    #[error(
        "`{place}` was changed by another publisher after it was read: review the change against what is there now, and publish again"
    )]
    Changed {
        /// The place, as users may see it.
        place: String,
    },
    /// The place has a document, and was required to have none.
    #[error(
        "`{place}` was created by another publisher after it was found missing: review the change against what is there now, and publish again"
    )]
    Exists {
        /// The place, as users may see it.
        place: String,
    },
    /// The place refuses access.
    #[error("`{place}` was not written: {reason}")]
    NotAllowed {
        /// The place, as users may see it.
        place: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The folder or bucket does not exist.
    #[error("`{place}` was not written: {reason}")]
    NotFound {
        /// The place, as users may see it.
        place: String,
        /// What does not exist, and what to do.
        reason: String,
    },
    /// Nothing can be written there.
    #[error("`{place}` cannot be written: {rule}")]
    Unwritable {
        /// The place, as users may see it.
        place: String,
        /// The rule, and what to do.
        rule: &'static str,
    },
    /// Anything else. What was lost may be the response only: the place has what it had, or what was to be written.
    #[error("`{place}` was not written, or its response was lost: {reason}")]
    Failed {
        /// The place, as users may see it.
        place: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The place could not be read, to see what is there.
    #[error("`{place}` could not be read before it is written: {reason}")]
    NotRead {
        /// The place, as users may see it.
        place: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The user stopped the run.
    #[error("the run was cancelled before `{place}` was written")]
    Cancelled {
        /// The place, as users may see it.
        place: String,
    },
}

impl WriteError {
    /// The error for a failure of a place; without one the run was cancelled.
    pub(super) fn of(place: String, failure: Option<Failure>) -> Self {
        match failure {
            None => Self::Cancelled { place },
            Some(failure) if failure.is_not_allowed() => Self::NotAllowed { place, reason: failure.to_string() },
            Some(failure) if failure.is_missing() => Self::NotFound { place, reason: failure.to_string() },
            Some(failure) => Self::Failed { place, reason: failure.to_string() },
        }
    }

    /// The same for a place that could not be read.
    pub(super) fn of_read(place: String, failure: Option<Failure>) -> Self {
        match Self::of(place, failure) {
            Self::Failed { place, reason } => Self::NotRead { place, reason },
            error => error,
        }
    }
}
