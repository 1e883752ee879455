//! `data "anu_unmanaged_grants"`: what exists and the registry does not list.

use crate::codes;
use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::current::Current;
use super::lifecycle::reads::side_by_side;
use super::lifecycle::unreadable::Unreadable;
use super::selection::{self, SelectBlock, names};
use crate::fanout::resource::{Key, Member, ResourceSet, WORKLOAD_IDENTITY_ROLE};
use crate::fanout::{FanOut, stays_enabled};
use crate::platform::{
    ClusterCache, Clusters, Error, KubernetesServiceAccountViews, KubernetesServiceAccounts, Lifecycle, NamespaceView,
    RequestContext, ServiceAccountView,
};
use crate::provider::session::{LoadedRegistry, Platforms};
use crate::registry::names::{ClusterName, NamespaceKey, NamespaceName, ProjectId, ServiceAccountName};
use crate::sdk::{Attr, Attribute, Call, DataSourceType, Diagnostic, Diagnostics, Path, Predicate, Schema, Type};

crate::model! {
    pub struct GrantsModel {
        select: Attr<SelectBlock>,
        also_projects: Attr<Vec<Attr<String>>>,
        also_namespaces: Attr<Vec<Attr<String>>>,
        iam: Attr<BTreeMap<String, BTreeMap<String, Vec<String>>>>,
        service_account_iam: Attr<BTreeMap<String, BTreeMap<String, Vec<String>>>>,
        role_bindings: Attr<BTreeMap<String, BTreeMap<String, BindingView>>>,
        leftovers: Attr<Vec<String>>,
    }

    /// A role binding that the registry does not list.
    pub struct BindingView {
        role: String,
        subjects: Vec<String>,
        registry: Option<String>,
    }
}

/// The data source.
pub struct UnmanagedGrantsData {
    current: Current,
}

impl UnmanagedGrantsData {
    pub(super) fn new(current: Current) -> Self {
        Self { current }
    }
}

#[async_trait]
impl DataSourceType for UnmanagedGrantsData {
    type Model = GrantsModel;
    const NAME: &'static str = "anu_unmanaged_grants";

    fn schema() -> Schema {
        let keys = |name: &str| Attribute::of(name, Type::list(Type::String));
        let binding =
            Type::object([("role", Type::String), ("subjects", Type::list(Type::String)), ("registry", Type::String)]);
        Schema::new(
            "Grants on the projects and namespaces of a selection that the registry does not list: granted by others, or left \
             by a state that skipped revisions of the registry. anu never deletes what this data source returns.",
        )
        .with(selection::attribute())
        .with(
            keys("also_projects")
                .rule(Predicate { describe: "project ids", check: project })
                .describe("Additional project ids to read, for example of services that are no longer in the registry."),
        )
        .with(
            keys("also_namespaces")
                .rule(Predicate { describe: "`CLUSTER/NAMESPACE`", check: namespace })
                .describe("Additional namespaces to read, as `CLUSTER/NAMESPACE`."),
        )
        .with(
            Attribute::of("iam", Type::map(Type::map(Type::list(Type::String))))
                .computed()
                .describe("IAM members by project and role; one that ends as `MEMBER until TIME`. Other conditional bindings are not included. Grants that have ended are, also those that the next plan of their service removes."),
        )
        .with(
            Attribute::of("service_account_iam", Type::map(Type::map(Type::list(Type::String))))
                .computed()
                .describe("Members of the own policies of the selection's service accounts, by the account's address and role. Conditional bindings are not included."),
        )
        .with(
            Attribute::of("role_bindings", Type::map(Type::map(binding)))
                .computed()
                .describe("RoleBindings by `CLUSTER/NAMESPACE` and name: the role, its subjects, and the registry on its ownership label (null without one)."),
        )
        .with(
            keys("leftovers")
                .computed()
                .describe("Keys, with their kind, of resources that carry this registry's ownership label or name and that the registry does not list: namespaces, quotas, role bindings, projects, service accounts of Google and Kubernetes, and APIs enabled on projects of this registry."),
        )
    }

    async fn read(&self, call: &mut Call, config: GrantsModel) -> Result<GrantsModel, Diagnostics> {
        let session = self.current.get()?;
        let loaded = session.registry(call).await?;
        let picks = selection::select(&loaded, &config.select)?;
        let mut places = Places::default();
        for (service, environments) in &picks.services {
            let resources = match environments {
                None => loaded.fan_out.service(service.name.as_str()).map(|s| s.resources.clone()).unwrap_or_default(),
                Some(inside) => loaded.fan_out.select(service.name.as_str(), inside),
            };
            places.of(&session.of_managed_kinds(resources));
        }
        places.also(&config)?;
        let platforms = session.platforms().await?;
        let findings = find(call, &platforms, &loaded, &places).await?;
        Ok(GrantsModel {
            iam: Attr::Known(findings.iam),
            service_account_iam: Attr::Known(findings.service_account_iam),
            role_bindings: Attr::Known(findings.role_bindings),
            leftovers: Attr::Known(findings.leftovers.iter().map(|key| format!("{} {key}", key.kind())).collect()),
            ..config
        })
    }
}

fn project(text: &str) -> Result<(), String> {
    text.parse::<ProjectId>().map(drop).map_err(|error| error.to_string())
}

fn namespace(text: &str) -> Result<(), String> {
    text.parse::<NamespaceKey>().map(drop).map_err(|error| error.to_string())
}

/// What to read.
#[derive(Default)]
struct Places {
    projects: BTreeSet<ProjectId>,
    /// The service accounts of the selection, by project.
    accounts: BTreeMap<ProjectId, BTreeSet<ServiceAccountName>>,
    namespaces: BTreeMap<ClusterName, BTreeSet<NamespaceName>>,
    /// The clusters on which the selection has Kubernetes service accounts.
    with_kubernetes_accounts: BTreeSet<ClusterName>,
}

impl Places {
    fn of(&mut self, resources: &ResourceSet) {
        for key in resources.keys() {
            if let Key::ServiceAccount(id, name) = &key {
                self.accounts.entry(id.clone()).or_default().insert(name.clone());
            }
            if let Key::KubernetesServiceAccount(namespace, _) = &key {
                self.with_kubernetes_accounts.insert(namespace.cluster.clone());
            }
            match key.scope() {
                Key::Project(id) => drop(self.projects.insert(id)),
                Key::Namespace(key) => self.namespace(key),
                _ => {}
            }
        }
    }

    fn namespace(&mut self, key: NamespaceKey) {
        self.namespaces.entry(key.cluster).or_default().insert(key.namespace);
    }

    fn also(&mut self, config: &GrantsModel) -> Result<(), Diagnostics> {
        let bad = |attribute: &str, error: crate::registry::names::NameError| {
            Diagnostics::from(
                Diagnostic::new(codes::INVALID_VALUE, format!("`{attribute}`: {error}."))
                    .at(Path::attribute(attribute)),
            )
        };
        for id in names(&config.also_projects).into_iter().flatten() {
            self.projects.insert(id.parse().map_err(|error| bad("also_projects", error))?);
        }
        for key in names(&config.also_namespaces).into_iter().flatten() {
            self.namespace(key.parse().map_err(|error| bad("also_namespaces", error))?);
        }
        Ok(())
    }
}

#[derive(Default)]
struct Findings {
    iam: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    service_account_iam: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    role_bindings: BTreeMap<String, BTreeMap<String, BindingView>>,
    leftovers: BTreeSet<Key>,
}

async fn find(
    call: &Call,
    platforms: &Platforms,
    loaded: &LoadedRegistry,
    places: &Places,
) -> Result<Findings, Diagnostics> {
    let ctx = RequestContext { cancel: call.cancel.clone() };
    let mut findings = Findings::default();
    let mut errors = Unreadable::default();
    let desired = |key: &Key| !key.has_ended(loaded.now) && !loaded.fan_out.users_of(key).is_empty();
    if let Some(platform) = &platforms.projects {
        let read = async |id: ProjectId| {
            let state = platform.read_project(&ctx, &id).await;
            let state = state.map_err(|error| (format!("project `{id}`"), error))?;
            // In a project without the API of service accounts anu has created none.
            let (names, none) = (places.accounts.get(&id), BTreeSet::new());
            let active = state.project.as_ref().is_none_or(|view| view.lifecycle == Lifecycle::Active);
            if !active || names.is_none() && !state.apis.iter().any(stays_enabled) {
                return Ok((id, state, BTreeMap::new()));
            }
            match platform.read_service_accounts(&ctx, &id, names.unwrap_or(&none)).await {
                Ok(accounts) => Ok((id, state, accounts)),
                Err(error) => Err((format!("service accounts of project `{id}`"), error)),
            }
        };
        for read in side_by_side(places.projects.iter().cloned(), read).await {
            match read {
                Ok((id, state, accounts)) => {
                    observe_project(&mut findings, &loaded.fan_out, &id, &state, &desired);
                    observe_accounts(&mut findings, &loaded.fan_out, &id, accounts, &desired);
                }
                Err(error) => errors.push(error),
            }
        }
    }
    if let Some(platform) = &platforms.clusters {
        let read = async |(cluster, namespaces): (ClusterName, BTreeSet<NamespaceName>)| {
            let read = read_cluster(&ctx, platform, &cluster, &namespaces, places).await;
            (cluster, read)
        };
        for (cluster, read) in side_by_side(places.namespaces.clone(), read).await {
            match read {
                Ok((views, mut accounts)) => {
                    for (namespace, view) in views {
                        let key = NamespaceKey { cluster: cluster.clone(), namespace };
                        for (name, account) in accounts.remove(&key.namespace).unwrap_or_default() {
                            let key = Key::KubernetesServiceAccount(key.clone(), name);
                            let ours = loaded.fan_out.registry().name().is_some_and(|name| account.owner.is(name));
                            if ours && view.lifecycle == Lifecycle::Active && !desired(&key) {
                                findings.leftovers.insert(key);
                            }
                        }
                        observe_namespace(&mut findings, &loaded.fan_out, key, view, &desired);
                    }
                }
                Err(error) => errors.push((format!("cluster `{cluster}`"), error)),
            }
        }
    }
    let errors = errors.into_errors();
    if errors.is_empty() { Ok(findings) } else { Err(errors) }
}

/// These namespaces of one cluster, and the Kubernetes service accounts in them. None of those if they may not be listed and the
/// selection has none on the cluster: a registry without service accounts does not need that permission.
async fn read_cluster(
    ctx: &RequestContext,
    platform: &ClusterCache,
    cluster: &ClusterName,
    namespaces: &BTreeSet<NamespaceName>,
    places: &Places,
) -> crate::platform::Result<(BTreeMap<NamespaceName, NamespaceView>, KubernetesServiceAccountViews)> {
    let views = platform.read_namespaces(ctx, cluster, namespaces).await?;
    let accounts = match platform.read_kubernetes_service_accounts(ctx, cluster, namespaces).await {
        Err(Error::PermissionDenied(_)) if !places.with_kubernetes_accounts.contains(cluster) => {
            tracing::debug!(%cluster, "no permission to list service accounts, and none are desired");
            KubernetesServiceAccountViews::new()
        }
        read => read?,
    };
    Ok((views, accounts))
}

fn observe_project(
    findings: &mut Findings,
    fan_out: &FanOut,
    id: &ProjectId,
    state: &crate::platform::ProjectState,
    desired: &impl Fn(&Key) -> bool,
) {
    let is_ours = |owner: &crate::platform::OwnerLabel| fan_out.registry().name().is_some_and(|name| owner.is(name));
    let view = state.project.as_ref();
    if view.is_some_and(|view| view.lifecycle != Lifecycle::Active) {
        return;
    }
    let ours = view.is_some_and(|view| is_ours(&view.owner));
    if ours && !desired(&Key::Project(id.clone())) {
        findings.leftovers.insert(Key::Project(id.clone()));
    }
    if ours || view.is_none() {
        let keys = state.apis.iter().map(|api| Key::Api(id.clone(), api.clone()));
        findings.leftovers.extend(keys.filter(|key| !desired(key)));
    }
    let mut others: BTreeMap<String, BTreeSet<String>> = state.unspellable.clone();
    for (role, members) in &state.grants {
        let unlisted = |member: &&Member| !desired(&Key::IamMember(id.clone(), role.clone(), (*member).clone()));
        let members = members.iter().filter(unlisted).map(ToString::to_string);
        others.entry(role.to_string()).or_default().extend(members);
    }
    others.retain(|_, members| !members.is_empty());
    if !others.is_empty() {
        let lists = others.into_iter().map(|(role, members)| (role, members.into_iter().collect()));
        findings.iam.insert(id.to_string(), lists.collect());
    }
}

fn observe_accounts(
    findings: &mut Findings,
    fan_out: &FanOut,
    id: &ProjectId,
    views: BTreeMap<ServiceAccountName, ServiceAccountView>,
    desired: &impl Fn(&Key) -> bool,
) {
    for (name, view) in views {
        let key = Key::ServiceAccount(id.clone(), name.clone());
        if fan_out.registry().name().is_some_and(|registry| view.owner.is(registry)) && !desired(&key) {
            findings.leftovers.insert(key);
        }
        let is_desired = |role: &str, member: &str| {
            let identity = member.strip_prefix("serviceAccount:").and_then(|text| text.parse().ok());
            let identity = identity.filter(|_| role == WORKLOAD_IDENTITY_ROLE);
            identity.is_some_and(|identity| desired(&Key::WorkloadIdentity(id.clone(), name.clone(), identity)))
        };
        let mut others: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (role, members) in view.grants.unwrap_or_default() {
            let unlisted = members.into_iter().filter(|member| !is_desired(&role, member)).collect();
            others.insert(role, unlisted);
        }
        others.retain(|_, members| !members.is_empty());
        if !others.is_empty() {
            findings.service_account_iam.insert(name.email(id), others);
        }
    }
}

fn observe_namespace(
    findings: &mut Findings,
    fan_out: &FanOut,
    key: NamespaceKey,
    view: NamespaceView,
    desired: &impl Fn(&Key) -> bool,
) {
    let is_ours = |owner: &crate::platform::OwnerLabel| fan_out.registry().name().is_some_and(|name| owner.is(name));
    if view.lifecycle != Lifecycle::Active {
        return;
    }
    if is_ours(&view.owner) && !desired(&Key::Namespace(key.clone())) {
        findings.leftovers.insert(Key::Namespace(key.clone()));
    }
    if view.quota.is_some() && !desired(&Key::Quota(key.clone())) {
        findings.leftovers.insert(Key::Quota(key.clone()));
    }
    for (name, binding) in view.role_bindings {
        let binding_key = Key::RoleBinding(key.clone(), name.clone());
        if desired(&binding_key) {
            continue;
        }
        if is_ours(&binding.owner) {
            findings.leftovers.insert(binding_key);
        }
        let registry = match binding.owner {
            crate::platform::OwnerLabel::Registry(name) => Some(name.to_string()),
            crate::platform::OwnerLabel::Missing => None,
        };
        let view = BindingView {
            role: binding.binding.role.to_string(),
            subjects: binding.binding.subjects.into_iter().collect(),
            registry,
        };
        findings.role_bindings.entry(key.to_string()).or_default().insert(name, view);
    }
}
