//! Who asks for a key, and why: the questions asked of a whole fan-out.

use std::collections::HashMap;

use crate::registry::names::{EnvironmentName, NamespaceKey, ProjectId, ServiceName};
use crate::registry::uses::Use;
use crate::registry::{Environment, Service};

use super::FanOut;
use super::expand::{role_binding_name, uses_of};
use super::resource::Key;

/// One reason why a resource is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The service that asks.
    pub service: ServiceName,
    /// The environment it asks in.
    pub environment: EnvironmentName,
    /// The place in the document that says so, as a JSON pointer.
    pub pointer: String,
}

/// Keys on projects and namespaces that several services use, with the services that ask for them. All other keys are
/// asked for by the one service that uses their project or namespace, or by nobody.
#[derive(Debug, Default)]
pub(super) struct SharedKeys(HashMap<Key, Vec<u32>>);

impl SharedKeys {
    pub(super) fn of(fan_out: &FanOut) -> Self {
        let mut keys: HashMap<Key, Vec<u32>> = HashMap::new();
        let uses = &fan_out.registry.uses;
        for (project, uses) in uses.projects.iter().filter(|(_, uses)| several(uses)) {
            for_each_service(uses, |service| {
                for key in fan_out.by_position(service).asks.keys_on_project(project) {
                    keys.entry(key).or_default().push(service);
                }
            });
        }
        for (namespace, uses) in uses.namespaces.iter().filter(|(_, uses)| several(uses)) {
            for_each_service(uses, |service| {
                for key in fan_out.by_position(service).asks.keys_in_namespace(namespace) {
                    keys.entry(key).or_default().push(service);
                }
            });
        }
        Self(keys)
    }
}

fn several(uses: &[Use]) -> bool {
    uses.first().zip(uses.last()).is_some_and(|(first, last)| first.service != last.service)
}

fn for_each_service(uses: &[Use], mut each: impl FnMut(u32)) {
    let mut last = None;
    for used in uses {
        if last != Some(used.service) {
            each(used.service);
            last = Some(used.service);
        }
    }
}

impl FanOut {
    /// The services that ask for a key, in the document's order. Nobody, for a key the registry does not lead to.
    pub fn askers(&self, key: &Key) -> Vec<&ServiceName> {
        let uses = self.uses(key);
        let positions = if several(uses) {
            self.shared_keys().0.get(key).cloned().unwrap_or_default()
        } else {
            let only = uses.first().map(|used| used.service);
            only.into_iter().filter(|service| self.by_position(*service).asks.contains(key)).collect()
        };
        positions.into_iter().map(|position| &self.registry.services[position as usize].name).collect()
    }

    /// Whether more than one service asks for a key.
    pub fn is_shared(&self, key: &Key) -> bool {
        several(self.uses(key)) && self.shared_keys().0.get(key).is_some_and(|services| services.len() > 1)
    }

    /// Why a key is asked for: every place in the document that leads to it. Empty if none does.
    pub fn explain(&self, key: &Key) -> Vec<Origin> {
        let uses = self.uses(key);
        let mut origins = Vec::new();
        for asker in self.askers(key) {
            let Some(position) = self.registry.services.position(asker.as_str()) else { continue };
            let service = &self.registry.services[position];
            let mut explained = Vec::new();
            for used in uses_of(uses, position as u32) {
                let environment = used.environment(&self.registry);
                self.explain_use(key, service, environment, used, &mut explained);
            }
            // Two targets in one namespace lead to its role bindings by the same entries.
            explained.dedup();
            origins.extend(explained.into_iter().map(|(environment, pointer)| Origin {
                service: service.name.clone(),
                environment,
                pointer,
            }));
        }
        origins
    }

    fn explain_use(
        &self,
        key: &Key,
        service: &Service,
        environment: &Environment,
        used: &Use,
        origins: &mut Vec<(EnvironmentName, String)>,
    ) {
        let spec = format!("/services/{}/spec/environments/{}/spec", used.service, used.environment);
        let mut because = |pointer: String| {
            let origin = (environment.name.clone(), pointer);
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        };
        match key {
            Key::Project(_) => because(used.project_pointer()),
            Key::Api(_, api) => {
                for index in
                    service.google_services.iter().enumerate().filter(|(_, used)| *used == api).map(|(index, _)| index)
                {
                    because(format!("/services/{}/spec/googleServices/{index}", used.service));
                }
            }
            Key::IamMember(_, role, member) => {
                let mut roles = Vec::new();
                for (level, index, entry) in environment.access.entries() {
                    self.rules.table.roles(&service.google_services, level, &mut roles);
                    let grants =
                        roles.contains(&role) && self.rules.people.google(entry).is_some_and(|who| *who == *member);
                    if grants {
                        because(format!("{spec}/rbac/{level}/{index}"));
                    }
                }
            }
            Key::Namespace(_) => because(used.target_pointer()),
            Key::Quota(namespace) => {
                let entry = self.registry.namespaces.position(&namespace.to_string());
                match entry.filter(|entry| self.registry.namespaces[*entry].quota.is_some()) {
                    Some(entry) => because(format!("/namespaces/{entry}/spec/quota")),
                    None if environment.quota.is_some() => because(format!("{spec}/quota")),
                    None => {}
                }
            }
            Key::RoleBinding(_, name) => {
                for (level, index, entry) in environment.access.entries() {
                    let role = self.rules.table.kubernetes(level);
                    let made = role_binding_name(service, environment, level, role.as_str()) == *name;
                    if made && self.rules.people.kubernetes(entry).is_some() {
                        because(format!("{spec}/rbac/{level}/{index}"));
                    }
                }
            }
        }
    }

    fn uses(&self, key: &Key) -> &[Use] {
        let of_project = |project: &ProjectId| self.registry.uses.of_project(project);
        let of_namespace = |namespace: &NamespaceKey| self.registry.uses.of_namespace(namespace);
        match key {
            Key::Project(project) | Key::Api(project, _) | Key::IamMember(project, ..) => of_project(project),
            Key::Namespace(namespace) | Key::Quota(namespace) | Key::RoleBinding(namespace, _) => {
                of_namespace(namespace)
            }
        }
    }
}
