//! What a handler works with: one request, its caller, and the state.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::error::{ApiError, Result};
use crate::options::Options;
use crate::permissions::{self, Caller};
use crate::state::{Effect, Lifecycle, Operation, OperationKind, Project, State};

/// One request, on its way through a handler.
pub(crate) struct Context<'a> {
    pub state: &'a mut State,
    pub options: &'a Options,
    pub caller: Caller,
    /// What the route's path captured.
    pub path: BTreeMap<&'static str, String>,
    pub query: &'a [(String, String)],
    /// The body: an object, empty if there was none.
    pub body: &'a Value,
    /// The error that a fault rule has for the operation that this request starts.
    pub operation_failure: Option<ApiError>,
}

impl Context<'_> {
    /// A part of the path. The route has it, or there is a bug in the table of routes.
    pub fn path(&self, name: &str) -> &str {
        &self.path[name]
    }

    /// A parameter of the query; the last one, where it is repeated.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A text of the body; an absent one is empty, as in protocol buffers.
    pub fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_default()
    }

    /// The fields that an update changes: the mask, in the names of JSON. Without a mask, the fields that the body has.
    pub fn update_mask(&self, mask: Option<&str>, body: &Value) -> Vec<String> {
        match mask {
            Some(mask) if !mask.is_empty() && mask != "*" => mask.split(',').map(camel_case).collect(),
            _ => body.as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default(),
        }
    }

    /// Fails unless the caller has a permission on a resource.
    pub fn require(&self, permission: &str, resource: &str) -> Result<()> {
        match permissions::is_allowed(self.state, &self.caller, permission, resource) {
            true => Ok(()),
            false => Err(ApiError::denied()),
        }
    }

    /// The id of the project in the path, by id or number, if the caller has a permission on it. Unknown is the same as
    /// forbidden.
    pub fn project_id(&self, permission: &str) -> Result<String> {
        let id = self.state.project_id(self.path("project")).ok_or_else(ApiError::denied)?;
        self.require(permission, &format!("projects/{id}"))?;
        Ok(id)
    }

    /// The project in the path as it is now.
    pub fn project(&self, permission: &str) -> Result<Project> {
        let id = self.project_id(permission)?;
        self.state.projects.get(&id).map(|project| project.current().clone()).ok_or_else(ApiError::denied)
    }

    /// The project in the path as readers see it.
    pub fn seen_project(&self, permission: &str) -> Result<Project> {
        let id = self.project_id(permission)?;
        self.state
            .projects
            .get(&id)
            .and_then(|project| project.seen(self.state.seen_at()))
            .cloned()
            .ok_or_else(ApiError::denied)
    }

    /// Starts an operation. Its effect shows when the operation is done.
    pub fn start(&mut self, prefix: &str, kind: OperationKind, effect: Effect) -> Operation {
        let now = self.state.now();
        let name = format!("operations/{prefix}.{}", 1_000_000_000 + self.state.next_number());
        let delay = SignedDuration::try_from(self.options.operation_delay).unwrap_or_default();
        let mut operation = Operation::new(name.clone(), kind, now, now + delay, effect);
        if let Some(error) = self.operation_failure.take() {
            operation.fail(error);
        }
        self.state.operations.insert(name, operation.clone());
        operation
    }

    /// Starts an operation of Resource Manager, and answers with it: with the outcome, where it takes no time and `at_once`.
    pub fn start_resource_operation(&mut self, prefix: &str, kind: &str, effect: Effect, at_once: bool) -> Result {
        let operation = self.start(prefix, OperationKind::ResourceManager(kind.to_owned()), effect);
        if !at_once {
            return Ok(operation.render_started());
        }
        self.state.settle();
        Ok(self.state.operations[&operation.name].render_finished())
    }

    /// One page of a list, in the key `name`.
    pub fn page(&self, name: &str, all: Vec<Value>, largest: usize) -> Result {
        let size = match self.query("pageSize").map(str::parse::<usize>) {
            None | Some(Ok(0)) => largest,
            Some(Ok(size)) => size.min(largest),
            Some(Err(_)) => return Err(ApiError::invalid("Invalid value at 'page_size' (TYPE_INT32)")),
        };
        let start = match self.query("pageToken") {
            None | Some("") => 0,
            Some(token) => token
                .strip_prefix("page-")
                .and_then(|start| start.parse().ok())
                .filter(|&start| start <= all.len())
                .ok_or_else(|| ApiError::invalid("page_token is invalid"))?,
        };
        let mut page = json!({});
        let end = (start + size).min(all.len());
        if start < end {
            page[name] = json!(all[start..end]);
        }
        if end < all.len() {
            page["nextPageToken"] = json!(format!("page-{end}"));
        }
        Ok(page)
    }
}

/// Fails unless the project is active.
pub(crate) fn require_active(project: &Project) -> Result<()> {
    match project.state {
        Lifecycle::Active => Ok(()),
        Lifecycle::DeleteRequested => Err(ApiError::precondition("Precondition check failed.").violation(
            "PROJECT_STATE",
            &format!("projects/{}", project.number),
            "The project must be ACTIVE.",
        )),
    }
}

/// The time, as text in an answer.
pub(crate) fn timestamp(at: Timestamp) -> Value {
    json!(at.to_string())
}

/// `display_name` is `displayName`.
fn camel_case(name: &str) -> String {
    let mut camel = String::new();
    let mut upper = false;
    for letter in name.trim().chars() {
        if letter == '_' {
            upper = true;
        } else if std::mem::take(&mut upper) {
            camel.extend(letter.to_uppercase());
        } else {
            camel.push(letter);
        }
    }
    camel
}
