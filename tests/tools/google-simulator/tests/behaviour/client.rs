//! A client of HTTP without any help: one connection for each request.

use std::io::{Read, Write};
use std::net::TcpStream;

use google_simulator::{Options, Simulator};
use serde_json::{Value, json};

/// An answer: the status and the body.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

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
}

impl Client {
    pub fn new(options: Options) -> Self {
        Self { simulator: Simulator::start(options), token: None }
    }

    /// Sends requests as this principal from now on.
    pub fn login(&mut self, principal: &str) {
        let token = format!("token of {principal}");
        self.simulator.add_token(&token, principal);
        self.token = Some(token);
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
        let address = self.simulator.url().replace("http://", "");
        let mut stream = TcpStream::connect(&address).expect("a connection");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let token = self.token.as_ref().map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: simulator\r\nConnection: close\r\nContent-Type: application/json\r\n{token}Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Answer { status, body: serde_json::from_str(body).expect("JSON") })
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
