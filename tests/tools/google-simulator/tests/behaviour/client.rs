//! A simulator and calls of its methods.

use google_simulator::{Options, Simulator};
use serde_json::{Value, json};

pub use crate::http::Answer;
use crate::http::send;

impl Answer {
    /// The body of a success.
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// Status, code and message of an error.
    pub fn error(&self) -> (u16, &str, &str) {
        let error = &self.body["error"];
        (self.status, error["status"].as_str().unwrap_or_default(), error["message"].as_str().unwrap_or_default())
    }
}

/// A simulator, and calls of its methods.
pub struct Client {
    pub simulator: Simulator,
    token: Option<String>,
    quota_project: Option<String>,
}

impl Client {
    pub fn new(options: Options) -> Self {
        Self { simulator: Simulator::start(options), token: None, quota_project: None }
    }

    /// Sends requests as this principal from now on.
    pub fn login(&mut self, principal: &str) {
        let token = format!("token of {principal}");
        self.simulator.add_token(&token, principal);
        self.token = Some(token);
    }

    /// Sends requests with this token from now on.
    pub fn set_token(&mut self, token: &str) {
        self.token = Some(token.to_owned());
    }

    /// Names this quota project in requests from now on.
    pub fn set_quota_project(&mut self, id: &str) {
        self.quota_project = Some(id.to_owned());
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &Value::Null).expect("an answer")
    }

    pub fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &body).expect("an answer")
    }

    pub fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.send(method, path, &body).expect("an answer")
    }

    /// A request; nothing if the connection was cut.
    pub fn send(&self, method: &str, path: &str, body: &Value) -> Option<Answer> {
        let token = self.token.as_ref().map(|token| format!("Authorization: Bearer {token}\r\n"));
        let project = self.quota_project.as_ref().map(|id| format!("X-Goog-User-Project: {id}\r\n"));
        let headers = [token, project].into_iter().flatten().collect::<String>();
        send(&self.simulator.url(), &headers, method, path, body)
    }

    /// Waits for an operation, and returns its response.
    pub fn done(&self, started: Answer) -> Value {
        let operation = self.ended(started);
        assert!(operation["error"].is_null(), "{operation}");
        operation["response"].clone()
    }

    /// Waits for an operation, and returns it.
    pub fn ended(&self, started: Answer) -> Value {
        let mut operation = started.ok();
        let version = if operation["name"].as_str().is_some_and(|name| name.contains("acf.")) { "v1" } else { "v3" };
        while operation["done"] != json!(true) {
            operation = self.get(&format!("/{version}/{}", operation["name"].as_str().expect("a name"))).ok();
        }
        operation
    }

    /// Creates a project in the first folder.
    pub fn create(&self, id: &str) -> Value {
        self.done(self.post("/v3/projects", json!({"projectId": id, "parent": "folders/1234"})))
    }
}
