//! Clusters of Google Kubernetes Engine: the role on a cluster's project with which the people of an environment can connect to it.
//!
//! The cluster's entry declares this for all services that have a target on it. No service can do so for itself.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use crate::registry::names::{ClusterName, IamRole, Name, ProjectId};
use crate::registry::references::{Reference, References};
use crate::registry::{Cluster, Environment, Registry};

use super::people::People;
use super::resource::{Member, ResourceSet};

/// The role that shows the clusters of a project and how to connect to them, and nothing in them.
pub(super) const CLUSTER_VIEWER: &str = "roles/container.clusterViewer";

/// The project in which a cluster's entry grants [`CLUSTER_VIEWER`].
pub(super) fn viewed_project(cluster: &Cluster) -> Option<&ProjectId> {
    let granted = cluster.gke.as_ref().is_some_and(|gke| gke.cluster_viewer);
    cluster.google_project.as_ref().filter(|id| granted && !id.is_reported())
}

/// The projects in which clusters grant [`CLUSTER_VIEWER`].
#[derive(Debug)]
pub(crate) struct ClusterViewers {
    role: IamRole,
    /// The project of each cluster that grants it.
    clusters: HashMap<ClusterName, ProjectId>,
    /// The environments with a target on such a cluster, each once, by the project.
    references: HashMap<ProjectId, Vec<Reference>>,
}

impl ClusterViewers {
    pub(crate) fn of(registry: &Registry) -> Self {
        // Of two clusters with one name the first counts.
        let first = |name: &ClusterName| registry.clusters.get(name.as_str());
        let clusters = registry.clusters.iter().filter(|cluster| !cluster.name.is_reported()).filter_map(|cluster| {
            let project = viewed_project(first(&cluster.name)?)?;
            Some((cluster.name.clone(), project.clone()))
        });
        let mut viewers = Self {
            role: CLUSTER_VIEWER.parse().unwrap_or_else(|_| IamRole::reported()),
            clusters: clusters.collect(),
            references: HashMap::new(),
        };
        if viewers.clusters.is_empty() {
            return viewers;
        }
        let mut references: HashMap<ProjectId, Vec<Reference>> = HashMap::new();
        for (service, entry) in registry.services.iter().enumerate() {
            for (environment, entry) in entry.environments.iter().enumerate() {
                let reference = Reference { service: service as u32, environment: environment as u32, target: 0 };
                for project in viewers.projects(entry) {
                    references.entry(project.clone()).or_default().push(reference);
                }
            }
        }
        viewers.references = references;
        viewers
    }

    /// The role.
    pub(super) fn role(&self) -> &IamRole {
        &self.role
    }

    /// The projects in which the people of an environment have the role.
    pub(super) fn projects(&self, environment: &Environment) -> BTreeSet<&ProjectId> {
        if self.clusters.is_empty() {
            return BTreeSet::new();
        }
        environment.targets.iter().filter_map(|target| self.clusters.get(&target.cluster)).collect()
    }

    /// Adds the role for the people of an environment.
    pub(super) fn expand(&self, people: &People, environment: &Environment, resources: &mut ResourceSet) {
        let projects = self.projects(environment);
        if projects.is_empty() {
            return;
        }
        let members = environment.access.entries().filter_map(|(_, _, entry)| people.google(entry));
        let members: BTreeSet<Member> = members.collect();
        for project in projects.into_iter().filter(|_| !members.is_empty()) {
            let grants = resources.iam.entry(project.clone()).or_default();
            grants.entry(self.role.clone()).or_default().extend(members.iter().cloned());
        }
    }

    /// The environments whose people have the role in a project, in the document's order.
    pub(super) fn of_project(&self, id: &ProjectId) -> &[Reference] {
        self.references.get(id).map_or(&[], Vec::as_slice)
    }

    /// Every project in which the role is granted.
    pub(super) fn all(&self) -> impl Iterator<Item = &ProjectId> {
        self.references.keys()
    }

    /// The environments that use a project, as their own or as that of a cluster, in the document's order.
    pub(super) fn users<'r>(&'r self, references: &'r References, id: &ProjectId) -> Cow<'r, [Reference]> {
        let (own, viewing) = (references.of_project(id), self.of_project(id));
        match (own, viewing) {
            (own, []) => own.into(),
            ([], viewing) => viewing.into(),
            (own, viewing) => {
                let mut all = [own, viewing].concat();
                all.sort_by_key(|reference| (reference.service, reference.environment));
                all.dedup();
                all.into()
            }
        }
    }
}
