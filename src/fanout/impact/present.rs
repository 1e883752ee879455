//! How much a registry fans out into.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::Hash;

use crate::registry::names::{NamespaceKey, Principal, ProjectId};

use super::super::FanOut;
use super::super::expand::Expander;
use super::super::resource::{Grants, Key, ResourceSet, RoleBinding};
use super::kind::{Kind, PROTECTED};

/// How many resources of each kind a registry fans out into, and how many principals have access to each project and namespace. What
/// several services use counts once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Present {
    kinds: [usize; 9],
    /// Pairs of a principal and a project.
    on_projects: usize,
    /// Pairs of a subject and a namespace.
    in_namespaces: usize,
}

impl Present {
    /// Of a fan-out. Nothing that is fanned out here is kept: those of ten thousand services need a hundred megabytes.
    pub fn of(fan_out: &FanOut) -> Self {
        let expander = Expander::new(&fan_out.registry, &fan_out.rules);
        let mut present = Self::default();
        let mut shared = Shared::default();
        for key in fan_out.shared_keys().keys() {
            present.kinds[Kind::of(key) as usize] += 1;
            match key.scope() {
                Key::Namespace(namespace) => drop(shared.namespaces.insert(namespace)),
                Key::Project(project) => drop(shared.projects.insert(project)),
                _ => {}
            }
        }
        for position in 0..fan_out.registry.services.len() {
            let resources = expander.service(position, |_| true);
            shared.count_others(&resources, &mut present.kinds);
            shared.count_access(resources, &mut present);
        }
        present.on_projects += shared.on_projects.len();
        present.in_namespaces += shared.in_namespaces.len();
        present
    }

    /// The number of one kind.
    pub fn kind(&self, kind: Kind) -> usize {
        self.kinds[kind as usize]
    }

    /// The number of projects, namespaces and service accounts, those that are managed.
    pub fn protected(&self, is_managed: impl Fn(Kind) -> bool) -> usize {
        PROTECTED.into_iter().filter(|kind| is_managed(*kind)).map(|kind| self.kind(kind)).sum()
    }

    /// The number of principals with access to a project or namespace, those that are managed.
    pub fn access(&self, is_managed: impl Fn(Kind) -> bool) -> usize {
        let of = |kind, number| if is_managed(kind) { number } else { 0 };
        of(Kind::IamMember, self.on_projects) + of(Kind::RoleBinding, self.in_namespaces)
    }
}

/// The principals of one project.
fn principals(grants: &Grants) -> BTreeSet<&Principal> {
    grants.values().flatten().map(|member| &member.principal).collect()
}

/// The subjects of one namespace.
fn subjects(bindings: &BTreeMap<String, RoleBinding>) -> BTreeSet<&String> {
    bindings.values().flat_map(|binding| &binding.subjects).collect()
}

/// The projects and namespaces that several services use.
#[derive(Default)]
struct Shared {
    projects: HashSet<ProjectId>,
    namespaces: HashSet<NamespaceKey>,
    /// Who has access to them.
    on_projects: HashSet<(ProjectId, Principal)>,
    in_namespaces: HashSet<(NamespaceKey, String)>,
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

    /// Counts who has access, and remembers who has it to what is shared.
    fn count_access(&mut self, resources: ResourceSet, present: &mut Present) {
        for (project, grants) in &resources.iam {
            let principals = principals(grants);
            if self.projects.contains(project) {
                self.on_projects.extend(principals.into_iter().map(|who| (project.clone(), who.clone())));
            } else {
                present.on_projects += principals.len();
            }
        }
        for (namespace, bindings) in &resources.role_bindings {
            let subjects = subjects(bindings);
            if self.namespaces.contains(namespace) {
                self.in_namespaces.extend(subjects.into_iter().map(|who| (namespace.clone(), who.clone())));
            } else {
                present.in_namespaces += subjects.len();
            }
        }
    }
}
