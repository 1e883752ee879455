//! What an owner leaves to its last user.
//!
//! Only its owner's state deletes a shared project or namespace. An owner that is destroyed while others still use what it owns
//! releases it; its policy, if it is one that deletes, goes to the last user: in run state for those destroyed in the same run,
//! and on the object itself (the deletion label) for a run that comes later, after an interruption or with `-target`.

use std::collections::{BTreeMap, BTreeSet};

use crate::fanout::removal::{Release, Removals};
use crate::fanout::resource::{DeletionPolicy, Key, Labels, ResourceSet};
use crate::platform::{Lifecycle, RequestContext};
use crate::provider::identity::Identity;
use crate::provider::session::{LoadedRegistry, Platforms};
use crate::registry::owner_label::{OwnerLabel, left_to_last_user};
use crate::sdk::Call;

/// What a destroyed owner leaves to others: it owns it, its policy deletes it, and other services use it, none of which is the owner
/// by now: then that one's policy counts.
pub fn left(
    managed: &ResourceSet,
    removals: &Removals,
    identity: &Identity,
    loaded: Option<&LoadedRegistry>,
) -> BTreeMap<Key, DeletionPolicy> {
    let Identity::Service { name, .. } = identity else { return BTreeMap::new() };
    let owns = |user: &String, key: &Key| {
        let service = loaded.and_then(|loaded| loaded.fan_out.service(user));
        service.is_some_and(|service| service.resources.contains(key) && !service.resources.is_anothers(key))
    };
    let by_others = |key: &Key, release: &Release| match release {
        // Another instance of the same service still owns it.
        Release::UsedBy(users) => !users.contains(name) && !users.iter().any(|user| owns(user, key)),
        Release::NotOwner | Release::StaysEnabled | Release::Planned(_) => false,
    };
    let released = removals.release.iter().filter(|(key, release)| by_others(key, release)).map(|(key, _)| key);
    let deletes =
        |policy: &DeletionPolicy| matches!(policy, DeletionPolicy::Delete | DeletionPolicy::DeleteWithContents);
    released.filter_map(|key| Some((key.clone(), managed.deletion_policy(key).filter(deletes)?))).collect()
}

/// What carries the deletion label of this registry among what other services own. A platform that does not answer has nothing.
pub async fn labelled(
    call: &Call,
    platforms: &Platforms,
    loaded: &LoadedRegistry,
    managed: &ResourceSet,
) -> BTreeMap<Key, DeletionPolicy> {
    let mut found = BTreeMap::new();
    let Some(registry) = loaded.fan_out.registry().name() else { return found };
    let ctx = RequestContext { cancel: call.cancel.clone() };
    let mut note = |key: Key, owner: &OwnerLabel, labels: &Labels| {
        if let Some(policy) = left_to_last_user(labels).filter(|_| owner.is(registry)) {
            found.insert(key, policy);
        }
    };
    for id in managed.projects.iter().filter(|(_, scope)| scope.shared).map(|(id, _)| id) {
        let Some(platform) = &platforms.projects else { break };
        if let Ok(state) = platform.read_project(&ctx, id).await
            && let Some(view) = state.project.filter(|view| view.lifecycle == Lifecycle::Active)
        {
            note(Key::Project(id.clone()), &view.owner, &view.settings.labels);
        }
    }
    for key in managed.namespaces.iter().filter(|(_, scope)| scope.shared).map(|(key, _)| key) {
        let Some(platform) = &platforms.clusters else { break };
        let one = BTreeSet::from([key.namespace.clone()]);
        if let Ok(mut views) = platform.namespaces(&ctx, &key.cluster, registry, &one).await
            && let Some(view) = views.remove(&key.namespace)
        {
            note(Key::Namespace(key.clone()), &view.owner, &view.settings.labels);
        }
    }
    found
}

/// Those of the users that count: not the owner of what is left to its last user, which has been destroyed.
pub fn without_owner(users: Vec<String>, owner: Option<&str>, is_left: bool) -> Vec<String> {
    users.into_iter().filter(|user| !is_left || Some(user.as_str()) != owner).collect()
}
