//! APIs and IAM members on projects that are pending deletion. They are in force again when the project is restored, by us or by
//! hand. A state that dropped them would not know that they are its own: so they stay in private state, return to the state
//! with the project, and are withdrawn by the plan that restores it, unless they are desired.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::fanout::resource::{Grants, Key, ResourceSet};
use crate::registry::names::{GoogleService, ProjectId};
use crate::sdk::Private;

/// In private state: what of ours is on deleted projects.
const DELETED: &str = "deleted_projects";

#[derive(Default, Serialize, Deserialize)]
struct Record {
    apis: BTreeMap<ProjectId, BTreeSet<GoogleService>>,
    iam: BTreeMap<ProjectId, Grants>,
}

/// What is recorded.
fn recorded(private: &Private) -> Record {
    private.get(DELETED).unwrap_or_default()
}

/// Replaces the record by these APIs and IAM members.
pub fn record(private: &mut Private, resources: &ResourceSet) {
    let mut resources = resources.clone();
    resources.prune();
    let ResourceSet { apis, iam, .. } = resources;
    if apis.is_empty() && iam.is_empty() {
        private.remove(DELETED);
    } else {
        private.set(DELETED, Record { apis, iam });
    }
}

/// What is managed, with what is recorded: for a refresh, which finds out what of it is in force again.
pub fn with_recorded(managed: &ResourceSet, private: &Private) -> ResourceSet {
    let mut all = managed.clone();
    add(&mut all, recorded(private), |_| true);
    all
}

/// What is managed, with what a restore of the desired projects brings back and is not desired: it leaves in the same apply.
pub fn with_restored(managed: &ResourceSet, private: &Private, desired: &ResourceSet) -> ResourceSet {
    let mut all = managed.clone();
    add(&mut all, recorded(private), |key| match key.scope() {
        Key::Project(id) => desired.projects.contains_key(&id) && !desired.contains(key),
        _ => false,
    });
    all.prune();
    all
}

/// After an apply: forgets what is on projects that are restored, and adds what could not be withdrawn from projects that others
/// deleted.
pub fn after_apply(private: &mut Private, desired: &ResourceSet, withheld: &BTreeSet<Key>) {
    let mut rest = ResourceSet::default();
    add(
        &mut rest,
        recorded(private),
        |key| !matches!(key.scope(), Key::Project(id) if desired.projects.contains_key(&id)),
    );
    for key in withheld {
        insert(&mut rest, key);
    }
    record(private, &rest);
}

fn add(to: &mut ResourceSet, record: Record, wanted: impl Fn(&Key) -> bool) {
    let record = ResourceSet { apis: record.apis, iam: record.iam, ..ResourceSet::default() };
    for key in record.keys().into_iter().filter(wanted) {
        insert(to, &key);
    }
}

fn insert(to: &mut ResourceSet, key: &Key) {
    match key {
        Key::Api(id, api) => drop(to.apis.entry(id.clone()).or_default().insert(api.clone())),
        Key::IamMember(id, role, member) => {
            to.iam.entry(id.clone()).or_default().entry(role.clone()).or_default().insert(member.clone());
        }
        _ => {}
    }
}
