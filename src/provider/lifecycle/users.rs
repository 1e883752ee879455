//! Who uses a key: the services whose entries in the registry lead to it.

use std::collections::{BTreeMap, BTreeSet};

use super::ended::Ended;
use crate::fanout::removal::Removals;
use crate::fanout::resource::{DeletionPolicy, Key, ResourceSet};
use crate::provider::identity::Identity;
use crate::provider::session::LoadedRegistry;
use crate::registry::names::{EnvironmentName, ProjectId};
use crate::registry::owner_label::leave_to_last_user;

/// The users of keys besides one object.
pub struct Users<'l> {
    loaded: &'l LoadedRegistry,
    /// Services with instances that do not count, and what the environments that do count use.
    rest: BTreeMap<String, ResourceSet>,
    /// What has ended has no users: each of them removes it.
    ended: Ended,
    /// Instances whose environments do not count as users of a project.
    destroyed: Vec<Identity>,
    /// Instances whose environments count, also where a destroyed instance has them too.
    beside: Vec<Identity>,
}

impl<'l> Users<'l> {
    /// In an update of `identity`: its own instance decides over its keys itself. A project that it names counts as used.
    pub fn besides(loaded: &'l LoadedRegistry, identity: &Identity, ended: Ended) -> Self {
        let rest = rest(loaded, std::slice::from_ref(identity), &[]);
        Self { loaded, rest, ended, destroyed: Vec::new(), beside: Vec::new() }
    }

    /// In a destroy of `identity`, after those destroyed before it in this run, and with those `beside` it that have the same.
    pub fn after_destroy(
        loaded: &'l LoadedRegistry,
        identity: &Identity,
        destroyed: &BTreeSet<Identity>,
        beside: &[Identity],
    ) -> Self {
        let destroyed: Vec<Identity> = destroyed.iter().chain([identity]).cloned().collect();
        // The plans of the others remove what has ended.
        let ended = Ended::NONE;
        Self { loaded, rest: rest(loaded, &destroyed, beside), ended, destroyed, beside: beside.to_vec() }
    }

    /// The services that use a key, by name.
    pub fn of(&self, key: &Key) -> Vec<String> {
        if self.ended.includes(key) {
            return Vec::new();
        }
        let users = self.loaded.fan_out.users_of(key).into_iter();
        let counts = |service: &str| self.rest.get(service).is_none_or(|rest| rest.contains(key));
        users.map(ToString::to_string).filter(|service| counts(service)).collect()
    }

    /// The services that name a project in some environment, whether or not the registry lists the project.
    pub fn of_project(&self, id: &ProjectId) -> Vec<String> {
        let registry = self.loaded.fan_out.registry();
        let mut names = Vec::new();
        for reference in registry.references.of_project(id) {
            let name = reference.service(&registry.services).name.as_str();
            let environment = reference.environment(&registry.services).name.as_str();
            if !is_covered(&self.destroyed, name, environment) || is_covered(&self.beside, name, environment) {
                names.push(name.to_owned());
            }
        }
        names.dedup();
        names
    }
}

/// What the environments use that none of these instances covers, or one beside them does, by service.
fn rest(loaded: &LoadedRegistry, instances: &[Identity], beside: &[Identity]) -> BTreeMap<String, ResourceSet> {
    let mut all = BTreeMap::new();
    for instance in instances {
        if let Identity::Service { name, .. } = instance {
            let counts = |of: &&EnvironmentName| {
                !is_covered(instances, name, of.as_str()) || is_covered(beside, name, of.as_str())
            };
            let rest = environments_of(loaded, name).filter(counts).cloned();
            all.insert(name.clone(), loaded.fan_out.select(name, &rest.collect()));
        }
    }
    all
}

/// Whether one of these instances has an environment of a service.
fn is_covered(instances: &[Identity], service: &str, environment: &str) -> bool {
    instances.iter().any(|instance| match instance {
        Identity::Service { name, environments } if name == service => {
            environments.as_ref().is_none_or(|names| names.iter().any(|name| name == environment))
        }
        _ => false,
    })
}

/// The environments of a service.
pub fn environments_of<'l>(loaded: &'l LoadedRegistry, service: &str) -> impl Iterator<Item = &'l EnvironmentName> {
    let service = loaded.fan_out.registry().service(service);
    service.into_iter().flat_map(|service| service.environments.iter().map(|environment| &environment.name))
}

/// How the registry describes the projects and namespaces that are released, for those who go on using them; with the deletion
/// label on those that are left to the last of them.
pub fn released(loaded: &LoadedRegistry, removals: &Removals, left: &BTreeMap<Key, DeletionPolicy>) -> ResourceSet {
    let mut released = ResourceSet::default();
    for key in removals.release.keys() {
        let user = loaded.fan_out.users_of(key).first().and_then(|name| loaded.fan_out.service(name.as_str()));
        let Some(resources) = user.map(|service| &service.resources) else { continue };
        match key {
            Key::Project(id) => released.projects.extend(resources.projects.get_key_value(id).map(owned)),
            Key::Namespace(key) => released.namespaces.extend(resources.namespaces.get_key_value(key).map(owned)),
            _ => {}
        }
    }
    for (key, policy) in left {
        let labels = match key {
            Key::Project(id) => released.projects.get_mut(id).map(|scope| &mut scope.settings.labels),
            Key::Namespace(key) => released.namespaces.get_mut(key).map(|scope| &mut scope.settings.labels),
            _ => None,
        };
        if let Some(labels) = labels {
            leave_to_last_user(*policy, labels);
        }
    }
    released
}

fn owned<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}
