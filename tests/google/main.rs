//! The Google platform on the simulator of Google's APIs. The loopback interface only.

mod accounts;
mod cancellation;
mod conformance;
mod credentials;
#[path = "../support/document.rs"]
mod document;
mod domains;
#[allow(dead_code, reason = "shared with the tests of the life of objects")]
#[path = "../lifecycle/fake_core.rs"]
mod fake_core;
mod faults;
#[allow(dead_code, reason = "shared with the tests of the life of objects")]
#[path = "../lifecycle/fixture.rs"]
mod fixture;
mod killed;
#[path = "../support/plugin_client/mod.rs"]
mod plugin_client;
mod policies;
mod processes;
mod projects;
mod quotas;
mod requests;
mod retries;
mod runs;
mod secrets;
#[path = "../lifecycle/state_file.rs"]
mod state_file;
mod unseen;

use anu::fanout::resource::{Labels, ProjectSettings};
use anu::platform::google::{Endpoints, Google, GoogleAccess, Settings};
use anu::platform::{OwnershipPolicy, RequestContext};
use google_simulator::{Options, Quotas, Simulator};

fn ctx() -> RequestContext {
    RequestContext::default()
}

fn ownership() -> OwnershipPolicy {
    OwnershipPolicy::of(name("acme"))
}

fn name<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a well-formed name")
}

fn labels<const N: usize>(pairs: [(&str, &str); N]) -> Labels {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Settings that the simulator has a parent and a billing account for.
fn project(display_name: &str) -> ProjectSettings {
    ProjectSettings {
        display_name: display_name.to_owned(),
        parent: Some("folders/1234".into()),
        billing_account: Some("000000-AAAAAA-000000".into()),
        labels: labels([("tier", "1")]),
    }
}

/// A simulator without quotas.
fn unlimited() -> Options {
    Options { quotas: Quotas::off(), ..Options::default() }
}

/// Settings that reach an address with a token, without bounds of our own.
fn settings(url: &str) -> Settings {
    with_access(access(url))
}

/// The same, of the connection alone.
fn access(url: &str) -> GoogleAccess {
    GoogleAccess {
        access_token: Some(anu::connect::Secret::new("token")),
        endpoints: Endpoints { default: Some(url.to_owned()), ..Endpoints::default() },
        quotas: anu::platform::google::Quotas::Unlimited,
        ..GoogleAccess::default()
    }
}

fn with_access(access: GoogleAccess) -> Settings {
    Settings { access, ..Settings::default() }
}

/// Settings that reach a simulator with this token.
fn with_token(simulator: &Simulator, token: &str) -> Settings {
    with_access(GoogleAccess { access_token: Some(anu::connect::Secret::new(token)), ..access(&simulator.url()) })
}

/// As many of the numbers below `all` as the variable says, evenly spread.
fn some_of(all: usize, variable: &str, default: usize) -> std::collections::BTreeSet<usize> {
    let rounds = thoroughness(variable, default).clamp(2, all);
    (0..rounds).map(|round| round * (all - 1) / (rounds - 1)).collect()
}

/// How much of a test is run: a number in a variable.
fn thoroughness(variable: &str, default: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The platform on a simulator, without bounds of its own.
fn google(simulator: &Simulator) -> Google {
    Google::new(&settings(&simulator.url()))
}
