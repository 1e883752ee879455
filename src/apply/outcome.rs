//! What is true after a change.

use std::collections::{BTreeMap, BTreeSet};

use crate::fanout::resource::{Key, ResourceSet};
use crate::platform::{Error, Result};
use crate::registry::names::ProjectId;

/// Something that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was attempted: `create`, `update`, `delete`, …
    pub verb: &'static str,
    /// On which keys. Several where one request covers several.
    pub keys: Vec<Key>,
    /// The reason.
    pub error: Error,
}

/// What is true after a change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// What exists and is managed now.
    pub managed: ResourceSet,
    /// Numbers of the projects that were created or changed.
    pub numbers: BTreeMap<ProjectId, u64>,
    /// Who has the role of an owner on projects since they were created.
    pub owners: BTreeMap<ProjectId, BTreeSet<String>>,
    /// What failed: by project and namespace, in each in the order of the attempts.
    pub failures: Vec<Failure>,
    /// Additions that were not attempted, because their project or namespace could not be created.
    pub skipped: BTreeSet<Key>,
    /// Removals that were not attempted, because an addition in the same environment failed.
    pub deferred: BTreeSet<Key>,
    /// APIs and members that leave, on projects that others have deleted: a restore brings them back.
    pub withheld: BTreeSet<Key>,
}

impl Outcome {
    /// Whether everything was done.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.skipped.is_empty() && self.deferred.is_empty()
    }

    pub(super) fn fail(&mut self, verb: &'static str, keys: Vec<Key>, error: Error) {
        self.failures.push(Failure { verb, keys, error });
    }

    /// Records the end of a removal: keys that are no longer managed, or a failure.
    pub(super) fn removed(&mut self, verb: &'static str, keys: Vec<Key>, done: Result<()>) {
        match done {
            Ok(()) => keys.iter().for_each(|key| self.managed.forget(key)),
            Err(error) => self.fail(verb, keys, error),
        }
    }

    /// Adds the outcome of another project or namespace.
    pub(super) fn merge(&mut self, other: Self) {
        let ResourceSet {
            projects,
            apis,
            iam,
            service_accounts,
            workload_identity,
            namespaces,
            quotas,
            kubernetes_service_accounts,
            role_bindings,
        } = other.managed;
        self.managed.projects.extend(projects);
        self.managed.apis.extend(apis);
        self.managed.iam.extend(iam);
        self.managed.service_accounts.extend(service_accounts);
        self.managed.workload_identity.extend(workload_identity);
        self.managed.namespaces.extend(namespaces);
        self.managed.quotas.extend(quotas);
        self.managed.kubernetes_service_accounts.extend(kubernetes_service_accounts);
        self.managed.role_bindings.extend(role_bindings);
        self.numbers.extend(other.numbers);
        self.owners.extend(other.owners);
        self.failures.extend(other.failures);
        self.skipped.extend(other.skipped);
        self.deferred.extend(other.deferred);
        self.withheld.extend(other.withheld);
    }
}

/// A scope's own key first, then all others.
pub(super) fn scope_first(keys: &BTreeSet<Key>, scope: &Key) -> Vec<Key> {
    std::iter::once(scope).chain(keys.iter().filter(|key| *key != scope)).cloned().collect()
}
