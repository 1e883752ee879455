//! What a shell completes names with: those of the registry that is found, and the codes of errors.
//!
//! The candidates come while someone types, so nothing is printed, and a registry that cannot be read in a moment has none.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::Duration;

use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use serde_json::Value;

use super::common::Source;
use crate::codes;

/// How long a shell waits for the names of a registry on another machine.
const PATIENCE: Duration = Duration::from_secs(2);

/// The services.
pub(super) fn services() -> ArgValueCandidates {
    ArgValueCandidates::new(|| candidates(names(|service| vec![service.get("name").cloned()])))
}

/// The environments of all services.
pub(super) fn environments() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        candidates(names(|service| specs(service, "environments").map(|each| each.get("name").cloned()).collect()))
    })
}

/// The teams: those with an entry, and those that services name.
pub(super) fn teams() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let owners = names(|service| vec![service.get("team").cloned()]);
        candidates(owners.into_iter().chain(entries("teams", "name")))
    })
}

/// The clusters: those with an entry, and those that targets name.
pub(super) fn clusters() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let used = names(|service| {
            let targets = specs(service, "environments").flat_map(|each| specs(each, "targets"));
            targets.map(|target| target.get("cluster").cloned()).collect()
        });
        candidates(used.into_iter().chain(entries("clusters", "name")))
    })
}

/// The Google projects: those with an entry, and those that environments name.
pub(super) fn projects() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let used =
            names(|service| specs(service, "environments").map(|each| each.get("googleProject").cloned()).collect());
        candidates(used.into_iter().chain(entries("projects", "id")))
    })
}

/// The codes of errors and warnings, each with its summary. Without the prefix: bash takes a colon for the end of a word.
pub(super) fn codes() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let candidate = |code: codes::Code| CompletionCandidate::new(code.name()).help(Some(code.summary().into()));
        codes::all().map(candidate).collect()
    })
}

fn candidates(names: impl IntoIterator<Item = String>) -> Vec<CompletionCandidate> {
    let names: BTreeSet<String> = names.into_iter().collect();
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// What every service has of a kind of name.
fn names(of: impl Fn(&Value) -> Vec<Option<Value>>) -> Vec<String> {
    let Some(document) = document() else { return Vec::new() };
    let values = specs(document, "services").flat_map(of).flatten();
    values.filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

/// A name of every entry of a list.
fn entries(list: &str, name: &str) -> Vec<String> {
    let Some(document) = document() else { return Vec::new() };
    specs(document, list).filter_map(|entry| Some(entry.get(name)?.as_str()?.to_owned())).collect()
}

/// The entries of a list, without their envelopes.
fn specs<'v>(value: &'v Value, list: &str) -> impl Iterator<Item = &'v Value> {
    value.get(list).and_then(Value::as_array).into_iter().flatten().filter_map(|entry| entry.get("spec"))
}

/// The registry that is found. It is not checked: half a name is better completed from a registry with errors than not.
fn document() -> Option<&'static Value> {
    static DOCUMENT: OnceLock<Option<Value>> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_slice(&Source::found_at_once(PATIENCE)?).ok()).as_ref()
}
