//! Everything in a store as one value: to print as a tree, and to compare with desired resources.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::account_rows;
use super::kubernetes_account_rows;
use super::namespaces;
use super::policy;
use super::project_rows::{self, ProjectPhase, project_number};
use super::store::{Outcome, Store};
use crate::fanout::resource::{
    ACTS_AS, Labels, Member, NamespaceSettings, ProjectSettings, Quota, ResourceSet, RoleBinding,
    ServiceAccountSettings, WORKLOAD_IDENTITY_ROLE,
};
use crate::platform::{Lifecycle, OwnerLabel, OwnershipPolicy, Result};
use crate::registry::names::{
    ClusterName, GoogleService, KubernetesServiceAccountName, NamespaceKey, NamespaceName, ProjectId, RegistryName,
    ServiceAccountName,
};

/// The contents of a store, in canonical order and without etags: stores with equal contents compare equal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Dump {
    /// Projects, and ids that only have APIs or grants.
    pub projects: BTreeMap<ProjectId, ProjectDump>,
    /// Namespaces by cluster.
    pub clusters: BTreeMap<ClusterName, BTreeMap<NamespaceName, NamespaceDump>>,
}

/// One project id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ProjectDump {
    /// The project, if it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectRow>,
    /// Enabled APIs.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub apis: BTreeSet<GoogleService>,
    /// Members by role that are granted unconditionally, or until a time; plain text, because those of others may have kinds that no registry can contain.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub iam: BTreeMap<String, BTreeSet<String>>,
    /// Service accounts, without their numbers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub service_accounts: BTreeMap<ServiceAccountName, ServiceAccountDump>,
    /// Members by role with other conditions, as `MEMBER if CONDITION`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub conditional: BTreeMap<String, BTreeSet<String>>,
}

/// One service account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceAccountDump {
    /// Its settings.
    #[serde(flatten)]
    pub settings: ServiceAccountSettings,
    /// Members of its own policy, by role.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub iam: BTreeMap<String, BTreeSet<String>>,
}

/// A project's own row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProjectRow {
    /// Its number: the same for one id in every store, unless two ids have the same number.
    pub number: u64,
    /// Its phase.
    pub phase: ProjectPhase,
    /// Its settings, with all labels, also those of others.
    #[serde(flatten)]
    pub settings: ProjectSettings,
}

/// One namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamespaceDump {
    /// `None` while it is active; else the state of its deletion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminating: Option<String>,
    /// Its settings, with all labels and annotations, also those of others.
    #[serde(flatten)]
    pub settings: NamespaceSettings,
    /// The hard limits of the ResourceQuota `anu`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
    /// The registry that the quota was created for; none where others created it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota_registry: Option<RegistryName>,
    /// Kubernetes service accounts by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub service_accounts: BTreeMap<KubernetesServiceAccountName, KubernetesServiceAccountDump>,
    /// Role bindings by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub role_bindings: BTreeMap<String, RoleBindingDump>,
    /// Others' objects, as `KIND NAME`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub contents: BTreeSet<String>,
}

/// One Kubernetes service account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KubernetesServiceAccountDump {
    /// All annotations, also those of others.
    pub annotations: Labels,
    /// The registry that it was created for; none where others created it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<RegistryName>,
}

/// One role binding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleBindingDump {
    /// The role and subjects.
    #[serde(flatten)]
    pub binding: RoleBinding,
    /// The registry that it was created for; none where others created it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<RegistryName>,
}

impl RoleBindingDump {
    fn new(binding: RoleBinding, owner: OwnerLabel) -> Self {
        Self { binding, registry: registry_of(&owner) }
    }
}

fn registry_of(owner: &OwnerLabel) -> Option<RegistryName> {
    match owner {
        OwnerLabel::Registry(name) => Some(name.clone()),
        OwnerLabel::Missing => None,
    }
}

impl Dump {
    /// The contents of a store after exactly these desired resources were applied for `registry`, without writes of others.
    pub fn expected<'a>(registry: &RegistryName, resources: impl IntoIterator<Item = &'a ResourceSet>) -> Self {
        let ownership = OwnershipPolicy::of(registry.clone());
        let mut dump = Self::default();
        for resources in resources {
            for (id, desired) in &resources.projects {
                let labels = ownership.with_owner(&desired.settings.labels);
                dump.projects.entry(id.clone()).or_default().project = Some(ProjectRow {
                    number: project_number(id),
                    phase: ProjectPhase::Active,
                    settings: ProjectSettings { labels, ..desired.settings.clone() },
                });
            }
            for (id, apis) in &resources.apis {
                dump.projects.entry(id.clone()).or_default().apis.extend(apis.iter().cloned());
            }
            for (id, grants) in &resources.iam {
                let iam = &mut dump.projects.entry(id.clone()).or_default().iam;
                for (role, members) in grants {
                    iam.entry(role.to_string()).or_default().extend(members.iter().map(ToString::to_string));
                }
            }
            for (id, accounts) in &resources.service_accounts {
                let found = &mut dump.projects.entry(id.clone()).or_default().service_accounts;
                for (name, account) in accounts {
                    let settings = ownership.with_owner_text("", &account.settings);
                    let members = resources.workload_identity.get(id).and_then(|accounts| accounts.get(name));
                    let members: BTreeSet<String> = members.into_iter().flatten().map(|one| one.member()).collect();
                    let iam = (!members.is_empty()).then(|| (WORKLOAD_IDENTITY_ROLE.to_owned(), members));
                    found.insert(name.clone(), ServiceAccountDump { settings, iam: iam.into_iter().collect() });
                }
            }
            for (key, desired) in &resources.namespaces {
                let labels = ownership.with_owner(&desired.settings.labels);
                dump.namespace(key).settings = NamespaceSettings { labels, ..desired.settings.clone() };
            }
            for (key, quota) in &resources.quotas {
                let namespace = dump.namespace(key);
                namespace.quota = Some(quota.clone());
                namespace.quota_registry = Some(registry.clone());
            }
            for (key, accounts) in &resources.kubernetes_service_accounts {
                let found = &mut dump.namespace(key).service_accounts;
                for (name, account) in accounts {
                    let annotations = [(ACTS_AS.to_owned(), account.google_service_account.clone())].into();
                    let ours = KubernetesServiceAccountDump { annotations, registry: Some(registry.clone()) };
                    found.insert(name.clone(), ours);
                }
            }
            for (key, bindings) in &resources.role_bindings {
                let found = &mut dump.namespace(key).role_bindings;
                for (name, binding) in bindings {
                    let ours = RoleBindingDump::new(binding.clone(), OwnerLabel::Registry(registry.clone()));
                    found.insert(name.clone(), ours);
                }
            }
        }
        dump.without_empty()
    }

    fn namespace(&mut self, key: &NamespaceKey) -> &mut NamespaceDump {
        let cluster = self.clusters.entry(key.cluster.clone()).or_default();
        cluster.entry(key.namespace.clone()).or_insert_with(|| NamespaceDump {
            terminating: None,
            settings: NamespaceSettings { labels: BTreeMap::new(), annotations: BTreeMap::new() },
            quota: None,
            quota_registry: None,
            service_accounts: BTreeMap::new(),
            role_bindings: BTreeMap::new(),
            contents: BTreeSet::new(),
        })
    }

    /// Without what is being deleted: projects pending deletion (with their APIs and grants) and Terminating namespaces.
    pub fn active(mut self) -> Self {
        let deleted = |project: &ProjectDump| {
            project.project.as_ref().is_some_and(|row| row.phase == ProjectPhase::DeleteRequested)
        };
        self.projects.retain(|_, project| !deleted(project));
        for namespaces in self.clusters.values_mut() {
            namespaces.retain(|_, namespace| namespace.terminating.is_none());
        }
        self.without_empty()
    }

    fn without_empty(mut self) -> Self {
        self.projects.retain(|_, project| *project != ProjectDump::default());
        self.clusters.retain(|_, namespaces| !namespaces.is_empty());
        self
    }
}

impl Store {
    /// All contents, as one consistent snapshot. Blocks.
    pub fn dump(&self) -> Result<Dump> {
        self.read(&CancellationToken::new(), |snapshot| {
            let mut dump = Dump::default();
            for id in project_rows::known_ids(snapshot)? {
                let project = project(snapshot, &id)?;
                dump.projects.insert(id, project);
            }
            for key in namespaces::known_keys(snapshot)? {
                let Some(row) = namespaces::load(snapshot, &key)? else { continue };
                let view = namespaces::view(snapshot, &key, row)?;
                let accounts = kubernetes_account_rows::load(snapshot, &key)?.into_iter().map(|(name, row)| {
                    let registry = registry_of(&row.owner());
                    (name, KubernetesServiceAccountDump { annotations: row.annotations, registry })
                });
                let namespace = NamespaceDump {
                    terminating: match view.lifecycle {
                        Lifecycle::Active => None,
                        Lifecycle::PendingDeletion(detail) => Some(detail),
                    },
                    settings: view.settings,
                    quota_registry: view.quota.as_ref().and_then(|quota| registry_of(&quota.owner)),
                    quota: view.quota.map(|quota| quota.limits),
                    service_accounts: accounts.collect(),
                    role_bindings: view
                        .role_bindings
                        .into_iter()
                        .map(|(name, view)| (name, RoleBindingDump::new(view.binding, view.owner)))
                        .collect(),
                    contents: namespaces::contents(snapshot, &key)?,
                };
                dump.clusters.entry(key.cluster).or_default().insert(key.namespace, namespace);
            }
            Ok(dump)
        })
    }
}

fn project(snapshot: &rusqlite::Connection, id: &ProjectId) -> Outcome<ProjectDump> {
    let row = project_rows::load(snapshot, id)?;
    let mut dump = ProjectDump {
        project: row.map(|row| ProjectRow {
            number: row.number.unsigned_abs(),
            phase: row.phase,
            settings: row.settings,
        }),
        apis: project_rows::apis(snapshot, id)?,
        ..ProjectDump::default()
    };
    let mut statement =
        snapshot.prepare_cached("SELECT role, member, condition FROM policy_member WHERE project = ?1")?;
    let mut rows = statement.query([id.as_str()])?;
    while let Some(row) = rows.next()? {
        let (role, member, condition): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let expires = policy::expiry(&condition);
        match (member.parse(), expires) {
            (Ok(principal), Some(_)) => {
                dump.iam.entry(role).or_default().insert(Member { principal, expires }.to_string());
            }
            _ if condition.is_empty() => drop(dump.iam.entry(role).or_default().insert(member)),
            _ => drop(dump.conditional.entry(role).or_default().insert(format!("{member} if {condition}"))),
        }
    }
    let names = account_rows::all(snapshot, id)?;
    for (name, view) in account_rows::views(snapshot, id, &names)? {
        let account = ServiceAccountDump { settings: view.settings, iam: view.grants.unwrap_or_default() };
        dump.service_accounts.insert(name, account);
    }
    Ok(dump)
}
