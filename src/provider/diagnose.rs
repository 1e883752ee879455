//! Diagnostics for the errors and warnings of other rooms.

use super::causes::in_one_line;
use crate::codes::{self, Code};
use crate::discovery::DiscoveryError;
use crate::estate::{LoadError, Warning};
use crate::fanout::resource::Key;
use crate::registry::{Excerpt, Problem, Severity};
use crate::sdk::{Cause, Diagnostic, Diagnostics};

/// A problem of the registry.
pub fn problem(problem: &Problem, source: &str) -> Diagnostic {
    let mut detail = problem.detail.clone();
    let place = problem.place();
    let location = problem.location.as_ref().map_or_else(|| source.to_owned(), ToString::to_string);
    if place.is_empty() {
        detail.push_str(&format!("\n\nIn `{location}`."));
    } else {
        detail.push_str(&format!("\n\nIn `{location}`, {place}."));
    }
    match problem.severity {
        Severity::Error => Diagnostic::new(problem.code, detail),
        Severity::Warning => Diagnostic::titled(problem.code, warning_title(problem), detail),
    }
}

/// The title of a warning: core shows warnings of one title as one, so it names what it is about, and where that is.
fn warning_title(problem: &Problem) -> String {
    let place = problem.place();
    if place.is_empty() { problem.summary.to_owned() } else { format!("{}: {place}", problem.summary) }
}

/// The problems of a registry, errors first: those that are shown, and how many more there are.
pub fn problems<'p>(all: impl IntoIterator<Item = &'p Problem>, source: &str) -> Diagnostics {
    let excerpt = Excerpt::of(all);
    let mut diagnostics = Diagnostics::new();
    for severity in [Severity::Error, Severity::Warning] {
        let shown = excerpt.shown.iter().filter(|problem| problem.severity == severity);
        diagnostics.extend(shown.map(|problem| self::problem(problem, source)));
        let rest = excerpt.rest(severity, &format!("The registry in `{source}`"));
        diagnostics.extend(rest.map(|rest| Diagnostic::new(Excerpt::more(severity), rest)));
    }
    diagnostics
}

/// A registry that was not loaded.
pub fn load_error(error: &LoadError) -> Diagnostics {
    match error {
        LoadError::Problems { source_name, problems } => {
            let errors = Excerpt::of(problems).count(Severity::Error);
            let errors = format!("{errors} error{}", if errors == 1 { "" } else { "s" });
            let cause = Cause::new(source_name, format!("The registry in `{source_name}` has {errors}."));
            let cause = cause.coded(codes::INVALID_REGISTRY);
            self::problems(problems, source_name).into_iter().map(|one| one.caused_by(cause.clone())).collect()
        }
        LoadError::Compile { source_name, error } => {
            once(codes::REGISTRY_NOT_COMPILED, format!("`{source_name}`: {error}"))
        }
        LoadError::PinnedProgram { .. } => once(codes::REGISTRY_NOT_PINNED, format!("{error}.")),
        LoadError::SignedProgram { .. } => once(codes::REGISTRY_NOT_VERIFIED, format!("{error}.")),
        LoadError::SignedForAnother { .. } => once(codes::SIGNATURE_NOT_ACCEPTED, format!("{}.", sentence(error))),
        LoadError::NoAge { .. } | LoadError::TooOld { .. } => once(codes::REGISTRY_TOO_OLD, format!("{error}.")),
        LoadError::Discovery(DiscoveryError::Unproved { .. }) => once(codes::SIGNATURE_NOT_ACCEPTED, sentence(error)),
        LoadError::Discovery(DiscoveryError::NotAllowed { .. }) => {
            once(codes::REGISTRY_ACCESS_REFUSED, sentence(error))
        }
        LoadError::Cancelled(_) | LoadError::Discovery(DiscoveryError::Cancelled) => {
            let detail = "The run was cancelled before the registry was read. Nothing was changed.";
            Diagnostic::titled(codes::CANCELLED, "Reading of the registry was cancelled", detail).into()
        }
        LoadError::Discovery(_) => once(codes::REGISTRY_NOT_READABLE, sentence(error)),
    }
}

/// One error, whose text is its cause.
fn once(code: Code, text: String) -> Diagnostics {
    let cause = Cause::new(&text, in_one_line(&text));
    Diagnostic::new(code, text).caused_by(cause).into()
}

/// The text of an error with a capital letter.
fn sentence(error: &LoadError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// The warnings about a registry that is used.
pub fn load_warnings(warnings: &[Warning], source: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut of_document = Vec::new();
    for warning in warnings {
        match warning {
            Warning::Discovery(warning) => {
                diagnostics.push(Diagnostic::new(warning.code, warning.detail.clone()));
            }
            Warning::FromTheFuture(text) => diagnostics.push(Diagnostic::titled(
                codes::REGISTRY_FROM_THE_FUTURE,
                format!("Registry `{source}` is compiled in the future"),
                format!("{text} It is used for reading. Plans and applies of resources are refused."),
            )),
            Warning::Problem(problem) => of_document.push(problem),
        }
    }
    diagnostics.extend(problems(of_document, source));
    diagnostics
}

/// Keys, one on each indented line: core wraps long lines, but not indented ones.
pub fn lines<'k>(keys: impl IntoIterator<Item = &'k Key>) -> String {
    let mut text = String::new();
    for key in keys {
        text.push_str(&format!("\n  {} {key}", key.kind()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::{Attempt, Failure};

    #[test]
    fn access_that_is_refused_has_a_title_of_its_own() {
        let attempt = |role, place: &str, failure| Attempt { role, place: place.to_owned(), failure };
        let attempts = vec![
            attempt("source", "https://example.com/registry.json", Failure::NotFound { status: 404 }),
            attempt("fallback", "https://mirror.example.com/registry.json", Failure::Forbidden),
        ];
        let error = load_error(&LoadError::Discovery(DiscoveryError::NotAllowed { attempts }));
        let text: String = error.iter().map(|one| format!("{}\n{}", one.summary, one.text())).collect();
        insta::assert_snapshot!(text, @"
        Registry access refused
        Access to the registry was refused:
          source `https://example.com/registry.json`: not found (404): check the address
          fallback `https://mirror.example.com/registry.json`: permission denied (403): grant read access to the identity that anu uses, and check the address (some servers send 403 for a missing file)
        No other place is read after one that refuses access, and no last good copy: if access was withdrawn, a copy would hide that.

        anu:registry-access-refused
        ");
    }
}
