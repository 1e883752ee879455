//! What the resources share: deciding and speaking in terms of keys, whoever manages them.
//!
//! - [`refresh`]: what is there of what a state claims; [`preflight`]: what is there already of what is new;
//! - [`users`]: who asks for a key; [`provenance`]: which registry a state was made from;
//! - [`messages`]: what users read.

pub mod messages;
pub mod preflight;
pub mod provenance;
pub mod refresh;
pub mod users;

use std::fmt;

use crate::fanout::resource::Key;
use crate::registry::names::NamespaceKey;

/// The spellings of [`DeletionPolicy`](crate::registry::DeletionPolicy), for schemas.
pub const POLICIES: &[&str] = &["prevent", "abandon", "delete", "delete-with-contents"];

/// Whose keys are spoken of. Displays as ``service `pay` ``.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManagedObject<'w> {
    /// A service of the registry.
    Service(&'w str),
    /// A namespace that is managed by itself.
    Namespace(&'w NamespaceKey),
}

impl ManagedObject<'_> {
    /// The bare word: `service`.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Service(_) => "service",
            Self::Namespace(_) => "namespace",
        }
    }

    /// At the start of a sentence.
    pub fn first(self) -> String {
        let text = self.to_string();
        format!("{}{}", text[..1].to_uppercase(), &text[1..])
    }
}

impl fmt::Display for ManagedObject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(name) => write!(f, "service `{name}`"),
            Self::Namespace(key) => write!(f, "namespace `{key}`"),
        }
    }
}

/// A key with its kind, since a namespace and its quota share one spelling.
pub fn name(key: &Key) -> String {
    format!("{} {key}", key.kind())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_policy_is_offered() {
        let all = crate::registry::DeletionPolicy::ALL.map(crate::registry::DeletionPolicy::as_str);
        assert_eq!(super::POLICIES, all);
    }
}
