//! What this process knows of a project, beside what it reads.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use google_cloud_iam_v1::model::Policy;
use tokio::time::Instant;

use crate::registry::names::{Principal, ProjectId};

/// How long Google's servers may take until all of them know a new project, and who may use it.
const SETTLES: Duration = Duration::from_secs(60);

/// All projects of the process.
#[derive(Debug, Default)]
pub(super) struct KnownProjects(Mutex<HashMap<ProjectId, Arc<Known>>>);

impl KnownProjects {
    pub(super) fn get(&self, id: &ProjectId) -> Arc<Known> {
        Arc::clone(lock(&self.0).entry(id.clone()).or_default())
    }
}

/// One project.
#[derive(Debug, Default)]
pub(super) struct Known {
    settles: Mutex<Option<Instant>>,
    policy: Mutex<Option<Policy>>,
    /// Who has the role of an owner since the project was created.
    owners: Mutex<BTreeSet<String>>,
    /// The addresses of service accounts that this process has created, and until when they are new.
    accounts: Mutex<HashMap<String, Instant>>,
    /// Held by the writer of its policy: others of this process would only be in each other's way.
    pub(super) policy_turn: tokio::sync::Mutex<()>,
}

impl Known {
    /// This process has created the project now.
    pub(super) fn created(&self) {
        *lock(&self.settles) = Some(Instant::now() + SETTLES);
    }

    /// This process deletes the project: what was read counts no more, and a refusal is one.
    pub(super) fn deleted(&self) {
        *lock(&self.settles) = None;
        *lock(&self.policy) = None;
    }

    /// Until when "no permission" may only mean that the project is new.
    pub(super) fn settles(&self) -> Option<Instant> {
        *lock(&self.settles)
    }

    /// This process has created a service account of this address now.
    pub(super) fn created_account(&self, email: String) {
        lock(&self.accounts).insert(email, Instant::now() + SETTLES);
    }

    /// Until when "not found" may only mean that a service account is new.
    pub(super) fn account_settles(&self, email: &str) -> Option<Instant> {
        lock(&self.accounts).get(email).copied()
    }

    /// Whether a principal is a service account that is so new that policies may not know it yet.
    pub(super) fn is_new_account(&self, principal: &Principal) -> bool {
        let email = principal.as_str().strip_prefix("serviceAccount:");
        let settles = email.and_then(|email| self.account_settles(email));
        settles.is_some_and(|until| Instant::now() < until)
    }

    /// Notes who has the role of an owner since the project was created.
    pub(super) fn note_owners(&self, owners: BTreeSet<String>) {
        *lock(&self.owners) = owners;
    }

    /// Who has the role of an owner since the project was created. Once.
    pub(super) fn take_owners(&self) -> BTreeSet<String> {
        std::mem::take(&mut lock(&self.owners))
    }

    /// Keeps a policy that was read or written: the next change begins with it.
    pub(super) fn keep_policy(&self, policy: Policy) {
        *lock(&self.policy) = Some(policy);
    }

    /// The policy that was read or written last. Once: if its etag is out of date, it is of no more use.
    pub(super) fn take_policy(&self) -> Option<Policy> {
        lock(&self.policy).take()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
