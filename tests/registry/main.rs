//! The registry and its fan-out, from the outside: what people write, what they are told, what comes of it.

mod article;

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
    match fanout::load(document.as_bytes(), &options(), &settings()) {
        Ok((fan_out, _)) => fan_out,
        Err(problems) => panic!("{}", text(&problems)),
    }
}

/// Everything a user is told about a document.
pub fn told(document: &str) -> String {
    told_with(document, &settings())
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
