//! Long-running operations: what each will do, and how it ended.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Delayed, Folder, Lifecycle, Policy, Project, State};
use crate::error::{ApiError, Result};

/// An operation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Operation {
    pub name: String,
    pub kind: OperationKind,
    start: Timestamp,
    due: Timestamp,
    effect: Effect,
    /// How it ends, where a fault rule decides.
    failure: Option<ApiError>,
    outcome: Option<Result>,
}

/// The API of an operation, and what its metadata show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum OperationKind {
    /// `google.cloud.resourcemanager.v3.…Metadata`
    ResourceManager(String),
    /// Service Usage, with the names of what it changes.
    ServiceUsage(Vec<String>),
}

/// What an operation does when it is due.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Effect {
    CreateProject(Box<Project>),
    PatchProject { id: String, display_name: Option<String>, labels: Option<BTreeMap<String, String>> },
    MoveProject { id: String, parent: String },
    DeleteProject { id: String },
    UndeleteProject { id: String },
    EnableServices { id: String, services: BTreeSet<String>, batch: bool },
    DisableServices { id: String, services: BTreeSet<String>, named: String },
    CreateFolder(Folder),
    PatchFolder { name: String, display_name: String },
    MoveFolder { name: String, parent: String },
    DeleteFolder { name: String },
    Fail(ApiError),
}

impl Operation {
    pub fn new(name: String, kind: OperationKind, start: Timestamp, due: Timestamp, effect: Effect) -> Self {
        Self { name, kind, start, due, effect, failure: None, outcome: None }
    }

    /// Makes it fail instead.
    pub fn fail(&mut self, error: ApiError) {
        self.failure = Some(error);
    }

    /// Whether it will create a project of this id.
    pub fn creates(&self, id: &str) -> bool {
        self.outcome.is_none() && matches!(&self.effect, Effect::CreateProject(project) if project.id == id)
    }

    /// Whether it will change the APIs of this project.
    pub fn changes_services_of(&self, project: &str) -> bool {
        self.outcome.is_none()
            && matches!(&self.effect, Effect::EnableServices { id, .. } | Effect::DisableServices { id, .. } if id == project)
    }

    /// As the call that starts it answers: without an outcome. What creates or enables has no metadata yet either.
    pub fn render_started(&self) -> Value {
        let is_bare = matches!(
            self.effect,
            Effect::CreateProject(_) | Effect::CreateFolder(_) | Effect::EnableServices { .. } | Effect::Fail(_)
        );
        match is_bare {
            true => json!({"name": self.name}),
            false => json!({"name": self.name, "metadata": self.metadata(false)}),
        }
    }

    /// As a call answers that takes no time: the outcome, without a name.
    pub fn render_finished(&self) -> Value {
        let mut operation = self.render();
        if let (Some(Ok(_)), Some(fields)) = (&self.outcome, operation.as_object_mut()) {
            fields.retain(|name, _| name == "done" || name == "response");
        }
        operation
    }

    /// As it is now.
    pub fn render(&self) -> Value {
        let mut operation = json!({"name": self.name, "metadata": self.metadata(self.outcome.is_some())});
        match &self.outcome {
            None => {}
            Some(Ok(response)) => {
                operation["done"] = json!(true);
                operation["response"] = response.clone();
            }
            Some(Err(error)) => {
                operation["done"] = json!(true);
                operation["error"] = error.status_message();
            }
        }
        operation
    }

    fn metadata(&self, done: bool) -> Value {
        match &self.kind {
            OperationKind::ServiceUsage(names) => json!({
                "@type": "type.googleapis.com/google.api.serviceusage.v1.OperationMetadata",
                "resourceNames": names,
            }),
            OperationKind::ResourceManager(kind) => {
                let mut metadata =
                    json!({"@type": format!("type.googleapis.com/google.cloud.resourcemanager.v3.{kind}Metadata")});
                if kind == "CreateProject" {
                    metadata["createTime"] = json!(self.start.to_string());
                    if done {
                        metadata["gettable"] = json!(true);
                        metadata["ready"] = json!(true);
                    }
                }
                metadata
            }
        }
    }
}

/// Completes the operations that are due, in their order.
pub(super) fn settle(state: &mut State, now: Timestamp) {
    let mut due: Vec<(Timestamp, String)> = state
        .operations
        .values()
        .filter(|operation| operation.outcome.is_none() && operation.due <= now)
        .map(|operation| (operation.due, operation.name.clone()))
        .collect();
    due.sort();
    for (_, name) in due {
        let Some(operation) = state.operations.get(&name) else { continue };
        let (effect, failure) = (operation.effect.clone(), operation.failure.clone());
        let outcome = match failure {
            Some(error) => Err(error),
            None => apply(state, effect, now),
        };
        if let Some(operation) = state.operations.get_mut(&name) {
            operation.outcome = Some(outcome);
        }
    }
}

pub(super) fn apply(state: &mut State, effect: Effect, now: Timestamp) -> Result {
    match effect {
        Effect::CreateProject(project) => {
            let id = project.id.clone();
            let owner = Policy::of_owner(&project.creator);
            state.projects.insert(id.clone(), Delayed::new(now, *project));
            state.write_policy(&format!("projects/{id}"), owner);
            project_response(state, &id)
        }
        Effect::PatchProject { id, display_name, labels } => {
            state.change_project(&id, |project| {
                project.display_name = display_name.unwrap_or_else(|| project.display_name.clone());
                project.labels = labels.unwrap_or_else(|| project.labels.clone());
            });
            project_response(state, &id)
        }
        Effect::MoveProject { id, parent } => {
            state.change_project(&id, |project| project.parent = Some(parent));
            project_response(state, &id)
        }
        Effect::DeleteProject { id } => {
            state.change_project(&id, |project| {
                project.state = Lifecycle::DeleteRequested;
                project.delete_time = Some(now);
                project.billing_account = None; // and it is not restored
            });
            project_response(state, &id)
        }
        Effect::UndeleteProject { id } => {
            state.change_project(&id, |project| {
                project.state = Lifecycle::Active;
                project.delete_time = None;
            });
            project_response(state, &id)
        }
        Effect::EnableServices { id, services, batch } => {
            state.change_project(&id, |project| project.services.extend(services.iter().cloned()));
            let project = existing(state, &id)?;
            let all: Vec<Value> = services.iter().map(|service| project.render_service(service)).collect();
            Ok(match batch {
                true => typed("google.api.serviceusage.v1.BatchEnableServicesResponse", json!({ "services": all })),
                false => typed("google.api.serviceusage.v1.EnableServiceResponse", json!({ "service": all[0] })),
            })
        }
        Effect::DisableServices { id, services, named } => {
            state.change_project(&id, |project| project.services.retain(|service| !services.contains(service)));
            let service = existing(state, &id)?.render_service(&named);
            Ok(typed("google.api.serviceusage.v1.DisableServiceResponse", json!({ "service": service })))
        }
        Effect::CreateFolder(folder) => {
            let name = folder.name.clone();
            state.folders.insert(name.clone(), folder);
            change_folder(state, &name, now, |_| {})
        }
        Effect::PatchFolder { name, display_name } => {
            change_folder(state, &name, now, |folder| folder.display_name = display_name)
        }
        Effect::MoveFolder { name, parent } => change_folder(state, &name, now, |folder| folder.parent = parent),
        Effect::DeleteFolder { name } => {
            change_folder(state, &name, now, |folder| folder.state = Lifecycle::DeleteRequested)
        }
        Effect::Fail(error) => Err(error),
    }
}

fn existing<'s>(state: &'s State, id: &str) -> Result<&'s Project> {
    state.projects.get(id).map(Delayed::current).ok_or_else(ApiError::denied)
}

fn project_response(state: &State, id: &str) -> Result {
    Ok(typed("google.cloud.resourcemanager.v3.Project", existing(state, id)?.render()))
}

fn change_folder(state: &mut State, name: &str, now: Timestamp, change: impl FnOnce(&mut Folder)) -> Result {
    let etag = state.next_etag();
    let folder = state.folders.get_mut(name).ok_or_else(ApiError::denied)?;
    change(folder);
    folder.etag = etag;
    folder.update_time = now;
    Ok(typed("google.cloud.resourcemanager.v3.Folder", folder.render()))
}

fn typed(name: &str, mut message: Value) -> Value {
    message["@type"] = json!(format!("type.googleapis.com/{name}"));
    message
}
