//! Every project and namespace with the environments that use it.

use std::collections::HashMap;

use super::entries::{Environment, Service, Target};
use super::names::{Name, NamespaceKey, ProjectId};

/// One reference to a project or namespace, by indexes in the document's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) service: u32,
    pub(crate) environment: u32,
    /// The target, of a namespace; 0 of a project.
    pub(crate) target: u32,
}

impl Reference {
    pub(crate) fn service<'r>(&self, services: &'r [Service]) -> &'r Service {
        &services[self.service as usize]
    }

    pub(crate) fn environment<'r>(&self, services: &'r [Service]) -> &'r Environment {
        &self.service(services).environments[self.environment as usize]
    }

    pub(crate) fn target<'r>(&self, services: &'r [Service]) -> &'r Target {
        &self.environment(services).targets[self.target as usize]
    }

    /// The JSON pointer of a reference to a project.
    pub(crate) fn project_pointer(&self) -> String {
        format!("/services/{}/spec/environments/{}/spec/googleProject", self.service, self.environment)
    }

    /// The JSON pointer of a reference to a namespace.
    pub(crate) fn target_pointer(&self) -> String {
        format!("/services/{}/spec/environments/{}/spec/targets/{}", self.service, self.environment, self.target)
    }
}

/// All references, in the document's order.
#[derive(Debug, Clone, Default)]
pub(crate) struct References {
    pub(crate) projects: HashMap<ProjectId, Vec<Reference>>,
    pub(crate) namespaces: HashMap<NamespaceKey, Vec<Reference>>,
}

impl References {
    pub(crate) fn of(services: &[Service]) -> Self {
        let mut references = Self {
            projects: HashMap::with_capacity(services.len() * 2),
            namespaces: HashMap::with_capacity(services.len() * 2),
        };
        for (service, entry) in services.iter().enumerate() {
            for (environment, entry) in entry.environments.iter().enumerate() {
                let place = |target| Reference { service: service as u32, environment: environment as u32, target };
                if let Some(project) = entry.google_project.as_ref().filter(|id| !id.is_reported()) {
                    references.projects.entry(project.clone()).or_default().push(place(0));
                }
                for (target, entry) in entry.targets.iter().enumerate() {
                    if !entry.cluster.is_reported() && !entry.namespace.is_reported() {
                        references.namespaces.entry(entry.key()).or_default().push(place(target as u32));
                    }
                }
            }
        }
        references
    }

    pub(crate) fn of_project(&self, id: &ProjectId) -> &[Reference] {
        self.projects.get(id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn of_namespace(&self, key: &NamespaceKey) -> &[Reference] {
        self.namespaces.get(key).map_or(&[], Vec::as_slice)
    }
}
