//! The text of an example of a code.

use std::collections::BTreeMap;

use crate::codes::{Code, Example};
use crate::provider::problems_of;

/// The text of an example of a code, from snapshots: where there are none, from those that this program contains.
pub(in crate::cli) fn example(code: Code, shown: &BTreeMap<&'static str, String>) -> Option<String> {
    match code.example() {
        Example::Shown if shown.is_empty() => code.shown().map(str::to_owned),
        Example::Shown => shown.get(code.name()).cloned(),
        Example::Document(document) => provoked(code, document, "{}"),
        Example::With(settings, document) => provoked(code, document, settings),
    }
}

/// The first problem of a document, if all that it has are of this code.
fn provoked(code: Code, document: &str, settings: &str) -> Option<String> {
    let problems = problems_of(document, settings).ok()?;
    let others = problems.iter().any(|problem| problem.code != code);
    problems.first().filter(|_| !others).map(ToString::to_string)
}
