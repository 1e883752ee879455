//! From a request to its answer: faults, caller, quota, handler, transcript, in this order.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::context::Context;
use crate::discovery::{self, Checked, Documents};
use crate::error::{ApiError, Code, Result};
use crate::faults::{Action, Faults};
use crate::fields;
use crate::options::{Authentication, Options, Validation};
use crate::permissions::{ADMINISTRATOR, Caller};
use crate::quotas::{Api, Metric, Usage};
use crate::router;
use crate::state::State;
use crate::storage;
use crate::transcript::{Exchange, Transcript, without_secrets};

/// A request as it came in.
#[derive(Debug)]
pub(crate) struct Request {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub token: Option<String>,
    pub quota_project: Option<String>,
    /// Null if there was none; an error's text if it is not JSON.
    pub body: std::result::Result<Value, String>,
}

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
    pub transcript: Transcript,
    storage: Option<PathBuf>,
    documents: Option<Arc<Documents>>,
}

impl Engine {
    pub fn new(options: Options) -> std::io::Result<Self> {
        let inner = Inner {
            state: storage::load(&options)?,
            usage: Usage::new(options.quotas.clone()),
            faults: Faults::default(),
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
        let mut inner = self.lock();
        match fault {
            Some(Action::CutBefore) => {
                inner.record(&request, "", ADMINISTRATOR, 0, Value::Null);
                Reply::Cut
            }
            Some(Action::Answer { status, message, retry_after }) => {
                let body = ApiError::new(Code::of_status(status), message).body(false);
                let body = with_status(body, status);
                inner.record(&request, "", ADMINISTRATOR, status, body.clone());
                Reply::Answer { status, body, retry_after }
            }
            Some(Action::CutAfter) => {
                self.execute(&mut inner, &request, None, true);
                Reply::Cut
            }
            Some(Action::FailOperation { status, message }) => {
                let failure = ApiError::new(Code::of_status(status), message);
                let (status, body) = self.execute(&mut inner, &request, Some(failure), false);
                Reply::Answer { status, body, retry_after: None }
            }
            Some(Action::Delay(_)) | None => {
                let (status, body) = self.execute(&mut inner, &request, None, false);
                Reply::Answer { status, body, retry_after: None }
            }
        }
    }

    /// Executes a request and records it.
    fn execute(&self, inner: &mut Inner, request: &Request, failure: Option<ApiError>, cut: bool) -> (u16, Value) {
        inner.state.settle();
        let route = router::find(&request.method, &request.path);
        let (id, legacy) = route.as_ref().map_or(("", false), |(route, _)| (route.id, route.api == Api::Iam));
        let mut principal = String::new();
        let result = self.run(inner, request, route, failure, &mut principal);
        inner.save();
        let (status, mut body) = match result {
            Ok(body) => (200, body),
            Err(error) => (error.code.status(), error.body(legacy)),
        };
        if let Some((_, mask)) = request.query.iter().find(|(key, _)| key == "fields")
            && status == 200
        {
            body = fields::select(&body, mask);
        }
        if self.options.integer_enums && accepts_integers(&request.query) {
            enums_to_integers(&mut body);
        }
        inner.record(request, id, &principal, if cut { 0 } else { status }, body.clone());
        (status, body)
    }

    fn run(
        &self,
        inner: &mut Inner,
        request: &Request,
        route: Option<(&'static router::Route, std::collections::BTreeMap<&'static str, String>)>,
        operation_failure: Option<ApiError>,
        principal: &mut String,
    ) -> Result {
        let Some((route, path)) = route else {
            return Err(ApiError::not_found(format!("Method not found: {} {}", request.method, request.path)));
        };
        let caller = self.caller(&inner.state, request, route.api)?;
        principal.clone_from(&caller.principal);
        let now = inner.state.now();
        inner.usage.count(route.api, route.metric, route.cost, now)?;
        let empty = json!({});
        let body = match &request.body {
            Ok(Value::Null) => &empty,
            Ok(body) => body,
            Err(problem) => return Err(ApiError::invalid(format!("Invalid JSON payload received. {problem}"))),
        };
        let mut context = Context {
            state: &mut inner.state,
            options: &self.options,
            caller,
            path,
            query: &request.query,
            body,
            operation_failure,
        };
        (route.handler)(&mut context)
    }

    /// Who sends a request. Where tokens come from, none is needed.
    fn caller(&self, state: &State, request: &Request, api: Api) -> Result<Caller> {
        let unauthenticated = || {
            ApiError::new(
                Code::Unauthenticated,
                "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
            )
            .reason("ACCESS_TOKEN_TYPE_UNSUPPORTED", "googleapis.com", json!({ "service": api.service() }))
        };
        let token = request.token.as_ref().and_then(|token| state.tokens.get(token));
        match token {
            Some(token) if token.expires.is_some_and(|at| at <= state.now()) => Err(unauthenticated()),
            Some(token) => Ok(Caller { principal: token.principal.clone() }),
            None if api == Api::Tokens || self.options.authentication == Authentication::Optional => {
                Ok(Caller { principal: ADMINISTRATOR.to_owned() })
            }
            None => Err(unauthenticated()),
        }
    }
}

impl Inner {
    fn record(&mut self, request: &Request, id: &'static str, principal: &str, status: u16, response: Value) {
        let body = request.body.as_ref().unwrap_or(&Value::Null);
        let checked = Checked {
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
            principal: principal.to_owned(),
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

/// The error of a fault has the status of its rule, also one that none of Google's codes has.
fn with_status(mut body: Value, status: u16) -> Value {
    body["error"]["code"] = json!(status);
    body
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
