//! Grants: who may do what where, and by which lines of the registry.

use std::collections::BTreeSet;

use crate::registry::names::{EnvironmentName, Principal, TeamName};
use crate::registry::{AccessEntry, Expiry};

use super::FanOut;
use super::index::Origin;
use super::resource::{Key, ResourceSet, WORKLOAD_IDENTITY_ROLE};

/// One role of one principal in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The principal as the platform has it: `group:x@example.com` on Google, `Group:NAME` in a cluster.
    pub principal: String,
    /// The role on Google, the ClusterRole, or `Role:NAME`.
    pub role: String,
    /// The resource that grants it.
    pub key: Key,
    /// When it ends, if it does.
    pub expires: Option<Expiry>,
}

/// A team's principals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamPrincipals {
    /// On Google.
    pub google: Option<Principal>,
    /// In a cluster: `Group:NAME` or `User:NAME`.
    pub kubernetes: Option<String>,
}

impl FanOut {
    /// Every grant of a service, or of some of its environments. Empty for an unknown service.
    pub fn grants_of(&self, service: &str, environments: Option<&BTreeSet<EnvironmentName>>) -> Vec<Grant> {
        match environments {
            Some(environments) => grants(&self.select(service, environments)),
            None => self.service(service).map(|found| grants(&found.resources)).unwrap_or_default(),
        }
    }

    /// The lines of the registry that a grant results from.
    pub fn reasons_of(&self, grant: &Grant) -> Vec<Origin> {
        let mut origins = self.explain(&grant.key);
        if let Key::RoleBinding(namespace, _) = &grant.key {
            // A role binding has the subjects of several lines.
            let project = self.registry.project_of_cluster(&namespace.cluster);
            let is_theirs = |entry| self.rules.people.kubernetes(entry, project).as_ref() == Some(&grant.principal);
            origins.retain(|origin| match origin.entry(&self.registry) {
                Some((_, entry)) => is_theirs(entry),
                None => origin.binds(&self.registry, &grant.principal),
            });
        }
        origins
    }

    /// The principal of a line of an access list on Google, if it has one.
    pub fn google_principal(&self, entry: &AccessEntry) -> Option<Principal> {
        self.rules.people.google(entry).map(|member| member.principal)
    }

    /// The principals of a team. `None` for a team that neither has an entry nor access.
    pub fn team_principals(&self, name: &TeamName) -> Option<TeamPrincipals> {
        let entry = AccessEntry::Team(name.clone());
        if let Some(kubernetes) = self.rules.people.kubernetes(&entry, None) {
            return Some(TeamPrincipals { google: self.google_principal(&entry), kubernetes: Some(kubernetes) });
        }
        // The principal of a team without access is not worked out: nothing depends on the provider block then.
        let team = self.registry.teams.get(name.as_str())?;
        let of_email = team.email.as_ref().and_then(|email| format!("group:{email}").parse().ok());
        let google = team.principals.google.clone().or(of_email);
        let kubernetes = team.principals.kubernetes.as_ref().map(ToString::to_string);
        let kubernetes = kubernetes.or_else(|| team.email.as_ref().map(ToString::to_string));
        Some(TeamPrincipals { google, kubernetes: kubernetes.map(|group| format!("Group:{group}")) })
    }
}

fn grants(resources: &ResourceSet) -> Vec<Grant> {
    let mut grants = Vec::new();
    for key in resources.keys() {
        match &key {
            Key::IamMember(_, role, member) => grants.push(Grant {
                principal: member.principal.to_string(),
                role: role.to_string(),
                expires: member.expires,
                key: key.clone(),
            }),
            Key::WorkloadIdentity(.., identity) => grants.push(Grant {
                principal: identity.member(),
                role: WORKLOAD_IDENTITY_ROLE.to_owned(),
                expires: None,
                key: key.clone(),
            }),
            Key::RoleBinding(namespace, name) => {
                let binding = resources.role_bindings.get(namespace).and_then(|bindings| bindings.get(name));
                let Some(binding) = binding else { continue };
                grants.extend(binding.subjects.iter().map(|subject| Grant {
                    principal: subject.clone(),
                    role: binding.role.to_string(),
                    expires: None,
                    key: key.clone(),
                }));
            }
            _ => {}
        }
    }
    grants
}
