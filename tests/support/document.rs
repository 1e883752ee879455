//! The registry document in Rust: what every test and benchmark that generates or edits a registry does it with.
//!
//! Entries are typed, so that a misspelt field is an error of the compiler and not a registry with a warning. Reading one
//! refuses a field that is not here, because writing it again would lose the field. Tests of bad documents write those as
//! JSON.
#![allow(dead_code, reason = "not every test binary uses all of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value as Json};

/// A registry.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    pub metadata: Metadata,
    pub teams: Vec<Entry<Team>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clusters: Vec<Entry<Cluster>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub projects: Vec<Entry<Project>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<Entry<Namespace>>,
    pub services: Vec<Entry<Service>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Permissions>,
    /// Kinds that a company adds.
    #[serde(flatten)]
    pub extra: Map<String, Json>,
}

impl Document {
    /// An empty one of this name.
    pub fn named(name: &str) -> Self {
        Self { metadata: Metadata { name: name.to_owned(), ..Metadata::default() }, ..Self::default() }
    }

    /// With these teams, each with a group of its name.
    pub fn with_teams(mut self, names: &[&str]) -> Self {
        let team = |name: &&str| Team::of(name, &format!("{name}-team@example.com"));
        self.teams.extend(names.iter().map(team).map(Entry::from));
        self
    }

    /// From the bytes of a source. What this module does not know is an error.
    #[track_caller]
    pub fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("a registry document: {error}"))
    }

    /// The service of this name.
    #[track_caller]
    pub fn service_mut(&mut self, name: &str) -> &mut Service {
        let service = self.services.iter_mut().find(|service| service.name == name);
        service.unwrap_or_else(|| panic!("no service `{name}`"))
    }

    /// Takes the service of this name out.
    #[track_caller]
    pub fn remove_service(&mut self, name: &str) -> Service {
        let at = self.services.iter().position(|service| service.name == name);
        self.services.remove(at.unwrap_or_else(|| panic!("no service `{name}`"))).spec
    }

    /// As JSON, for tests that break it.
    pub fn json(&self) -> Json {
        serde_json::to_value(self).expect("a document is JSON")
    }

    /// The bytes that a source would give.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("a document is JSON")
    }
}

/// The envelope of an entry: `{"type": KIND, "spec": …}`.
#[derive(Debug, Clone, Serialize)]
pub struct Entry<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    spec: T,
}

impl<T: Kind> From<T> for Entry<T> {
    fn from(spec: T) -> Self {
        Self { kind: T::KIND, spec }
    }
}

impl<'de, T: Kind + Deserialize<'de>> Deserialize<'de> for Entry<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Envelope<T> {
            #[serde(rename = "type")]
            kind: String,
            spec: T,
        }

        let Envelope { kind, spec } = Envelope::<T>::deserialize(deserializer)?;
        if kind == T::KIND { Ok(spec.into()) } else { Err(D::Error::custom(format!("`{kind}` is not `{}`", T::KIND))) }
    }
}

impl<T> Deref for Entry<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.spec
    }
}

impl<T> DerefMut for Entry<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.spec
    }
}

/// The content of an envelope.
pub trait Kind {
    const KIND: &'static str;
}

macro_rules! kinds {
    ($($name:ident)+) => { $(
        impl Kind for $name {
            const KIND: &'static str = stringify!($name);
        }
    )+ };
}

kinds! { Team Cluster Project Namespace Service Environment Target }

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compiled_at: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub requires: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Team {
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principals: Option<Principals>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slack: Option<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub services: BTreeSet<String>,
}

/// A team's names on the platforms.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Principals {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub google: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<String>,
}

impl Team {
    /// A team of which only the group in Kubernetes is known.
    pub fn in_kubernetes(name: &str, group: &str) -> Self {
        let principals = Principals { google: None, kubernetes: Some(group.to_owned()) };
        Self { name: name.to_owned(), principals: Some(principals), ..Self::default() }
    }

    /// A team with this group.
    pub fn of(name: &str, email: &str) -> Self {
        Self { name: name.to_owned(), email: email.to_owned(), ..Self::default() }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Cluster {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub google_project: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gke: Option<Gke>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Gke {
    pub groups: bool,
    pub cluster_viewer: bool,
}

/// Texts by their names: labels, annotations, limits.
pub type Texts = BTreeMap<String, String>;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Project {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub existing: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_account: Option<String>,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub labels: Texts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub shared_with: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub shared_with_teams: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Namespace {
    pub cluster: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub shared_with: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub shared_with_teams: BTreeSet<String>,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub labels: Texts,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub annotations: Texts,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub quota: Texts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Service {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    pub team: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerts_channel: Option<String>,
    /// Fields that a company adds.
    #[serde(flatten)]
    pub extra: Map<String, Json>,
    pub google_services: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<String>,
    pub environments: Vec<Entry<Environment>>,
}

impl Service {
    /// With this deletion policy.
    pub fn with_policy(mut self, policy: &str) -> Self {
        self.deletion_policy = Some(policy.to_owned());
        self
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Environment {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub google_project: Option<String>,
    pub rbac: Access,
    pub targets: Vec<Entry<Target>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service_accounts: Vec<ServiceAccount>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub role_bindings: Vec<BoundRole>,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub quota: Texts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceAccount {
    pub name: String,
    pub roles: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes_service_account: Option<String>,
}

/// A role that is granted in each namespace.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BoundRole {
    pub role: String,
    pub subjects: BTreeSet<String>,
}

/// Who has which access level.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Access {
    pub viewers: Vec<Grantee>,
    pub operators: Vec<Grantee>,
    pub admins: Vec<Grantee>,
}

/// One who is granted an access level.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Grantee {
    Team(String),
    Principal {
        principal: String,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<String>,
    },
}

impl Grantee {
    /// A team.
    pub fn team(name: &str) -> Self {
        Self::Team(name.to_owned())
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    pub cluster: String,
    pub namespace: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
}

impl Target {
    /// A target of this kind (`argo`, `helm`).
    pub fn of(kind: &str, cluster: &str, namespace: &str, release: &str) -> Self {
        Self {
            kind: Some(kind.to_owned()),
            cluster: cluster.to_owned(),
            namespace: namespace.to_owned(),
            release: Some(release.to_owned()),
        }
    }

    /// A target of this kind that names no release.
    pub fn without_release(kind: &str, cluster: &str, namespace: &str) -> Self {
        Self { release: None, ..Self::of(kind, cluster, namespace, "") }
    }
}

/// These teams, for an access level.
pub fn teams(names: &[&str]) -> Vec<Grantee> {
    names.iter().copied().map(Grantee::team).collect()
}

/// The permissions table.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Permissions {
    /// The version of the built-in table that this one adds to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub builtin: Option<u32>,
    /// Roles by access level, by Google service.
    pub google: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// ClusterRoles by access level.
    pub kubernetes: Texts,
}

/// Texts by their names.
pub fn texts<K: Into<String>, V: Into<String>>(entries: impl IntoIterator<Item = (K, V)>) -> Texts {
    entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}
