//! What a user reads about an apply that did not do everything.

use super::messages::{counts, titled};
use crate::apply::{Failure, Outcome};
use crate::codes;
use crate::fanout::FanOut;
use crate::fanout::resource::Key;
use crate::platform::Error;
use crate::provider::diagnose::lines;
use crate::provider::identity::Identity;
use crate::registry::names::Principal;
use crate::registry::owner_label::{MANAGED_BY, REGISTRY_LABEL};
use crate::sdk::{Diagnostic, Diagnostics};

/// What follows after an apply that did not do everything.
#[derive(Clone, Copy)]
pub enum NextStep {
    /// A create: nothing is in the state.
    Resume,
    /// An update or destroy: the state says what is true.
    Finish,
}

/// Every failure, and what was not tried because of them.
pub fn incomplete(identity: &Identity, outcome: &Outcome, then: NextStep, fan_out: Option<&FanOut>) -> Diagnostics {
    let next = match then {
        NextStep::Resume if matches!(identity, Identity::ProjectIam(_)) => {
            "Nothing was stored. Apply again: anu adopts what was granted and does the rest."
        }
        NextStep::Resume => {
            "What was created carries anu's ownership label. Apply again: anu finds it and does the rest."
        }
        NextStep::Finish => "The state records what is true now. Plan and apply again to do the rest.",
    };
    let mut diagnostics: Diagnostics =
        outcome.failures.iter().map(|failure| failed(identity, failure, next, fan_out)).collect();
    if !outcome.skipped.is_empty() {
        let detail = format!(
            "The projects or namespaces of these resources of {identity} could not be created:\n{}\n\n{next}",
            lines(&outcome.skipped)
        );
        let title = format!("{}: {} not created", identity.title(), counts(&outcome.skipped));
        diagnostics.push(Diagnostic::titled(codes::NOT_CREATED, title, detail));
    }
    if !outcome.deferred.is_empty() {
        let what = match identity {
            Identity::Service { .. } => "An addition in the same environment failed",
            Identity::Namespace(_) | Identity::Project(_) | Identity::ProjectIam(_) => "An addition failed",
        };
        let detail = format!(
            "{what}, so these resources of {identity} were not deleted yet: access is revoked only after its replacement \
             exists.\n{}\n\n{next}",
            lines(&outcome.deferred)
        );
        let title = format!("{}: {} not deleted yet", identity.title(), counts(&outcome.deferred));
        diagnostics.push(Diagnostic::titled(codes::NOT_DELETED_YET, title, detail));
    }
    diagnostics
}

/// How many of the objects in a namespace a message lists.
const MOST_LISTED: usize = 30;

/// The objects that keep a namespace from being deleted, and what to do.
pub(super) fn content_lines(contents: &[String]) -> String {
    let more = contents.len().saturating_sub(MOST_LISTED);
    let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    let contents: String = contents.iter().take(MOST_LISTED).map(|line| format!("\n  {line}")).collect();
    format!(
        "\n{contents}{more}\n\nThe policy `delete` never deletes objects that anu did not create. Delete them first, or set the \
         policy `delete-with-contents`."
    )
}

fn failed(identity: &Identity, failure: &Failure, next: &str, fan_out: Option<&FanOut>) -> Diagnostic {
    let Failure { verb, keys, error } = failure;
    // Whatever is deleted with a project or namespace is listed after it.
    let subject = || keys.first().map(titled).unwrap_or_default();
    let scope = || keys.first().map(|key| titled(&key.scope())).unwrap_or_default();
    let cannot = |why: &str| format!("{}: cannot {verb} {}{why}", identity.title(), things(keys));
    let (code, title, rule) = match error {
        Error::Cancelled => (codes::CHANGE_CANCELLED, cannot(": cancelled"), String::new()),
        Error::NotEmpty { contents, .. } => {
            (codes::NOT_EMPTY, format!("{} is not empty", scope()), content_lines(contents))
        }
        Error::NotOwned { registry, .. } if *verb == "delete" => {
            let (labels, text) =
                (format!("`{}={}`", MANAGED_BY.0, MANAGED_BY.1), format!("`{REGISTRY_LABEL}={registry}`"));
            // A Google service account has no labels.
            let owner = match keys.first() {
                Some(Key::ServiceAccount(..)) => format!("Its description does not contain {labels} and {text}"),
                _ => format!("It does not carry the labels {labels} and {text}"),
            };
            let rule =
                format!("\n\n{owner}. If they were removed manually, put them back; otherwise delete it manually.");
            (codes::NOT_CREATED_BY_ANU, format!("{} was not created by anu and is not deleted", subject()), rule)
        }
        Error::NotOwned { .. } => {
            let rule = "\n\nSet `adopt_existing = true` to adopt it.".to_owned();
            (codes::EXISTS_ALREADY, format!("{} exists already", subject()), rule)
        }
        Error::PendingDeletion { .. } => (codes::BEING_DELETED, format!("{} is being deleted", scope()), String::new()),
        Error::UnknownPrincipals { principals, .. } => {
            let whose: Vec<String> = principals.iter().map(|principal| origin(principal, fan_out)).collect();
            let rule = format!(
                "\n\n{}\nAll other grants were made. Create what does not exist at Google, or correct the registry.",
                whose.concat()
            );
            (codes::PRINCIPAL_NOT_FOUND, cannot(": principal not found"), rule)
        }
        Error::PermissionDenied(_) => (codes::CHANGE_PERMISSION_DENIED, cannot(": permission denied"), String::new()),
        Error::Unavailable(_) => (codes::CHANGE_UNAVAILABLE, cannot(": unavailable"), String::new()),
        Error::Unauthenticated(_) => {
            (codes::CHANGE_NOT_AUTHENTICATED, cannot(": authentication failed"), String::new())
        }
        Error::Misconfigured(_) => {
            (codes::CHANGE_SETTINGS_NOT_VALID, cannot(": platform settings are not valid"), String::new())
        }
        _ => (codes::CHANGE_FAILED, cannot(""), String::new()),
    };
    Diagnostic::titled(
        code,
        title,
        format!("Cannot {verb} these resources of {identity}:\n{}\n\nCause: {error}.{rule}\n\n{next}", lines(keys)),
    )
}

/// What in the registry a principal comes from, on one line.
fn origin(principal: &Principal, fan_out: Option<&FanOut>) -> String {
    let teams = fan_out.into_iter().flat_map(|fan_out| fan_out.teams_of(principal));
    let teams: Vec<String> = teams.map(|team| format!("`{team}`")).collect();
    match teams.as_slice() {
        [] => format!("`{principal}` is written in an access list.\n"),
        [team] => format!("`{principal}` is the principal of team {team}.\n"),
        teams => format!("`{principal}` is the principal of the teams {}.\n", teams.join(", ")),
    }
}

/// Keys of one kind by its name, others by counts: `2 IAM members`.
fn things(keys: &[Key]) -> String {
    match keys {
        [key, rest @ ..] if rest.iter().all(|other| other.kind() == key.kind()) => {
            let plural = if rest.is_empty() { "" } else { "s" };
            format!("{} {}{plural}", keys.len(), key.kind())
        }
        keys => counts(keys),
    }
}
