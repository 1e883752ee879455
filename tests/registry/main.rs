//! The registry and its fan-out, from the outside: what people write, what they are told, what comes of it.

mod article;
mod bad_entries;
mod bad_fences;
mod bad_json;
mod bad_references;
mod fan_out;
mod laws;
mod schema;
mod selection;

#[path = "../support/document.rs"]
mod document;
#[path = "../support/estate.rs"]
mod estate;

use anu::fanout::{self, FanOut, Settings};
use anu::registry::{LoadOptions, Problem};

/// As the provider of version 0.1.0 would read it.
pub fn options() -> LoadOptions {
    LoadOptions { version: semver::Version::new(0, 1, 0), allow_empty: false }
}

/// A provider block that knows how to make a group of a team's name.
pub fn settings() -> Settings {
    Settings { member_template: Some("group:{team}-team@example.com".into()), ..Settings::default() }
}

/// The fan-out of a document that is expected to be good, warnings aside.
pub fn fan_out(document: &str) -> FanOut {
    fan_out_with(document, &settings())
}

/// The fan-out of a document that is expected to be good with that provider block, warnings aside.
pub fn fan_out_with(document: &str, settings: &Settings) -> FanOut {
    match fanout::load(document.as_bytes(), &options(), settings) {
        Ok((fan_out, _)) => fan_out,
        Err(problems) => panic!("{}", text(&problems)),
    }
}

/// Everything a user is told about a document.
pub fn told(document: &str) -> String {
    told_with(document, &settings())
}

/// Everything a user is told about a document that may be no text.
pub fn told_bytes(document: &[u8]) -> String {
    match fanout::load(document, &options(), &settings()) {
        Ok((_, warnings)) => text(&warnings),
        Err(problems) => text(&problems),
    }
}

/// Everything a user with that provider block is told about a document.
pub fn told_with(document: &str, settings: &Settings) -> String {
    match fanout::load(document.as_bytes(), &options(), settings) {
        Ok((_, warnings)) => text(&warnings),
        Err(problems) => text(&problems),
    }
}

fn text(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A document with a service that asks for nothing, and these top-level fields.
pub fn document(fields: &str) -> String {
    let comma = if fields.is_empty() { "" } else { ", " };
    format!(
        r#"{{{fields}{comma}"services": [{{"type": "Service", "spec": {{"name": "ledger"{}}}}}]}}"#,
        r#", "team": "core""#
    )
}

/// A document with one service, `ledger` of `core-banking`, that has these fields.
pub fn service(fields: &str) -> String {
    format!(
        r#"{{"services": [{{"type": "Service", "spec": {{"name": "ledger", "team": "core-banking", {fields}}}}}]}}"#
    )
}

/// A document with one service whose environment `production` has these fields.
pub fn environment(fields: &str) -> String {
    service(&format!(r#""environments": [{{"type": "Environment", "spec": {{"name": "production", {fields}}}}}]"#))
}
