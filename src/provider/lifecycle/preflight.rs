//! What exists already of what is new.

use std::collections::{BTreeMap, BTreeSet};

use super::existing_messages as messages;
use super::reads::side_by_side;
use super::refresh::Numbers;
use super::unreadable::Unreadable;
use super::wording::Wording;
use super::{accounts, differences, kubernetes_accounts, messages as common};
use crate::fanout::resource::{Key, ResourceSet};
use crate::platform::{
    ClusterCache, Error, KubernetesServiceAccountViews, Lifecycle, NamespaceView, OwnerLabel, OwnershipPolicy,
    ProjectState, RequestContext, ServiceAccountView,
};
use crate::provider::identity::Identity;
use crate::provider::session::{LoadedRegistry, Platforms};
use crate::registry::names::{ClusterName, NamespaceKey, NamespaceName, ProjectId, ServiceAccountName};
use crate::sdk::{Call, Diagnostics};

/// What to check.
#[derive(Clone, Copy)]
pub struct Query<'s> {
    /// The object that the keys belong to.
    pub identity: &'s Identity,
    /// The words of its kind.
    pub wording: &'static Wording,
    /// The registry, and what it may adopt.
    pub ownership: &'s OwnershipPolicy,
    /// The registry's users of what a restored project brings back.
    pub loaded: &'s LoadedRegistry,
    /// The desired resources.
    pub desired: &'s ResourceSet,
    /// What the state records.
    pub managed: &'s ResourceSet,
    /// Projects that this run creates or manages.
    pub created: &'s BTreeSet<ProjectId>,
    /// What may well exist: another resource of this run has created it, or another service uses it too. That it is there is no news.
    pub expected: &'s (dyn Fn(&Key) -> bool + Sync),
}

/// What exists of what is new.
pub struct Existing {
    /// The namespaces.
    pub namespaces: BTreeSet<NamespaceKey>,
    /// What this registry created for the object, if nearly all of it exists. A create that was interrupted leaves a part.
    pub recovered: BTreeSet<Key>,
}

/// Which part of the new keys, in percent, exists of an object that was created before. The last ones, grants, are written after
/// projects and namespaces, so few objects of an interrupted apply have as many.
const CREATED_BEFORE: usize = 75;

/// Reads what exists already of the keys that are new, so that the plan can say so and what the apply changes on it, and refuse what
/// the apply would refuse: what is not ours, what is being deleted.
///
/// # Errors
/// For each of those, and for each project and cluster that cannot be read.
pub async fn preflight(
    call: &mut Call,
    platforms: &Platforms,
    query: &Query<'_>,
    numbers: &mut Numbers,
) -> Result<Existing, Diagnostics> {
    let Query { identity, desired, managed, .. } = *query;
    let had = managed.keys();
    let new: BTreeSet<Key> = desired.keys().into_iter().filter(|key| !had.contains(key)).collect();
    let changed = desired.namespaces.iter().filter(|(key, desired)| {
        managed.namespaces.get(*key).is_some_and(|managed| managed.settings != desired.settings)
    });
    let to_check = new.iter().cloned().chain(changed.map(|(key, _)| Key::Namespace(key.clone()))).collect();
    let mut findings = Findings {
        query,
        existing: BTreeMap::new(),
        ours: BTreeSet::new(),
        restored: BTreeMap::new(),
        pending: BTreeMap::new(),
        terminating: BTreeMap::new(),
        errors: Diagnostics::new(),
    };
    let mut unreadable = Unreadable::default();
    let ctx = RequestContext { cancel: call.cancel.clone() };
    if let Some(platform) = &platforms.projects {
        let read = async |id: ProjectId| {
            let names = accounts::named(&id, &new);
            let read = accounts::read_project(&ctx, &**platform, &id, &names).await;
            (id, read)
        };
        for (id, read) in side_by_side(projects_of(&new), read).await {
            match read {
                Ok((state, accounts)) => {
                    if platform.hides_projects() {
                        findings.unseen(&id, &state, &new);
                    }
                    findings.project(&id, &state, &new, numbers);
                    findings.accounts(&id, &accounts, &new);
                }
                Err(error) => unreadable.push(error),
            }
        }
    }
    if let Some(platform) = &platforms.clusters {
        let read = async |(cluster, namespaces): (ClusterName, BTreeSet<NamespaceName>)| {
            let read = read_cluster(&ctx, platform, query, &cluster, &namespaces, &new).await;
            (cluster, read)
        };
        for (cluster, read) in side_by_side(namespaces_of(&to_check), read).await {
            match read {
                Ok((views, accounts)) => {
                    findings.namespaces(&cluster, &views, &new, &to_check);
                    findings.kubernetes_accounts(&cluster, &accounts, &new);
                }
                Err(error @ Error::Unavailable(_)) => {
                    call.diagnostics.push(common::cluster_unreachable(&cluster, &error));
                }
                Err(error) => unreadable.push((format!("cluster `{cluster}`"), error)),
            }
        }
    }
    findings.errors.extend(unreadable.into_errors());
    if !findings.restored.is_empty() {
        call.diagnostics.push(messages::will_be_restored(identity, &findings.restored));
    }
    if !findings.pending.is_empty() {
        call.diagnostics.push(messages::on_deleted_projects(identity, &findings.pending));
    }
    if !findings.terminating.is_empty() {
        call.diagnostics.push(messages::will_be_recreated(identity, &findings.terminating));
    }
    let news = findings.existing.iter().filter(|(key, differences)| !differences.is_empty() || !(query.expected)(key));
    if let Some(warning) = messages::existing(identity, &news.collect()) {
        call.diagnostics.push(warning);
    }
    if !findings.errors.is_empty() {
        return Err(findings.errors);
    }
    let existed = findings.existing.len() * 100 >= new.len() * CREATED_BEFORE;
    let recovered = if existed { findings.ours } else { BTreeSet::new() };
    let namespaces = findings.existing.into_keys().filter_map(|key| match key {
        Key::Namespace(key) => Some(key),
        _ => None,
    });
    Ok(Existing { namespaces: namespaces.collect(), recovered })
}

/// The namespaces of one cluster; those in which quotas or role bindings are new with all that is in them, of any creator: their
/// names may be taken. And the Kubernetes service accounts of those in which some are new, for the same reason.
async fn read_cluster(
    ctx: &RequestContext,
    platform: &ClusterCache,
    query: &Query<'_>,
    cluster: &ClusterName,
    namespaces: &BTreeSet<NamespaceName>,
    new: &BTreeSet<Key>,
) -> crate::platform::Result<(BTreeMap<NamespaceName, NamespaceView>, KubernetesServiceAccountViews)> {
    let registry = &query.ownership.registry;
    let mut views = platform.namespaces(ctx, cluster, registry, namespaces).await?;
    let has_new = |namespace: &&NamespaceName| {
        let key = NamespaceKey { cluster: cluster.clone(), namespace: (*namespace).clone() };
        new.iter().any(|new| matches!(new, Key::RoleBinding(of, _) | Key::Quota(of) if *of == key))
    };
    let crowded: BTreeSet<NamespaceName> = views.keys().filter(has_new).cloned().collect();
    if !crowded.is_empty() {
        views.extend(platform.whole_namespaces(ctx, cluster, registry, &crowded).await?);
    }
    let mut with_accounts = kubernetes_accounts::named_in(cluster, new);
    with_accounts.retain(|namespace| views.get(namespace).is_some_and(|view| view.lifecycle == Lifecycle::Active));
    let accounts = kubernetes_accounts::read(ctx, platform, registry, cluster, &with_accounts).await?;
    Ok((views, accounts))
}

fn projects_of(keys: &BTreeSet<Key>) -> BTreeSet<ProjectId> {
    let of = |key: &Key| match key.scope() {
        Key::Project(id) => Some(id),
        _ => None,
    };
    keys.iter().filter_map(of).collect()
}

fn namespaces_of(keys: &BTreeSet<Key>) -> BTreeMap<ClusterName, BTreeSet<NamespaceName>> {
    let mut all: BTreeMap<ClusterName, BTreeSet<NamespaceName>> = BTreeMap::new();
    for key in keys {
        if let Key::Namespace(namespace) = key.scope() {
            all.entry(namespace.cluster).or_default().insert(namespace.namespace);
        }
    }
    all
}

/// What the check found.
struct Findings<'q> {
    query: &'q Query<'q>,
    /// What exists and is adopted, with what the apply changes on it.
    existing: BTreeMap<Key, Vec<String>>,
    /// Those of them with the label of this registry that no other service owns.
    ours: BTreeSet<Key>,
    /// Projects of ours that are pending deletion, with what is in force again once they are restored and that no service of the
    /// registry uses.
    restored: BTreeMap<Key, Vec<String>>,
    /// Projects that are pending deletion, are not restored by this object, and get new APIs or members; and what is known of that.
    pending: BTreeMap<Key, String>,
    /// Namespaces of ours that are being deleted, and what is known of that.
    terminating: BTreeMap<Key, String>,
    errors: Diagnostics,
}

impl Findings<'_> {
    /// Refuses what would be granted on a project that is not there, and that no resource of this run creates.
    fn unseen(&mut self, id: &ProjectId, state: &ProjectState, new: &BTreeSet<Key>) {
        let Query { identity, loaded, created, .. } = *self.query;
        // Who may change the policy need not be permitted to read the project.
        let seen = state.project.is_some() || !state.grants.is_empty() || !state.unspellable.is_empty();
        let entry = loaded.fan_out.registry().projects.get(id.as_str());
        if seen || created.contains(id) || entry.is_some_and(|entry| !entry.existing) {
            return;
        }
        let on_it = new.iter().filter(|key| key.scope() == Key::Project(id.clone())).cloned().collect();
        self.errors.push(messages::no_such_project(identity, id, entry.is_some(), &on_it));
    }

    fn project(&mut self, id: &ProjectId, state: &ProjectState, new: &BTreeSet<Key>, numbers: &mut Numbers) {
        let Query { desired, managed, ownership, .. } = *self.query;
        let mut pending = false;
        if let Some(view) = &state.project
            && !managed.projects.contains_key(id)
        {
            numbers.insert(id.clone(), view.number);
            pending = view.lifecycle != Lifecycle::Active;
            if let Some(desired) = desired.projects.get(id) {
                let key = Key::Project(id.clone());
                if pending && ownership.is_ours(&view.owner) {
                    self.restored.insert(key, self.brought_back(id, state));
                } else {
                    self.thing(
                        key,
                        &view.lifecycle,
                        &view.owner,
                        differences::project(&view.settings, &desired.settings),
                    );
                }
            } else if let Lifecycle::PendingDeletion(detail) = &view.lifecycle {
                self.pending.insert(Key::Project(id.clone()), detail.clone());
            }
        }
        let exists = |key: &&Key| match key {
            Key::Api(project, api) => project == id && state.apis.contains(api),
            Key::IamMember(project, role, member) => {
                project == id && state.grants.get(role).is_some_and(|members| members.contains(member))
            }
            _ => false,
        };
        // What is on a project that is restored comes back with it.
        self.existing.extend(new.iter().filter(exists).filter(|_| !pending).map(|key| (key.clone(), Vec::new())));
    }

    fn accounts(
        &mut self,
        id: &ProjectId,
        views: &BTreeMap<ServiceAccountName, ServiceAccountView>,
        new: &BTreeSet<Key>,
    ) {
        let desired = self.query.desired;
        for key in new {
            match key {
                Key::ServiceAccount(project, name) if project == id => {
                    let Some((view, desired)) = views.get(name).zip(desired.service_account(id, name)) else {
                        continue;
                    };
                    let differences = differences::service_account(&view.settings, &desired.settings);
                    self.thing(key.clone(), &Lifecycle::Active, &view.owner, differences);
                }
                Key::WorkloadIdentity(project, name, member)
                    if project == id && views.get(name).is_some_and(|view| accounts::may_act(view, member)) =>
                {
                    self.existing.insert(key.clone(), Vec::new());
                }
                _ => {}
            }
        }
    }

    /// What is in force again on a restored project, is in no service's entry and is not desired.
    fn brought_back(&self, id: &ProjectId, state: &ProjectState) -> Vec<String> {
        let Query { loaded, desired, .. } = *self.query;
        let unused = |key: &Key| !desired.contains(key) && loaded.fan_out.users_of(key).is_empty();
        let mut lines = Vec::new();
        for (role, members) in &state.grants {
            let keys = members.iter().map(|member| Key::IamMember(id.clone(), role.clone(), member.clone()));
            lines.extend(keys.filter(unused).map(|key| format!("{} {key}", key.kind())));
        }
        for (role, members) in &state.unspellable {
            lines.extend(members.iter().map(|member| format!("IAM member {id}/{role}/{member}")));
        }
        let apis = state.apis.iter().map(|api| Key::Api(id.clone(), api.clone()));
        lines.extend(apis.filter(unused).map(|key| format!("{} {key}", key.kind())));
        lines
    }

    fn thing(&mut self, key: Key, lifecycle: &Lifecycle, owner: &OwnerLabel, mut differences: Vec<String>) {
        let Query { ownership, wording, .. } = *self.query;
        let ours = ownership.is_ours(owner);
        if let Lifecycle::PendingDeletion(detail) = lifecycle {
            // A namespace is created again once its deletion ends.
            match key {
                Key::Namespace(_) if ours => drop(self.terminating.insert(key, detail.clone())),
                _ => self.errors.push(messages::being_deleted(&key, detail)),
            }
            return;
        }
        match owner {
            OwnerLabel::Registry(other) if !ours => {
                self.errors.push(messages::of_another_registry(wording, &key, other.as_str()));
            }
            OwnerLabel::Missing if !ownership.adopt => self.errors.push(messages::not_owned(wording, &key)),
            owner => {
                // Of projects and namespaces it is among their labels.
                if !ownership.is_labelled(owner) && !matches!(key, Key::Project(_) | Key::Namespace(_)) {
                    differences.push(messages::relabelled(owner, ownership.registry.as_str()));
                }
                if ours && !self.query.desired.is_anothers(&key) {
                    self.ours.insert(key.clone());
                }
                self.existing.insert(key, differences);
            }
        }
    }

    fn namespaces(
        &mut self,
        cluster: &ClusterName,
        views: &BTreeMap<NamespaceName, NamespaceView>,
        new: &BTreeSet<Key>,
        to_check: &BTreeSet<Key>,
    ) {
        for key in to_check {
            let Key::Namespace(namespace) = key.scope() else { continue };
            let Some(view) = views.get(&namespace.namespace).filter(|_| namespace.cluster == *cluster) else {
                continue;
            };
            if *key == key.scope() {
                if new.contains(key) || view.lifecycle != Lifecycle::Active {
                    self.namespace(&namespace, view);
                }
            } else if view.lifecycle == Lifecycle::Active {
                self.within(key, &namespace, view);
            }
        }
    }

    fn kubernetes_accounts(
        &mut self,
        cluster: &ClusterName,
        views: &KubernetesServiceAccountViews,
        new: &BTreeSet<Key>,
    ) {
        let desired = self.query.desired;
        for key in new {
            let Key::KubernetesServiceAccount(namespace, name) = key else { continue };
            let found = views.get(&namespace.namespace).filter(|_| namespace.cluster == *cluster);
            let found = found.and_then(|accounts| accounts.get(name));
            let Some((found, desired)) = found.zip(desired.kubernetes_service_account(namespace, name)) else {
                continue;
            };
            let (before, after) = (found.google_service_account.as_deref(), &desired.google_service_account);
            let differences = differences::kubernetes_service_account(before, after);
            self.thing(key.clone(), &Lifecycle::Active, &found.owner, differences);
        }
    }

    fn namespace(&mut self, key: &NamespaceKey, view: &NamespaceView) {
        let Some(desired) = self.query.desired.namespaces.get(key) else { return };
        let differences = differences::namespace(&view.settings, &desired.settings);
        self.thing(Key::Namespace(key.clone()), &view.lifecycle, &view.owner, differences);
    }

    fn within(&mut self, key: &Key, namespace: &NamespaceKey, view: &NamespaceView) {
        let Query { desired, ownership, .. } = *self.query;
        match key {
            Key::Quota(_) => {
                if let Some((found, desired)) = view.quota.as_ref().zip(desired.quotas.get(namespace)) {
                    let differences = differences::quota(&found.limits, desired);
                    self.thing(key.clone(), &Lifecycle::Active, &found.owner, differences);
                }
            }
            Key::RoleBinding(_, name) => {
                let desired = desired.role_bindings.get(namespace).and_then(|bindings| bindings.get(name));
                let Some((found, desired)) = view.role_bindings.get(name).zip(desired) else { return };
                // Its role cannot change, and one that others created is not deleted.
                if ownership.adopt && found.owner == OwnerLabel::Missing && found.binding.role != desired.role {
                    self.errors.push(messages::role_taken(key, &found.binding.role, &desired.role));
                    return;
                }
                let differences = differences::role_binding(&found.binding, desired);
                self.thing(key.clone(), &Lifecycle::Active, &found.owner, differences);
            }
            _ => {}
        }
    }
}
