//! What a change of the registry does to one service.

use serde::Serialize;

use crate::registry::names::ServiceName;

use super::edits::Edit;
use super::resources::ResourceChange;

/// What happens to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ServiceChange {
    /// Only the new registry contains it.
    Created,
    /// Its entry or its resources are others.
    Changed,
    /// Only the old registry contains it.
    Removed,
}

/// What a change of the registry does to one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceImpact {
    /// Its name now; the last one, of a service that is removed.
    pub service: ServiceName,
    /// Its name before, if it is renamed: the projects and namespaces are those of the earlier service.
    pub previous_name: Option<ServiceName>,
    /// What happens to it.
    pub change: ServiceChange,
    /// What was edited in its entry. Without edits, the entry of a team, project or namespace was, or the permissions.
    pub edits: Vec<Edit>,
    /// What follows from it, by environment and key.
    pub resources: Vec<ResourceChange>,
}
