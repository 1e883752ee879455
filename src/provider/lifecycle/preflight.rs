//! What exists already of what is new.

use std::collections::{BTreeMap, BTreeSet};

use super::messages;
use super::refresh::Numbers;
use super::wording::Wording;
use crate::fanout::resource::{Key, ResourceSet};
use crate::platform::{ClusterCache, Clusters, Error, Lifecycle, NamespaceView, OwnerLabel, RequestContext};
use crate::provider::identity::Identity;
use crate::provider::session::Platforms;
use crate::registry::names::{ClusterName, NamespaceKey, NamespaceName, ProjectId, RegistryName};
use crate::sdk::{Call, Diagnostics};

/// What to check.
#[derive(Clone, Copy)]
pub struct Query<'s> {
    /// The object that the keys belong to.
    pub identity: &'s Identity,
    /// The words of its kind.
    pub wording: &'static Wording,
    /// The registry that ownership labels name.
    pub registry: &'s RegistryName,
    /// The desired resources.
    pub desired: &'s ResourceSet,
    /// What the state records.
    pub managed: &'s ResourceSet,
    /// Whether what carries no ownership label may be adopted.
    pub adopt: bool,
    /// Whether role bindings have names that a person chose, which others may have chosen as well.
    pub plain_names: bool,
}

/// Reads what exists already of the keys that are new, so that the plan can say so, and refuse what the apply would refuse:
/// what is not ours, what is being deleted. The answer is the new namespaces that exist.
///
/// # Errors
/// For each of those, and for each project and cluster that cannot be read.
pub async fn preflight(
    call: &mut Call,
    platforms: &Platforms,
    query: &Query<'_>,
    numbers: &mut Numbers,
) -> Result<BTreeSet<NamespaceKey>, Diagnostics> {
    let Query { identity, wording, registry, desired, managed, adopt, .. } = *query;
    let had = managed.keys();
    let new: BTreeSet<Key> = desired.keys().into_iter().filter(|key| !had.contains(key)).collect();
    let changed = desired.namespaces.iter().filter(|(key, desired)| {
        managed.namespaces.get(*key).is_some_and(|managed| managed.settings != desired.settings)
    });
    let to_check = new.iter().cloned().chain(changed.map(|(key, _)| Key::Namespace(key.clone()))).collect();
    let mut findings = Findings {
        wording,
        registry,
        adopt,
        existing: BTreeSet::new(),
        restored: BTreeSet::new(),
        terminating: BTreeMap::new(),
        errors: Diagnostics::new(),
    };
    let ctx = RequestContext { cancel: call.cancel.clone() };
    if let Some(platform) = &platforms.projects {
        for id in projects_of(&new) {
            match platform.read_project(&ctx, &id).await {
                Ok(state) => {
                    if let Some(view) = &state.project
                        && !managed.projects.contains_key(&id)
                    {
                        numbers.insert(id.clone(), view.number);
                        if desired.projects.contains_key(&id) {
                            findings.thing(Key::Project(id.clone()), &view.lifecycle, &view.owner);
                        }
                    }
                    findings.existing.extend(
                        new.iter()
                            .filter(|key| match key {
                                Key::Api(project, api) => *project == id && state.apis.contains(api),
                                Key::IamMember(project, role, member) => {
                                    *project == id && state.grants.get(role).is_some_and(|who| who.contains(member))
                                }
                                _ => false,
                            })
                            .cloned(),
                    );
                }
                Err(error) => findings.errors.push(messages::cannot_read(&format!("project `{id}`"), &error)),
            }
        }
    }
    if let Some(platform) = &platforms.clusters {
        for (cluster, namespaces) in namespaces_of(&to_check) {
            match read_cluster(&ctx, platform, query, &cluster, &namespaces, &new).await {
                Ok(views) => findings.namespaces(&cluster, &views, &new, &to_check),
                Err(error @ Error::Unavailable(_)) => {
                    call.diagnostics.push(messages::cluster_unreachable(&cluster, &error));
                }
                Err(error) => findings.errors.push(messages::cannot_read(&format!("cluster `{cluster}`"), &error)),
            }
        }
    }
    if !findings.restored.is_empty() {
        call.diagnostics.push(messages::will_be_restored(identity, &findings.restored));
    }
    if !findings.terminating.is_empty() {
        call.diagnostics.push(messages::will_be_recreated(identity, &findings.terminating));
    }
    if let Some(warning) = messages::existing(identity, &findings.existing) {
        call.diagnostics.push(warning);
    }
    if !findings.errors.is_empty() {
        return Err(findings.errors);
    }
    let namespaces = findings.existing.into_iter().filter_map(|key| match key {
        Key::Namespace(key) => Some(key),
        _ => None,
    });
    Ok(namespaces.collect())
}

/// The namespaces of one cluster, with the role bindings of all managers where a binding's name may be taken.
async fn read_cluster(
    ctx: &RequestContext,
    platform: &ClusterCache,
    query: &Query<'_>,
    cluster: &ClusterName,
    namespaces: &BTreeSet<NamespaceName>,
    new: &BTreeSet<Key>,
) -> crate::platform::Result<BTreeMap<NamespaceName, NamespaceView>> {
    let mut views = platform.namespaces(ctx, cluster, query.registry, namespaces).await?;
    if query.plain_names {
        let bound = |namespace: &&NamespaceName| {
            let key = NamespaceKey { cluster: cluster.clone(), namespace: (*namespace).clone() };
            new.iter().any(|new| matches!(new, Key::RoleBinding(of, _) if *of == key))
        };
        let crowded: BTreeSet<NamespaceName> = views.keys().filter(bound).cloned().collect();
        if !crowded.is_empty() {
            views.extend(platform.read_namespaces(ctx, cluster, &crowded).await?);
        }
    }
    Ok(views)
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
struct Findings<'r> {
    wording: &'static Wording,
    registry: &'r RegistryName,
    adopt: bool,
    existing: BTreeSet<Key>,
    restored: BTreeSet<Key>,
    /// Namespaces of ours that are being deleted, and what is known of that.
    terminating: BTreeMap<Key, String>,
    errors: Diagnostics,
}

impl Findings<'_> {
    fn thing(&mut self, key: Key, lifecycle: &Lifecycle, owner: &OwnerLabel) {
        if let Lifecycle::PendingDeletion(detail) = lifecycle {
            // A project of ours is undeleted when it is desired again: its id is reserved for us. A namespace is created again
            // once its deletion ends.
            match key {
                Key::Project(_) if owner.is(self.registry) => drop(self.restored.insert(key)),
                Key::Namespace(_) if owner.is(self.registry) => drop(self.terminating.insert(key, detail.clone())),
                _ => self.errors.push(messages::being_deleted(&key, detail)),
            }
        } else if owner.is(self.registry) {
            self.existing.insert(key);
        } else if let OwnerLabel::Registry(other) = owner {
            self.errors.push(messages::of_another_registry(self.wording, &key, other.as_str()));
        } else if self.adopt {
            self.existing.insert(key);
        } else {
            self.errors.push(messages::not_owned(self.wording, &key));
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
            let (Key::Namespace(namespace) | Key::RoleBinding(namespace, _)) = key else { continue };
            let Some(view) = views.get(&namespace.namespace).filter(|_| namespace.cluster == *cluster) else {
                continue;
            };
            match key {
                Key::Namespace(_) if !new.contains(key) && view.lifecycle == Lifecycle::Active => {}
                Key::Namespace(_) => self.thing(key.clone(), &view.lifecycle, &view.owner),
                Key::RoleBinding(_, name) => {
                    if let Some(binding) = view.role_bindings.get(name) {
                        self.thing(key.clone(), &Lifecycle::Active, &binding.owner);
                    }
                }
                _ => {}
            }
        }
    }
}
