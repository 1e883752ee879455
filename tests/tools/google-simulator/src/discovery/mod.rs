//! Checks exchanges against Google's discovery documents: the paths, the parameters, and both bodies.
//!
//! The documents do not describe behaviour: when a request is refused, with which status and text.

mod installed;
mod methods;
mod schema;

use std::path::Path;

use serde_json::{Value, json};

pub(crate) use self::installed::{folder, installed};
use self::methods::Document;
use self::schema::{Checker, Direction};

/// The APIs that are simulated, by the names of their documents.
const DOCUMENTS: &[&str] =
    &["cloudresourcemanager.v3", "serviceusage.v1", "cloudbilling.v1", "iam.v1", "iamcredentials.v1", "sts.v1"];

/// Where paths begin that no document describes: OAuth's token endpoint and the metadata server.
const UNDOCUMENTED: &[&str] = &["/token", "/computeMetadata/"];

/// What is checked of an exchange.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checked<'a> {
    /// The simulator's name for the method; empty if it has none.
    pub id: &'a str,
    pub method: &'a str,
    pub path: &'a str,
    pub query: &'a [(String, String)],
    pub request: &'a Value,
    /// 0 for a connection that was cut.
    pub status: u16,
    pub response: &'a Value,
}

/// Google's descriptions of the simulated APIs.
#[derive(Debug)]
pub(crate) struct Documents(Vec<Document>);

impl Documents {
    /// Reads the documents from the folder `discovery_cache/documents` of Google's Python client.
    pub fn load(folder: &Path) -> std::io::Result<Self> {
        let document = |name: &&str| {
            let path = folder.join(format!("{name}.json"));
            let text = std::fs::read(&path)
                .map_err(|error| std::io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
            Ok(Document::new(serde_json::from_slice(&text)?))
        };
        Ok(Self(DOCUMENTS.iter().map(document).collect::<std::io::Result<_>>()?))
    }

    /// What is wrong with an exchange: nothing, if all is as documented.
    pub fn check(&self, exchange: Checked<'_>) -> Vec<String> {
        let mut problems = Vec::new();
        if UNDOCUMENTED.iter().any(|path| exchange.path.starts_with(path)) {
            return problems;
        }
        let found =
            self.0.iter().filter_map(|document| Some((document, document.find(exchange.method, exchange.path)?)));
        let Some((document, method)) = found.max_by_key(|(_, method)| method.literal_length()) else {
            return vec![format!("no document has a method {} {}", exchange.method, exchange.path)];
        };
        if !exchange.id.is_empty() && exchange.id != method.id {
            problems.push(format!("the document calls the method {}, and the simulator {}", method.id, exchange.id));
        }
        method.check_query(exchange.query, &mut problems);
        self.check_request(document, method, exchange, &mut problems);
        let is_cut = exchange.status == 0;
        let error_code =
            exchange.response["error"]["code"].as_u64().filter(|_| exchange.response["error"]["status"].is_string());
        if exchange.status >= 400 || (is_cut && error_code.is_some()) {
            let status = if is_cut { error_code } else { Some(exchange.status.into()) };
            check_error(status.unwrap_or_default(), exchange.response, &mut problems);
        } else if !exchange.response.is_null() {
            let integers =
                exchange.query.iter().any(|(key, value)| key == "$alt" && value.contains("enum-encoding=int"));
            let checker = Checker { schemas: &document.schemas, direction: Direction::Response { integers } };
            match &method.response {
                Some(schema) => checker.check(exchange.response, schema, "response", &mut problems),
                None => problems.push("the method has no response".to_owned()),
            }
        }
        problems
    }

    fn check_request(
        &self,
        document: &Document,
        method: &methods::Method,
        exchange: Checked<'_>,
        problems: &mut Vec<String>,
    ) {
        let checker = Checker { schemas: &document.schemas, direction: Direction::Request };
        match (&method.request, exchange.request) {
            (_, Value::Null) => {}
            // Google's own clients send an empty object with a POST that has nothing to say.
            (None, Value::Object(fields)) if fields.is_empty() => {}
            (None, _) => problems.push("the method has no request body".to_owned()),
            (Some(schema), body) => {
                let mut body = if method.id == "sts.token" { with_camel_case(body) } else { body.clone() };
                // Clients send the resource whole; that it repeats the name of the path is no change of it.
                if let Some(fields) = body.as_object_mut()
                    && fields
                        .get("name")
                        .and_then(Value::as_str)
                        .is_some_and(|name| exchange.path.ends_with(&format!("/{name}")))
                {
                    fields.remove("name");
                }
                checker.check(&body, schema, "request", problems);
            }
        }
    }
}

/// An error is in Google's envelope.
fn check_error(status: u64, body: &Value, problems: &mut Vec<String>) {
    let error = &body["error"];
    let known = ["code", "message", "status", "details", "errors"];
    if error["code"] != json!(status) {
        problems.push(format!("the error's code is {}, and the status {status}", error["code"]));
    }
    for field in ["message", "status"].iter().filter(|field| !error[**field].is_string()) {
        problems.push(format!("the error has no {field}"));
    }
    let fields = body.as_object().into_iter().flat_map(|fields| fields.keys()).filter(|key| *key != "error");
    let unknown =
        error.as_object().into_iter().flat_map(|fields| fields.keys()).filter(|key| !known.contains(&key.as_str()));
    problems.extend(fields.chain(unknown).map(|key| format!("the error has an unknown field {key}")));
    for detail in error["details"].as_array().into_iter().flatten().filter(|detail| !detail["@type"].is_string()) {
        problems.push(format!("a detail has no type: {detail}"));
    }
}

/// A form of OAuth, in the names of the document.
fn with_camel_case(form: &Value) -> Value {
    let camel = |key: &String| match key.split_once('_') {
        None => key.clone(),
        Some((first, rest)) => {
            let rest = rest.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
            first.to_owned() + &rest.collect::<String>()
        }
    };
    form.as_object().into_iter().flatten().map(|(key, value)| (camel(key), value.clone())).collect()
}
