//! The registry as checked values: every name is valid, every reference was checked.

use std::fmt;

use super::entries::{Cluster, Metadata, Namespace, Project, Section, Service, Team};
use super::extra::Extra;
use super::names::{ClusterName, ProjectId, RegistryName};
use super::permissions::Permissions;
use super::references::References;

/// A whole registry. [`load`](super::load) returns one only for a document without errors.
#[derive(Debug, Clone)]
pub struct Registry {
    /// Metadata of the document.
    pub metadata: Metadata,
    /// Teams, by name.
    pub teams: Section<Team>,
    /// Clusters, by name.
    pub clusters: Section<Cluster>,
    /// Projects that anu creates, or whose sharing is declared; by id.
    pub projects: Section<Project>,
    /// Namespaces with declared sharing or settings, by `CLUSTER/NAMESPACE`.
    pub namespaces: Section<Namespace>,
    /// Services, by name.
    pub services: Section<Service>,
    /// The registry's own rows of the permissions table.
    pub permissions: Permissions,
    /// Top-level kinds that the format does not define (`logIndices`, …), unchanged.
    pub extra: Extra,
    /// `sha256:` and the hex of the SHA-256 of the document's canonical JSON.
    pub(crate) digest: String,
    /// Which environments use which project and namespace.
    pub(crate) references: References,
}

impl Registry {
    /// `metadata.name`, or the name in [`LoadOptions`](super::LoadOptions). Reading needs none. What is created carries it in its
    /// ownership label: with one name for all unnamed registries, each would take and delete the objects of the others.
    pub fn name(&self) -> Option<&RegistryName> {
        self.metadata.name.as_ref()
    }

    /// `metadata.previousNames`: what is labelled with one of them was created for this registry.
    pub fn previous_names(&self) -> &[RegistryName] {
        &self.metadata.previous_names
    }

    /// `sha256:` and the hex of the SHA-256 of the document's canonical JSON. It does not depend on the order of keys and
    /// entries.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The project that the entry of a cluster names.
    pub(crate) fn project_of_cluster(&self, cluster: &ClusterName) -> Option<&ProjectId> {
        self.clusters.get(cluster.as_str())?.google_project.as_ref()
    }

    /// The service of that name.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.get(name)
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "registry `{name}` ({} services)", self.services.len()),
            None => write!(f, "registry ({} services)", self.services.len()),
        }
    }
}
