//! From a request to its answer: faults, caller, quota, handler, transcript, in this order.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::callers;
use crate::context::Context;
use crate::discovery::{self, Checked, Documents};
use crate::error::{ApiError, Code, Result};
use crate::faults::{Action, Faults};
use crate::fields;
use crate::options::{Options, Validation};
use crate::quotas::{Api, Metric, Usage};
use crate::request::Request;
use crate::router::{self, Found};
use crate::state::State;
use crate::storage;
use crate::transcript::{Exchange, Transcript, without_secrets};

/// What the client gets.
#[derive(Debug)]
pub(crate) enum Reply {
    Answer {
        status: u16,
        body: Value,
        retry_after: Option<u32>,
    },
    /// The connection ends.
    Cut,
    /// Nothing, while the connection stays open.
    Never,
}

/// The simulator without its network.
pub(crate) struct Engine {
    pub options: Options,
    inner: Mutex<Inner>,
}

/// What requests and tests change.
pub(crate) struct Inner {
    pub state: State,
    pub usage: Usage,
    pub faults: Faults,
    /// Requests that have got no answer.
    pub hanging: usize,
    pub transcript: Transcript,
    storage: Option<PathBuf>,
    documents: Option<Arc<Documents>>,
}

impl Engine {
    pub fn new(options: Options) -> std::io::Result<Self> {
        let inner = Inner {
            state: storage::load(&options)?,
            usage: Usage::new(options.quotas.clone(), options.quota_minute),
            faults: Faults::default(),
            hanging: 0,
            transcript: Transcript::new(options.transcript.as_deref())?,
            storage: options.state.clone(),
            documents: match &options.validation {
                Validation::Installed => discovery::installed(),
                Validation::Folder(folder) => Some(Arc::new(Documents::load(folder)?)),
                Validation::Off => None,
            },
        };
        Ok(Self { options, inner: Mutex::new(inner) })
    }

    /// Access to everything. A test that panicked meanwhile does not matter.
    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads or changes the state as it is after everything that is due.
    pub fn with_state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let mut inner = self.lock();
        inner.state.settle();
        let result = work(&mut inner.state);
        inner.save();
        result
    }

    /// Answers a request.
    pub async fn answer(&self, request: Request) -> Reply {
        let fault = self.lock().faults.action(&request.method, &request.path);
        let delay = match fault {
            Some(Action::Delay(delay)) => delay,
            _ => Duration::ZERO,
        };
        tokio::time::sleep(self.options.latency + delay).await;
        let route = router::find(&request.method, &request.path);
        let mut inner = self.lock();
        inner.state.settle();
        let (status, body, retry_after) = match &fault {
            Some(Action::CutBefore | Action::HangBefore) => (0, Value::Null, None),
            Some(Action::Answer { status, message, retry_after }) => {
                let mut body = ApiError::new(Code::of_status(*status), message).body(false);
                body["error"]["code"] = json!(status); // also one that none of Google's codes has
                (*status, body, *retry_after)
            }
            Some(Action::FailOperation { status, message }) => {
                let failure = ApiError::new(Code::of_status(*status), message);
                let (status, body) = self.execute(&mut inner, &request, route.as_ref(), Some(failure));
                (status, body, None)
            }
            Some(Action::Delay(_) | Action::CutAfter | Action::HangAfter) | None => {
                let (status, body) = self.execute(&mut inner, &request, route.as_ref(), None);
                (status, body, None)
            }
        };
        let is_cut = matches!(fault, Some(Action::CutBefore | Action::CutAfter));
        let hangs = matches!(fault, Some(Action::HangBefore | Action::HangAfter));
        let caller = route
            .as_ref()
            .and_then(|(route, _)| callers::identify(&inner.state, &self.options, &request, route.api).ok());
        let principal = caller.map_or_else(String::new, |caller| caller.principal);
        let id = route.map_or("", |(route, _)| route.id);
        inner.record(&request, id, principal, if is_cut || hangs { 0 } else { status }, body.clone());
        inner.hanging += usize::from(hangs);
        match (is_cut, hangs) {
            (true, _) => Reply::Cut,
            (_, true) => Reply::Never,
            _ => Reply::Answer { status, body, retry_after },
        }
    }

    /// Executes a request. The state is saved before the answer is on its way.
    fn execute(
        &self,
        inner: &mut Inner,
        request: &Request,
        route: Option<&Found>,
        failure: Option<ApiError>,
    ) -> (u16, Value) {
        let result = self.run(inner, request, route, failure);
        inner.save();
        let mask = request.query.iter().find(|(key, _)| key == "fields").map(|(_, mask)| mask);
        let (status, mut body) = match (result, mask) {
            (Ok(body), None) => (200, body),
            (Ok(body), Some(mask)) => (200, fields::select(&body, mask)),
            (Err(error), _) => (error.code.status(), error.body(route.is_some_and(|(route, _)| route.api == Api::Iam))),
        };
        if self.options.integer_enums && accepts_integers(&request.query) {
            enums_to_integers(&mut body);
        }
        (status, body)
    }

    fn run(&self, inner: &mut Inner, request: &Request, route: Option<&Found>, failure: Option<ApiError>) -> Result {
        let Some((route, path)) = route else {
            return Err(ApiError::not_found(format!("Method not found: {} {}", request.method, request.path)));
        };
        let caller = callers::identify(&inner.state, &self.options, request, route.api)?;
        callers::check_quota_project(&inner.state, &caller, request, route.api)?;
        let now = inner.state.now();
        inner.usage.count(route.api, route.metric, route.cost, now)?;
        let empty = json!({});
        let body = match &request.body {
            Ok(Value::Null) => &empty,
            Ok(body) => body,
            Err(problem) => return Err(ApiError::invalid(format!("Invalid JSON payload received. {problem}"))),
        };
        (route.handler)(&mut Context {
            state: &mut inner.state,
            options: &self.options,
            caller,
            path: path.clone(),
            query: &request.query,
            body,
            operation_failure: failure,
        })
    }
}

impl Inner {
    fn record(&mut self, request: &Request, id: &'static str, principal: String, status: u16, response: Value) {
        let body = request.body.as_ref().unwrap_or(&Value::Null);
        let checked = Checked {
            id,
            method: &request.method,
            path: &request.path,
            query: &request.query,
            request: body,
            status,
            response: &response,
        };
        let violations = self.documents.as_ref().map(|documents| documents.check(checked)).unwrap_or_default();
        self.transcript.add(Exchange {
            number: 0,
            id,
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            principal,
            quota_project: request.quota_project.clone(),
            request: without_secrets(body.clone()),
            status,
            response: without_secrets(response),
            violations,
        });
    }

    /// Writes the state to its file, if it has one.
    fn save(&self) {
        if let Some(path) = &self.storage {
            storage::save(path, &self.state).expect("the state can be written");
        }
    }

    /// The most that was used of a quota in any minute.
    pub fn peak(&self, api: Api, metric: Metric) -> u64 {
        self.usage.peak(api, metric)
    }
}

fn accepts_integers(query: &[(String, String)]) -> bool {
    query.iter().any(|(key, value)| key == "$alt" && value.contains("enum-encoding=int"))
}

/// Replaces the names of enumerations by their numbers, where the simulated APIs have any.
fn enums_to_integers(body: &mut Value) {
    match body {
        Value::Array(items) => items.iter_mut().for_each(enums_to_integers),
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value.as_str()) {
                    ("state", Some("ACTIVE" | "DISABLED")) => *value = json!(1),
                    ("state", Some("DELETE_REQUESTED" | "ENABLED")) => *value = json!(2),
                    ("logType", Some("ADMIN_READ")) => *value = json!(1),
                    ("logType", Some("DATA_WRITE")) => *value = json!(2),
                    ("logType", Some("DATA_READ")) => *value = json!(3),
                    _ => enums_to_integers(value),
                }
            }
        }
        _ => {}
    }
}
