//! One read of each project, and as few policy writes as possible, for all services of one run.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::policy_writes::Writes;
use crate::connect::RequestContext;
use crate::fanout::resource::{Grants, ProjectSettings, ServiceAccountSettings};
use crate::platform::{
    Announcement, Error, OwnershipPolicy, PolicyChange, ProjectState, ProjectView, Projects, Result,
    ServiceAccountView, ServiceAccounts, WorkloadIdentityChange,
};
use crate::registry::names::{GoogleService, ProjectId, ServiceAccountName};

/// Projects, as one run sees them.
///
/// - **One read.** All callers share the first read of a project, its error too. What this process changes is changed in the
///   shared state; after a creation, a deletion and every error the project is read again.
/// - **One write.** Policy changes of one project that come together are written together ([`Projects::announce_policy_change`]).
/// - **One writer.** Changes of one project itself come one after the other.
pub struct ProjectCache {
    projects: Arc<dyn Projects>,
    entries: Mutex<HashMap<ProjectId, Arc<Entry>>>,
}

#[derive(Default)]
struct Entry {
    seen: Mutex<Seen>,
    /// Held by those who change the project itself.
    turn: tokio::sync::Mutex<()>,
    policy: Arc<Writes>,
}

#[derive(Default)]
struct Seen {
    /// Replaced, never written, by what changes the project: a read that began before must not be taken for what is true after.
    state: Arc<OnceCell<Result<Arc<ProjectState>>>>,
    /// How long the last read took.
    took: Duration,
}

impl ProjectCache {
    /// A cache over these projects. Reads nothing.
    pub fn new(projects: Arc<dyn Projects>) -> Self {
        Self { projects, entries: Mutex::default() }
    }

    fn entry(&self, id: &ProjectId) -> Arc<Entry> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(entries.entry(id.clone()).or_default())
    }

    /// Changes the project itself, one caller at a time. `note` writes the result into what was read; without it, the project is
    /// read again.
    async fn change<T>(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        work: impl Future<Output = Result<T>> + Send,
        note: impl FnOnce(&T, &mut ProjectState) -> bool + Send,
    ) -> Result<T> {
        let entry = self.entry(id);
        let _turn = ctx.run(entry.turn.lock()).await?;
        let write = Write::begin(&entry);
        let done = work.await?;
        write.end(|state| note(&done, state));
        Ok(done)
    }
}

impl Entry {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long to wait for further policy changes: a fifth of what the platform took for the read. Where that is next to
    /// nothing, another write costs next to nothing too.
    fn quiet(&self) -> Duration {
        let fifth = (self.seen().took / 5).min(Duration::from_millis(50));
        if fifth < Duration::from_millis(1) { Duration::ZERO } else { fifth }
    }
}

/// A write that is under way. Unless it ends well, also when its future is dropped, what was read counts no more.
struct Write<'e> {
    entry: &'e Entry,
    ended: bool,
}

impl<'e> Write<'e> {
    fn begin(entry: &'e Entry) -> Self {
        Self { entry, ended: false }
    }

    /// The write succeeded: `note` changes what was read, or says that it cannot.
    fn end(mut self, note: impl FnOnce(&mut ProjectState) -> bool) {
        let mut seen = self.entry.seen();
        let mut state = match seen.state.get() {
            Some(Ok(state)) => ProjectState::clone(state),
            // Not read yet, or being read: whether with the change or without it is not known.
            Some(Err(_)) | None => return,
        };
        if note(&mut state) {
            seen.state = Arc::new(OnceCell::new_with(Some(Ok(Arc::new(state)))));
            drop(seen);
            self.ended = true;
        }
    }
}

impl Drop for Write<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.entry.seen().state = Arc::default();
        }
    }
}

/// A project that was there and is there: its view is all that has changed.
fn note_view(view: &ProjectView, state: &mut ProjectState) -> bool {
    match &mut state.project {
        Some(known) => {
            known.clone_from(view);
            true
        }
        // A project that was created has APIs and grants that the platform itself has given it.
        None => false,
    }
}

fn note_policy(change: &PolicyChange, grants: &mut Grants) {
    for (role, members) in &change.add {
        grants.entry(role.clone()).or_default().extend(members.iter().cloned());
    }
    for (role, members) in &change.remove {
        if let Some(there) = grants.get_mut(role) {
            there.retain(|member| !members.contains(member));
            if there.is_empty() {
                grants.remove(role);
            }
        }
    }
}

#[async_trait]
impl Projects for ProjectCache {
    fn platform(&self) -> &'static str {
        self.projects.platform()
    }

    fn hides_projects(&self) -> bool {
        self.projects.hides_projects()
    }

    async fn read_project(&self, ctx: &RequestContext, id: &ProjectId) -> Result<ProjectState> {
        let entry = self.entry(id);
        let cell = Arc::clone(&entry.seen().state);
        let read = cell.get_or_try_init(|| async {
            tracing::debug!(project = %id, "project read");
            let begun = Instant::now();
            let state = match self.projects.read_project(ctx, id).await {
                // That is the fate of the caller, not of the project.
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                state => state.map(Arc::new),
            };
            entry.seen().took = begun.elapsed();
            Ok(state)
        });
        match ctx.run(read).await?? {
            Ok(state) => Ok(ProjectState::clone(state)),
            Err(error) => Err(error.clone()),
        }
    }

    async fn ensure_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        settings: &ProjectSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView> {
        self.change(ctx, id, self.projects.ensure_project(ctx, id, settings, ownership), note_view).await
    }

    fn take_owners_by_creation(&self, id: &ProjectId) -> BTreeSet<String> {
        self.projects.take_owners_by_creation(id)
    }

    async fn update_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        settings: &ProjectSettings,
        previous_labels: &BTreeSet<String>,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView> {
        let update = self.projects.update_project(ctx, id, settings, previous_labels, ownership);
        self.change(ctx, id, update, note_view).await
    }

    async fn restore_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView> {
        self.change(ctx, id, self.projects.restore_project(ctx, id, ownership), |_, _| false).await
    }

    async fn delete_project(&self, ctx: &RequestContext, id: &ProjectId, ownership: &OwnershipPolicy) -> Result<()> {
        self.change(ctx, id, self.projects.delete_project(ctx, id, ownership), |(), _| false).await
    }

    async fn enable_apis(&self, ctx: &RequestContext, id: &ProjectId, apis: &BTreeSet<GoogleService>) -> Result<()> {
        let entry = self.entry(id);
        let write = Write::begin(&entry);
        self.projects.enable_apis(ctx, id, apis).await?;
        // A platform may enable others that these need, which no service's plan is about.
        write.end(|state| {
            state.apis.extend(apis.iter().cloned());
            true
        });
        Ok(())
    }

    async fn disable_apis(&self, ctx: &RequestContext, id: &ProjectId, apis: &BTreeSet<GoogleService>) -> Result<()> {
        let entry = self.entry(id);
        let write = Write::begin(&entry);
        self.projects.disable_apis(ctx, id, apis).await?;
        write.end(|state| {
            state.apis.retain(|api| !apis.contains(api));
            true
        });
        Ok(())
    }

    fn announce_policy_change(&self, id: &ProjectId) -> Announcement {
        self.entry(id).policy.announce()
    }

    async fn modify_policy(&self, ctx: &RequestContext, id: &ProjectId, change: &PolicyChange) -> Result<()> {
        let entry = self.entry(id);
        let write = |merged: PolicyChange, changes: usize| {
            let entry = &entry;
            async move {
                let _turn = ctx.run(entry.turn.lock()).await?;
                tracing::debug!(project = %id, changes, "policy write");
                let write = Write::begin(entry);
                self.projects.modify_policy(ctx, id, &merged).await?;
                write.end(|state| {
                    note_policy(&merged, &mut state.grants);
                    true
                });
                Ok(())
            }
        };
        entry.policy.make(ctx, change, entry.quiet(), write).await
    }
}

#[async_trait]
impl ServiceAccounts for ProjectCache {
    /// Not shared: the accounts of a project are those of one service, which reads them once.
    async fn read_service_accounts(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        with_policies: &BTreeSet<ServiceAccountName>,
    ) -> Result<BTreeMap<ServiceAccountName, ServiceAccountView>> {
        self.projects.read_service_accounts(ctx, id, with_policies).await
    }

    async fn put_service_account(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        settings: &ServiceAccountSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.projects.put_service_account(ctx, id, name, settings, ownership).await
    }

    /// The members of a deleted account are others in the project's policy, so it is read again.
    async fn delete_service_account(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        let delete = self.projects.delete_service_account(ctx, id, name, ownership);
        self.change(ctx, id, delete, |(), _| false).await
    }

    async fn modify_workload_identity(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        change: &WorkloadIdentityChange,
    ) -> Result<()> {
        self.projects.modify_workload_identity(ctx, id, name, change).await
    }
}
