//! Queries over a whole fan-out: the users of a key, and the reasons for it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::registry::names::{EnvironmentName, NamespaceKey, Principal, ProjectId, ServiceName, TeamName};
use crate::registry::references::Reference;
use crate::registry::{AccessEntry, AccessLevel, Environment, Registry, Service};

use super::FanOut;
use super::accounts;
use super::expand::{BOUND_ROLES, references_by, role_binding_name};
use super::resource::Key;
use super::shared_keys::several;

/// One reason for a desired resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The service that uses it.
    pub service: ServiceName,
    /// The environment that uses it.
    pub environment: EnvironmentName,
    /// The place in the document, as a JSON pointer.
    pub pointer: String,
    /// The line of an access list, as its level and its index in it, if the reason is one.
    pub access: Option<(AccessLevel, usize)>,
}

impl Origin {
    /// The line of the access list, if the reason is one.
    pub fn entry<'r>(&self, registry: &'r Registry) -> Option<(AccessLevel, &'r AccessEntry)> {
        let (level, index) = self.access?;
        let environment = registry.service(self.service.as_str())?.environment(self.environment.as_str())?;
        Some((level, environment.access.level(level).get(index)?))
    }

    /// Whether the reason is a role binding of the environment with this subject.
    pub(super) fn binds(&self, registry: &Registry, subject: &str) -> bool {
        let index = self.pointer.rsplit_once("/roleBindings/").and_then(|(_, index)| index.parse::<usize>().ok());
        let service = registry.service(self.service.as_str());
        let environment = service.and_then(|service| service.environment(self.environment.as_str()));
        let bound = environment.zip(index).and_then(|(environment, index)| environment.role_bindings.get(index));
        bound.is_some_and(|bound| bound.subjects.iter().any(|each| each.as_str() == subject))
    }
}

/// A reason, before it is known whose.
type Reason = (EnvironmentName, String, Option<(AccessLevel, usize)>);

impl FanOut {
    /// The services that use a key, in the document's order. Empty for a key that the registry does not contain.
    pub fn users_of(&self, key: &Key) -> Vec<&ServiceName> {
        let references = self.references(key);
        let positions = if several(&references) {
            self.shared_keys().users_of(key).to_vec()
        } else {
            let only = references.first().map(|reference| reference.service);
            only.into_iter().filter(|service| self.by_position(*service).resources.contains(key)).collect()
        };
        positions.into_iter().map(|position| &self.registry.services[position as usize].name).collect()
    }

    /// The services that use a project or namespace, by name; also a project that exists, which is no key of its own.
    pub fn users_of_scope(&self, scope: &Key) -> BTreeSet<&ServiceName> {
        let references = match scope.scope() {
            Key::Project(project) => self.rules.cluster_viewers.users(&self.registry.references, &project).into_owned(),
            scope => self.references(&scope).into_owned(),
        };
        references.iter().map(|reference| &reference.service(&self.registry.services).name).collect()
    }

    /// Every key in a project or namespace.
    pub fn keys_of_scope(&self, scope: &Key) -> BTreeSet<Key> {
        let users = self.users_of_scope(scope).into_iter();
        let resources = users.filter_map(|user| self.service(user.as_str())).map(|found| &found.resources);
        let keys = resources.flat_map(|resources| match scope {
            Key::Project(project) => resources.keys_on_project(project),
            Key::Namespace(namespace) => resources.keys_in_namespace(namespace),
            _ => Vec::new(),
        });
        keys.collect()
    }

    /// The project and the namespace that a text begins with, as far as the registry has them.
    pub fn scopes_of(&self, text: &str) -> Vec<Key> {
        let mut steps = text.split('/');
        let (first, second) = (steps.next().unwrap_or_default(), steps.next().unwrap_or_default());
        let project = first.parse().ok().map(Key::Project);
        let namespace =
            first.parse().and_then(|cluster| Ok(Key::Namespace(NamespaceKey { cluster, namespace: second.parse()? })));
        let known = |scope: &Key| !self.users_of_scope(scope).is_empty();
        project.into_iter().chain(namespace.ok()).filter(known).collect()
    }

    /// Every resource whose key is this text. A namespace and its quota have the same.
    pub fn find(&self, text: &str) -> Vec<Key> {
        let keys = self.scopes_of(text).into_iter().flat_map(|scope| self.keys_of_scope(&scope));
        keys.filter(|key| key.to_string() == text).collect()
    }

    /// The teams with access whose principal on Google this is, by name.
    pub fn teams_of(&self, principal: &Principal) -> Vec<&TeamName> {
        self.rules.people.teams_of(principal)
    }

    /// Whether more than one service uses a key.
    pub fn is_shared(&self, key: &Key) -> bool {
        several(&self.references(key)) && self.shared_keys().users_of(key).len() > 1
    }

    /// The reasons for a key: every place in the document that it results from. Empty if there is none.
    pub fn explain(&self, key: &Key) -> Vec<Origin> {
        let references = self.references(key);
        let mut origins = Vec::new();
        for user in self.users_of(key) {
            let Some(position) = self.registry.services.position(user.as_str()) else { continue };
            let service = &self.registry.services[position];
            let mut explained = Vec::new();
            for reference in references_by(&references, position as u32) {
                let environment = reference.environment(&self.registry.services);
                self.explain_use(key, service, environment, reference, &mut explained);
            }
            // Two targets in one namespace have the same entries for its role bindings.
            explained.dedup();
            origins.extend(explained.into_iter().map(|(environment, pointer, access)| Origin {
                service: service.name.clone(),
                environment,
                pointer,
                access,
            }));
        }
        origins
    }

    fn explain_use(
        &self,
        key: &Key,
        service: &Service,
        environment: &Environment,
        reference: &Reference,
        origins: &mut Vec<Reason>,
    ) {
        let spec = format!("/services/{}/spec/environments/{}/spec", reference.service, reference.environment);
        let mut add = |pointer: String, access| {
            let origin = (environment.name.clone(), pointer, access);
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        };
        let listed = |level, index| (format!("{spec}/rbac/{level}/{index}"), Some((level, index)));
        match key {
            Key::Project(_) => add(reference.project_pointer(), None),
            Key::Api(_, api) => {
                for index in service
                    .google_services
                    .iter()
                    .enumerate()
                    .filter(|(_, reference)| *reference == api)
                    .map(|(index, _)| index)
                {
                    add(format!("/services/{}/spec/googleServices/{index}", reference.service), None);
                }
                if accounts::apis(environment).any(|implied| implied == api.as_str()) {
                    add(format!("{spec}/serviceAccounts"), None);
                }
            }
            Key::IamMember(project, role, member) => {
                let own = environment.google_project.as_ref() == Some(project);
                let viewers = &self.rules.cluster_viewers;
                let views = role == viewers.role() && viewers.projects(environment).contains(project);
                let mut roles = Vec::new();
                for (level, index, entry) in environment.access.entries() {
                    self.rules.table.roles(&service.google_services, level, &mut roles);
                    let grants = views || own && roles.contains(&role);
                    if grants && self.rules.people.google(entry).is_some_and(|found| found == *member) {
                        let (pointer, access) = listed(level, index);
                        add(pointer, access);
                    }
                }
                for (index, account) in environment.service_accounts.iter().enumerate().filter(|_| own) {
                    let roles = account.roles.iter().enumerate().filter(|(_, granted)| *granted == role);
                    for (position, _) in roles.filter(|_| accounts::is_member(account, project, member)) {
                        add(format!("{spec}/serviceAccounts/{index}/roles/{position}"), None);
                    }
                }
            }
            Key::ServiceAccount(_, name) => {
                for (index, _) in accounts::named(environment, name) {
                    add(format!("{spec}/serviceAccounts/{index}"), None);
                }
            }
            Key::WorkloadIdentity(_, name, _) => {
                for (index, _) in accounts::named(environment, name) {
                    add(format!("{spec}/serviceAccounts/{index}/kubernetesServiceAccount"), None);
                }
            }
            Key::Namespace(_) => add(reference.target_pointer(), None),
            Key::Quota(namespace) => {
                let entry = self.registry.namespaces.position(&namespace.to_string());
                match entry.filter(|entry| self.registry.namespaces[*entry].quota.is_some()) {
                    Some(entry) => add(format!("/namespaces/{entry}/spec/quota"), None),
                    None if environment.quota.is_some() => add(format!("{spec}/quota"), None),
                    None => {}
                }
            }
            Key::KubernetesServiceAccount(_, name) => {
                for (index, _) in accounts::acted_as_by(environment, name) {
                    add(format!("{spec}/serviceAccounts/{index}/kubernetesServiceAccount"), None);
                }
            }
            Key::RoleBinding(namespace, name) => {
                let project = self.registry.project_of_cluster(&namespace.cluster);
                for (level, index, entry) in environment.access.entries() {
                    let role = self.rules.table.kubernetes(level);
                    let matches = role_binding_name(service, environment, level.as_str(), role.as_str()) == *name;
                    if matches && self.rules.people.kubernetes(entry, project).is_some() {
                        let (pointer, access) = listed(level, index);
                        add(pointer, access);
                    }
                }
                for (index, bound) in environment.role_bindings.iter().enumerate() {
                    if role_binding_name(service, environment, BOUND_ROLES, bound.role.as_str()) == *name {
                        add(format!("{spec}/roleBindings/{index}"), None);
                    }
                }
            }
        }
    }

    fn references(&self, key: &Key) -> Cow<'_, [Reference]> {
        let references = &self.registry.references;
        let of_project = |project: &ProjectId| references.of_project(project).into();
        let of_namespace = |namespace: &NamespaceKey| references.of_namespace(namespace).into();
        match key {
            Key::IamMember(project, ..) => self.rules.cluster_viewers.users(references, project),
            Key::Project(project)
            | Key::Api(project, _)
            | Key::ServiceAccount(project, _)
            | Key::WorkloadIdentity(project, ..) => of_project(project),
            Key::Namespace(namespace)
            | Key::Quota(namespace)
            | Key::KubernetesServiceAccount(namespace, _)
            | Key::RoleBinding(namespace, _) => of_namespace(namespace),
        }
    }
}
