//! What a user reads about a service: fixed summary; the value in backticks, the rule, the next step. Keys stand one a line,
//! indented, because core wraps long lines and leaves indented ones alone.

use std::collections::BTreeMap;

use crate::fanout::FanOut;
use crate::fanout::removal::Removals;
use crate::provider::common::messages::reasons;
use crate::provider::diagnose::lines;
use crate::registry::names::ProjectId;
use crate::registry::suggest::{did_you_mean, nearest};
use crate::sdk::{Diagnostic, Diagnostics, Path};

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

pub(super) fn still_in_use(name: &str, reference: &BTreeMap<&ProjectId, Vec<String>>) -> Diagnostic {
    let projects: String = reference
        .iter()
        .map(|(id, project_users)| format!("\n  {id}: named by {}", project_users.join(", ")))
        .collect();
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

pub(super) fn registered_again(name: &str) -> Diagnostic {
    Diagnostic::error(
        "Registry has changed since this was approved",
        format!(
            "This destroy was planned when service `{name}` was not in the registry. It is there again. Nothing of it was \
             touched. Plan again."
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

#[cfg(test)]
mod tests;
