//! What a user reads about a service: fixed summary; the value in backticks, the rule, the next step. Keys stand one a line,
//! indented, because core wraps long lines and leaves indented ones alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::fanout::FanOut;
use crate::fanout::removal::Removals;
use crate::fanout::resource::Key;
use crate::platform::execute::{Failure, Outcome};
use crate::platform::{Error, MANAGED_BY, REGISTRY_LABEL};
use crate::provider::diagnose::lines;
use crate::registry::names::{ClusterName, ProjectId};
use crate::registry::suggest::{did_you_mean, nearest};
use crate::sdk::{Diagnostic, Diagnostics, Path, Severity};

pub(super) fn replacement_refused(name: Option<&String>) -> Diagnostic {
    let name = name.map_or("this service".to_owned(), |name| format!("service `{name}`"));
    Diagnostic::error(
        "Replacement refused",
        format!(
            "Terraform wants to destroy {name} and make it anew (because of `-replace`, `replace_triggered_by` or a tainted \
             state). That would delete projects, namespaces and grants that are in use, so anu never does it.\n\nLeave the \
             flag or trigger away: a plain `terraform apply` repairs whatever differs. For a tainted state type `terraform \
             untaint ADDRESS`. To really remove the service, see the guide \"Removing and moving things\"."
        ),
    )
}

pub(super) fn exists_already(name: &str) -> Diagnostic {
    Diagnostic::error(
        "Service exists already",
        format!(
            "Terraform wants to create service `{name}`, but the state has it: either the object is tainted, or its address \
             changed without a `moved` block. Creating it again and destroying the old one would delete projects, namespaces \
             and grants that are in use.\n\nIf the plan says that it is tainted, type `terraform untaint ADDRESS`. If its \
             address changed, add\n\n  moved {{\n    from = OLD_ADDRESS\n    to   = NEW_ADDRESS\n  }}"
        ),
    )
    .at(Path::attribute("name"))
}

pub(in crate::provider) fn unknown_service(name: &str, fan_out: &FanOut, source: &str) -> Diagnostic {
    let names = fan_out.services().map(|(name, _)| name.as_str());
    let hint = did_you_mean(nearest(name, names));
    Diagnostic::error(
        "Unknown service",
        format!(
            "Service `{name}` is not in the registry `{source}`.{hint}\n\nIf it was renamed, add a `moved` block. If it is to \
             be removed, drop it from the configuration too; with `for_each` over `service_digests` that happens by itself."
        ),
    )
    .at(Path::attribute("name"))
}

pub(super) fn unknown_environment<'e>(
    service: &str,
    name: &str,
    existing: impl Iterator<Item = &'e str> + Clone,
    source: &str,
) -> Diagnostic {
    let hint = did_you_mean(nearest(name, existing.clone()));
    let all: Vec<String> = existing.map(|name| format!("`{name}`")).collect();
    let has = if all.is_empty() { "no environments".to_owned() } else { all.join(", ") };
    Diagnostic::error(
        "Unknown environment",
        format!("Service `{service}` has no environment `{name}` in the registry `{source}`; it has {has}.{hint}"),
    )
}

pub(super) fn registry_changed(name: &str, approved: &str, now: &str) -> Diagnostic {
    Diagnostic::error(
        "Registry has changed since this was approved",
        format!(
            "What the registry asks of service `{name}` is not what was approved.\n\n  approved: {approved}\n  now:      \
             {now}\n\nNothing of it was touched. Plan again, review what is new, and apply that plan."
        ),
    )
}

pub(super) fn another_registry(before: &str, now: &str, source: &str) -> Diagnostic {
    Diagnostic::error(
        "Another registry",
        format!(
            "This service was made for the registry `{before}`, but `{source}` is the registry `{now}` (`metadata.name`). \
             Going on would make everything the first asked for look unwanted.\n\nPoint `registry.source` back at \
             `{before}`. If the registry itself was renamed, name it `{before}` again: the name is part of the mark on \
             everything that was made for it."
        ),
    )
}

pub(super) fn older_registry(seen: jiff::Timestamp, now: jiff::Timestamp, source: &str) -> Diagnostic {
    Diagnostic::error(
        "Older registry",
        format!(
            "`{source}` was compiled at `{now}` (`metadata.compiledAt`), but this service has already been applied from one \
             compiled at `{seen}`. An older registry asks for things that have been decided against since.\n\nPublish the \
             newest registry. To go back on purpose, revert the change in its source and compile it anew."
        ),
    )
}

pub(super) fn removal_refused(name: &str, removals: &Removals) -> Diagnostic {
    Diagnostic::error(
        "Removal refused",
        format!(
            "The registry no longer asks, on behalf of service `{name}`, for what it was given, and the deletion policy in \
             the state is `prevent`:\n{}\n\nNothing that hangs on it was touched. Put the entry back, or remove it in two \
             reviewed steps: first set `deletion_policy = \"delete\"` on this resource (or `\"deletionPolicy\": \"delete\"` \
             on the entry) while the entry is still there, and apply; then drop the entry. `abandon` leaves it where it is \
             and forgets it. See the guide \"Removing and moving things\".",
            lines(&removals.refused)
        ),
    )
}

pub(super) fn still_in_use(name: &str, used: &BTreeMap<&ProjectId, Vec<String>>) -> Diagnostic {
    let projects: String = used.iter().map(|(id, users)| format!("\n  {id}: named by {}", users.join(", "))).collect();
    Diagnostic::error(
        "Still in use",
        format!(
            "The registry no longer lists these projects of service `{name}`, and their deletion policy is `delete`, but \
             environments still name them. Deleting them would take all that is on them:\n{projects}\n\nTo keep a project \
             and only stop managing it, put its entry back with `\"deletionPolicy\": \"abandon\"`, apply, and drop it then. \
             To delete it, take it out of the environments first."
        ),
    )
}

pub(super) fn removal_warnings(name: &str, removals: &Removals, diagnostics: &mut Diagnostics) {
    if !removals.remove.is_empty() {
        diagnostics.push(Diagnostic::warning(
            "Resources will be removed",
            format!(
                "Nobody asks any more for these keys of service `{name}`. Applying removes them:\n{}",
                lines(&removals.remove)
            ),
        ));
    }
    gone_warnings(name, removals, "", diagnostics);
}

pub(super) fn destroy_warnings(name: &str, removals: &Removals, diagnostics: &mut Diagnostics) {
    if !removals.remove.is_empty() {
        diagnostics.push(Diagnostic::warning(
            "Resources will be removed",
            format!("Destroying service `{name}` removes:\n{}", lines(&removals.remove)),
        ));
    }
    gone_warnings(
        name,
        removals,
        "\n\nWhat is shared only with services destroyed in the same run is removed with the last of them.",
        diagnostics,
    );
}

fn gone_warnings(name: &str, removals: &Removals, kept_note: &str, diagnostics: &mut Diagnostics) {
    if !removals.abandon.is_empty() {
        diagnostics.push(Diagnostic::warning(
            "Resources will be abandoned",
            format!(
                "These keys of service `{name}` stay where they are, grants included, and anu forgets them: their deletion \
                 policy is `abandon`, or `manage` leaves out their kind:\n{}",
                lines(&removals.abandon)
            ),
        ));
    }
    if !removals.keep.is_empty() {
        let mut text = String::new();
        for (key, who) in &removals.keep {
            text.push_str(&format!("\n  {} {key}: kept for {}", key.kind(), who.join(", ")));
        }
        diagnostics.push(Diagnostic::warning(
            "Resources are kept for others",
            format!("Service `{name}` lets go of these keys; others ask for them, so they stay:\n{text}{kept_note}"),
        ));
    }
}

pub(super) fn already_there(name: &str, keys: &BTreeSet<Key>) -> Option<Diagnostic> {
    (!keys.is_empty()).then(|| {
        Diagnostic::warning(
            "Already there",
            format!("These keys of service `{name}` exist already and are taken over as they are:\n{}", lines(keys)),
        )
    })
}

pub(super) fn will_be_restored(name: &str, keys: &BTreeSet<Key>) -> Diagnostic {
    Diagnostic::warning(
        "Will be restored",
        format!(
            "Service `{name}` asks for what was deleted a while ago and can still be brought back. Applying undeletes it \
             with what it holds, and sets it up again:\n{}",
            lines(keys)
        ),
    )
}

fn article(key: &Key) -> String {
    let kind = key.kind();
    format!("{}{}", kind[..1].to_uppercase(), &kind[1..])
}

pub(super) fn not_ours(key: &Key) -> Diagnostic {
    Diagnostic::error(
        "Exists already",
        format!(
            "{} `{key}` exists and was not made by anu.\n\nTo take it over, set `adopt_existing = true` on this resource, or \
             import the service. If the registry means something else, correct the entry there.",
            article(key)
        ),
    )
}

pub(super) fn another_registrys(key: &Key, registry: &str) -> Diagnostic {
    Diagnostic::error(
        "Belongs to another registry",
        format!(
            "{} `{key}` was made for the registry `{registry}` (its label `anu-registry`). It is never taken over.\n\nRemove \
             it from one of the two registries. If it should change hands, let the other one abandon it and take its label \
             off first.",
            article(key)
        ),
    )
}

pub(super) fn being_deleted(key: &Key, detail: &str) -> Diagnostic {
    let next = match key {
        Key::Project(id) => format!("Undelete it with `gcloud projects undelete {id}`, or give the entry another id."),
        _ => "Wait until it is gone, or clear what blocks it, and plan again.".to_owned(),
    };
    Diagnostic::error("Being deleted", format!("{} `{key}` is being deleted: {detail}\n\n{next}", article(key)))
}

pub(in crate::provider) fn cannot_look(what: &str, error: &Error) -> Diagnostic {
    Diagnostic::error("Cannot be read", format!("What is there of {what} could not be read: {error}."))
}

/// A cluster that is down, while other clusters' services go on.
pub(super) fn not_looked_at(cluster: &ClusterName, error: &Error) -> Diagnostic {
    Diagnostic::warning(
        "Cluster not looked at",
        format!(
            "What is there on cluster `{cluster}` could not be read: {error}.\n\nServices on other clusters are not affected. \
             Those on this one are planned as the state has them, and changes to them fail unless it can be reached by then."
        ),
    )
}

/// Namespaces that are asked for while they are on their way out.
pub(super) fn will_be_made_anew(name: &str, namespaces: &BTreeMap<Key, String>) -> Diagnostic {
    let lines: String = namespaces.iter().map(|(key, detail)| format!("\n  {} {key}: {detail}", key.kind())).collect();
    Diagnostic::warning(
        "Being deleted",
        format!(
            "Service `{name}` asks for what is being deleted:\n{lines}\n\nThe apply waits until it is gone and makes it anew; \
             where something holds it for longer than `deletion_timeout`, the apply fails and says what."
        ),
    )
}

pub(super) fn destroy_registered(name: &str) -> Diagnostic {
    Diagnostic::error(
        "Destroy refused",
        format!(
            "Service `{name}` is still in the registry, and its deletion policy in the state is `prevent`: destroying it \
             would make the registry a lie.\n\nRemove it from the registry instead. To destroy it all the same, first set \
             `deletion_policy = \"delete\"` and apply; to only forget it, set `\"abandon\"` and apply, or type `terraform \
             state rm ADDRESS`. See the guide \"Removing and moving things\"."
        ),
    )
}

pub(super) fn destroy_without_registry(name: &str, errors: &Diagnostics) -> Diagnostic {
    Diagnostic::warning(
        "Registry could not be read",
        format!(
            "The destroy of service `{name}` is planned without it. Whether the service is still registered, and which of its \
             keys others ask for, could not be decided; applying reads the registry again and refuses if it cannot.\n{}",
            reasons(errors)
        ),
    )
}

pub(super) fn removal_without_registry(name: &str, errors: Diagnostics) -> Diagnostics {
    let detail = format!(
        "The removal of service `{name}` was planned, but whether somebody asks for its keys by now cannot be told without \
         the registry. Nothing of it was touched. Try again when the registry can be read.\n{}",
        reasons(&errors)
    );
    Diagnostic::error("Removal needs the registry", detail).into()
}

fn reasons(errors: &Diagnostics) -> String {
    errors.iter().filter(|d| d.severity == Severity::Error).map(|d| format!("\n{}: {}", d.summary, d.detail)).collect()
}

pub(super) fn registered_again(name: &str) -> Diagnostic {
    Diagnostic::error(
        "Registry has changed since this was approved",
        format!(
            "This destroy was planned when service `{name}` was not in the registry. It is there again. Nothing of it was \
             touched. Plan again."
        ),
    )
}

pub(super) fn asked_again(name: &str, keys: &BTreeMap<Key, Vec<String>>) -> Diagnostic {
    let mut text = String::new();
    for (key, who) in keys {
        text.push_str(&format!("\n  {} {key}: asked for by {}", key.kind(), who.join(", ")));
    }
    Diagnostic::error(
        "Registry has changed since this was approved",
        format!(
            "The destroy of service `{name}` was planned when nobody else asked for these keys. Somebody does now:\n{text}\n\n\
             Nothing of it was touched. Plan again."
        ),
    )
}

pub(super) fn beyond_plan(name: &str, keys: &BTreeSet<Key>) -> Diagnostic {
    Diagnostic::error(
        "Registry has changed since this was approved",
        format!(
            "Destroying service `{name}` would by now remove more than was planned:\n{}\n\nNothing of it was touched. Plan \
             again.",
            lines(keys)
        ),
    )
}

pub(super) fn bad_import_id(id: &str) -> Diagnostic {
    Diagnostic::error(
        "Invalid import id",
        format!(
            "`{id}` is not an import id. Write the service's name, or `SERVICE/ENVIRONMENT,ENVIRONMENT` for a resource with \
             an `environments` filter, for example `make-it-rain` or `make-it-rain/staging`."
        ),
    )
}

pub(super) fn nothing_to_import(name: &str) -> Diagnostic {
    Diagnostic::error(
        "Nothing to import",
        format!(
            "Nothing that the registry asks for on behalf of service `{name}` exists yet. Leave the import out: `terraform \
             apply` creates it."
        ),
    )
}

/// What follows after work that was not finished.
#[derive(Clone, Copy)]
pub(super) enum Then {
    /// A create: nothing is in the state.
    Resume,
    /// An update or delete: the state says what is true.
    Finish,
}

pub(super) fn not_done(name: &str, outcome: &Outcome, then: Then) -> Diagnostics {
    let next = match then {
        Then::Resume => "What was made carries anu's mark. Apply again: it is found and the rest is done.",
        Then::Finish => "The state says what is true now. Plan and apply again to do the rest.",
    };
    let mut diagnostics: Diagnostics = outcome.failures.iter().map(|failure| failed(name, failure, next)).collect();
    if !outcome.skipped.is_empty() {
        let detail = format!(
            "What these keys of service `{name}` stand on could not be made:\n{}\n\n{next}",
            lines(&outcome.skipped)
        );
        diagnostics.push(Diagnostic::error("Not done", detail));
    }
    if !outcome.held.is_empty() {
        let detail = format!(
            "Something of the same environment could not be added, so that these keys of service `{name}` were not removed \
             yet: nobody should lose access before its replacement is there.\n{}\n\n{next}",
            lines(&outcome.held)
        );
        diagnostics.push(Diagnostic::error("Removal held back", detail));
    }
    diagnostics
}

fn failed(name: &str, failure: &Failure, next: &str) -> Diagnostic {
    let Failure { verb, keys, error } = failure;
    let (summary, rule) = match error {
        Error::Cancelled => ("Stopped", String::new()),
        Error::NotEmpty { contents, .. } => {
            let contents: String = contents.iter().map(|line| format!("\n  {line}")).collect();
            let rule = format!(
                "\n{contents}\n\nThe policy `delete` never deletes what others made. Remove these first, or set the policy \
                 `delete-with-contents`."
            );
            ("Namespace is not empty", rule)
        }
        Error::NotOurs { registry, .. } if *verb == "delete" => {
            let rule = format!(
                "\n\nIt does not carry the labels `{}={}` and `{REGISTRY_LABEL}={registry}`. If somebody took them off, \
                 put them back; else delete it by hand.",
                MANAGED_BY.0, MANAGED_BY.1
            );
            ("Not anu's to delete", rule)
        }
        Error::NotOurs { .. } => ("Exists already", "\n\nSet `adopt_existing = true` to take it over.".to_owned()),
        Error::PendingDeletion { .. } => ("Being deleted", String::new()),
        Error::PermissionDenied(_) => ("Permission denied", String::new()),
        Error::Unavailable(_) => ("Platform is not available", String::new()),
        _ => ("Could not be done", String::new()),
    };
    Diagnostic::error(
        summary,
        format!("Could not {verb}, for service `{name}`:\n{}\n\nThe reason: {error}.{rule}\n\n{next}", lines(keys)),
    )
}

#[cfg(test)]
mod tests;
