//! The transcript: each request with its answer.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};

/// One request and its answer. Credentials are left out.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// Counted from 1.
    pub number: usize,
    /// The API's name of the method: `cloudresourcemanager.projects.get`; empty for a path that no method has.
    pub id: &'static str,
    /// The method of HTTP.
    pub method: String,
    /// The path, decoded.
    pub path: String,
    /// The parameters of the query, decoded.
    pub query: Vec<(String, String)>,
    /// Who sent it.
    pub principal: String,
    /// The header `x-goog-user-project`: the project that the request is counted to.
    pub quota_project: Option<String>,
    /// The body; null if there was none.
    pub request: Value,
    /// The status of the answer; 0 if the connection was cut.
    pub status: u16,
    /// The answer, also if the connection was cut instead; null if the request was not executed.
    pub response: Value,
    /// Violations of Google's discovery documents.
    pub violations: Vec<String>,
}

/// Fields with credentials, in requests and in answers.
const SECRETS: &[&str] = &[
    "access_token",
    "accessToken",
    "actor_token",
    "actorToken",
    "assertion",
    "client_secret",
    "refresh_token",
    "subject_token",
    "subjectToken",
];

/// A body without credentials.
pub(crate) fn without_secrets(mut body: Value) -> Value {
    if let Some(fields) = body.as_object_mut() {
        for (_, value) in fields.iter_mut().filter(|(key, _)| SECRETS.contains(&key.as_str())) {
            *value = json!("(credential)");
        }
    }
    body
}

/// The exchanges so far, and the file that gets each as a line.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    pub exchanges: Vec<Exchange>,
    /// Of all exchanges, each with its request.
    violations: Vec<String>,
    file: Option<File>,
}

impl Transcript {
    pub fn new(path: Option<&Path>) -> io::Result<Self> {
        let file = path.map(|path| File::options().create(true).append(true).open(path)).transpose()?;
        Ok(Self { exchanges: Vec::new(), violations: Vec::new(), file })
    }

    pub fn add(&mut self, mut exchange: Exchange) {
        exchange.number = self.exchanges.len() + 1;
        let of = format!("{} {}", exchange.method, exchange.path);
        self.violations.extend(exchange.violations.iter().map(|violation| format!("{of}: {violation}")));
        if let Some(file) = &mut self.file {
            let line = serde_json::to_string(&exchange).expect("an exchange is JSON");
            writeln!(file, "{line}").expect("the transcript can be written");
        }
        self.exchanges.push(exchange);
    }

    /// The violations of Google's discovery documents since the last call.
    pub fn take_violations(&mut self) -> Vec<String> {
        std::mem::take(&mut self.violations)
    }
}
