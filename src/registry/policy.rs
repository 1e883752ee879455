//! What happens to a thing nobody asks for any more.

use std::fmt;

use serde::Serialize;

/// What happens to a project or namespace whose key nobody asks for any more.
///
/// Ordered by caution: where two entries speak for one key, the smaller (more careful) one holds.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum DeletionPolicy {
    /// Refuse, at plan. The default.
    #[default]
    Prevent,
    /// Forget it: it stays where it is, and so do the grants on it.
    Abandon,
    /// Delete it; a namespace only when it holds nothing that others made.
    Delete,
    /// Delete a namespace with whatever it holds. For a project the same as `delete`.
    DeleteWithContents,
}

impl DeletionPolicy {
    /// Every policy, in order, as written in HCL and in the registry.
    pub const ALL: [Self; 4] = [Self::Prevent, Self::Abandon, Self::Delete, Self::DeleteWithContents];

    /// As written in HCL and in the registry.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prevent => "prevent",
            Self::Abandon => "abandon",
            Self::Delete => "delete",
            Self::DeleteWithContents => "delete-with-contents",
        }
    }

    /// The policy of that spelling, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.as_str() == text)
    }
}

impl fmt::Display for DeletionPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
