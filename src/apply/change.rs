//! One service's change: what is managed, what is desired, and what is removed.

use std::collections::{BTreeMap, BTreeSet};

use crate::fanout::removal::Removals;
use crate::fanout::resource::{Key, ResourceSet};
use crate::platform::{Clusters, OwnershipPolicy, Projects};
use crate::registry::names::RegistryName;

/// The platforms of one run. A kind without a platform is `None`; a change must then not contain that kind.
#[derive(Clone, Copy)]
pub struct PlatformRefs<'p> {
    /// Projects, APIs, IAM.
    pub projects: Option<&'p dyn Projects>,
    /// Namespaces, quotas, role bindings.
    pub clusters: Option<&'p dyn Clusters>,
}

/// One service's change.
pub struct ServiceChange<'w> {
    /// The registry in the ownership label.
    pub registry: &'w RegistryName,
    /// Its earlier names.
    pub previous_names: &'w [RegistryName],
    /// Whether the state is that of an earlier name, so that all labels are written again.
    pub relabel: bool,
    /// What the state records as created for the service, and exists.
    pub managed: &'w ResourceSet,
    /// What the service's entry contains now.
    pub desired: &'w ResourceSet,
    /// What happens to the keys that are no longer desired.
    pub removals: &'w Removals,
    /// The registry's settings of the projects and namespaces that the service releases and others still use.
    pub released: &'w ResourceSet,
    /// The scopes (projects, namespaces) of each environment: removals are deferred by environment. A scope of no environment is
    /// one by itself.
    pub environments: &'w [BTreeSet<Key>],
    /// Whether projects and namespaces without an ownership label may be adopted.
    pub adopt: bool,
}

impl ServiceChange<'_> {
    /// What may be changed. An object that the state records is ours even if its ownership label was removed.
    pub(super) fn ownership(&self, managed: bool) -> OwnershipPolicy {
        OwnershipPolicy {
            registry: self.registry.clone(),
            previous: self.previous_names.to_vec(),
            adopt: self.adopt || managed,
            recorded: managed,
        }
    }

    /// Every project and namespace in which something is managed or desired.
    pub(super) fn scopes(&self) -> BTreeSet<Key> {
        let mut scopes = BTreeSet::new();
        for resources in [self.managed, self.desired] {
            scopes.extend(resources.project_ids().into_iter().cloned().map(Key::Project));
            scopes.extend(resources.namespace_keys().into_iter().cloned().map(Key::Namespace));
        }
        scopes
    }

    /// The managed resources of one scope.
    pub(super) fn managed_of(&self, scope: &Key) -> ResourceSet {
        fn part<K: Ord + Clone, V: Clone>(of: &BTreeMap<K, V>, key: &K) -> BTreeMap<K, V> {
            of.get_key_value(key).map(|(key, value)| (key.clone(), value.clone())).into_iter().collect()
        }
        match scope {
            Key::Project(id) => ResourceSet {
                projects: part(&self.managed.projects, id),
                apis: part(&self.managed.apis, id),
                iam: part(&self.managed.iam, id),
                service_accounts: part(&self.managed.service_accounts, id),
                workload_identity: part(&self.managed.workload_identity, id),
                ..ResourceSet::default()
            },
            Key::Namespace(key) => ResourceSet {
                namespaces: part(&self.managed.namespaces, key),
                quotas: part(&self.managed.quotas, key),
                kubernetes_service_accounts: part(&self.managed.kubernetes_service_accounts, key),
                role_bindings: part(&self.managed.role_bindings, key),
                ..ResourceSet::default()
            },
            _ => ResourceSet::default(),
        }
    }
}

/// The keys of one scope that are no longer desired.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    /// Released: others still use them.
    pub release: BTreeSet<Key>,
    /// No longer managed, and not changed.
    pub abandon: BTreeSet<Key>,
    /// Deleted.
    pub delete: BTreeSet<Key>,
}

impl Leaving {
    /// All removals, by scope.
    pub(super) fn by_scope(removals: &Removals) -> BTreeMap<Key, Self> {
        let mut all: BTreeMap<Key, Self> = BTreeMap::new();
        for key in removals.release.keys() {
            all.entry(key.scope()).or_default().release.insert(key.clone());
        }
        for key in &removals.abandon {
            all.entry(key.scope()).or_default().abandon.insert(key.clone());
        }
        for key in &removals.delete {
            all.entry(key.scope()).or_default().delete.insert(key.clone());
        }
        all
    }
}
