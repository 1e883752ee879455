//! A project itself: reading, creating, changing and deleting it.

use std::collections::BTreeSet;
use std::time::Duration;

use google_cloud_longrunning::model::Operation;
use google_cloud_resourcemanager_v3::model::Project;
use google_cloud_resourcemanager_v3::model::project::State;
use google_cloud_wkt::FieldMask;

use super::Google;
use super::error::{Attempt, is_forbidden, is_unseen, may_be_state, unseen};
use crate::connect::google::{Api, Call, CallError, Called, Kind};
use crate::fanout::resource::ProjectSettings;
use crate::platform::ownership::merge_settings;
use crate::platform::{Error, Lifecycle, OwnerLabel, OwnershipPolicy, ProjectView, RequestContext, Result};
use crate::registry::names::ProjectId;
use crate::registry::owner_label::CREATOR_LABEL;

/// What the creation of a project costs of the quota for writes.
const CREATION_COST: u32 = 10;
/// Seconds, between attempts to read a project that exists already: the creation of a run that was cut short may still be going on.
const APPEARS: [u64; 4] = [1, 2, 4, 8];

/// The permission to read a project.
pub(super) const GET: &str = "resourcemanager.projects.get";

/// `projects/NUMBER`, and the number.
pub(super) fn number(project: &Project) -> u64 {
    project.name.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// When the project is deleted for good, if it is being deleted.
pub(super) fn lifecycle(project: &Project) -> Lifecycle {
    if project.state != State::DeleteRequested {
        return Lifecycle::Active;
    }
    // Google's 30 days of grace.
    let purged =
        project.delete_time.as_ref().and_then(|time| jiff::Timestamp::from_second(time.seconds() + 30 * 86_400).ok());
    let when = purged.map(|time| format!(" on {}", time.strftime("%Y-%m-%d"))).unwrap_or_default();
    Lifecycle::PendingDeletion(format!(
        "Google deletes it for good{when}, and no new project can ever have its id; restore the project, or choose another id"
    ))
}

/// The error for a project that is being deleted.
pub(super) fn refuse_pending(id: &ProjectId, project: &Project) -> Result<()> {
    match lifecycle(project) {
        Lifecycle::Active => Ok(()),
        Lifecycle::PendingDeletion(detail) => Err(Error::PendingDeletion { what: what(id), detail }),
    }
}

pub(super) fn what(id: &ProjectId) -> String {
    format!("project `{id}`")
}

pub(super) fn settings(project: &Project, billing_account: Option<String>) -> ProjectSettings {
    ProjectSettings {
        display_name: project.display_name.clone(),
        parent: Some(project.parent.clone()).filter(|parent| !parent.is_empty()),
        billing_account,
        labels: project.labels.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
    }
}

pub(super) fn view(project: &Project, billing_account: Option<String>) -> ProjectView {
    let settings = settings(project, billing_account);
    ProjectView {
        number: number(project),
        lifecycle: lifecycle(project),
        owner: OwnerLabel::of(&settings.labels),
        etag: project.etag.clone(),
        settings,
    }
}

impl Google {
    /// The project, or none: it does not exist, or may not be read.
    pub(super) async fn get(&self, ctx: &RequestContext, id: &ProjectId) -> Result<Option<Project>> {
        let name = format!("projects/{id}");
        let call = Call::read(Api::ResourceManager, "GET", format!("v3/{name}")).settles(self.known.get(id).settles());
        let read = self.apis.call(ctx, &call, |clients, options| {
            clients.projects.get_project().set_name(&name).with_options(options).send()
        });
        match read.await {
            Ok(project) => Ok(Some(project)),
            Err(error) if is_unseen(&error) => Ok(None),
            Err(error) => Err(Attempt { project: id, what: "it cannot be read", permission: GET }.failed(error)),
        }
    }

    /// The project with its billing account, or none: it does not exist, or may not be read.
    pub(super) async fn get_whole(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
    ) -> Result<Option<(Project, Option<String>)>> {
        let Some(project) = self.get(ctx, id).await? else { return Ok(None) };
        if project.state == State::DeleteRequested {
            return Ok(Some((project, None)));
        }
        let billing = match self.billing_account(ctx, id).await {
            Ok(billing) => billing,
            // Who uses only projects of others needs no access to Cloud Billing.
            Err(error) if is_forbidden(&error) && view(&project, None).owner == OwnerLabel::Missing => None,
            Err(error) => {
                let what = "its billing account cannot be read";
                return Err(Attempt { project: id, what, permission: GET }.failed(error));
            }
        };
        Ok(Some((project, billing)))
    }

    /// Creates the project, with the ownership label in the request. None: one of that id exists already.
    pub(super) async fn create(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        settings: &ProjectSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<Option<Project>> {
        let mut labels = ownership.with_owner(&settings.labels);
        if self.remove_creator_owner == Some(true) {
            labels.insert(CREATOR_LABEL.0.to_owned(), CREATOR_LABEL.1.to_owned());
        }
        let project = Project::new()
            .set_project_id(id.as_str())
            .set_display_name(&settings.display_name)
            .set_parent(settings.parent.clone().unwrap_or_default())
            .set_labels(labels);
        let call = Call::write(Api::ResourceManager, "POST", "v3/projects").costs(CREATION_COST);
        let begun = self.apis.call(ctx, &call, |clients, options| {
            clients.projects.create_project().set_project(project.clone()).with_options(options).send()
        });
        let done = match begun.await {
            Ok(operation) => self.finish(ctx, operation).await,
            Err(error) => Err(error),
        };
        match done {
            Ok(created) => {
                tracing::info!(project = %id, "project created");
                self.known.get(id).created();
                match created {
                    Some(project) => Ok(Some(project)),
                    None => self.get(ctx, id).await,
                }
            }
            Err(CallError::Failed(failure)) if failure.kind == Kind::Exists => Ok(None),
            Err(error) => {
                let parent = settings.parent.as_deref().unwrap_or("no parent");
                let permission = "resourcemanager.projects.create";
                // Google answers the same for a parent that does not exist.
                let what = match is_unseen(&error) {
                    true => format!("it cannot be created: {parent} does not exist, or is not open to this identity"),
                    false => format!("it cannot be created in {parent}"),
                };
                Err(Attempt { project: id, what: &what, permission }.failed(error))
            }
        }
    }

    /// A project that could not be created, because one of that id exists, and that could not be read before: it is being
    /// created, or of others.
    pub(super) async fn appearing(&self, ctx: &RequestContext, id: &ProjectId) -> Result<(Project, Option<String>)> {
        for pause in APPEARS.map(Duration::from_secs) {
            if let Some(found) = self.get_whole(ctx, id).await? {
                return Ok(found);
            }
            ctx.sleep(pause).await?;
        }
        Err(Error::Invalid(format!(
            "project `{id}`: the id is taken: by a project on which there is no permission `{GET}`, or by one that was deleted. \
             Project ids are unique in all of Google Cloud, and never free again. Choose another id, or get access to that project"
        )))
    }

    /// Makes an existing project what is desired of it.
    pub(super) async fn settle(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        (mut project, billing): (Project, Option<String>),
        desired: &ProjectSettings,
        previous: &BTreeSet<String>,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView> {
        refuse_pending(id, &project)?;
        let found = settings(&project, billing.clone());
        if !ownership.may_change(&OwnerLabel::of(&found.labels)) {
            return Err(ownership.not_owned(what(id)));
        }
        if found.labels.contains_key(CREATOR_LABEL.0) {
            match self.remove_creator_owner {
                Some(true) => self.remove_owner(ctx, id).await?,
                Some(false) => {}
                None => self.note_owner(ctx, id).await,
            }
        }
        let desired = merge_settings(&found, desired, previous, ownership);
        let mut changed = Vec::new();
        if desired.display_name != found.display_name {
            changed.push("display_name");
        }
        if desired.labels != found.labels {
            changed.push("labels");
        }
        if !changed.is_empty() {
            let patch = Project::new()
                .set_name(&project.name)
                .set_display_name(&desired.display_name)
                .set_labels(desired.labels.clone());
            let mask = FieldMask::default().set_paths(changed);
            project = self.patch(ctx, id, patch, mask).await?;
        }
        if let Some(parent) = desired.parent.as_ref().filter(|parent| Some(*parent) != found.parent.as_ref()) {
            project = self.relocate(ctx, id, &project, parent).await?;
        }
        let Some(account) = desired.billing_account.as_ref().filter(|account| Some(*account) != billing.as_ref())
        else {
            return Ok(view(&project, billing));
        };
        let billing = self.link_billing(ctx, id, account).await?;
        // Its etag may be another one now.
        let project = self.get(ctx, id).await?.ok_or_else(|| unseen(id))?;
        Ok(view(&project, Some(billing)))
    }

    async fn patch(&self, ctx: &RequestContext, id: &ProjectId, patch: Project, mask: FieldMask) -> Result<Project> {
        let attempt = Attempt {
            project: id,
            what: "its name and labels cannot be changed",
            permission: "resourcemanager.projects.update",
        };
        let call = self.write(id, "PATCH", format!("v3/{}", patch.name));
        let begun = self.apis.call(ctx, &call, |clients, options| {
            let request = clients.projects.update_project().set_project(patch.clone()).set_update_mask(mask.clone());
            request.with_options(options).send()
        });
        let operation = begun.await.map_err(|error| attempt.failed(error))?;
        self.finished(ctx, id, operation, attempt).await
    }

    async fn relocate(&self, ctx: &RequestContext, id: &ProjectId, project: &Project, parent: &str) -> Result<Project> {
        let what = format!("it cannot be moved from {} to {parent}", project.parent);
        let attempt = Attempt { project: id, what: &what, permission: "resourcemanager.projects.move" };
        let name = &project.name;
        let call = self.write(id, "POST", format!("v3/{name}:move"));
        let begun = self.apis.call(ctx, &call, |clients, options| {
            let request = clients.projects.move_project().set_name(name).set_destination_parent(parent);
            request.with_options(options).send()
        });
        let operation = begun.await.map_err(|error| attempt.failed(error))?;
        self.finished(ctx, id, operation, attempt).await
    }

    /// Undeletes a project.
    pub(super) async fn undelete(&self, ctx: &RequestContext, id: &ProjectId, name: &str) -> Result<Project> {
        let attempt =
            Attempt { project: id, what: "it cannot be restored", permission: "resourcemanager.projects.undelete" };
        let call = self.write(id, "POST", format!("v3/{name}:undelete"));
        let begun = self.apis.call(ctx, &call, |clients, options| {
            clients.projects.undelete_project().set_name(name).with_options(options).send()
        });
        let operation = begun.await.map_err(|error| attempt.failed(error))?;
        self.finished(ctx, id, operation, attempt).await
    }

    /// Deletes a project.
    pub(super) async fn delete(&self, ctx: &RequestContext, id: &ProjectId, name: &str) -> Called<()> {
        let call = self.write(id, "DELETE", format!("v3/{name}"));
        let begun = self.apis.call(ctx, &call, |clients, options| {
            clients.projects.delete_project().set_name(name).with_options(options).send()
        });
        self.finish(ctx, begun.await?).await.map(drop)
    }

    /// A refusal that is due to the state of the project, or the one that `otherwise` gives.
    pub(super) async fn refused(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        error: CallError,
        otherwise: impl FnOnce(&ProjectId, CallError) -> Error,
    ) -> Error {
        if !may_be_state(&error) {
            return otherwise(id, error);
        }
        match self.get(ctx, id).await {
            Ok(Some(project)) => match refuse_pending(id, &project) {
                Ok(()) => otherwise(id, error),
                Err(pending) => pending,
            },
            Ok(None) => unseen(id),
            Err(error) => error,
        }
    }

    fn write(&self, id: &ProjectId, method: &'static str, path: String) -> Call {
        Call::write(Api::ResourceManager, method, path).settles(self.known.get(id).settles())
    }

    async fn finished(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        operation: Operation,
        attempt: Attempt<'_>,
    ) -> Result<Project> {
        match self.finish(ctx, operation).await.map_err(|error| attempt.failed(error))? {
            Some(project) => Ok(project),
            None => self.get(ctx, id).await?.ok_or_else(|| unseen(id)),
        }
    }

    /// The project that an operation results in, if it has it.
    async fn finish(&self, ctx: &RequestContext, operation: Operation) -> Called<Option<Project>> {
        let result = self.apis.finish(ctx, Api::ResourceManager, operation).await?;
        Ok(result.and_then(|any| any.to_msg::<Project>().ok()).filter(|project| !project.name.is_empty()))
    }
}
