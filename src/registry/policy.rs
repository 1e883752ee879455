//! Deletion policies: what a removal does.

use std::fmt;

use serde::Serialize;

/// What the removal of a project or namespace does that no service uses any more.
///
/// Ordered by caution: if two entries apply to one key, the smaller (more cautious) policy counts.
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
    /// The plan fails. The default.
    #[default]
    Prevent,
    /// Stop managing it. It remains, with its grants.
    Abandon,
    /// Delete it. A namespace is deleted only if all its contents were created by anu.
    Delete,
    /// Delete a namespace with all its contents. For a project the same as `delete`.
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

    /// The policy of that name, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.as_str() == text)
    }
}

impl fmt::Display for DeletionPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
