//! The registry as checked values: every name is a name, every reference has been looked at.

use std::fmt;

use super::entries::{Cluster, Metadata, Namespace, Project, Section, Service, Team};
use super::extra::Extra;
use super::names::RegistryName;
use super::permissions::Permissions;
use super::references::References;

/// The name a registry has that gives itself none.
pub const DEFAULT_REGISTRY_NAME: &str = "default";

/// A whole registry. [`load`](super::load) makes one, and only of a document without errors.
#[derive(Debug, Clone)]
pub struct Registry {
    /// About the document itself.
    pub metadata: Metadata,
    /// Teams, by name.
    pub teams: Section<Team>,
    /// Clusters, by name.
    pub clusters: Section<Cluster>,
    /// Projects that the registry creates, or whose sharing it declares; by id.
    pub projects: Section<Project>,
    /// Namespaces whose sharing or settings the registry declares, by `CLUSTER/NAMESPACE`.
    pub namespaces: Section<Namespace>,
    /// Services, by name.
    pub services: Section<Service>,
    /// The registry's own rows of the permissions table.
    pub permissions: Permissions,
    /// Top-level kinds the format does not know (`logIndices`, …), kept as they are.
    pub extra: Extra,
    /// `sha256:` and the hex of the SHA-256 of the document's canonical JSON.
    pub(crate) digest: String,
    /// Who uses which project and namespace.
    pub(crate) references: References,
}

impl Registry {
    /// `metadata.name`, or `default`.
    #[allow(clippy::expect_used, reason = "a constant that follows the rule")]
    pub fn name(&self) -> RegistryName {
        self.metadata
            .name
            .clone()
            .unwrap_or_else(|| DEFAULT_REGISTRY_NAME.parse().expect("a constant that follows the rule"))
    }

    /// `sha256:` and the hex of the SHA-256 of the document's canonical JSON: the same for the same content, whatever the
    /// order of keys and of entries.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The service of that name.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.get(name)
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "registry `{}` ({} services)", self.name(), self.services.len())
    }
}
