//! Projects, enabled APIs and IAM policies: the trait, and what its verbs read and write.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::lifecycle::Lifecycle;
use super::ownership::{OwnershipPolicy, contains};
use super::service_accounts::ServiceAccounts;
use super::{RequestContext, Result};
use crate::fanout::resource::{Grants, ProjectSettings};
use crate::registry::names::{GoogleService, ProjectId};
use crate::registry::owner_label::OwnerLabel;

/// Projects, enabled APIs and IAM policies.
#[async_trait]
pub trait Projects: ServiceAccounts {
    /// The platform's name in messages: `embedded`, `google`.
    fn platform(&self) -> &'static str;

    /// Whether a project that may not be read looks like one that does not exist.
    fn hides_projects(&self) -> bool {
        false
    }

    /// Everything about one project id. A project that is not there is a state with `project: None`, not an error.
    async fn read_project(&self, ctx: &RequestContext, id: &ProjectId) -> Result<ProjectState>;

    /// Makes sure the project exists with these settings: creates it with the ownership label, resumes a creation that was
    /// interrupted, or adopts what `ownership` permits. Labels of others on an existing project stay. One that is being deleted
    /// is [`Error::PendingDeletion`](super::Error::PendingDeletion): its id is reserved, and [`Projects::restore_project`] restores it.
    async fn ensure_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        settings: &ProjectSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView>;

    /// Who has the role of an owner on a project because this process has created it, or has found its creation unfinished. The first
    /// caller gets the answer. Google grants that role to the creator of a project.
    fn take_owners_by_creation(&self, _id: &ProjectId) -> BTreeSet<String> {
        BTreeSet::new()
    }

    /// Changes the settings of an existing project of ours. `previous_labels` are the label keys we set last time: those
    /// that `settings` no longer has are removed, others' labels stay.
    async fn update_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        settings: &ProjectSettings,
        previous_labels: &BTreeSet<String>,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView>;

    /// Restores a project of ours that is pending deletion, as far as the platform can: Google does not restore its billing
    /// account, so [`Projects::ensure_project`] follows. One that is not being deleted is not changed.
    async fn restore_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView>;

    /// Deletes a project of ours. No such project, or one that is already being deleted, is success.
    async fn delete_project(&self, ctx: &RequestContext, id: &ProjectId, ownership: &OwnershipPolicy) -> Result<()>;

    /// Enables APIs; enabled ones are not changed. On a project that is being deleted: [`Error::PendingDeletion`](super::Error::PendingDeletion).
    async fn enable_apis(&self, ctx: &RequestContext, id: &ProjectId, apis: &BTreeSet<GoogleService>) -> Result<()>;

    /// Disables APIs; disabled ones are not changed. On a project that does not exist or is being deleted, success.
    async fn disable_apis(&self, ctx: &RequestContext, id: &ProjectId, apis: &BTreeSet<GoogleService>) -> Result<()>;

    /// Announces that the caller will call [`Projects::modify_policy`] soon. A platform may wait for callers that are announced, a
    /// moment at most, to write the changes of all of them at once.
    fn announce_policy_change(&self, _id: &ProjectId) -> Announcement {
        Announcement::default()
    }

    /// Adds and removes members of the project's policy in one read-modify-write guarded by the policy's etag, repeated
    /// when another writer was faster. A timed [`Member`](crate::fanout::resource::Member) is in the binding of the role with exactly its condition; others'
    /// conditional bindings and members not named stay. A member both added and removed is
    /// [`Error::Invalid`](super::Error::Invalid), and so is a policy that would grow over the platform's limits. On a project that does not
    /// exist or is being deleted, removing is success and adding is refused. A principal that does not exist keeps only itself from
    /// being added: [`Error::UnknownPrincipals`](super::Error::UnknownPrincipals) says that the rest is done.
    async fn modify_policy(&self, ctx: &RequestContext, id: &ProjectId, change: &PolicyChange) -> Result<()>;
}

/// A project as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectView {
    /// Settings as they are, with *all* labels, ours and others'.
    pub settings: ProjectSettings,
    /// The number Google gave it.
    pub number: u64,
    /// Whether it is active.
    pub lifecycle: Lifecycle,
    /// Its ownership label.
    pub owner: OwnerLabel,
    /// The version this view was read at, for read-modify-write.
    pub etag: String,
}

impl ProjectView {
    /// Whether everything in `desired` exists already, so that [`Projects::ensure_project`] would change nothing. Others' labels,
    /// and settings that `desired` does not state, do not count.
    pub fn satisfies(&self, desired: &ProjectSettings) -> bool {
        fn stated(desired: &Option<String>, found: &Option<String>) -> bool {
            desired.is_none() || desired == found
        }
        self.settings.display_name == desired.display_name
            && stated(&desired.parent, &self.settings.parent)
            && stated(&desired.billing_account, &self.settings.billing_account)
            && contains(&self.settings.labels, &desired.labels)
    }
}

/// Everything about one project id, read at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProjectState {
    /// The project, or none where there is no such project. (On the embedded platform an id that was never created can have APIs
    /// and grants without a project.) One whose creation was interrupted does not exist yet: [`Projects::ensure_project`]
    /// finishes it.
    pub project: Option<ProjectView>,
    /// APIs that are enabled.
    pub apis: BTreeSet<GoogleService>,
    /// Unconditional bindings, with the members of all users; and, as timed members, those with exactly a [`Condition`](crate::fanout::resource::Condition)
    /// of anu. Any other conditional binding is never changed and not listed.
    pub grants: Grants,
    /// Unconditional members by role that no registry can spell (`domain:`, `principal:`, `deleted:…`, `allUsers`), as the
    /// platform writes them. Always those of others; never changed.
    pub unspellable: BTreeMap<String, BTreeSet<String>>,
}

/// A change to one project's IAM policy: only these members are touched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyChange {
    /// Members to add, by role.
    pub add: Grants,
    /// Members to remove, by role.
    pub remove: Grants,
}

/// Held by a caller that will change a project's policy soon, so that the changes of several callers can be written together.
/// Ends when it is dropped, after the change or without one.
#[derive(Default)]
pub struct Announcement {
    end: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Announcement {
    /// An announcement; `end` is called when it ends.
    pub fn new(end: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self { end: Some(Box::new(end)) }
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end();
        }
    }
}

impl std::fmt::Debug for Announcement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Announcement").finish_non_exhaustive()
    }
}
