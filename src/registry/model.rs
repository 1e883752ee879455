//! The registry as checked values: every name is a name, every reference has been looked at.
//!
//! Entries keep the document's order, so that the place of an entry in its list is its place in the document.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Deref;

use schemars::JsonSchema;

use super::access::Access;
use super::names::{
    BillingAccount, ClusterName, DisplayName, Email, EnvironmentName, GoogleService, NamespaceKey, NamespaceName,
    Parent, Principal, ProjectId, RegistryName, ServiceName, SharerName, TeamName,
};
use super::permissions::Permissions;
use super::policy::DeletionPolicy;
use super::references::References;
use super::schema::Envelope;

/// Labels or annotations, in key order.
pub type Labels = BTreeMap<String, String>;
/// A quota's hard limits: Kubernetes resource name to quantity.
pub type Quota = BTreeMap<String, String>;
/// Fields the registry's format does not know, kept as they are.
pub type Extra = serde_json::Map<String, serde_json::Value>;

/// The name a registry has that gives itself none.
pub const DEFAULT_REGISTRY_NAME: &str = "default";

/// A whole registry. [`load`](super::load) makes one, and only of a document without errors.
#[derive(Debug, Clone)]
pub struct Registry {
    /// About the document itself.
    pub metadata: Metadata,
    /// Teams, by name.
    pub teams: Section<Team>,
    /// Clusters, by name.
    pub clusters: Section<Cluster>,
    /// Projects that the registry creates, or whose sharing it declares; by id.
    pub projects: Section<Project>,
    /// Namespaces whose sharing or settings the registry declares, by `CLUSTER/NAMESPACE`.
    pub namespaces: Section<Namespace>,
    /// Services, by name.
    pub services: Section<Service>,
    /// The registry's own rows of the permissions table.
    pub permissions: Permissions,
    /// Top-level kinds the format does not know (`logIndices`, …), kept as they are.
    pub extra: Extra,
    /// `sha256:` and the hex of the SHA-256 of the document's canonical JSON.
    pub(crate) digest: String,
    /// Who uses which project and namespace.
    pub(crate) references: References,
}

impl Registry {
    /// `metadata.name`, or `default`.
    #[allow(clippy::expect_used, reason = "a constant that follows the rule")]
    pub fn name(&self) -> RegistryName {
        self.metadata
            .name
            .clone()
            .unwrap_or_else(|| DEFAULT_REGISTRY_NAME.parse().expect("a constant that follows the rule"))
    }

    /// `sha256:` and the hex of the SHA-256 of the document's canonical JSON: the same for the same content, whatever the
    /// order of keys and of entries.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The service of that name.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.get(name)
    }
}

/// What an entry is found by.
pub trait Named {
    /// What the entry is called in messages: `service`.
    const KIND: &'static str;
    /// The name, unique among the entries of one list.
    fn entry_name(&self) -> String;
}

/// One top-level list: its entries in the document's order, found by name in no time.
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
            // The first of two with one name is found; that there are two is reported elsewhere.
            by_name.entry(entry.entry_name().into_boxed_str()).or_insert(position as u32);
        }
        Self { entries, declared: true, by_name }
    }

    /// The entry of that name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.position(name).map(|position| &self.entries[position])
    }

    /// The place of the entry of that name: its index in the document's list.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).map(|position| *position as usize)
    }

    /// How many different names there are.
    pub(crate) fn names(&self) -> usize {
        self.by_name.len()
    }

    /// Whether the document has this list at all: only then are references checked against it.
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

/// About the document itself.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Metadata {
    /// The registry's name, written on everything that is made for it. `default` where it is left out.
    pub name: Option<RegistryName>,
    /// The revision of the source the document was compiled from, a commit as a rule.
    pub revision: Option<String>,
    /// When the document was compiled: RFC 3339. An older one than the state has seen is refused.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub compiled_at: Option<jiff::Timestamp>,
    /// What the registry needs of those who read it.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub requires: Requires,
    /// Fields the format does not know.
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

/// A team: who owns services and is granted access.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Team {
    /// The name services and access lists refer to it by.
    pub name: TeamName,
    /// The address of its Google group. Without one the provider's `member_template` makes it.
    pub email: Option<Email>,
    /// Other names for its group, where they are not `group:EMAIL`.
    #[schemars(with = "Option<Principals>")]
    pub principals: Principals,
    /// Fields the format does not know.
    #[schemars(skip)]
    pub extra: Extra,
}

/// A team's own names on the platforms.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Principals {
    /// Who is granted IAM roles.
    pub google: Option<Principal>,
    /// The group that role bindings name.
    pub kubernetes: Option<String>,
    /// Fields the format does not know.
    #[schemars(skip)]
    pub extra: Extra,
}

/// A Kubernetes cluster.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Cluster {
    /// The name targets refer to it by.
    pub name: ClusterName,
    /// The project it runs in.
    pub google_project: Option<ProjectId>,
    /// The region or zone it runs in.
    pub location: Option<String>,
    /// Fields the format does not know.
    #[schemars(skip)]
    pub extra: Extra,
}

/// A Google project that the registry creates, or whose sharing it declares.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Project {
    /// The project id.
    pub id: ProjectId,
    /// The name for people. The id where it is left out.
    pub name: Option<DisplayName>,
    /// Where it hangs in the hierarchy. The provider's `google.parent` where it is left out.
    pub parent: Option<Parent>,
    /// Who pays. The provider's `google.billing_account` where it is left out.
    pub billing_account: Option<BillingAccount>,
    /// Labels, beside the mark.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub labels: Labels,
    /// The service whose project it is. Needed as soon as another uses it.
    pub owner: Option<ServiceName>,
    /// Who else may use it: services, or teams for all their services.
    #[schemars(with = "Option<Vec<SharerName>>")]
    pub shared_with: Vec<SharerName>,
    /// True for a project that is there already: it is never created, labelled or deleted.
    #[schemars(with = "Option<bool>")]
    pub existing: bool,
    /// What happens when nobody asks for it any more.
    pub deletion_policy: Option<DeletionPolicy>,
    /// Fields the format does not know.
    #[schemars(skip)]
    pub extra: Extra,
}

/// A namespace whose sharing or settings the registry declares.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Namespace {
    /// The cluster it is on.
    pub cluster: ClusterName,
    /// Its name.
    pub name: NamespaceName,
    /// The service whose namespace it is. Needed as soon as another uses it.
    pub owner: Option<ServiceName>,
    /// Who else may use it: services, or teams for all their services.
    #[schemars(with = "Option<Vec<SharerName>>")]
    pub shared_with: Vec<SharerName>,
    /// Labels, beside those anu writes.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub labels: Labels,
    /// Annotations, beside those anu writes.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub annotations: Labels,
    /// Its quota. The owner's environments' where it is left out.
    pub quota: Option<Quota>,
    /// What happens when nobody asks for it any more.
    pub deletion_policy: Option<DeletionPolicy>,
    /// Fields the format does not know.
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
    /// Its name.
    pub name: ServiceName,
    /// Where its source is.
    pub repository: Option<String>,
    /// The team that owns it.
    pub team: Option<TeamName>,
    /// Where its alerts go.
    pub alerts_channel: Option<String>,
    /// The Google APIs it uses: they are enabled on its environments' projects, and say which roles its people get.
    #[schemars(with = "Option<Vec<GoogleService>>")]
    pub google_services: Vec<GoogleService>,
    /// Where it runs.
    #[schemars(with = "Option<Vec<Envelope<Environment>>>")]
    pub environments: Vec<Environment>,
    /// What happens to its projects and namespaces when nobody asks for them any more.
    pub deletion_policy: Option<DeletionPolicy>,
    /// Fields the format does not know.
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
    /// Its name, unique within the service.
    pub name: EnvironmentName,
    /// The Google project it uses. Created only if it is listed under `projects`.
    pub google_project: Option<ProjectId>,
    /// Who may view, operate and administer it.
    #[schemars(rename = "rbac", with = "Option<Access>")]
    pub access: Access,
    /// Where it runs.
    #[schemars(with = "Option<Vec<Envelope<Target>>>")]
    pub targets: Vec<Target>,
    /// The quota of each of its namespaces.
    pub quota: Option<Quota>,
    /// What happens to its project and namespaces when nobody asks for them any more.
    pub deletion_policy: Option<DeletionPolicy>,
    /// Fields the format does not know.
    #[schemars(skip)]
    pub extra: Extra,
}

/// One place an environment runs in.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Target {
    /// How it is deployed: `argo`, `helm`, …
    pub kind: Option<String>,
    /// The cluster.
    pub cluster: ClusterName,
    /// The namespace on it.
    pub namespace: NamespaceName,
    /// The name of the deployed release.
    pub release: Option<String>,
    /// What happens to the namespace when nobody asks for it any more.
    pub deletion_policy: Option<DeletionPolicy>,
    /// Fields the format does not know.
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

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "registry `{}` ({} services)", self.name(), self.services.len())
    }
}
