//! What a user reads about keys, whoever manages them: fixed summary; the value in backticks, the rule, the next step. Keys stand
//! one a line, indented, because core wraps long lines and leaves indented ones alone.

use std::collections::{BTreeMap, BTreeSet};

use super::ManagedObject;
use crate::apply::{Failure, Outcome};
use crate::fanout::removal::Removals;
use crate::fanout::resource::Key;
use crate::platform::Error;
use crate::provider::diagnose::lines;
use crate::registry::names::{ClusterName, NameError};
use crate::registry::owner_label::{MANAGED_BY, REGISTRY_LABEL};
use crate::sdk::{Diagnostic, Diagnostics, Severity};

pub fn another_registry(who: ManagedObject<'_>, before: &str, now: &str, source: &str) -> Diagnostic {
    Diagnostic::error(
        "Another registry",
        format!(
            "This {kind} was made for the registry `{before}`, but `{source}` is the registry `{now}` (`metadata.name`). \
             Going on would make everything the first asked for look unwanted.\n\nPoint `registry.source` back at \
             `{before}`. If the registry itself was renamed, name it `{before}` again: the name is part of the mark on \
             everything that was made for it.",
            kind = who.kind()
        ),
    )
}

pub fn older_registry(who: ManagedObject<'_>, seen: jiff::Timestamp, now: jiff::Timestamp, source: &str) -> Diagnostic {
    Diagnostic::error(
        "Older registry",
        format!(
            "`{source}` was compiled at `{now}` (`metadata.compiledAt`), but this {kind} has already been applied from one \
             compiled at `{seen}`. An older registry asks for things that have been decided against since.\n\nPublish the \
             newest registry. To go back on purpose, revert the change in its source and compile it anew.",
            kind = who.kind()
        ),
    )
}

pub fn removal_warnings(who: ManagedObject<'_>, removals: &Removals, diagnostics: &mut Diagnostics) {
    if !removals.delete.is_empty() {
        diagnostics.push(Diagnostic::warning(
            "Resources will be removed",
            format!(
                "Nobody asks any more for these keys of {who}. Applying removes them:\n{}",
                lines(&removals.delete)
            ),
        ));
    }
    gone_warnings(who, removals, "", diagnostics);
}

pub fn destroy_warnings(who: ManagedObject<'_>, removals: &Removals, diagnostics: &mut Diagnostics) {
    if !removals.delete.is_empty() {
        diagnostics.push(Diagnostic::warning(
            "Resources will be removed",
            format!("Destroying {who} removes:\n{}", lines(&removals.delete)),
        ));
    }
    let kept_note = match who {
        ManagedObject::Service(_) => {
            "\n\nWhat is shared only with services destroyed in the same run is removed with the last of them."
        }
        // The services that ask for it have states of their own, and it is theirs to remove.
        ManagedObject::Namespace(_) => "",
    };
    gone_warnings(who, removals, kept_note, diagnostics);
}

fn gone_warnings(who: ManagedObject<'_>, removals: &Removals, kept_note: &str, diagnostics: &mut Diagnostics) {
    if !removals.abandon.is_empty() {
        diagnostics.push(Diagnostic::warning(
            "Resources will be abandoned",
            format!(
                "These keys of {who} stay where they are, grants included, and anu forgets them: their deletion \
                 policy is `abandon`, or `manage` leaves out their kind:\n{}",
                lines(&removals.abandon)
            ),
        ));
    }
    if !removals.release.is_empty() {
        let mut text = String::new();
        for (key, others) in &removals.release {
            text.push_str(&format!("\n  {} {key}: kept for {}", key.kind(), others.join(", ")));
        }
        diagnostics.push(Diagnostic::warning(
            "Resources are kept for others",
            format!("{} lets go of these keys; others ask for them, so they stay:\n{text}{kept_note}", who.first()),
        ));
    }
}

pub fn already_there(who: ManagedObject<'_>, keys: &BTreeSet<Key>) -> Option<Diagnostic> {
    (!keys.is_empty()).then(|| {
        Diagnostic::warning(
            "Already there",
            format!("These keys of {who} exist already and are taken over as they are:\n{}", lines(keys)),
        )
    })
}

pub fn will_be_restored(who: ManagedObject<'_>, keys: &BTreeSet<Key>) -> Diagnostic {
    Diagnostic::warning(
        "Will be restored",
        format!(
            "{} asks for what was deleted a while ago and can still be brought back. Applying undeletes it \
             with what it holds, and sets it up again:\n{}",
            who.first(),
            lines(keys)
        ),
    )
}

fn article(key: &Key) -> String {
    let kind = key.kind();
    format!("{}{}", kind[..1].to_uppercase(), &kind[1..])
}

pub fn not_owned(who: ManagedObject<'_>, key: &Key) -> Diagnostic {
    let import = match who {
        ManagedObject::Service(_) => {
            "import the service. If the registry means something else, correct the entry there."
        }
        ManagedObject::Namespace(_) => "import it. If something else is meant, give it another name.",
    };
    Diagnostic::error(
        "Exists already",
        format!(
            "{} `{key}` exists and was not made by anu.\n\nTo take it over, set `adopt_existing = true` on this resource, or \
             {import}",
            article(key)
        ),
    )
}

pub fn another_registrys(who: ManagedObject<'_>, key: &Key, registry: &str) -> Diagnostic {
    let remedy = match who {
        ManagedObject::Service(_) => "Remove it from one of the two registries.",
        ManagedObject::Namespace(_) => "Give this one another name.",
    };
    Diagnostic::error(
        "Belongs to another registry",
        format!(
            "{} `{key}` was made for the registry `{registry}` (its label `anu-registry`). It is never taken over.\n\n\
             {remedy} If it should change hands, let the other one abandon it and take its label off first.",
            article(key)
        ),
    )
}

pub fn being_deleted(key: &Key, detail: &str) -> Diagnostic {
    let next = match key {
        Key::Project(id) => format!("Undelete it with `gcloud projects undelete {id}`, or give the entry another id."),
        _ => "Wait until it is gone, or clear what blocks it, and plan again.".to_owned(),
    };
    Diagnostic::error("Being deleted", format!("{} `{key}` is being deleted: {detail}\n\n{next}", article(key)))
}

pub fn cannot_look(what: &str, error: &Error) -> Diagnostic {
    Diagnostic::error("Cannot be read", format!("What is there of {what} could not be read: {error}."))
}

/// A cluster that is down, while other clusters' services go on.
pub fn not_looked_at(cluster: &ClusterName, error: &Error) -> Diagnostic {
    Diagnostic::warning(
        "Cluster not looked at",
        format!(
            "What is there on cluster `{cluster}` could not be read: {error}.\n\nOther clusters are not affected. \
             What is on this one is planned as the state has it, and changes to it fail unless it can be reached by then."
        ),
    )
}

/// Namespaces that are asked for while they are on their way out.
pub fn will_be_made_anew(who: ManagedObject<'_>, namespaces: &BTreeMap<Key, String>) -> Diagnostic {
    let lines: String = namespaces.iter().map(|(key, detail)| format!("\n  {} {key}: {detail}", key.kind())).collect();
    Diagnostic::warning(
        "Being deleted",
        format!(
            "{} asks for what is being deleted:\n{lines}\n\nThe apply waits until it is gone and makes it anew; \
             where something holds it for longer than `deletion_timeout`, the apply fails and says what.",
            who.first()
        ),
    )
}

/// A name in a stored state that cannot be.
pub fn unreadable(kind: &str, error: &NameError) -> Diagnostic {
    Diagnostic::error(
        "Unreadable state",
        format!(
            "The stored state of this {kind} holds a name that cannot be: {error}. It was edited by hand. Restore an \
             earlier state, or take the object out with `terraform state rm` and import it again."
        ),
    )
}

pub fn removal_without_registry(who: ManagedObject<'_>, errors: Diagnostics) -> Diagnostics {
    let detail = format!(
        "The removal of {who} was planned, but whether somebody asks for its keys by now cannot be told without \
         the registry. Nothing of it was touched. Try again when the registry can be read.\n{}",
        reasons(&errors)
    );
    Diagnostic::error("Removal needs the registry", detail).into()
}

/// The errors among them, a paragraph each.
pub fn reasons(errors: &Diagnostics) -> String {
    errors.iter().filter(|d| d.severity == Severity::Error).map(|d| format!("\n{}: {}", d.summary, d.detail)).collect()
}

pub fn asked_again(who: ManagedObject<'_>, keys: &BTreeMap<Key, Vec<String>>) -> Diagnostic {
    let mut text = String::new();
    for (key, others) in keys {
        text.push_str(&format!("\n  {} {key}: asked for by {}", key.kind(), others.join(", ")));
    }
    Diagnostic::error(
        "Registry has changed since this was approved",
        format!(
            "The destroy of {who} was planned when nobody else asked for these keys. Somebody does now:\n{text}\n\n\
             Nothing of it was touched. Plan again."
        ),
    )
}

pub fn beyond_plan(who: ManagedObject<'_>, keys: &BTreeSet<Key>) -> Diagnostic {
    Diagnostic::error(
        "Registry has changed since this was approved",
        format!(
            "Destroying {who} would by now remove more than was planned:\n{}\n\nNothing of it was touched. Plan \
             again.",
            lines(keys)
        ),
    )
}

/// What follows after work that was not finished.
#[derive(Clone, Copy)]
pub enum NextStep {
    /// A create: nothing is in the state.
    Resume,
    /// An update or delete: the state says what is true.
    Finish,
}

pub fn not_done(who: ManagedObject<'_>, outcome: &Outcome, then: NextStep) -> Diagnostics {
    let next = match then {
        NextStep::Resume => "What was made carries anu's mark. Apply again: it is found and the rest is done.",
        NextStep::Finish => "The state says what is true now. Plan and apply again to do the rest.",
    };
    let mut diagnostics: Diagnostics = outcome.failures.iter().map(|failure| failed(who, failure, next)).collect();
    if !outcome.skipped.is_empty() {
        let detail =
            format!("What these keys of {who} stand on could not be made:\n{}\n\n{next}", lines(&outcome.skipped));
        diagnostics.push(Diagnostic::error("Not done", detail));
    }
    if !outcome.deferred.is_empty() {
        let something = match who {
            ManagedObject::Service(_) => "Something of the same environment",
            ManagedObject::Namespace(_) => "Something",
        };
        let detail = format!(
            "{something} could not be added, so that these keys of {who} were not removed \
             yet: nobody should lose access before its replacement is there.\n{}\n\n{next}",
            lines(&outcome.deferred)
        );
        diagnostics.push(Diagnostic::error("Removal held back", detail));
    }
    diagnostics
}

/// How much of what others have in a namespace a message lists.
const MOST_TOLD: usize = 30;

fn failed(who: ManagedObject<'_>, failure: &Failure, next: &str) -> Diagnostic {
    let Failure { verb, keys, error } = failure;
    let (summary, rule) = match error {
        Error::Cancelled => ("Stopped", String::new()),
        Error::NotEmpty { contents, .. } => {
            let more = contents.len().saturating_sub(MOST_TOLD);
            let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
            let contents: String = contents.iter().take(MOST_TOLD).map(|line| format!("\n  {line}")).collect();
            let rule = format!(
                "\n{contents}{more}\n\nThe policy `delete` never deletes what others made. Remove these first, or set the policy \
                 `delete-with-contents`."
            );
            ("Namespace is not empty", rule)
        }
        Error::NotOwned { registry, .. } if *verb == "delete" => {
            let rule = format!(
                "\n\nIt does not carry the labels `{}={}` and `{REGISTRY_LABEL}={registry}`. If somebody took them off, \
                 put them back; else delete it by hand.",
                MANAGED_BY.0, MANAGED_BY.1
            );
            ("Not anu's to delete", rule)
        }
        Error::NotOwned { .. } => ("Exists already", "\n\nSet `adopt_existing = true` to take it over.".to_owned()),
        Error::PendingDeletion { .. } => ("Being deleted", String::new()),
        Error::PermissionDenied(_) => ("Permission denied", String::new()),
        Error::Unavailable(_) => ("Platform is not available", String::new()),
        _ => ("Could not be done", String::new()),
    };
    Diagnostic::error(
        summary,
        format!("Could not {verb}, for {who}:\n{}\n\nThe reason: {error}.{rule}\n\n{next}", lines(keys)),
    )
}
