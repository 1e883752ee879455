//! What is true of what a state claims. Works from the claims' own keys, never from the registry: others' grants are none of our
//! business.

use std::collections::{BTreeMap, BTreeSet};

use super::messages;
use crate::fanout::resource::{Asked, Asks, Key, Labels, NamespaceSettings, ProjectSettings, Quota};
use crate::platform::{Clusters, Cx, Error, Lifecycle, Mark, NamespaceView, ProjectState, Shared};
use crate::provider::session::Opened;
use crate::registry::names::{ClusterName, NamespaceKey, NamespaceName, ProjectId, RegistryName};
use crate::registry::same_quantity;
use crate::sdk::{Call, Diagnostics};

/// Numbers of projects, where they are known.
pub type Numbers = BTreeMap<ProjectId, u64>;

/// What is there of some claims.
pub struct Observed {
    /// The claims, as they are; without what is gone.
    pub claims: Asks,
    /// Numbers of their projects.
    pub numbers: Numbers,
    /// Projects and namespaces among them that carry a registry's mark, and whose.
    pub marks: BTreeMap<Key, RegistryName>,
    /// Namespaces that are on their way out. They are not among the claims.
    pub terminating: BTreeSet<NamespaceKey>,
    /// Clusters that did not answer. What is claimed on them stands as it was.
    pub unseen: BTreeSet<ClusterName>,
}

/// What becomes of it when a cluster does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Down {
    /// What is on it is taken to be as claimed, and a warning says so: the services of other clusters go on.
    Tolerated,
    /// Nothing can be said, which is an error.
    Refused,
}

impl Observed {
    fn mark(&mut self, key: Key, mark: &Mark) {
        if let Mark::Registry(name) = mark {
            self.marks.insert(key, name.clone());
        }
    }

    /// A namespace on its way out is still there: its owner, who removes it, has to wait for it, so it stays in the state.
    /// What is set on it counts no more, not even the mark: whoever asks for it has to make it anew.
    pub fn keep_terminating(&mut self, claims: &Asks) {
        for key in std::mem::take(&mut self.terminating) {
            let Some(asked) = claims.namespaces.get(&key).filter(|asked| !asked.shared) else { continue };
            let settings = NamespaceSettings { labels: Labels::new(), annotations: Labels::new() };
            self.claims.namespaces.insert(key, Asked { settings, ..asked.clone() });
        }
    }
}

/// What is there of `claims`, and nothing else.
///
/// # Errors
/// For each project and cluster that cannot be read.
pub async fn observe(
    call: &mut Call,
    opened: &Opened,
    registry: &RegistryName,
    claims: &Asks,
    down: Down,
) -> Result<Observed, Diagnostics> {
    let mut observed = Observed {
        claims: claims.clone(),
        numbers: Numbers::new(),
        marks: BTreeMap::new(),
        terminating: BTreeSet::new(),
        unseen: BTreeSet::new(),
    };
    let mut errors = Diagnostics::new();
    let cx = Cx { cancel: call.cancel.clone() };
    if let Some(platform) = &opened.projects {
        for id in project_ids(claims) {
            match platform.read_project(&cx, &id).await {
                Ok(state) => see_project(&mut observed, &id, &state),
                Err(error) => errors.push(messages::cannot_look(&format!("project `{id}`"), &error)),
            }
        }
    }
    if let Some(platform) = &opened.clusters {
        for (cluster, namespaces) in clusters(claims) {
            match look(&cx, platform, registry, &cluster, &namespaces, claims).await {
                Ok(views) => {
                    for namespace in namespaces {
                        let key = NamespaceKey { cluster: cluster.clone(), namespace };
                        see_namespace(&mut observed, &key, views.get(&key.namespace));
                    }
                }
                Err(error @ Error::Unavailable(_)) if down == Down::Tolerated => {
                    call.diagnostics.push(messages::not_looked_at(&cluster, &error));
                    observed.unseen.insert(cluster);
                }
                Err(error) => errors.push(messages::cannot_look(&format!("cluster `{cluster}`"), &error)),
            }
        }
    }
    observed.claims.prune();
    if errors.is_empty() { Ok(observed) } else { Err(errors) }
}

/// The namespaces of one cluster. Where something that is claimed is not among what carries our mark, somebody has perhaps
/// only taken the mark off: then the namespace is looked at as a whole.
async fn look(
    cx: &Cx,
    platform: &Shared,
    registry: &RegistryName,
    cluster: &ClusterName,
    namespaces: &BTreeSet<NamespaceName>,
    claims: &Asks,
) -> crate::platform::Result<BTreeMap<NamespaceName, NamespaceView>> {
    let mut views = platform.look(cx, cluster, registry, namespaces).await?;
    let incomplete: BTreeSet<NamespaceName> = views
        .iter()
        .filter(|(namespace, view)| {
            let key = NamespaceKey { cluster: cluster.clone(), namespace: (*namespace).clone() };
            let bindings = claims.role_bindings.get(&key).into_iter().flat_map(BTreeMap::keys);
            view.quota.is_none() && claims.quotas.contains_key(&key)
                || bindings.into_iter().any(|name| !view.role_bindings.contains_key(name))
        })
        .map(|(namespace, _)| namespace.clone())
        .collect();
    if !incomplete.is_empty() {
        views.extend(platform.read_namespaces(cx, cluster, &incomplete).await?);
    }
    Ok(views)
}

fn project_ids(claims: &Asks) -> BTreeSet<ProjectId> {
    claims.projects.keys().chain(claims.apis.keys()).chain(claims.iam.keys()).cloned().collect()
}

fn clusters(claims: &Asks) -> BTreeMap<ClusterName, BTreeSet<NamespaceName>> {
    let mut all: BTreeMap<ClusterName, BTreeSet<NamespaceName>> = BTreeMap::new();
    let keys = claims.namespaces.keys().chain(claims.quotas.keys()).chain(claims.role_bindings.keys());
    for key in keys {
        all.entry(key.cluster.clone()).or_default().insert(key.namespace.clone());
    }
    all
}

fn see_project(observed: &mut Observed, id: &ProjectId, state: &ProjectState) {
    let pending = state.project.as_ref().is_some_and(|view| view.lifecycle != Lifecycle::Active);
    match &state.project {
        Some(view) if !pending => {
            observed.numbers.insert(id.clone(), view.number);
            observed.mark(Key::Project(id.clone()), &view.mark);
            if let Some(asked) = observed.claims.projects.get_mut(id) {
                *asked = project_as_it_is(asked, &view.settings);
            }
        }
        _ => observed.claims.forget(&Key::Project(id.clone())),
    }
    if let Some(apis) = observed.claims.apis.get_mut(id) {
        apis.retain(|api| !pending && state.apis.contains(api));
    }
    if let Some(grants) = observed.claims.iam.get_mut(id) {
        for (role, members) in grants {
            let there = state.grants.get(role);
            members.retain(|member| !pending && there.is_some_and(|there| there.contains(member)));
        }
    }
}

fn project_as_it_is(asked: &Asked<ProjectSettings>, is: &ProjectSettings) -> Asked<ProjectSettings> {
    // What the registry does not state is not ours to watch.
    let stated = |asked: &Option<String>, is: &Option<String>| asked.as_ref().and(is.clone());
    let settings = ProjectSettings {
        display_name: is.display_name.clone(),
        parent: stated(&asked.settings.parent, &is.parent),
        billing_account: stated(&asked.settings.billing_account, &is.billing_account),
        labels: ours(&asked.settings.labels, &is.labels),
    };
    Asked { settings, ..asked.clone() }
}

fn see_namespace(observed: &mut Observed, key: &NamespaceKey, view: Option<&NamespaceView>) {
    if view.is_some_and(|view| view.lifecycle != Lifecycle::Active) {
        observed.terminating.insert(key.clone());
    }
    let Some(view) = view.filter(|view| view.lifecycle == Lifecycle::Active) else {
        observed.claims.namespaces.remove(key);
        observed.claims.quotas.remove(key);
        observed.claims.role_bindings.remove(key);
        return;
    };
    observed.mark(Key::Namespace(key.clone()), &view.mark);
    if let Some(asked) = observed.claims.namespaces.get_mut(key) {
        let settings = NamespaceSettings {
            labels: ours(&asked.settings.labels, &view.settings.labels),
            annotations: ours(&asked.settings.annotations, &view.settings.annotations),
        };
        *asked = Asked { settings, ..asked.clone() };
    }
    if let Some(quota) = observed.claims.quotas.get_mut(key) {
        match &view.quota {
            Some(is) => *quota = as_written(quota, is),
            None => drop(observed.claims.quotas.remove(key)),
        }
    }
    if let Some(bindings) = observed.claims.role_bindings.get_mut(key) {
        bindings.retain(|name, _| view.role_bindings.contains_key(name));
        for (name, binding) in bindings {
            if let Some(is) = view.role_bindings.get(name) {
                binding.clone_from(&is.binding);
            }
        }
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
