//! APIs, IAM members and service accounts on projects that are pending deletion. They are in force again when the project is restored, by us or by
//! hand. A state that dropped them would not know that they are its own: so they stay in private state, return to the state
//! with the project, and are withdrawn by the plan that restores it, unless they are desired.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::fanout::resource::{DeletionPolicy, Grants, Key, ResourceSet, ServiceAccount, ServiceAccountSettings};
use crate::registry::names::{GoogleService, ProjectId, ServiceAccountName, WorkloadIdentity};
use crate::sdk::Private;

/// In private state: what of ours is on deleted projects.
const DELETED: &str = "deleted_projects";

#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Record {
    apis: BTreeMap<ProjectId, BTreeSet<GoogleService>>,
    iam: BTreeMap<ProjectId, Grants>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    service_accounts: BTreeMap<ProjectId, BTreeMap<ServiceAccountName, ServiceAccount>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    workload_identity: BTreeMap<ProjectId, BTreeMap<ServiceAccountName, BTreeSet<WorkloadIdentity>>>,
}

impl Record {
    fn resources(self) -> ResourceSet {
        let Self { apis, iam, service_accounts, workload_identity } = self;
        ResourceSet { apis, iam, service_accounts, workload_identity, ..ResourceSet::default() }
    }
}

/// What is recorded.
fn recorded(private: &Private) -> Record {
    private.get(DELETED).unwrap_or_default()
}

/// Replaces the record by these APIs, IAM members and service accounts.
pub fn record(private: &mut Private, resources: &ResourceSet) {
    let mut resources = resources.clone();
    resources.prune();
    let ResourceSet { apis, iam, service_accounts, workload_identity, .. } = resources;
    let record = Record { apis, iam, service_accounts, workload_identity };
    if record == Record::default() {
        private.remove(DELETED);
    } else {
        private.set(DELETED, record);
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
        insert(&mut rest, key, None);
    }
    record(private, &rest);
}

fn add(to: &mut ResourceSet, record: Record, wanted: impl Fn(&Key) -> bool) {
    let record = record.resources();
    for key in record.keys().into_iter().filter(wanted) {
        let account = match &key {
            Key::ServiceAccount(id, name) => record.service_account(id, name),
            _ => None,
        };
        insert(to, &key, account);
    }
}

/// `account` is the service account of the key; without it, its deletion has been approved.
fn insert(to: &mut ResourceSet, key: &Key, account: Option<&ServiceAccount>) {
    match key {
        Key::ServiceAccount(id, name) => {
            let approved = || ServiceAccount {
                settings: ServiceAccountSettings { display_name: String::new(), description: String::new() },
                deletion_policy: DeletionPolicy::Delete,
            };
            let account = account.cloned().unwrap_or_else(approved);
            to.service_accounts.entry(id.clone()).or_default().insert(name.clone(), account);
        }
        Key::WorkloadIdentity(id, name, member) => {
            let accounts = to.workload_identity.entry(id.clone()).or_default();
            accounts.entry(name.clone()).or_default().insert(member.clone());
        }
        Key::Api(id, api) => drop(to.apis.entry(id.clone()).or_default().insert(api.clone())),
        Key::IamMember(id, role, member) => {
            to.iam.entry(id.clone()).or_default().entry(role.clone()).or_default().insert(member.clone());
        }
        _ => {}
    }
}
