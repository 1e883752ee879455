//! The fan-out as data, for configurations that create the resources with other providers.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::registry::names::{
    ClusterName, GoogleService, IamRole, KubernetesServiceAccountName, NamespaceKey, NamespaceName, Principal,
    ProjectId, ServiceAccountName, WorkloadIdentity,
};
use crate::registry::{Expiry, Selected};

use super::resource::{
    ACTS_AS, Condition, DeletionPolicy, Key, KubernetesServiceAccount, Labels, NamespaceSettings, ProjectSettings,
    Quota, RoleBinding, ServiceAccount, WORKLOAD_IDENTITY_ROLE,
};
use super::{AlertRoute, FanOut};

/// The map key of resources that several services use. It is not a valid service name, because it starts with `_`.
pub const SHARED: &str = "_shared";

/// Entries by service, then by resource key.
pub type Entries<T> = BTreeMap<String, BTreeMap<String, T>>;

/// A fan-out, grouped by service: each kind is a map from service to a map from resource key to entry. Keys that several
/// services of the registry use are under [`SHARED`], regardless of the selection. Every map has an entry for every selected
/// service and for [`SHARED`], even if it is empty, so that a lookup never fails.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ByService {
    /// Projects to create, by project id.
    pub projects: Entries<ProjectEntry>,
    /// APIs to enable, by `PROJECT/API`.
    pub enabled_apis: Entries<ApiEntry>,
    /// IAM members, by `PROJECT/ROLE/MEMBER`.
    pub iam_members: Entries<IamMemberEntry>,
    /// Google service accounts to create, by `PROJECT/NAME`.
    pub service_accounts: Entries<ServiceAccountEntry>,
    /// Members of the policies of those accounts, by `PROJECT/NAME/MEMBER`.
    pub workload_identity: Entries<WorkloadIdentityEntry>,
    /// Namespaces to create, by `CLUSTER/NAMESPACE`.
    pub namespaces: Entries<NamespaceEntry>,
    /// Quotas, by `CLUSTER/NAMESPACE`.
    pub quotas: Entries<QuotaEntry>,
    /// Kubernetes service accounts to create, by `CLUSTER/NAMESPACE/NAME`.
    pub kubernetes_service_accounts: Entries<KubernetesServiceAccountEntry>,
    /// Role bindings, by `CLUSTER/NAMESPACE/NAME`.
    pub role_bindings: Entries<RoleBindingEntry>,
    /// Routes of alerts, by service.
    pub alert_routes: Entries<AlertRoute>,
}

/// A project to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProjectEntry {
    /// The project id.
    pub project: ProjectId,
    /// Name, parent, billing account and labels.
    #[serde(flatten)]
    pub settings: ProjectSettings,
    /// What a removal does.
    pub deletion_policy: DeletionPolicy,
}

/// An API to enable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiEntry {
    /// The project to enable it on.
    pub project: ProjectId,
    /// `pubsub.googleapis.com`.
    pub api: GoogleService,
}

/// A member of a project's IAM policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IamMemberEntry {
    /// The project.
    pub project: ProjectId,
    /// The role.
    pub role: IamRole,
    /// The member, as Google spells it.
    pub member: Principal,
    /// When the grant ends; null if it does not.
    pub expires: Option<Expiry>,
    /// The condition that ends the grant; null if it does not end.
    pub condition: Option<Condition>,
}

/// A Google service account to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceAccountEntry {
    /// The project.
    pub project: ProjectId,
    /// The part of its address before `@`.
    pub name: ServiceAccountName,
    /// Its address.
    pub email: String,
    /// Its settings, and what a removal does.
    #[serde(flatten)]
    pub account: ServiceAccount,
}

/// A member of a service account's own policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkloadIdentityEntry {
    /// The project of the service account.
    pub project: ProjectId,
    /// The service account.
    pub name: ServiceAccountName,
    /// The role on it.
    pub role: &'static str,
    /// The member.
    pub member: String,
}

impl WorkloadIdentityEntry {
    fn new(project: &ProjectId, name: &ServiceAccountName, identity: &WorkloadIdentity) -> Self {
        let (project, name) = (project.clone(), name.clone());
        Self { project, name, role: WORKLOAD_IDENTITY_ROLE, member: identity.member() }
    }
}

/// A namespace to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamespaceEntry {
    /// The cluster.
    pub cluster: ClusterName,
    /// The namespace.
    pub namespace: NamespaceName,
    /// Labels.
    pub labels: Labels,
    /// Annotations.
    pub annotations: Labels,
    /// What a removal does.
    pub deletion_policy: DeletionPolicy,
}

/// A namespace's quota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuotaEntry {
    /// The cluster.
    pub cluster: ClusterName,
    /// The namespace.
    pub namespace: NamespaceName,
    /// Kubernetes resource name to quantity.
    pub hard: Quota,
}

/// A Kubernetes service account to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KubernetesServiceAccountEntry {
    /// The cluster.
    pub cluster: ClusterName,
    /// The namespace.
    pub namespace: NamespaceName,
    /// Its name.
    pub name: KubernetesServiceAccountName,
    /// The annotation by which it acts as a Google service account.
    pub annotations: Labels,
    /// The address of that account, and what a removal does.
    #[serde(flatten)]
    pub account: KubernetesServiceAccount,
}

impl KubernetesServiceAccountEntry {
    fn new(key: &NamespaceKey, name: &KubernetesServiceAccountName, account: &KubernetesServiceAccount) -> Self {
        Self {
            cluster: key.cluster.clone(),
            namespace: key.namespace.clone(),
            name: name.clone(),
            annotations: [(ACTS_AS.to_owned(), account.google_service_account.clone())].into(),
            account: account.clone(),
        }
    }
}

/// A role binding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleBindingEntry {
    /// The cluster.
    pub cluster: ClusterName,
    /// The namespace.
    pub namespace: NamespaceName,
    /// The binding's name.
    pub name: String,
    /// The role and its subjects.
    #[serde(flatten)]
    pub binding: RoleBinding,
}

impl FanOut {
    /// The whole fan-out, grouped by service.
    pub fn by_service(&self) -> ByService {
        self.group(self.registry.services.iter().map(|service| (service.name.as_str(), None)))
    }

    /// The fan-out of a selection, grouped by service.
    pub fn by_service_of(&self, selected: &Selected<'_>) -> ByService {
        self.group(
            selected.services.iter().map(|(service, environments)| (service.name.as_str(), environments.as_ref())),
        )
    }

    fn group<'s>(
        &self,
        services: impl Iterator<
            Item = (&'s str, Option<&'s std::collections::BTreeSet<crate::registry::names::EnvironmentName>>),
        >,
    ) -> ByService {
        let mut view = ByService::default();
        view.ensure(SHARED);
        for (name, environments) in services {
            let Some(service) = self.service(name) else { continue };
            let some = environments.map(|environments| self.select(name, environments));
            view.ensure(name);
            view.add(self, name, some.as_ref().unwrap_or(&service.resources));
            view.alert_routes.insert(name.to_owned(), service.alert_routes.clone());
        }
        view
    }
}

impl ByService {
    /// Removes the grants that have ended at this time.
    pub fn without_ended(mut self, now: jiff::Timestamp) -> Self {
        let has_ended = |entry: &IamMemberEntry| entry.expires.is_some_and(|expires| expires.has_passed(now));
        self.iam_members.values_mut().for_each(|members| members.retain(|_, entry| !has_ended(entry)));
        self
    }

    /// Adds empty entries for a name, so that a lookup never fails.
    fn ensure(&mut self, name: &str) {
        self.projects.entry(name.to_owned()).or_default();
        self.enabled_apis.entry(name.to_owned()).or_default();
        self.iam_members.entry(name.to_owned()).or_default();
        self.service_accounts.entry(name.to_owned()).or_default();
        self.workload_identity.entry(name.to_owned()).or_default();
        self.namespaces.entry(name.to_owned()).or_default();
        self.quotas.entry(name.to_owned()).or_default();
        self.kubernetes_service_accounts.entry(name.to_owned()).or_default();
        self.role_bindings.entry(name.to_owned()).or_default();
        self.alert_routes.entry(name.to_owned()).or_default();
    }

    fn add(&mut self, fan_out: &FanOut, service: &str, resources: &super::resource::ResourceSet) {
        fn put<T>(entries: &mut Entries<T>, fan_out: &FanOut, service: &str, all: impl Iterator<Item = (Key, T)>) {
            let mut own = BTreeMap::new();
            for (key, entry) in all {
                if fan_out.is_shared(&key) {
                    entries.entry(SHARED.to_owned()).or_default().insert(key.to_string(), entry);
                } else {
                    own.insert(key.to_string(), entry);
                }
            }
            entries.insert(service.to_owned(), own);
        }
        let projects = resources.projects.iter().map(|(project, desired)| {
            let entry = ProjectEntry {
                project: project.clone(),
                settings: desired.settings.clone(),
                deletion_policy: desired.deletion_policy,
            };
            (Key::Project(project.clone()), entry)
        });
        put(&mut self.projects, fan_out, service, projects);
        let apis = resources.apis.iter().flat_map(|(project, apis)| {
            apis.iter().map(|api| {
                (Key::Api(project.clone(), api.clone()), ApiEntry { project: project.clone(), api: api.clone() })
            })
        });
        put(&mut self.enabled_apis, fan_out, service, apis);
        let members = resources.iam.iter().flat_map(|(project, grants)| {
            grants.iter().flat_map(move |(role, members)| {
                members.iter().map(move |member| {
                    let key = Key::IamMember(project.clone(), role.clone(), member.clone());
                    let entry = IamMemberEntry {
                        project: project.clone(),
                        role: role.clone(),
                        member: member.principal.clone(),
                        expires: member.expires,
                        condition: member.condition(),
                    };
                    (key, entry)
                })
            })
        });
        put(&mut self.iam_members, fan_out, service, members);
        let accounts = resources.service_accounts.iter().flat_map(|(project, accounts)| {
            accounts.iter().map(move |(name, account)| {
                let (key, email) = (Key::ServiceAccount(project.clone(), name.clone()), name.email(project));
                let (project, name, account) = (project.clone(), name.clone(), account.clone());
                (key, ServiceAccountEntry { project, name, email, account })
            })
        });
        put(&mut self.service_accounts, fan_out, service, accounts);
        let identities = resources.workload_identity.iter().flat_map(|(project, accounts)| {
            accounts.iter().flat_map(move |(name, members)| {
                members.iter().map(move |identity| {
                    let key = Key::WorkloadIdentity(project.clone(), name.clone(), identity.clone());
                    (key, WorkloadIdentityEntry::new(project, name, identity))
                })
            })
        });
        put(&mut self.workload_identity, fan_out, service, identities);
        let namespaces = resources.namespaces.iter().map(|(key, desired)| {
            let NamespaceSettings { labels, annotations } = desired.settings.clone();
            let entry = NamespaceEntry {
                cluster: key.cluster.clone(),
                namespace: key.namespace.clone(),
                labels,
                annotations,
                deletion_policy: desired.deletion_policy,
            };
            (Key::Namespace(key.clone()), entry)
        });
        put(&mut self.namespaces, fan_out, service, namespaces);
        let quotas = resources.quotas.iter().map(|(key, hard)| {
            let (cluster, namespace) = (key.cluster.clone(), key.namespace.clone());
            (Key::Quota(key.clone()), QuotaEntry { cluster, namespace, hard: hard.clone() })
        });
        put(&mut self.quotas, fan_out, service, quotas);
        let accounts = resources.kubernetes_service_accounts.iter().flat_map(|(key, accounts)| {
            accounts.iter().map(move |(name, account)| {
                let entry = KubernetesServiceAccountEntry::new(key, name, account);
                (Key::KubernetesServiceAccount(key.clone(), name.clone()), entry)
            })
        });
        put(&mut self.kubernetes_service_accounts, fan_out, service, accounts);
        let bindings = resources.role_bindings.iter().flat_map(|(key, bindings)| {
            bindings.iter().map(move |(name, binding)| {
                let entry = RoleBindingEntry {
                    cluster: key.cluster.clone(),
                    namespace: key.namespace.clone(),
                    name: name.clone(),
                    binding: binding.clone(),
                };
                (Key::RoleBinding(key.clone(), name.clone()), entry)
            })
        });
        put(&mut self.role_bindings, fan_out, service, bindings);
    }
}
