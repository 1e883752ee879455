//! How much of what a registry fans out into a change concerns.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::Hash;

use serde::Serialize;

use crate::registry::names::{NamespaceKey, ProjectId};

use super::super::FanOut;
use super::super::expand::Expander;
use super::super::resource::{Key, ResourceSet};

/// The kind of a fanned-out resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A Google project.
    Project,
    /// An API that is enabled on a project.
    Api,
    /// A member in the IAM policy of a project.
    IamMember,
    /// A Google service account.
    ServiceAccount,
    /// A Kubernetes service account that may act as a Google one.
    WorkloadIdentity,
    /// A namespace.
    Namespace,
    /// The quota of a namespace.
    Quota,
    /// A Kubernetes service account.
    KubernetesServiceAccount,
    /// A role binding in a namespace.
    RoleBinding,
}

impl Kind {
    /// Every kind, in the order of keys.
    pub const ALL: [Self; 9] = [
        Self::Project,
        Self::Api,
        Self::IamMember,
        Self::ServiceAccount,
        Self::WorkloadIdentity,
        Self::Namespace,
        Self::Quota,
        Self::KubernetesServiceAccount,
        Self::RoleBinding,
    ];

    /// The kind of a key.
    pub fn of(key: &Key) -> Self {
        match key {
            Key::Project(_) => Self::Project,
            Key::Api(..) => Self::Api,
            Key::IamMember(..) => Self::IamMember,
            Key::ServiceAccount(..) => Self::ServiceAccount,
            Key::WorkloadIdentity(..) => Self::WorkloadIdentity,
            Key::Namespace(_) => Self::Namespace,
            Key::Quota(_) => Self::Quota,
            Key::KubernetesServiceAccount(..) => Self::KubernetesServiceAccount,
            Key::RoleBinding(..) => Self::RoleBinding,
        }
    }

    /// The kind for people, in the singular and in the plural.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Project => ("project", "projects"),
            Self::Api => ("API", "APIs"),
            Self::IamMember => ("IAM member", "IAM members"),
            Self::ServiceAccount => ("service account", "service accounts"),
            Self::WorkloadIdentity => ("workload identity", "workload identities"),
            Self::Namespace => ("namespace", "namespaces"),
            Self::Quota => ("quota", "quotas"),
            Self::KubernetesServiceAccount => ("Kubernetes service account", "Kubernetes service accounts"),
            Self::RoleBinding => ("role binding", "role bindings"),
        }
    }
}

/// How many of one kind there are, and how many of them change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// In the old registry.
    pub before: usize,
    /// In the new registry.
    pub after: usize,
    /// In the new one only.
    pub created: usize,
    /// In both, with another content.
    pub changed: usize,
    /// In the old one only.
    pub removed: usize,
}

impl Count {
    /// Which part of what was there is removed, in tenths of a percent, rounded up: a removal is never nothing.
    pub fn removed_share(&self) -> usize {
        if self.before == 0 { 0 } else { (self.removed * 1000).div_ceil(self.before) }
    }

    fn add(&mut self, other: &Self) {
        self.before += other.before;
        self.after += other.after;
        self.created += other.created;
        self.changed += other.changed;
        self.removed += other.removed;
    }
}

/// The counts of services and of each kind of resource. What several services use counts once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Services.
    pub services: Count,
    /// Resources of all kinds.
    pub resources: Count,
    /// Resources by kind: those of which there are some, before or after.
    pub kinds: BTreeMap<Kind, Count>,
}

impl Counts {
    /// Of two fan-outs, with nothing changed yet.
    pub(super) fn of(old: &FanOut, new: &FanOut) -> Self {
        let mut counts = Self::default();
        for ((kind, before), after) in Kind::ALL.into_iter().zip(totals(old)).zip(totals(new)) {
            if before + after > 0 {
                counts.kinds.insert(kind, Count { before, after, ..Count::default() });
            }
        }
        counts.services.before = old.registry.services.len();
        counts.services.after = new.registry.services.len();
        counts
    }

    pub(super) fn kind(&mut self, kind: Kind) -> &mut Count {
        self.kinds.entry(kind).or_default()
    }

    pub(super) fn sum_up(&mut self) {
        self.resources = Count::default();
        for count in self.kinds.values() {
            self.resources.add(count);
        }
    }
}

/// The number of different keys by kind. Nothing that is fanned out here is kept: those of ten thousand services need a hundred
/// megabytes.
fn totals(fan_out: &FanOut) -> [usize; 9] {
    let expander = Expander::new(&fan_out.registry, &fan_out.rules);
    let mut totals = [0; 9];
    let mut shared = Shared::default();
    for key in fan_out.shared_keys().keys() {
        totals[Kind::of(key) as usize] += 1;
        match key.scope() {
            Key::Namespace(namespace) => drop(shared.namespaces.insert(namespace)),
            Key::Project(project) => drop(shared.projects.insert(project)),
            _ => {}
        }
    }
    for position in 0..fan_out.registry.services.len() {
        shared.count_others(&expander.service(position, |_| true), &mut totals);
    }
    totals
}

/// The projects and namespaces that several services use.
#[derive(Default)]
struct Shared {
    projects: HashSet<ProjectId>,
    namespaces: HashSet<NamespaceKey>,
}

impl Shared {
    /// Counts what is in none of them.
    fn count_others(&self, resources: &ResourceSet, totals: &mut [usize; 9]) {
        fn within<'m, K: Eq + Hash, V>(
            map: &'m BTreeMap<K, V>,
            shared: &HashSet<K>,
            number: impl Fn(&'m V) -> usize,
        ) -> usize {
            map.iter().filter(|(key, _)| !shared.contains(*key)).map(|(_, value)| number(value)).sum()
        }
        let (projects, namespaces) = (&self.projects, &self.namespaces);
        let mut add = |kind: Kind, number: usize| totals[kind as usize] += number;
        add(Kind::Project, within(&resources.projects, projects, |_| 1));
        add(Kind::Api, within(&resources.apis, projects, BTreeSet::len));
        add(Kind::IamMember, within(&resources.iam, projects, |grants| grants.values().map(BTreeSet::len).sum()));
        add(Kind::ServiceAccount, within(&resources.service_accounts, projects, BTreeMap::len));
        let identities = within(&resources.workload_identity, projects, |all| all.values().map(BTreeSet::len).sum());
        add(Kind::WorkloadIdentity, identities);
        add(Kind::Namespace, within(&resources.namespaces, namespaces, |_| 1));
        add(Kind::Quota, within(&resources.quotas, namespaces, |_| 1));
        let accounts = within(&resources.kubernetes_service_accounts, namespaces, BTreeMap::len);
        add(Kind::KubernetesServiceAccount, accounts);
        add(Kind::RoleBinding, within(&resources.role_bindings, namespaces, BTreeMap::len));
    }
}
