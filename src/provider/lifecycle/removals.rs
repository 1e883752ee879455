//! What is decided about keys that leave: by an update, by a destroy.

use std::collections::{BTreeMap, BTreeSet};

use super::kind::Desired;
use super::messages;
use super::users::Users;
use crate::fanout::removal::Removals;
use crate::fanout::resource::{DeletionPolicy, Key, ResourceSet};
use crate::provider::identity::Identity;
use crate::provider::session::Session;
use crate::sdk::Diagnostics;

/// Keys that leave in an update.
pub fn of_update(session: &Session, desired: &Desired, managed: &ResourceSet, users: &Users<'_>) -> Removals {
    let leaving = managed.keys().difference(&desired.resources.keys()).cloned().collect();
    let mut removals = Removals::decide(managed, &leaving, |key| users.of(key));
    removals.leave(session.unmanaged_keys(managed));
    removals
}

/// Everything that a destroyed object manages. Its own policy decides over what has none: grants on projects that it does not
/// create.
pub fn of_destroy(
    session: &Session,
    managed: &ResourceSet,
    policy: DeletionPolicy,
    users: impl Fn(&Key) -> Vec<String>,
) -> Removals {
    let mut removals = Removals::decide(managed, &managed.keys(), users);
    if policy == DeletionPolicy::Abandon {
        let (scopes, on): (BTreeSet<Key>, BTreeSet<Key>) = std::mem::take(&mut removals.delete)
            .into_iter()
            .partition(|key| managed.deletion_policy(&key.scope()).is_some());
        removals.delete = scopes;
        removals.abandon.extend(on);
    }
    removals.leave(session.unmanaged_keys(managed));
    removals
}

/// Refuses to delete a project that environments still name: its entry has left `projects`, so no entry uses the project
/// itself, but all access to it would be deleted with it.
///
/// # Errors
/// Listing the projects.
pub fn check_in_use(identity: &Identity, removals: &Removals, users: &Users<'_>) -> Result<(), Diagnostics> {
    let mut in_use = BTreeMap::new();
    for key in &removals.delete {
        if let Key::Project(id) = key {
            in_use.insert(id, users.of_project(id));
        }
    }
    in_use.retain(|_, users| !users.is_empty());
    if in_use.is_empty() { Ok(()) } else { Err(messages::still_in_use(identity, &in_use).into()) }
}
