//! The entries of a registry: teams, clusters, projects, namespaces, and services with their environments and targets.
//!
//! Entries remain in the document's order, so that the index of an entry in its list is its index in the document.

use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;

use schemars::JsonSchema;

use super::access::Access;
use super::envelope::{Envelope, Kind};
use super::extra::Extra;
use super::link::Links;
use super::names::{
    BillingAccount, ClusterName, DisplayName, Email, EnvironmentName, GoogleService, IamRole, KubernetesRole,
    KubernetesServiceAccountName, NamespaceKey, NamespaceName, Parent, Principal, ProjectId, RegistryName,
    ServiceAccountName, ServiceName, SharerName, Subject, TeamName,
};
use super::policy::DeletionPolicy;

/// Labels or annotations, in key order.
pub type Labels = BTreeMap<String, String>;
/// A quota's hard limits: Kubernetes resource name to quantity.
pub type Quota = BTreeMap<String, String>;

macro_rules! kinds {
    ($($type:ident),+) => { $(impl Kind for $type { const TYPE: &'static str = stringify!($type); })+ };
}
kinds!(Team, Cluster, Project, Namespace, Service, Environment, Target);

/// An entry with a name that is unique in its list.
pub trait Named {
    /// The kind of entry in messages: `service`.
    const KIND: &'static str;
    /// The name, unique among the entries of one list.
    fn entry_name(&self) -> String;
}

/// One top-level list: its entries in the document's order, with an index by name.
#[derive(Debug, Clone)]
pub struct Section<T> {
    entries: Vec<T>,
    declared: bool,
    by_name: HashMap<Box<str>, u32>,
}

impl<T> Default for Section<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), declared: false, by_name: HashMap::new() }
    }
}

impl<T: Named> Section<T> {
    pub(crate) fn new(entries: Vec<T>) -> Self {
        let mut by_name = HashMap::with_capacity(entries.len());
        for (position, entry) in entries.iter().enumerate() {
            // Of two entries with one name the first counts. `validate::duplicates` reports the second.
            by_name.entry(entry.entry_name().into_boxed_str()).or_insert(position as u32);
        }
        Self { entries, declared: true, by_name }
    }

    /// The entry of that name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.position(name).map(|position| &self.entries[position])
    }

    /// The index of the entry of that name in the document's list.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).map(|position| *position as usize)
    }

    /// The number of different names.
    pub(crate) fn names(&self) -> usize {
        self.by_name.len()
    }

    /// Whether the document has this list. Only then are references checked against it.
    pub fn is_declared(&self) -> bool {
        self.declared
    }
}

impl<T> Deref for Section<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.entries
    }
}

impl<'a, T> IntoIterator for &'a Section<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

/// Metadata of the document.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Metadata {
    /// The registry's name: the value of the label `anu-registry` on every object that anu creates. Required for creating
    /// anything, here or as `name` in the provider's `registry` block.
    pub name: Option<RegistryName>,
    /// Names that the registry had before. Objects with one of them in their ownership label belong to this registry: the next
    /// apply writes the new name.
    #[schemars(with = "Option<Vec<RegistryName>>")]
    pub previous_names: Vec<RegistryName>,
    /// The revision of the source from which the document was compiled, usually a commit.
    pub revision: Option<String>,
    /// The time of the compilation (RFC 3339). A document that is older than the last one applied is rejected.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub compiled_at: Option<jiff::Timestamp>,
    /// The versions of programs that may read the registry, for example `{"anu": ">=0.1.0, <1.0.0"}`.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub requires: Requires,
    /// Fields that the format does not define.
    #[schemars(skip)]
    pub extra: Extra,
}

/// `metadata.requires`.
#[derive(Debug, Clone, Default)]
pub struct Requires {
    /// The versions of anu that may read this registry: `>=0.1.0, <1.0.0`.
    pub anu: Option<semver::VersionReq>,
    /// Requirements of other readers.
    pub extra: Extra,
}

/// A team: it owns services and receives access.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Team {
    /// The name by which services and access lists refer to the team.
    pub name: TeamName,
    /// The e-mail address of the team's Google group. Without one the provider's `member_template` applies.
    pub email: Option<Email>,
    /// The team's principals, if they are not `group:EMAIL`.
    #[schemars(with = "Option<Principals>")]
    pub principals: Principals,
    /// The services that use what is shared with the team. `team` in a service's own entry does not count for this.
    #[schemars(with = "Option<Vec<ServiceName>>")]
    pub services: Vec<ServiceName>,
    /// Fields that the format does not define.
    #[schemars(skip)]
    pub extra: Extra,
}

/// A team's principals on the platforms.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Principals {
    /// The principal that is granted IAM roles.
    pub google: Option<Principal>,
    /// The group in role bindings.
    pub kubernetes: Option<String>,
    /// Fields that the format does not define.
    #[schemars(skip)]
    pub extra: Extra,
}

/// A Kubernetes cluster.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Cluster {
    /// The name by which targets refer to the cluster.
    pub name: ClusterName,
    /// The cluster's project.
    pub google_project: Option<ProjectId>,
    /// The cluster's region or zone.
    pub location: Option<String>,
    /// Present for a cluster of Google Kubernetes Engine.
    pub gke: Option<Gke>,
    /// Pages about what runs in the cluster, by name: addresses with placeholders such as `{service}`, `{environment}` and `{namespace}`.
    /// `anu open` opens them.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub links: Links,
    /// Fields that the format does not define.
    #[schemars(skip)]
    pub extra: Extra,
}

/// What a cluster of Google Kubernetes Engine has beyond other clusters.
#[derive(Debug, Clone, Default, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gke {
    /// True confirms that the cluster knows the members of groups (Google Groups for RBAC). Otherwise a warning says what that needs.
    #[schemars(with = "Option<bool>")]
    pub groups: bool,
    /// True grants `roles/container.clusterViewer` on the cluster's project to everyone with access to an environment that runs on
    /// the cluster, so that they can connect to it. Requires `googleProject`.
    #[schemars(with = "Option<bool>")]
    pub cluster_viewer: bool,
}

/// A Google project that anu creates, or whose sharing is declared.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Project {
    /// The project id.
    pub id: ProjectId,
    /// The display name. Default: the id.
    pub name: Option<DisplayName>,
    /// The folder or organization of the project. Default: the provider's `google.parent`.
    pub parent: Option<Parent>,
    /// The billing account. Default: the provider's `google.billing_account`.
    pub billing_account: Option<BillingAccount>,
    /// Labels, in addition to the ownership label.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub labels: Labels,
    /// The service that owns the project. Required if another service uses it.
    pub owner: Option<ServiceName>,
    /// Other services that may use the project.
    #[schemars(with = "Option<Vec<ServiceName>>")]
    pub shared_with: Vec<SharerName>,
    /// Teams whose services may use the project: those that the team's entry lists in `services`.
    #[schemars(with = "Option<Vec<TeamName>>")]
    pub shared_with_teams: Vec<SharerName>,
    /// True for a project that exists already and is not managed: it is never created, labelled or deleted.
    #[schemars(with = "Option<bool>")]
    pub existing: bool,
    /// What a removal does when no service uses the project any more. Default: `prevent`.
    pub deletion_policy: Option<DeletionPolicy>,
    /// Fields that the format does not define.
    #[schemars(skip)]
    pub extra: Extra,
}

/// A namespace with declared sharing or settings.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Namespace {
    /// The cluster of the namespace.
    pub cluster: ClusterName,
    /// The name of the namespace.
    pub name: NamespaceName,
    /// The service that owns the namespace. Required if another service uses it.
    pub owner: Option<ServiceName>,
    /// Other services that may use the namespace.
    #[schemars(with = "Option<Vec<ServiceName>>")]
    pub shared_with: Vec<SharerName>,
    /// Teams whose services may use the namespace: those that the team's entry lists in `services`.
    #[schemars(with = "Option<Vec<TeamName>>")]
    pub shared_with_teams: Vec<SharerName>,
    /// Labels, in addition to those that anu writes.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub labels: Labels,
    /// Annotations, in addition to those that anu writes.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub annotations: Labels,
    /// The quota. Default: the quota of the owner's environments.
    pub quota: Option<Quota>,
    /// What a removal does when no service uses the namespace any more. Default: `prevent`.
    pub deletion_policy: Option<DeletionPolicy>,
    /// Fields that the format does not define.
    #[schemars(skip)]
    pub extra: Extra,
}

impl Namespace {
    /// `CLUSTER/NAMESPACE`.
    pub fn key(&self) -> NamespaceKey {
        NamespaceKey { cluster: self.cluster.clone(), namespace: self.name.clone() }
    }
}

/// A service.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Service {
    /// The name of the service.
    pub name: ServiceName,
    /// The source repository.
    pub repository: Option<String>,
    /// The team that owns the service.
    pub team: Option<TeamName>,
    /// The channel for alerts.
    pub alerts_channel: Option<String>,
    /// The Google APIs of the service. They are enabled in its projects, and select rows of the permissions table.
    #[schemars(with = "Option<Vec<GoogleService>>")]
    pub google_services: Vec<GoogleService>,
    /// The environments of the service.
    #[schemars(with = "Option<Vec<Envelope<Environment>>>")]
    pub environments: Vec<Environment>,
    /// Pages about the service, by name: addresses with placeholders such as `{service}`, `{environment}` and `{namespace}`.
    /// `anu open` opens them.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub links: Links,
    /// What a removal does to projects and namespaces that no service uses any more. Default: `prevent`.
    pub deletion_policy: Option<DeletionPolicy>,
    /// Fields that the format does not define.
    #[schemars(skip)]
    pub extra: Extra,
}

impl Service {
    /// The environment of that name.
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name.as_str() == name)
    }
}

/// An environment of a service.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Environment {
    /// The name, unique within the service.
    pub name: EnvironmentName,
    /// The Google project. It is created only if it is listed under `projects`, which then lists every project.
    pub google_project: Option<ProjectId>,
    /// The access lists: viewers, operators and admins.
    #[schemars(rename = "rbac", with = "Option<Access>")]
    pub access: Access,
    /// The clusters and namespaces in which the environment runs.
    #[schemars(with = "Option<Vec<Envelope<Target>>>")]
    pub targets: Vec<Target>,
    /// The Google service accounts of the environment, created in its project. Only the owner of a shared project may have some.
    #[schemars(with = "Option<Vec<ServiceAccount>>")]
    pub service_accounts: Vec<ServiceAccount>,
    /// Role bindings in each namespace of the environment, beside those of the access lists. Only the owner of a shared namespace may have
    /// some in it.
    #[schemars(with = "Option<Vec<BoundRole>>")]
    pub role_bindings: Vec<BoundRole>,
    /// The quota of each namespace of the environment.
    pub quota: Option<Quota>,
    /// Pages about the environment, by name: addresses with placeholders such as `{service}`, `{environment}` and `{namespace}`.
    /// `anu open` opens them.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub links: Links,
    /// What a removal does to the project and namespaces if no service uses them any more, and to its service accounts. Default:
    /// `prevent`.
    pub deletion_policy: Option<DeletionPolicy>,
    /// Fields that the format does not define.
    #[schemars(skip)]
    pub extra: Extra,
}

/// A role that is granted in each namespace of an environment.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct BoundRole {
    /// The name of a ClusterRole, or `Role:NAME` for a Role of the namespace. anu creates neither.
    pub role: KubernetesRole,
    /// What it is granted to: `Group:NAME`, `User:NAME` or `ServiceAccount:NAMESPACE/NAME`.
    pub subjects: Vec<Subject>,
}

/// A Google service account of an environment: the identity of its workloads on Google Cloud.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceAccount {
    /// Its id, unique in the project: the part of its address before `@`.
    pub name: ServiceAccountName,
    /// The IAM roles that it is granted on the project.
    #[schemars(with = "Option<Vec<IamRole>>")]
    pub roles: Vec<IamRole>,
    /// The Kubernetes service account whose pods act as this account (workload identity). It is created in the namespace of every
    /// target of the environment.
    pub kubernetes_service_account: Option<KubernetesServiceAccountName>,
}

/// A cluster, a namespace and a release in which an environment runs.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Target {
    /// The deployment tool: `argo`, `helm`, …
    pub kind: Option<String>,
    /// The cluster.
    pub cluster: ClusterName,
    /// The namespace in the cluster.
    pub namespace: NamespaceName,
    /// The name of the deployed release.
    pub release: Option<String>,
    /// What a removal does to the namespace when no service uses it any more. Default: `prevent`.
    pub deletion_policy: Option<DeletionPolicy>,
    /// Fields that the format does not define.
    #[schemars(skip)]
    pub extra: Extra,
}

impl Target {
    /// `CLUSTER/NAMESPACE`.
    pub fn key(&self) -> NamespaceKey {
        NamespaceKey { cluster: self.cluster.clone(), namespace: self.namespace.clone() }
    }
}

macro_rules! named {
    ($($type:ident $kind:literal $name:ident),+) => {
        $(impl Named for $type {
            const KIND: &'static str = $kind;
            fn entry_name(&self) -> String {
                self.$name.to_string()
            }
        })+
    };
}
named!(Team "team" name, Cluster "cluster" name, Project "project" id, Service "service" name);

impl Named for Namespace {
    const KIND: &'static str = "namespace";
    fn entry_name(&self) -> String {
        self.key().to_string()
    }
}
