//! The real state of managed resources. Works from their own keys, never from the registry: what others granted is not ours.

use std::collections::{BTreeMap, BTreeSet};

use super::reads::side_by_side;
use super::unreadable::Unreadable;
use super::whose::{Whose, whose};
use super::{accounts, kubernetes_accounts, messages};
use crate::fanout::resource::{Key, Labels, NamespaceSettings, ProjectSettings, Quota, ResourceSet, Scope};
use crate::platform::{
    ClusterCache, Clusters, Error, KubernetesServiceAccountViews, Lifecycle, NamespaceView, OwnerLabel,
    OwnershipPolicy, ProjectState, RequestContext,
};
use crate::provider::session::Platforms;
use crate::registry::names::{ClusterName, NamespaceKey, NamespaceName, ProjectId, RegistryName};
use crate::registry::same_quantity;
use crate::sdk::{Call, Diagnostics};

/// Numbers of projects, where they are known.
pub type Numbers = BTreeMap<ProjectId, u64>;

/// The real state of managed resources.
#[derive(Default)]
pub struct Refreshed {
    /// The managed resources as they are; without those that no longer exist.
    pub managed: ResourceSet,
    /// Numbers of their projects.
    pub numbers: Numbers,
    /// The registries whose ownership labels their projects and namespaces carry.
    pub owners: BTreeMap<Key, RegistryName>,
    /// Namespaces that are being deleted. They are not in `managed`.
    pub terminating: BTreeSet<NamespaceKey>,
    /// Quotas, role bindings and Kubernetes service accounts whose ownership label was removed. In `managed` they are without limits,
    /// subjects and Google service accounts, so that a plan shows that they are set again.
    pub unlabelled: BTreeSet<Key>,
    /// APIs, IAM members and service accounts on projects that are pending deletion, with an entry for each of these projects. They
    /// are not in `managed`, and in force again after a restore.
    pub deleted: ResourceSet,
    /// Clusters that are unreachable. What is managed on them is taken from the state.
    pub unreachable: BTreeSet<ClusterName>,
}

/// What to do about a cluster that is unreachable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUnreachable {
    /// Its resources are taken from the state, and a warning says so: the services of other clusters are planned as usual.
    Warn,
    /// Report an error.
    Fail,
}

impl Refreshed {
    fn owner(&mut self, key: Key, owner: &OwnerLabel) {
        if let OwnerLabel::Registry(name) = owner {
            self.owners.insert(key, name.clone());
        }
    }

    /// A namespace that is being deleted still exists: its owner has to wait for the deletion, so it stays in the state. Its
    /// settings do not, not even the ownership label: a service that still uses it has to create it again.
    pub fn keep_terminating(&mut self, managed: &ResourceSet) {
        for key in std::mem::take(&mut self.terminating) {
            let Some(desired) = managed.namespaces.get(&key).filter(|desired| !desired.shared) else { continue };
            let settings = NamespaceSettings { labels: Labels::new(), annotations: Labels::new() };
            self.managed.namespaces.insert(key, Scope { settings, ..desired.clone() });
        }
    }
}

/// Reads the real state of `managed`, and of nothing else.
///
/// # Errors
/// For each project and cluster that cannot be read.
pub async fn refresh(
    call: &mut Call,
    platforms: &Platforms,
    ownership: &OwnershipPolicy,
    managed: &ResourceSet,
    on_unreachable: OnUnreachable,
) -> Result<Refreshed, Diagnostics> {
    let mut refreshed = Refreshed { managed: managed.clone(), ..Refreshed::default() };
    let mut errors = Unreadable::default();
    let ctx = RequestContext { cancel: call.cancel.clone() };
    if let Some(platform) = &platforms.projects {
        let read = async |id: ProjectId| {
            let names = accounts::managed(managed, &id);
            let read = accounts::read_project(&ctx, &**platform, &id, &names).await;
            (id, read)
        };
        for (id, read) in side_by_side(managed.project_ids().into_iter().cloned(), read).await {
            match read {
                Ok((state, accounts)) => {
                    // The policy of one that others created may be readable although the project is not.
                    let seen =
                        state.project.is_some() || !managed.projects.contains_key(&id) && !state.grants.is_empty();
                    if !seen && platform.hides_projects() {
                        call.diagnostics.push(messages::project_unseen(&id));
                    }
                    observe_project(&mut refreshed, &id, &state);
                    accounts::observe(ownership, &mut refreshed.managed, &id, &accounts);
                }
                Err(error) => errors.push(error),
            }
        }
    }
    if let Some(platform) = &platforms.clusters {
        let read = async |(cluster, namespaces): (ClusterName, BTreeSet<NamespaceName>)| {
            let read = read_cluster(&ctx, platform, &ownership.registry, &cluster, &namespaces, managed).await;
            (cluster, namespaces, read)
        };
        for (cluster, namespaces, read) in side_by_side(clusters(managed), read).await {
            match read {
                Ok((views, accounts)) => {
                    for namespace in namespaces {
                        let key = NamespaceKey { cluster: cluster.clone(), namespace };
                        observe_namespace(&mut refreshed, ownership, &key, views.get(&key.namespace));
                        let accounts = accounts.get(&key.namespace);
                        let unlabelled =
                            kubernetes_accounts::observe(ownership, &mut refreshed.managed, &key, accounts);
                        refreshed.unlabelled.extend(unlabelled);
                    }
                }
                Err(error @ Error::Unavailable(_)) if on_unreachable == OnUnreachable::Warn => {
                    call.diagnostics.push(messages::cluster_unreachable(&cluster, &error));
                    refreshed.unreachable.insert(cluster);
                }
                Err(error) => errors.push((format!("cluster `{cluster}`"), error)),
            }
        }
    }
    refreshed.managed.prune();
    let errors = errors.into_errors();
    if errors.is_empty() { Ok(refreshed) } else { Err(errors) }
}

/// The namespaces of one cluster. Where a managed resource is not among those with our ownership label, perhaps only the label was
/// removed: then the namespace is read as a whole. And the Kubernetes service accounts of those in which some are managed.
async fn read_cluster(
    ctx: &RequestContext,
    platform: &ClusterCache,
    registry: &RegistryName,
    cluster: &ClusterName,
    namespaces: &BTreeSet<NamespaceName>,
    managed: &ResourceSet,
) -> crate::platform::Result<(BTreeMap<NamespaceName, NamespaceView>, KubernetesServiceAccountViews)> {
    let mut views = platform.namespaces(ctx, cluster, registry, namespaces).await?;
    let incomplete: BTreeSet<NamespaceName> = views
        .iter()
        .filter(|(namespace, view)| {
            let key = NamespaceKey { cluster: cluster.clone(), namespace: (*namespace).clone() };
            let bindings = managed.role_bindings.get(&key).into_iter().flat_map(BTreeMap::keys);
            view.quota.is_none() && managed.quotas.contains_key(&key)
                || bindings.into_iter().any(|name| !view.role_bindings.contains_key(name))
        })
        .map(|(namespace, _)| namespace.clone())
        .collect();
    if !incomplete.is_empty() {
        views.extend(platform.read_namespaces(ctx, cluster, &incomplete).await?);
    }
    let with_accounts = kubernetes_accounts::managed_in(managed, cluster);
    let accounts = kubernetes_accounts::read(ctx, platform, registry, cluster, &with_accounts).await?;
    Ok((views, accounts))
}

fn clusters(managed: &ResourceSet) -> BTreeMap<ClusterName, BTreeSet<NamespaceName>> {
    let mut all: BTreeMap<ClusterName, BTreeSet<NamespaceName>> = BTreeMap::new();
    for key in managed.namespace_keys() {
        all.entry(key.cluster.clone()).or_default().insert(key.namespace.clone());
    }
    all
}

fn observe_project(refreshed: &mut Refreshed, id: &ProjectId, state: &ProjectState) {
    let pending = state.project.as_ref().is_some_and(|view| view.lifecycle != Lifecycle::Active);
    match &state.project {
        Some(view) if !pending => {
            refreshed.numbers.insert(id.clone(), view.number);
            refreshed.owner(Key::Project(id.clone()), &view.owner);
            if let Some(desired) = refreshed.managed.projects.get_mut(id) {
                *desired = project_as_it_is(desired, &view.settings);
            }
        }
        _ => refreshed.managed.forget(&Key::Project(id.clone())),
    }
    let mut apis = refreshed.managed.apis.remove(id).unwrap_or_default();
    apis.retain(|api| state.apis.contains(api));
    let mut grants = refreshed.managed.iam.remove(id).unwrap_or_default();
    for (role, members) in &mut grants {
        let there = state.grants.get(role);
        members.retain(|member| there.is_some_and(|there| there.contains(member)));
    }
    let to = if pending { &mut refreshed.deleted } else { &mut refreshed.managed };
    to.apis.insert(id.clone(), apis);
    to.iam.insert(id.clone(), grants);
    if pending {
        let accounts = refreshed.managed.service_accounts.remove_entry(id);
        refreshed.deleted.service_accounts.extend(accounts);
        refreshed.deleted.workload_identity.extend(refreshed.managed.workload_identity.remove_entry(id));
    }
}

fn project_as_it_is(desired: &Scope<ProjectSettings>, is: &ProjectSettings) -> Scope<ProjectSettings> {
    // What the registry does not state is not ours.
    let stated = |desired: &Option<String>, is: &Option<String>| desired.as_ref().and(is.clone());
    let settings = ProjectSettings {
        display_name: is.display_name.clone(),
        parent: stated(&desired.settings.parent, &is.parent),
        billing_account: stated(&desired.settings.billing_account, &is.billing_account),
        labels: ours(&desired.settings.labels, &is.labels),
    };
    Scope { settings, ..desired.clone() }
}

fn observe_namespace(
    refreshed: &mut Refreshed,
    ownership: &OwnershipPolicy,
    key: &NamespaceKey,
    view: Option<&NamespaceView>,
) {
    if view.is_some_and(|view| view.lifecycle != Lifecycle::Active) {
        refreshed.terminating.insert(key.clone());
    }
    let Some(view) = view.filter(|view| view.lifecycle == Lifecycle::Active) else {
        refreshed.managed.namespaces.remove(key);
        refreshed.managed.quotas.remove(key);
        refreshed.managed.kubernetes_service_accounts.remove(key);
        refreshed.managed.role_bindings.remove(key);
        return;
    };
    refreshed.owner(Key::Namespace(key.clone()), &view.owner);
    if let Some(desired) = refreshed.managed.namespaces.get_mut(key) {
        let settings = NamespaceSettings {
            labels: ours(&desired.settings.labels, &view.settings.labels),
            annotations: ours(&desired.settings.annotations, &view.settings.annotations),
        };
        *desired = Scope { settings, ..desired.clone() };
    }
    if let Some(set) = refreshed.managed.quotas.remove(key)
        && let Some(is) = &view.quota
    {
        match whose(ownership, &is.owner) {
            Whose::Ours => drop(refreshed.managed.quotas.insert(key.clone(), as_written(&set, &is.limits))),
            Whose::Unlabelled => {
                let limits = is.limits.keys().map(|resource| (resource.clone(), String::new())).collect();
                refreshed.managed.quotas.insert(key.clone(), limits);
                refreshed.unlabelled.insert(Key::Quota(key.clone()));
            }
            Whose::Others => {}
        }
    }
    for name in refreshed.managed.role_bindings.remove(key).unwrap_or_default().into_keys() {
        let Some(is) = view.role_bindings.get(&name) else { continue };
        let mut binding = is.binding.clone();
        match whose(ownership, &is.owner) {
            Whose::Ours => {}
            Whose::Unlabelled => {
                binding.subjects.clear();
                refreshed.unlabelled.insert(Key::RoleBinding(key.clone(), name.clone()));
            }
            Whose::Others => continue,
        }
        refreshed.managed.role_bindings.entry(key.clone()).or_default().insert(name, binding);
    }
}

/// A quota as it is, each limit spelled as we set it where it still means the same.
fn as_written(set: &Quota, is: &Quota) -> Quota {
    let spelled = |resource: &String, limit: &String| {
        let ours = set.get(resource).filter(|ours| same_quantity(ours, limit));
        (resource.clone(), ours.unwrap_or(limit).clone())
    };
    is.iter().map(|(resource, limit)| spelled(resource, limit)).collect()
}

/// The labels we set, as they are now.
fn ours(set: &Labels, are: &Labels) -> Labels {
    set.keys().filter_map(|key| Some((key.clone(), are.get(key)?.clone()))).collect()
}
