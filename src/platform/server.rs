//! Which API server a cluster's name reaches.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An API server. A cluster is its API server: names, contexts and addresses of one cluster may be several, and each of them may come
/// to mean another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServerId {
    /// The uid of its namespace `kube-system`, which Kubernetes creates once and does not allow to be deleted.
    Uid(String),
    /// Its address and certificate authority, where that namespace cannot be read. Two names with equal ones are one server; a
    /// server may change its address.
    Address(String),
}

impl ServerId {
    /// The uid or the address.
    pub fn text(&self) -> &str {
        let (Self::Uid(text) | Self::Address(text)) = self;
        text
    }
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uid(uid) => write!(f, "`{uid}` (the uid of its namespace `kube-system`)"),
            Self::Address(address) => write!(f, "`{address}`"),
        }
    }
}
