//! Where an environment runs, and who has access to it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::console;
use crate::fanout::FanOut;
use crate::registry::names::EnvironmentName;
use crate::registry::{AccessEntry, AccessLevel, Environment, Service, Target};

/// `anu service where`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ServicePlaces {
    /// The service.
    pub service: String,
    /// The team that owns it.
    pub team: Option<String>,
    /// Its environments, in the order of the registry.
    pub environments: Vec<EnvironmentPlace>,
}

/// Where an environment runs, and who has access to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EnvironmentPlace {
    /// The environment.
    pub environment: String,
    /// The Google project.
    pub project: Option<String>,
    /// The page of the project in Google's console.
    pub project_url: Option<String>,
    /// The clusters and namespaces in which it runs.
    pub targets: Vec<TargetPlace>,
    /// The lines of its access lists.
    pub access: Vec<AccessLine>,
    /// The roles that it grants in its namespaces beside the access lists.
    pub role_bindings: Vec<RoleBindingLine>,
    /// Its Google service accounts.
    pub service_accounts: Vec<AccountLine>,
    /// The quota of its namespaces, as the environment's entry has it.
    pub quota: BTreeMap<String, String>,
}

/// A cluster, a namespace and a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TargetPlace {
    /// The deployment tool: `argo`, `helm`, …
    pub kind: Option<String>,
    /// The cluster.
    pub cluster: String,
    /// The project of the cluster.
    pub cluster_project: Option<String>,
    /// The region or zone of the cluster.
    pub location: Option<String>,
    /// The context of the kubeconfig for the cluster; null if the kubeconfig has none.
    pub context: Option<String>,
    /// The namespace.
    pub namespace: String,
    /// The name of the deployed release.
    pub release: Option<String>,
    /// The workloads of the cluster's project in Google's console.
    pub workloads_url: Option<String>,
}

/// A line of an access list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccessLine {
    /// `viewers`, `operators` or `admins`.
    pub level: String,
    /// The team, if the line names one.
    pub team: Option<String>,
    /// The principal on Google; null for a team that has a group in Kubernetes only.
    pub principal: Option<String>,
    /// When the access ends; null if it does not.
    pub expires: Option<String>,
    /// The reason that the line states.
    pub reason: Option<String>,
}

/// A role that is granted in each namespace of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RoleBindingLine {
    /// The name of a ClusterRole, or `Role:NAME` for a Role of the namespace.
    pub role: String,
    /// `Group:NAME`, `User:NAME` or `ServiceAccount:NAMESPACE/NAME`.
    pub subjects: Vec<String>,
}

/// A Google service account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountLine {
    /// Its address.
    pub email: String,
    /// The roles that it is granted on the project.
    pub roles: Vec<String>,
    /// The Kubernetes service account that acts as it.
    pub kubernetes_service_account: Option<String>,
}

impl ServicePlaces {
    /// The environments of a service that are selected; all of them without a selection.
    pub fn of(fan_out: &FanOut, service: &Service, selected: Option<&EnvironmentName>) -> Self {
        let environments = service.environments.iter();
        let environments = environments.filter(|environment| selected.is_none_or(|name| *name == environment.name));
        Self {
            service: service.name.to_string(),
            team: service.team.as_ref().map(ToString::to_string),
            environments: environments.map(|environment| EnvironmentPlace::of(fan_out, environment)).collect(),
        }
    }
}

impl EnvironmentPlace {
    /// An environment.
    pub fn of(fan_out: &FanOut, environment: &Environment) -> Self {
        let project = environment.google_project.as_ref();
        let accounts = environment.service_accounts.iter().filter_map(|account| {
            Some(AccountLine {
                email: account.name.email(project?),
                roles: account.roles.iter().map(ToString::to_string).collect(),
                kubernetes_service_account: account.kubernetes_service_account.as_ref().map(ToString::to_string),
            })
        });
        Self {
            environment: environment.name.to_string(),
            project: project.map(ToString::to_string),
            project_url: project.map(console::project),
            targets: environment.targets.iter().map(|target| TargetPlace::of(fan_out, target)).collect(),
            access: access(fan_out, environment),
            role_bindings: environment
                .role_bindings
                .iter()
                .map(|bound| RoleBindingLine {
                    role: bound.role.to_string(),
                    subjects: bound.subjects.iter().map(ToString::to_string).collect(),
                })
                .collect(),
            service_accounts: accounts.collect(),
            quota: environment.quota.clone().unwrap_or_default(),
        }
    }
}

/// The lines of the access lists, those with most access first.
fn access(fan_out: &FanOut, environment: &Environment) -> Vec<AccessLine> {
    let mut lines: Vec<_> = environment.access.entries().collect();
    lines.sort_by_key(|(level, index, _)| (std::cmp::Reverse(*level), *index));
    let line = |(level, _, entry): (AccessLevel, usize, &AccessEntry)| {
        let (team, reason, expires) = match entry {
            AccessEntry::Team(team) => (Some(team.to_string()), None, None),
            AccessEntry::Principal { reason, expires, .. } => (None, reason.clone(), *expires),
        };
        AccessLine {
            level: level.to_string(),
            team,
            principal: fan_out.google_principal(entry).map(|principal| principal.to_string()),
            expires: expires.map(|expires| expires.to_string()),
            reason,
        }
    };
    lines.into_iter().map(line).collect()
}

impl TargetPlace {
    fn of(fan_out: &FanOut, target: &Target) -> Self {
        let cluster = fan_out.registry().clusters.get(target.cluster.as_str());
        let project = cluster.and_then(|cluster| cluster.google_project.as_ref());
        Self {
            kind: target.kind.clone(),
            cluster: target.cluster.to_string(),
            cluster_project: project.map(ToString::to_string),
            location: cluster.and_then(|cluster| cluster.location.clone()),
            context: None,
            namespace: target.namespace.to_string(),
            release: target.release.clone(),
            workloads_url: project.map(console::workloads),
        }
    }
}
