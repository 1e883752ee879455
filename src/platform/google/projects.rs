//! The verbs for projects.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::error::{is_forbidden, may_be_state, unseen};
use super::policy::grants;
use super::project::{refuse_pending, view, what};
use super::{Google, PLATFORM};
use crate::connect::google::{CallError, Called};
use crate::fanout::resource::ProjectSettings;
use crate::platform::{
    Error, Lifecycle, OwnerLabel, OwnershipPolicy, PolicyChange, ProjectState, ProjectView, Projects, RequestContext,
    Result,
};
use crate::registry::names::{GoogleService, ProjectId};

/// A part of a project, as far as the project is one that has it.
fn part<T: Default>(
    id: &ProjectId,
    project: Option<&ProjectView>,
    read: Called<T>,
    cannot: impl FnOnce(&ProjectId, CallError) -> Error,
) -> Result<T> {
    let usable = project.is_some_and(|project| project.lifecycle == Lifecycle::Active);
    match read {
        Ok(part) => Ok(part),
        Err(error) if !usable && may_be_state(&error) => Ok(T::default()),
        Err(error) => Err(cannot(id, error)),
    }
}

#[async_trait]
impl Projects for Google {
    fn platform(&self) -> &'static str {
        PLATFORM
    }

    fn hides_projects(&self) -> bool {
        true
    }

    async fn read_project(&self, ctx: &RequestContext, id: &ProjectId) -> Result<ProjectState> {
        let (whole, apis, policy) = tokio::join!(self.get_whole(ctx, id), self.enabled(ctx, id), self.policy(ctx, id));
        let project = whole?.map(|(project, billing)| view(&project, billing));
        let apis = part(id, project.as_ref(), apis, Self::cannot_list)?;
        let policy = part(id, project.as_ref(), policy, Self::cannot_read_policy)?;
        let (grants, unspellable) = grants(&policy);
        // A change of the policy may begin with it. That of a project that is being deleted is not changed.
        if !policy.etag.is_empty() && project.as_ref().is_none_or(|project| project.lifecycle == Lifecycle::Active) {
            self.known.get(id).keep_policy(policy);
        }
        Ok(ProjectState { project, apis, grants, unspellable })
    }

    async fn ensure_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        settings: &ProjectSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView> {
        let found = match self.get_whole(ctx, id).await? {
            Some(found) => found,
            None => {
                let found = match self.create(ctx, id, settings, ownership).await? {
                    Some(project) => (project, None),
                    // It was repeated after its answer was lost, or a run that was cut short has begun it.
                    None => self.appearing(ctx, id).await?,
                };
                if ownership.is_ours(&view(&found.0, None).owner) {
                    self.known.get(id).created();
                    if self.remove_creator_owner.is_none() {
                        self.note_owner(ctx, id).await;
                    }
                }
                found
            }
        };
        let name = found.0.name.clone();
        let view = self.settle(ctx, id, found, settings, &BTreeSet::new(), ownership).await?;
        if self.lien {
            self.ensure_lien(ctx, id, &name).await?;
        }
        Ok(view)
    }

    fn take_owners_by_creation(&self, id: &ProjectId) -> BTreeSet<String> {
        self.known.get(id).take_owners()
    }

    async fn update_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        settings: &ProjectSettings,
        previous_labels: &BTreeSet<String>,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView> {
        let found = self.get_whole(ctx, id).await?.ok_or_else(|| unseen(id))?;
        self.settle(ctx, id, found, settings, previous_labels, ownership).await
    }

    async fn restore_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView> {
        let (project, billing) = self.get_whole(ctx, id).await?.ok_or_else(|| unseen(id))?;
        let found = view(&project, billing.clone());
        if !ownership.may_change(&found.owner) {
            return Err(ownership.not_owned(what(id)));
        }
        if found.lifecycle == Lifecycle::Active {
            return Ok(found);
        }
        let restored = self.undelete(ctx, id, &project.name).await?;
        tracing::info!(project = %id, "project restored");
        let settings = ProjectSettings { billing_account: None, ..super::project::settings(&restored, None) };
        self.settle(ctx, id, (restored, None), &settings, &BTreeSet::new(), ownership).await
    }

    async fn delete_project(&self, ctx: &RequestContext, id: &ProjectId, ownership: &OwnershipPolicy) -> Result<()> {
        let Some(project) = self.get(ctx, id).await? else { return Ok(()) };
        if !ownership.may_delete(&OwnerLabel::of(&super::project::settings(&project, None).labels)) {
            return Err(ownership.not_owned(what(id)));
        }
        if refuse_pending(id, &project).is_err() {
            return Ok(());
        }
        self.known.get(id).deleted();
        let Err(error) = self.delete(ctx, id, &project.name).await else { return Ok(()) };
        // It was repeated after its answer was lost.
        if may_be_state(&error) && self.get(ctx, id).await?.is_some_and(|now| refuse_pending(id, &now).is_err()) {
            return Ok(());
        }
        // A lien of ours, which stays if the deletion is refused for another reason.
        let may_be_lien = may_be_state(&error) && !is_forbidden(&error);
        if may_be_lien && self.remove_liens(ctx, id, &project.name).await? > 0 {
            return self.delete(ctx, id, &project.name).await.map_err(|error| cannot_delete(id, error));
        }
        Err(cannot_delete(id, error))
    }

    async fn enable_apis(&self, ctx: &RequestContext, id: &ProjectId, apis: &BTreeSet<GoogleService>) -> Result<()> {
        self.enable(ctx, id, apis).await
    }

    async fn disable_apis(&self, ctx: &RequestContext, id: &ProjectId, apis: &BTreeSet<GoogleService>) -> Result<()> {
        self.disable(ctx, id, apis).await
    }

    async fn modify_policy(&self, ctx: &RequestContext, id: &ProjectId, change: &PolicyChange) -> Result<()> {
        self.change_policy(ctx, id, change).await
    }
}

fn cannot_delete(id: &ProjectId, error: CallError) -> Error {
    let permission = "resourcemanager.projects.delete";
    super::error::Attempt { project: id, what: "it cannot be deleted", permission }.failed(error)
}
