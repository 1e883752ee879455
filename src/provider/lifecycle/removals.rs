//! What is decided about keys that leave: by an update, by a destroy.

use std::collections::{BTreeMap, BTreeSet};

use super::approval::Approval;
use super::kind::Desired;
use super::removal_messages;
use super::users::Users;
use crate::fanout::removal::{Release, Removals};
use crate::fanout::resource::{DeletionPolicy, Key, ResourceSet};
use crate::provider::identity::Identity;
use crate::provider::session::Session;
use crate::registry::names::ProjectId;
use crate::sdk::Diagnostics;

/// Keys that leave in an update. What other services used when it was planned is released.
pub fn of_update(
    session: &Session,
    desired: &Desired,
    managed: &ResourceSet,
    users: &Users<'_>,
    approval: &Approval,
) -> Removals {
    let leaving = managed.keys().difference(&desired.resources.keys()).cloned().collect();
    let kept = |key: &Key| used(users.of(key)).or_else(|| approval.released(key).map(Release::Planned));
    // An update does not know of an owner that was destroyed: it deletes nothing for it.
    let mut removals = Removals::decide(managed, &leaving, kept, |_| None);
    removals.leave(session.unmanaged_keys(managed));
    removals
}

/// Everything that a destroyed object manages. Its own policy decides over what has none: grants on projects that it does not
/// own.
pub fn of_destroy(
    session: &Session,
    managed: &ResourceSet,
    policy: DeletionPolicy,
    kept: impl Fn(&Key) -> Option<Release>,
    left: impl Fn(&Key) -> Option<DeletionPolicy>,
) -> Removals {
    let mut removals = Removals::decide(managed, &managed.keys(), kept, left);
    if policy == DeletionPolicy::Abandon {
        let deleted = removals.delete.clone();
        let (scopes, on): (BTreeSet<Key>, BTreeSet<Key>) =
            std::mem::take(&mut removals.delete).into_iter().partition(|key| {
                let has_policy = |key: &Key| managed.deletion_policy(key).is_some();
                deleted.contains(&key.scope()) || has_policy(key) || has_policy(&key.scope())
            });
        removals.delete = scopes;
        removals.abandon.extend(on);
    }
    removals.leave(session.unmanaged_keys(managed));
    removals
}

/// That these services use a key, if there are any.
pub fn used(users: Vec<String>) -> Option<Release> {
    (!users.is_empty()).then_some(Release::UsedBy(users))
}

/// Refuses to delete a project that environments still name: its entry has left `projects`, so no entry uses the project
/// itself, but all access to it would be deleted with it. `users` are the services whose environments name it.
///
/// # Errors
/// Listing the projects.
pub fn check_in_use(
    identity: &Identity,
    removals: &Removals,
    users: impl Fn(&ProjectId) -> Vec<String>,
) -> Result<(), Diagnostics> {
    let mut in_use = BTreeMap::new();
    for key in &removals.delete {
        if let Key::Project(id) = key {
            in_use.insert(id, users(id));
        }
    }
    in_use.retain(|_, users| !users.is_empty());
    if in_use.is_empty() { Ok(()) } else { Err(removal_messages::still_in_use(identity, &in_use).into()) }
}
