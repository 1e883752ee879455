//! Connection errors.

use std::fmt::Display;

/// Why a cluster has no client. Each variant is a decision the caller makes; the text is for users.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The settings are not valid; another attempt would fail the same way.
    #[error("{0}")]
    Invalid(String),
    /// There are no credentials.
    #[error("{0}")]
    PermissionDenied(String),
    /// Not now. Trying again later may work.
    #[error("{0}")]
    Unavailable(String),
}

impl ConnectError {
    /// For missing or refused credentials.
    pub(super) fn not_authenticated(cluster: &str, why: impl Display) -> Self {
        Self::PermissionDenied(format!("cannot connect to cluster `{cluster}`: authentication failed: {why}"))
    }

    /// For settings that are not valid.
    pub(super) fn unusable(cluster: &str, why: impl Display) -> Self {
        Self::Invalid(format!("cannot connect to cluster `{cluster}`: {why}"))
    }
}
