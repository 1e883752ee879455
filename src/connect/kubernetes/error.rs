//! Why there is no client.

use std::fmt::Display;

/// Why there is no client for a cluster. Each variant is a decision the caller makes; the text is for users.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The settings do not say how, and would not the next time.
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
    /// Without credentials.
    pub(super) fn not_authenticated(cluster: &str, why: impl Display) -> Self {
        Self::PermissionDenied(format!("cannot connect to cluster `{cluster}`: authentication failed: {why}"))
    }

    /// With settings that no client can be made of.
    pub(super) fn unusable(cluster: &str, why: impl Display) -> Self {
        Self::Invalid(format!("cannot connect to cluster `{cluster}`: {why}"))
    }
}
