//! Keys that several services use.

use std::collections::{HashMap, HashSet};

use crate::registry::names::ProjectId;
use crate::registry::references::{Reference, References};

use super::gke::ClusterViewers;
use super::resource::{Key, ResourceSet};

/// The keys in projects and namespaces that several services use, with the users of each. Any other key has at most one
/// user: the service that uses its project or namespace.
#[derive(Debug, Default)]
pub(super) struct SharedKeys(HashMap<Key, Vec<u32>>);

impl SharedKeys {
    /// Computes them from all references. `resources` returns the resources of a service by its position.
    pub(super) fn of<'f>(
        references: &References,
        cluster_viewers: &ClusterViewers,
        resources: impl Fn(u32) -> &'f ResourceSet,
    ) -> Self {
        let mut keys: HashMap<Key, Vec<u32>> = HashMap::new();
        let projects: HashSet<&ProjectId> = references.projects.keys().chain(cluster_viewers.all()).collect();
        for project in projects {
            let users = cluster_viewers.users(references, project);
            if !several(&users) {
                continue;
            }
            for_each_service(&users, |service| {
                for key in resources(service).keys_on_project(project) {
                    keys.entry(key).or_default().push(service);
                }
            });
        }
        for (namespace, references) in references.namespaces.iter().filter(|(_, references)| several(references)) {
            for_each_service(references, |service| {
                for key in resources(service).keys_in_namespace(namespace) {
                    keys.entry(key).or_default().push(service);
                }
            });
        }
        Self(keys)
    }

    /// Every key, in no order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.0.keys()
    }

    /// The services that use a key, by their positions in the document.
    pub(super) fn users_of(&self, key: &Key) -> &[u32] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }
}

/// Whether the references are those of more than one service.
pub(super) fn several(references: &[Reference]) -> bool {
    references.first().zip(references.last()).is_some_and(|(first, last)| first.service != last.service)
}

fn for_each_service(references: &[Reference], mut each: impl FnMut(u32)) {
    let mut last = None;
    for reference in references {
        if last != Some(reference.service) {
            each(reference.service);
            last = Some(reference.service);
        }
    }
}
