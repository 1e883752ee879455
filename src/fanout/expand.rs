//! The fan-out itself: the desired resources of one service's environments.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::registry::labels::PROJECT_ANNOTATION;
use crate::registry::names::{IamRole, NamespaceKey, ProjectId, ServiceName};
use crate::registry::owner_label::OwnerLabel;
use crate::registry::references::Reference;
use crate::registry::{
    AccessLevel, DeletionPolicy, Environment, Labels, Namespace, Project, Registry, Service, Target,
};

use super::accounts;
use super::context::ExpansionContext;
use super::resource::{NamespaceSettings, ProjectSettings, Quota, ResourceSet, RoleBinding, Scope};

/// A registry and the context of its fan-out.
pub(crate) struct Expander<'a> {
    registry: &'a Registry,
    rules: &'a ExpansionContext,
}

impl<'a> Expander<'a> {
    pub(crate) fn new(registry: &'a Registry, rules: &'a ExpansionContext) -> Self {
        Self { registry, rules }
    }

    /// The desired resources of a service's selected environments.
    pub(crate) fn service(&self, position: usize, selected: impl Fn(&Environment) -> bool) -> ResourceSet {
        let service = &self.registry.services[position];
        let mut resources = ResourceSet::default();
        let roles = AccessLevel::ALL.map(|level| {
            let mut roles = Vec::new();
            self.rules.table.roles(&service.google_services, level, &mut roles);
            roles
        });
        for environment in service.environments.iter().filter(|environment| selected(environment)) {
            self.google(position as u32, environment, &roles, &mut resources);
            accounts::expand(self.registry, service, environment, &mut resources);
            self.rules.cluster_viewers.expand(&self.rules.people, environment, &mut resources);
            self.kubernetes(position as u32, service, environment, &mut resources);
        }
        resources
    }

    fn google(
        &self,
        position: u32,
        environment: &Environment,
        roles: &[Vec<&IamRole>; 3],
        resources: &mut ResourceSet,
    ) {
        let service = &self.registry.services[position as usize];
        let Some(id) = &environment.google_project else { return };
        let entry = self.registry.projects.get(id.as_str()).filter(|entry| !entry.existing);
        if let Some(entry) = entry.filter(|_| !resources.projects.contains_key(id)) {
            let desired = Scope {
                settings: self.project_settings(entry),
                shared: is_shared(entry.owner.as_ref(), service),
                deletion_policy: entry.deletion_policy.unwrap_or_else(|| self.owners_project_policy(position, entry)),
            };
            resources.projects.insert(id.clone(), desired);
        }
        // All environments of a service have its Google services: one of those in a project is enough.
        if !service.google_services.is_empty() && !resources.apis.contains_key(id) {
            resources.apis.insert(id.clone(), service.google_services.iter().cloned().collect());
        }
        for level in AccessLevel::ALL {
            let entries = environment.access.level(level);
            let roles = &roles[level as usize];
            if entries.is_empty() || roles.is_empty() {
                continue;
            }
            let grants = resources.iam.entry(id.clone()).or_default();
            for entry in entries {
                let Some(member) = self.rules.people.google(entry) else { continue };
                for role in roles {
                    match grants.get_mut(*role) {
                        Some(members) => {
                            members.insert(member.clone());
                        }
                        None => {
                            grants.insert((*role).clone(), BTreeSet::from([member.clone()]));
                        }
                    }
                }
            }
        }
    }

    fn kubernetes(&self, position: u32, service: &Service, environment: &Environment, resources: &mut ResourceSet) {
        // A few targets are compared with each other: that is faster than hashing.
        const SMALL: usize = 16;
        let targets = &environment.targets;
        let mut seen = HashSet::new();
        for (index, target) in targets.iter().enumerate() {
            let key = target.key();
            // Several releases in one namespace need the namespace once.
            let known = if targets.len() <= SMALL {
                let same =
                    |earlier: &Target| earlier.namespace == target.namespace && earlier.cluster == target.cluster;
                targets[..index].iter().any(same)
            } else {
                !seen.insert((&target.cluster, &target.namespace))
            };
            if known {
                continue;
            }
            self.role_bindings(service, environment, &key, resources);
            if resources.namespaces.contains_key(&key) {
                continue;
            }
            // The settings do not depend on the selection: they come from all environments that use the namespace.
            let references = references_by(self.registry.references.of_namespace(&key), position);
            let entry = self.namespace_entry(&key);
            let shared = is_shared(entry.and_then(|entry| entry.owner.as_ref()), service);
            if !shared && let Some(quota) = self.quota(entry, references) {
                resources.quotas.insert(key.clone(), quota.clone());
            }
            let owner = entry.and_then(|entry| entry.owner.as_ref()).filter(|_| shared);
            // The owner's word counts, not that of a service it shares the namespace with.
            let of_owner = if shared { self.owners_references(&key) } else { references };
            let policy =
                entry.and_then(|entry| entry.deletion_policy).unwrap_or_else(|| self.namespace_policy(of_owner));
            let settings = match owner {
                Some(owner) => self.shared_settings(owner, entry, &key),
                None => self.namespace_settings(service, entry, references),
            };
            resources.namespaces.insert(key, Scope { settings, shared, deletion_policy: policy });
        }
    }

    fn role_bindings(
        &self,
        service: &Service,
        environment: &Environment,
        key: &NamespaceKey,
        resources: &mut ResourceSet,
    ) {
        let project = self.registry.project_of_cluster(&key.cluster);
        for level in AccessLevel::ALL {
            let subjects: BTreeSet<String> = environment
                .access
                .level(level)
                .iter()
                .filter_map(|entry| self.rules.people.kubernetes(entry, project))
                .collect();
            if subjects.is_empty() {
                continue;
            }
            let role = self.rules.table.kubernetes(level);
            let name = role_binding_name(service, environment, level.as_str(), role.as_str());
            let bindings = resources.role_bindings.entry(key.clone()).or_default();
            bindings.insert(name, RoleBinding { role: role.clone(), subjects });
        }
        for bound in &environment.role_bindings {
            let name = role_binding_name(service, environment, BOUND_ROLES, bound.role.as_str());
            let bindings = resources.role_bindings.entry(key.clone()).or_default();
            let role = &bound.role;
            let binding =
                bindings.entry(name).or_insert_with(|| RoleBinding { role: role.clone(), subjects: BTreeSet::new() });
            binding.subjects.extend(bound.subjects.iter().map(ToString::to_string));
        }
    }

    fn project_settings(&self, entry: &Project) -> ProjectSettings {
        let mut labels = entry.labels.clone();
        labels.extend(self.rules.labels.clone());
        self.write_owner(&mut labels);
        let defaults = &self.rules.project_defaults;
        let billing_account = entry.billing_account.as_ref().or(defaults.billing_account.as_ref());
        ProjectSettings {
            display_name: entry.name.as_ref().map_or_else(|| entry.id.to_string(), ToString::to_string),
            parent: entry.parent.as_ref().or(defaults.parent.as_ref()).map(ToString::to_string),
            billing_account: billing_account.map(ToString::to_string),
            labels,
        }
    }

    /// The settings of a shared namespace, from its owner.
    fn shared_settings(&self, owner: &ServiceName, entry: Option<&Namespace>, key: &NamespaceKey) -> NamespaceSettings {
        match self.registry.services.get(owner.as_str()) {
            Some(owner) => self.namespace_settings(owner, entry, self.owners_references(key)),
            None => NamespaceSettings { labels: BTreeMap::new(), annotations: BTreeMap::new() },
        }
    }

    fn namespace_settings(
        &self,
        service: &Service,
        entry: Option<&Namespace>,
        references: &[Reference],
    ) -> NamespaceSettings {
        let (mut labels, mut annotations) = match entry {
            Some(entry) => (entry.labels.clone(), entry.annotations.clone()),
            None => (BTreeMap::new(), BTreeMap::new()),
        };
        labels.extend(self.rules.labels.clone());
        labels.insert("service".to_owned(), service.name.to_string());
        if let Some(team) = &service.team {
            labels.insert("team".to_owned(), team.to_string());
        }
        let mut environments = references.iter().map(|reference| reference.environment(&self.registry.services));
        if let Some(first) = environments.next() {
            let (mut one_environment, mut one_project) = (true, true);
            for other in environments {
                one_environment &= other.name == first.name;
                one_project &= other.google_project == first.google_project;
            }
            if one_environment {
                labels.insert("environment".to_owned(), first.name.to_string());
            }
            // An annotation in the namespace's entry overrides the one from the environments.
            if let Some(project) = first.google_project.as_ref().filter(|_| one_project) {
                annotations.entry(PROJECT_ANNOTATION.to_owned()).or_insert_with(|| project.to_string());
            }
        }
        self.write_owner(&mut labels);
        NamespaceSettings { labels, annotations }
    }

    /// An unnamed registry creates nothing, so what is read of it has no ownership label.
    fn write_owner(&self, labels: &mut Labels) {
        if let Some(name) = self.registry.name() {
            OwnerLabel::write(name, labels);
        }
    }

    fn quota<'q>(&self, entry: Option<&'q Namespace>, references: &[Reference]) -> Option<&'q Quota>
    where
        'a: 'q,
    {
        let of_environment =
            || references.iter().find_map(|reference| reference.environment(&self.registry.services).quota.as_ref());
        entry.and_then(|entry| entry.quota.as_ref()).or_else(of_environment).filter(|quota| !quota.is_empty())
    }

    fn namespace_entry(&self, key: &NamespaceKey) -> Option<&'a Namespace> {
        // Most registries have no such entries: this avoids a string for the lookup.
        if self.registry.namespaces.is_empty() { None } else { self.registry.namespaces.get(&key.to_string()) }
    }

    /// The nearest policy of each of the service's environments with the project, and of those the most cautious. Without such
    /// an environment: `prevent`.
    fn project_policy(&self, service: u32, id: &ProjectId) -> DeletionPolicy {
        let policies = references_by(self.registry.references.of_project(id), service).iter().map(|reference| {
            let nearest = reference.environment(&self.registry.services).deletion_policy;
            nearest.or(reference.service(&self.registry.services).deletion_policy).unwrap_or_default()
        });
        policies.min().unwrap_or_default()
    }

    /// The policy of a project whose entry has none: its owner's, never that of a service it is shared with.
    fn owners_project_policy(&self, position: u32, entry: &Project) -> DeletionPolicy {
        let owner = entry.owner.as_ref().map(|owner| self.registry.services.position(owner.as_str()));
        match owner {
            None => self.project_policy(position, &entry.id),
            Some(owner) => {
                owner.map_or_else(DeletionPolicy::default, |owner| self.project_policy(owner as u32, &entry.id))
            }
        }
    }

    /// The owner's references to a namespace with a declared owner.
    fn owners_references(&self, key: &NamespaceKey) -> &[Reference] {
        self.rules.owned.get(key).map_or(&[][..], Vec::as_slice)
    }

    /// The nearest policy of each reference, and of those the most cautious. Without a reference: `prevent`.
    fn namespace_policy(&self, references: &[Reference]) -> DeletionPolicy {
        let policies = references.iter().map(|reference| {
            let nearest = reference.target(&self.registry.services).deletion_policy;
            let nearest = nearest.or(reference.environment(&self.registry.services).deletion_policy);
            nearest.or(reference.service(&self.registry.services).deletion_policy).unwrap_or_default()
        });
        policies.min().unwrap_or_default()
    }
}

/// The owner's references to each namespace with a declared owner. They define the settings for all users.
pub(crate) fn owned(registry: &Registry) -> HashMap<NamespaceKey, Vec<Reference>> {
    let mut owned = HashMap::new();
    for entry in &registry.namespaces {
        if let Some(position) = entry.owner.as_ref().and_then(|owner| registry.services.position(owner.as_str())) {
            let key = entry.key();
            let references = references_by(registry.references.of_namespace(&key), position as u32).to_vec();
            owned.insert(key, references);
        }
    }
    owned
}

/// In the place of the access level, in the names of an environment's own role bindings.
pub(crate) const BOUND_ROLES: &str = "bound";

/// The name contains everything that the binding depends on, so it is unique.
pub(crate) fn role_binding_name(service: &Service, environment: &Environment, because_of: &str, role: &str) -> String {
    let parts = ["anu", service.name.as_str(), environment.name.as_str(), because_of, role];
    parts.join(":")
}

fn is_shared(owner: Option<&ServiceName>, service: &Service) -> bool {
    owner.is_some_and(|owner| *owner != service.name)
}

/// The references of one service. References are in the document's order, so those of one service are adjacent.
pub(crate) fn references_by(references: &[Reference], service: u32) -> &[Reference] {
    let start = references.partition_point(|reference| reference.service < service);
    let length = references[start..].partition_point(|reference| reference.service == service);
    &references[start..start + length]
}
