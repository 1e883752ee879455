//! The resources of a service: plain data, in one canonical order.
//!
//! The same types describe the desired resources (registry), the managed resources (state) and the existing resources
//! (platform), so a plan is a comparison of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::registry::names::{
    GoogleService, IamRole, KubernetesRole, KubernetesServiceAccountName, NamespaceKey, ProjectId, ServiceAccountName,
    WorkloadIdentity,
};

pub use super::member::{Condition, Member};
pub use crate::registry::{DeletionPolicy, Labels, Quota};

/// The settings of a Google project in the registry. Only projects listed under `projects` have them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProjectSettings {
    /// The display name. Default: the id.
    pub display_name: String,
    /// `folders/N` or `organizations/N`.
    pub parent: Option<String>,
    /// `XXXXXX-XXXXXX-XXXXXX`.
    pub billing_account: Option<String>,
    /// The entry's labels, the provider's, and the ownership labels.
    pub labels: Labels,
}

/// The settings of a namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamespaceSettings {
    /// `service`, `team`, `environment`, the entry's labels, the provider's, and the ownership labels.
    pub labels: Labels,
    /// The entry's annotations, and `cnrm.cloud.google.com/project-id` if the environment has a project.
    pub annotations: Labels,
}

/// One project or namespace that a service uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scope<T> {
    /// The settings, from the entry and its owner. Another user needs them only if it is the first to create the resource.
    pub settings: T,
    /// True if the service uses the project or namespace and does not own it. Then neither the settings nor the policy are in
    /// its plan or its digest, so that an owner's change does not appear in the plans of other users; and its state never
    /// deletes it.
    pub shared: bool,
    /// What a removal does, by the registry: the policy of the entry, else of the owner. The argument of the owner's resource
    /// overrides it.
    pub deletion_policy: DeletionPolicy,
}

impl<T> Scope<T> {
    /// The policy, if the service owns the resource.
    fn own_policy(&self) -> Option<DeletionPolicy> {
        (!self.shared).then_some(self.deletion_policy)
    }
}

/// A RoleBinding: a ClusterRole granted to subjects in one namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RoleBinding {
    /// The ClusterRole. `roleRef` is immutable in Kubernetes, so it is part of the binding's name as well.
    pub role: KubernetesRole,
    /// The subjects: `Group:NAME`, `User:NAME` or `ServiceAccount:NAMESPACE/NAME`.
    pub subjects: BTreeSet<String>,
}

/// A Google service account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccount {
    /// What it is settled with.
    #[serde(flatten)]
    pub settings: ServiceAccountSettings,
    /// What its removal does: the policy of its environment. A removal of its project includes it.
    pub deletion_policy: DeletionPolicy,
}

/// The settings of a Google service account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccountSettings {
    /// `SERVICE ENVIRONMENT`.
    pub display_name: String,
    /// The ownership text: service accounts have no labels.
    pub description: String,
}

/// A Kubernetes service account that acts as a Google one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KubernetesServiceAccount {
    /// The address of the Google service account, in the annotation [`ACTS_AS`]. Empty if the annotation was removed.
    pub google_service_account: String,
    /// What its removal does: the policy of its environment. A removal of its namespace includes it.
    pub deletion_policy: DeletionPolicy,
}

/// The annotation in which GKE reads as which Google service account the pods of a Kubernetes service account act.
pub const ACTS_AS: &str = "iam.gke.io/gcp-service-account";

/// Members by role: the part of one project's IAM policy that anu manages.
pub type Grants = BTreeMap<IamRole, BTreeSet<Member>>;

/// The resources of one service, or of some of its environments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResourceSet {
    /// Projects to create: those listed under `projects`.
    pub projects: BTreeMap<ProjectId, Scope<ProjectSettings>>,
    /// APIs to enable, by project (listed or not).
    pub apis: BTreeMap<ProjectId, BTreeSet<GoogleService>>,
    /// IAM members, by project and role.
    pub iam: BTreeMap<ProjectId, Grants>,
    /// Google service accounts to create, by project and name.
    pub service_accounts: BTreeMap<ProjectId, BTreeMap<ServiceAccountName, ServiceAccount>>,
    /// Kubernetes ServiceAccounts that may act as a Google service account, by its project and name: members of its own policy, in
    /// the role [`WORKLOAD_IDENTITY_ROLE`].
    pub workload_identity: BTreeMap<ProjectId, BTreeMap<ServiceAccountName, BTreeSet<WorkloadIdentity>>>,
    /// Namespaces to create.
    pub namespaces: BTreeMap<NamespaceKey, Scope<NamespaceSettings>>,
    /// Quotas, at most one per namespace. Only the owner of a namespace has it.
    pub quotas: BTreeMap<NamespaceKey, Quota>,
    /// Kubernetes service accounts to create, by namespace and name.
    pub kubernetes_service_accounts:
        BTreeMap<NamespaceKey, BTreeMap<KubernetesServiceAccountName, KubernetesServiceAccount>>,
    /// Role bindings by namespace and name.
    pub role_bindings: BTreeMap<NamespaceKey, BTreeMap<String, RoleBinding>>,
}

/// The role on a service account that lets a Kubernetes ServiceAccount act as it. anu grants it on service accounts only, never on a
/// project.
pub const WORKLOAD_IDENTITY_ROLE: &str = "roles/iam.workloadIdentityUser";

/// The resource key: the stable name of one fanned-out resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// `PROJECT`
    Project(ProjectId),
    /// `PROJECT/API`
    Api(ProjectId, GoogleService),
    /// `PROJECT/ROLE/MEMBER`
    IamMember(ProjectId, IamRole, Member),
    /// `PROJECT/NAME`
    ServiceAccount(ProjectId, ServiceAccountName),
    /// `PROJECT/NAME/MEMBER`
    WorkloadIdentity(ProjectId, ServiceAccountName, WorkloadIdentity),
    /// `CLUSTER/NAMESPACE`
    Namespace(NamespaceKey),
    /// `CLUSTER/NAMESPACE`
    Quota(NamespaceKey),
    /// `CLUSTER/NAMESPACE/NAME`
    KubernetesServiceAccount(NamespaceKey, KubernetesServiceAccountName),
    /// `CLUSTER/NAMESPACE/NAME`
    RoleBinding(NamespaceKey, String),
}

impl Key {
    /// The kind, for people: `project`, `IAM member`, …
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Project(_) => "project",
            Self::Api(..) => "API",
            Self::IamMember(..) => "IAM member",
            Self::ServiceAccount(..) => "service account",
            Self::WorkloadIdentity(..) => "workload identity",
            Self::Namespace(_) => "namespace",
            Self::Quota(_) => "quota",
            Self::KubernetesServiceAccount(..) => "Kubernetes service account",
            Self::RoleBinding(..) => "role binding",
        }
    }

    /// Whether it is a grant that gives no access any more at this time, because it has ended.
    pub fn has_ended(&self, now: jiff::Timestamp) -> bool {
        matches!(self, Self::IamMember(_, _, member) if member.expires.is_some_and(|expires| expires.has_passed(now)))
    }

    /// The project or namespace that a key belongs to. For a project or namespace, the key itself.
    pub fn scope(&self) -> Key {
        match self {
            Self::Project(project)
            | Self::Api(project, _)
            | Self::IamMember(project, ..)
            | Self::ServiceAccount(project, _)
            | Self::WorkloadIdentity(project, ..) => Self::Project(project.clone()),
            Self::Namespace(namespace)
            | Self::Quota(namespace)
            | Self::KubernetesServiceAccount(namespace, _)
            | Self::RoleBinding(namespace, _) => Self::Namespace(namespace.clone()),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(project) => write!(f, "{project}"),
            Self::Api(project, api) => write!(f, "{project}/{api}"),
            Self::IamMember(project, role, member) => write!(f, "{project}/{role}/{member}"),
            Self::ServiceAccount(project, name) => write!(f, "{project}/{name}"),
            Self::WorkloadIdentity(project, name, member) => write!(f, "{project}/{name}/{member}"),
            Self::Namespace(key) | Self::Quota(key) => write!(f, "{key}"),
            Self::KubernetesServiceAccount(key, name) => write!(f, "{key}/{name}"),
            Self::RoleBinding(key, name) => write!(f, "{key}/{name}"),
        }
    }
}

impl ResourceSet {
    /// Every key, in canonical order.
    pub fn keys(&self) -> BTreeSet<Key> {
        let mut keys = BTreeSet::new();
        for project in self.project_ids() {
            keys.extend(self.keys_on_project(project));
        }
        for namespace in self.namespace_keys() {
            keys.extend(self.keys_in_namespace(namespace));
        }
        keys
    }

    /// Every project in which the set contains something.
    pub(crate) fn project_ids(&self) -> BTreeSet<&ProjectId> {
        let ids = self.projects.keys().chain(self.apis.keys()).chain(self.iam.keys());
        ids.chain(self.service_accounts.keys()).chain(self.workload_identity.keys()).collect()
    }

    /// Every namespace in which the set contains something.
    pub(crate) fn namespace_keys(&self) -> BTreeSet<&NamespaceKey> {
        let keys = self.namespaces.keys().chain(self.quotas.keys());
        keys.chain(self.kubernetes_service_accounts.keys()).chain(self.role_bindings.keys()).collect()
    }

    /// The keys of one project: itself, its APIs, its IAM members, its service accounts.
    pub(crate) fn keys_on_project(&self, project: &ProjectId) -> Vec<Key> {
        let mut keys = Vec::new();
        keys.extend(self.projects.contains_key(project).then(|| Key::Project(project.clone())));
        for api in self.apis.get(project).into_iter().flatten() {
            keys.push(Key::Api(project.clone(), api.clone()));
        }
        for (role, members) in self.iam.get(project).into_iter().flatten() {
            keys.extend(members.iter().map(|member| Key::IamMember(project.clone(), role.clone(), member.clone())));
        }
        for name in self.service_accounts.get(project).into_iter().flat_map(BTreeMap::keys) {
            keys.push(Key::ServiceAccount(project.clone(), name.clone()));
        }
        for (name, members) in self.workload_identity.get(project).into_iter().flatten() {
            let key = |member: &WorkloadIdentity| Key::WorkloadIdentity(project.clone(), name.clone(), member.clone());
            keys.extend(members.iter().map(key));
        }
        keys
    }

    /// The keys of one namespace: itself, its quota, its Kubernetes service accounts, its role bindings.
    pub(crate) fn keys_in_namespace(&self, namespace: &NamespaceKey) -> Vec<Key> {
        let mut keys = Vec::new();
        keys.extend(self.namespaces.contains_key(namespace).then(|| Key::Namespace(namespace.clone())));
        keys.extend(self.quotas.contains_key(namespace).then(|| Key::Quota(namespace.clone())));
        for name in self.kubernetes_service_accounts.get(namespace).into_iter().flat_map(BTreeMap::keys) {
            keys.push(Key::KubernetesServiceAccount(namespace.clone(), name.clone()));
        }
        for name in self.role_bindings.get(namespace).into_iter().flat_map(BTreeMap::keys) {
            keys.push(Key::RoleBinding(namespace.clone(), name.clone()));
        }
        keys
    }

    /// Whether the set contains a key.
    pub fn contains(&self, key: &Key) -> bool {
        match key {
            Key::Project(project) => self.projects.contains_key(project),
            Key::Api(project, api) => self.apis.get(project).is_some_and(|apis| apis.contains(api)),
            Key::IamMember(project, role, member) => {
                let members = self.iam.get(project).and_then(|grants| grants.get(role));
                members.is_some_and(|members| members.contains(member))
            }
            Key::ServiceAccount(project, name) => self.service_account(project, name).is_some(),
            Key::WorkloadIdentity(project, name, member) => {
                let members = self.workload_identity.get(project).and_then(|accounts| accounts.get(name));
                members.is_some_and(|members| members.contains(member))
            }
            Key::Namespace(key) => self.namespaces.contains_key(key),
            Key::Quota(key) => self.quotas.contains_key(key),
            Key::KubernetesServiceAccount(key, name) => self.kubernetes_service_account(key, name).is_some(),
            Key::RoleBinding(key, name) => {
                self.role_bindings.get(key).is_some_and(|bindings| bindings.contains_key(name))
            }
        }
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.projects.is_empty()
            && self.apis.is_empty()
            && self.iam.is_empty()
            && self.service_accounts.is_empty()
            && self.workload_identity.is_empty()
            && self.namespaces.is_empty()
            && self.quotas.is_empty()
            && self.kubernetes_service_accounts.is_empty()
            && self.role_bindings.is_empty()
    }

    /// Removes a key.
    pub fn forget(&mut self, key: &Key) {
        match key {
            Key::Project(project) => drop(self.projects.remove(project)),
            Key::Api(project, api) => {
                if let Some(apis) = self.apis.get_mut(project) {
                    apis.remove(api);
                }
            }
            Key::IamMember(project, role, member) => {
                if let Some(members) = self.iam.get_mut(project).and_then(|grants| grants.get_mut(role)) {
                    members.remove(member);
                }
            }
            Key::ServiceAccount(project, name) => {
                if let Some(accounts) = self.service_accounts.get_mut(project) {
                    accounts.remove(name);
                }
            }
            Key::WorkloadIdentity(project, name, member) => {
                let accounts = self.workload_identity.get_mut(project);
                if let Some(members) = accounts.and_then(|accounts| accounts.get_mut(name)) {
                    members.remove(member);
                }
            }
            Key::Namespace(namespace) => drop(self.namespaces.remove(namespace)),
            Key::Quota(namespace) => drop(self.quotas.remove(namespace)),
            Key::KubernetesServiceAccount(namespace, name) => {
                if let Some(accounts) = self.kubernetes_service_accounts.get_mut(namespace) {
                    accounts.remove(name);
                }
            }
            Key::RoleBinding(namespace, name) => {
                if let Some(bindings) = self.role_bindings.get_mut(namespace) {
                    bindings.remove(name);
                }
            }
        }
    }

    /// Removes empty maps, so that equal sets are equal values.
    pub fn prune(&mut self) {
        self.apis.retain(|_, apis| !apis.is_empty());
        self.iam.values_mut().for_each(|grants| grants.retain(|_, members| !members.is_empty()));
        self.iam.retain(|_, grants| !grants.is_empty());
        self.service_accounts.retain(|_, accounts| !accounts.is_empty());
        self.workload_identity.values_mut().for_each(|accounts| accounts.retain(|_, members| !members.is_empty()));
        self.workload_identity.retain(|_, accounts| !accounts.is_empty());
        self.kubernetes_service_accounts.retain(|_, accounts| !accounts.is_empty());
        self.role_bindings.retain(|_, bindings| !bindings.is_empty());
    }

    /// A service account.
    pub fn service_account(&self, project: &ProjectId, name: &ServiceAccountName) -> Option<&ServiceAccount> {
        self.service_accounts.get(project).and_then(|accounts| accounts.get(name))
    }

    /// A Kubernetes service account.
    pub fn kubernetes_service_account(
        &self,
        namespace: &NamespaceKey,
        name: &KubernetesServiceAccountName,
    ) -> Option<&KubernetesServiceAccount> {
        self.kubernetes_service_accounts.get(namespace).and_then(|accounts| accounts.get(name))
    }

    /// The policy of a service account of Google or Kubernetes, and of a project or namespace that the service owns. `None` for one
    /// that another service owns, and for other kinds of keys, which follow their project or namespace.
    pub fn deletion_policy(&self, key: &Key) -> Option<DeletionPolicy> {
        match key {
            Key::Project(project) => self.projects.get(project).and_then(Scope::own_policy),
            Key::Namespace(namespace) => self.namespaces.get(namespace).and_then(Scope::own_policy),
            Key::ServiceAccount(project, name) => {
                self.service_account(project, name).map(|account| account.deletion_policy)
            }
            Key::KubernetesServiceAccount(namespace, name) => {
                self.kubernetes_service_account(namespace, name).map(|account| account.deletion_policy)
            }
            _ => None,
        }
    }

    /// The labels of a project or namespace.
    pub fn labels(&self, key: &Key) -> Option<&Labels> {
        match key {
            Key::Project(project) => self.projects.get(project).map(|scope| &scope.settings.labels),
            Key::Namespace(namespace) => self.namespaces.get(namespace).map(|scope| &scope.settings.labels),
            _ => None,
        }
    }

    /// Whether a project or namespace belongs to another service.
    pub fn is_anothers(&self, key: &Key) -> bool {
        match key {
            Key::Project(project) => self.projects.get(project).is_some_and(|desired| desired.shared),
            Key::Namespace(namespace) => self.namespaces.get(namespace).is_some_and(|desired| desired.shared),
            _ => false,
        }
    }

    /// Replaces the registry's policies by the resource's argument, which says nothing of what other services own.
    pub fn override_deletion_policy(&mut self, policy: DeletionPolicy) {
        let projects = self.projects.values_mut().filter(|desired| !desired.shared);
        projects.for_each(|desired| desired.deletion_policy = policy);
        let namespaces = self.namespaces.values_mut().filter(|desired| !desired.shared);
        namespaces.for_each(|desired| desired.deletion_policy = policy);
        let accounts = self.service_accounts.values_mut().flat_map(BTreeMap::values_mut);
        accounts.for_each(|account| account.deletion_policy = policy);
        let accounts = self.kubernetes_service_accounts.values_mut().flat_map(BTreeMap::values_mut);
        accounts.for_each(|account| account.deletion_policy = policy);
    }

    /// Copies the policies from another set with the same keys: a plan's, which contains the resource's argument.
    pub fn copy_deletion_policies(&mut self, from: &Self) {
        for (id, desired) in &mut self.projects {
            if let Some(other) = from.projects.get(id) {
                desired.deletion_policy = other.deletion_policy;
            }
        }
        for (key, desired) in &mut self.namespaces {
            if let Some(other) = from.namespaces.get(key) {
                desired.deletion_policy = other.deletion_policy;
            }
        }
        for (id, accounts) in &mut self.service_accounts {
            for (name, account) in accounts {
                if let Some(other) = from.service_account(id, name) {
                    account.deletion_policy = other.deletion_policy;
                }
            }
        }
        for (key, accounts) in &mut self.kubernetes_service_accounts {
            for (name, account) in accounts {
                if let Some(other) = from.kubernetes_service_account(key, name) {
                    account.deletion_policy = other.deletion_policy;
                }
            }
        }
    }
}
