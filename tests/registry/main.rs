//! The registry and its fan-out as a user sees them: documents, reported problems, desired resources.

mod article;
mod bad_entries;
mod bad_fences;
mod bad_json;
mod bad_references;
mod bad_values;
mod bounds;
mod complete;
mod domains;
mod expiry;
mod fan_out;
mod fences;
mod gke;
mod hidden;
mod impact;
mod misspelt;
mod normalization;
mod own_entry;
mod permissions;
mod properties;
mod provider_labels;
mod role_bindings;
mod roots;
mod round_trip;
mod schema;
mod selection;
mod service_accounts;
mod subjects;
mod users;

#[path = "../support/document.rs"]
mod document;
#[path = "../support/estate.rs"]
mod estate;

use anu::fanout::{self, FanOut, Settings};
use anu::registry::{LoadOptions, Problem};

/// The load options of version 0.1.0.
pub fn options() -> LoadOptions {
    LoadOptions { version: semver::Version::new(0, 1, 0), allow_empty: false, name: None }
}

/// A provider block with a `member_template`.
pub fn settings() -> Settings {
    Settings { member_template: Some("group:{team}-team@example.com".into()), ..Settings::default() }
}

/// The fan-out of a document without errors.
pub fn fan_out(document: &str) -> FanOut {
    fan_out_with(document, &settings())
}

/// The fan-out of a document without errors, with this provider block.
pub fn fan_out_with(document: &str, settings: &Settings) -> FanOut {
    match fanout::load(document.as_bytes(), &options(), settings) {
        Ok((fan_out, _)) => fan_out,
        Err(problems) => panic!("{}", text(&problems)),
    }
}

/// All reported problems of a document.
pub fn report(document: &str) -> String {
    report_with(document, &settings())
}

/// All reported problems of a document that may not be text.
pub fn report_bytes(document: &[u8]) -> String {
    match fanout::load(document, &options(), &settings()) {
        Ok((_, warnings)) => text(&warnings),
        Err(problems) => text(&problems),
    }
}

/// All reported problems of a document with this provider block.
pub fn report_with(document: &str, settings: &Settings) -> String {
    match fanout::load(document.as_bytes(), &options(), settings) {
        Ok((_, warnings)) => text(&warnings),
        Err(problems) => text(&problems),
    }
}

fn text(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A document with one service without environments, and these top-level fields.
pub fn document(fields: &str) -> String {
    let comma = if fields.is_empty() { "" } else { ", " };
    format!(
        r#"{{{fields}{comma}"services": [{{"type": "Service", "spec": {{"name": "ledger"{}}}}}]}}"#,
        r#", "team": "core""#
    )
}

/// A document with one service, `ledger` of `core-banking`, with these fields.
pub fn service(fields: &str) -> String {
    format!(
        r#"{{"services": [{{"type": "Service", "spec": {{"name": "ledger", "team": "core-banking", {fields}}}}}]}}"#
    )
}

/// A document with one service, whose environment `production` has these fields.
pub fn environment(fields: &str) -> String {
    service(&format!(r#""environments": [{{"type": "Environment", "spec": {{"name": "production", {fields}}}}}]"#))
}
