//! Connection errors.

use std::fmt::Display;

/// Why a cluster has no client. Each variant is a decision the caller makes; the text is for users.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The settings are not valid; another attempt would fail the same way.
    #[error("{0}")]
    Invalid(String),
    /// There are no credentials for this cluster.
    #[error("{}: {why}", not_authenticated(.cluster))]
    Unauthenticated {
        /// The cluster.
        cluster: String,
        /// The same for all clusters that fail for this reason.
        why: String,
    },
    /// A file that the settings of several clusters name cannot be read.
    #[error("{}: {why}", no_connection(.cluster))]
    Unreadable {
        /// The cluster.
        cluster: String,
        /// The same for all clusters in this file.
        why: String,
    },
    /// Not now. Trying again later may work.
    #[error("{0}")]
    Unavailable(String),
}

impl ConnectError {
    /// For missing or refused credentials.
    pub(super) fn not_authenticated(cluster: &str, why: impl Display) -> Self {
        Self::Unauthenticated { cluster: cluster.to_owned(), why: why.to_string() }
    }

    /// For settings that are not valid.
    pub(super) fn unusable(cluster: &str, why: impl Display) -> Self {
        Self::Invalid(format!("{}: {why}", no_connection(cluster)))
    }

    /// For a file that cannot be read.
    pub(super) fn unreadable(cluster: &str, why: impl Display) -> Self {
        Self::Unreadable { cluster: cluster.to_owned(), why: why.to_string() }
    }
}

/// What failed, for the text of an error that other clusters share.
pub fn no_connection(cluster: &str) -> String {
    format!("cannot connect to cluster `{cluster}`")
}

/// The same for credentials.
pub fn not_authenticated(cluster: &str) -> String {
    format!("{}: authentication failed", no_connection(cluster))
}
