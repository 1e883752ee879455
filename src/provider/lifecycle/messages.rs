//! What a user reads about any resource before an apply changes something: title with subject, counts and effect; then the value
//! in backticks, the rule, the next step. Keys are one a line, indented: core wraps long lines and leaves indented ones alone.

use super::wording::Wording;
use crate::codes;
use crate::fanout::resource::Key;
use crate::platform::Error;
use crate::provider::causes::in_one_line;
use crate::provider::identity::{Identity, capitalized};
use crate::registry::names::{ClusterName, NameError, ProjectId};
use crate::sdk::{Cause, Diagnostic, Diagnostics, Path, Severity};

/// How many of each kind: `1 project and 9 grants`.
pub fn counts<'k>(keys: impl IntoIterator<Item = &'k Key>) -> String {
    const KINDS: [[&str; 2]; 7] = [
        ["project", "projects"],
        ["API", "APIs"],
        ["service account", "service accounts"],
        ["namespace", "namespaces"],
        ["quota", "quotas"],
        ["Kubernetes service account", "Kubernetes service accounts"],
        ["grant", "grants"],
    ];
    let mut numbers = [0_usize; KINDS.len()];
    for key in keys {
        let kind = match key {
            Key::Project(_) => 0,
            Key::Api(..) => 1,
            Key::ServiceAccount(..) => 2,
            Key::Namespace(_) => 3,
            Key::Quota(_) => 4,
            Key::KubernetesServiceAccount(..) => 5,
            Key::IamMember(..) | Key::WorkloadIdentity(..) | Key::RoleBinding(..) => 6,
        };
        numbers[kind] += 1;
    }
    let some = numbers.iter().zip(KINDS).filter(|(number, _)| **number > 0);
    let parts: Vec<String> =
        some.map(|(number, [one, many])| format!("{number} {}", if *number == 1 { one } else { many })).collect();
    match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => parts.concat(),
    }
}

/// A key with its kind, at the start of a sentence: ``Project `pay-1` ``.
pub(super) fn titled(key: &Key) -> String {
    format!("{} `{key}`", capitalized(key.kind()))
}

/// The errors among them, a paragraph each.
fn reasons(errors: &Diagnostics) -> String {
    errors.iter().filter(|d| d.severity == Severity::Error).map(|d| format!("\n{}: {}", d.summary, d.detail)).collect()
}

/// Why the registry is not readable, in one line.
fn root_of(errors: &Diagnostics) -> String {
    let cause = errors.iter().find_map(|error| Some(&error.cause.as_ref()?.brief));
    cause.cloned().unwrap_or_else(|| "The registry is not readable.".to_owned())
}

// --- the registry ---

pub fn unnamed_registry(source: &str) -> Diagnostic {
    Diagnostic::new(
        codes::UNNAMED_REGISTRY,
        format!(
            "Every project, namespace and role binding that anu creates carries the name of its registry, and only objects with \
             that name are changed and deleted. The registry `{source}` has none, so its objects could not be told from those of \
             another registry.\n\nAdd a name to the registry:\n\n  \"metadata\": {{\"name\": \"NAME\"}}\n\nor to the `registry` block \
             of the provider:\n\n  registry {{\n    source = \"…\"\n    name   = \"NAME\"\n  }}\n\nReading needs no name."
        ),
    )
    .caused_by(Cause::new(format!("unnamed {source}"), format!("The registry `{source}` has no name.")))
}

pub fn another_registry(identity: &Identity, before: &str, now: &str, source: &str) -> Diagnostic {
    Diagnostic::titled(
        codes::STATE_OF_ANOTHER_REGISTRY,
        format!("{} belongs to another registry", identity.title()),
        format!(
            "The state of {identity} was applied from the registry `{before}`, but `{source}` is the registry `{now}` \
             (`metadata.name`). Continuing would plan to delete everything created for `{before}`.\n\nPoint \
             `registry.source` back at `{before}`. If the registry itself was renamed, add `{before}` to its \
             `metadata.previousNames`: the next apply then takes over what carries that name."
        ),
    )
    .caused_by(Cause::new(
        format!("another registry: {before} {now} {source}"),
        format!(
            "The state of {identity} was applied from the registry `{before}`, but `{source}` is the registry `{now}`."
        ),
    ))
}

pub fn older_registry(
    identity: &Identity,
    seen: jiff::Timestamp,
    now: jiff::Timestamp,
    source: &str,
    digest: &str,
) -> Diagnostic {
    Diagnostic::titled(
        codes::OLDER_THAN_APPLIED,
        format!("{}: the registry is older than the last one applied", identity.title()),
        format!(
            "`{source}` was compiled at `{now}` (`metadata.compiledAt`), but {identity} has already been applied from a \
             registry compiled at `{seen}`. An older registry could undo what was decided since.\n\nPublish the newest \
             registry. To go back on purpose, revert the change in its source and compile it again. {}",
            accept_older(digest)
        ),
    )
    .caused_by(Cause::new(
        format!("older registry: {digest} {source}"),
        format!("`{source}` was compiled at `{now}`, and {identity} was last applied from a registry compiled at `{seen}`."),
    ))
}

pub fn ageless_registry(identity: &Identity, seen: jiff::Timestamp, source: &str, digest: &str) -> Diagnostic {
    Diagnostic::titled(
        codes::REGISTRY_WITHOUT_AGE,
        format!("{}: the registry no longer states its age", identity.title()),
        format!(
            "`{source}` has no `metadata.compiledAt`, but {identity} has already been applied from a registry compiled at \
             `{seen}`. Without it, an older registry could undo what was decided since.\n\nWrite `metadata.compiledAt` when the \
             registry is compiled. {}",
            accept_older(digest)
        ),
    )
    .caused_by(Cause::new(
        format!("ageless registry: {digest} {source}"),
        format!(
            "`{source}` has no `metadata.compiledAt`, and {identity} was last applied from a registry compiled at `{seen}`."
        ),
    ))
}

/// The way to accept one registry although it is older.
fn accept_older(digest: &str) -> String {
    format!(
        "To accept exactly this registry once, write in the provider's `registry` block\n\n  accept_older = \"{digest}\"\n\nand \
         remove the line when all states are applied."
    )
}

pub fn from_the_future(identity: &Identity, text: &str) -> Diagnostic {
    Diagnostic::titled(
        codes::COMPILED_IN_THE_FUTURE,
        format!("{}: the registry is compiled in the future", identity.title()),
        format!(
            "{text} Once applied, every registry that is compiled before that time would be refused as too old.\n\nCorrect \
             `metadata.compiledAt` or the clock, of this machine or of the one that compiles the registry."
        ),
    )
    .caused_by(Cause::new(text, text))
}

// --- what cannot be read ---

pub(super) fn cannot_read(what: &str, error: &Error) -> Diagnostic {
    // A platform's error about the object itself begins with its name.
    let error = error.to_string();
    let detail = if error.starts_with(what) {
        capitalized(&format!("{error}."))
    } else {
        format!("Cannot read {what}: {error}.")
    };
    let cause = Cause::new(&detail, in_one_line(&detail));
    Diagnostic::titled(codes::NOT_READABLE, format!("{} is not readable", capitalized(what)), detail).caused_by(cause)
}

/// Google has one answer for both.
pub fn project_unseen(id: &ProjectId) -> Diagnostic {
    Diagnostic::titled(
        codes::PROJECT_NOT_SEEN,
        format!("Project `{id}` does not exist, or may not be read"),
        format!(
            "The state records project `{id}` or resources of it. The platform has the same answer (403) for a project that does not \
             exist and for one on which there is no permission `resourcemanager.projects.get`, so it is planned as one that was \
             deleted.\n\nIf it exists, grant the permission to the identity of this run and plan again before you apply."
        ),
    )
}

/// Other clusters' services are planned as usual.
pub fn cluster_unreachable(cluster: &ClusterName, error: &Error) -> Diagnostic {
    Diagnostic::titled(
        codes::CLUSTER_UNREACHABLE,
        format!("Cluster `{cluster}` is unreachable; planned from state"),
        format!(
            "Cannot read cluster `{cluster}`: {error}.\n\nIts resources are planned from the state, and changes to them fail \
             unless it is reachable at apply. Other clusters are not affected."
        ),
    )
}

// --- creating and replacing ---

pub fn replacement_refused(wording: &Wording, identity: Option<&Identity>) -> Diagnostic {
    let what = identity.map_or_else(|| format!("this {}", wording.kind), ToString::to_string);
    Diagnostic::titled(
        codes::REPLACEMENT_REFUSED,
        format!("Replacement of {what} is refused"),
        format!(
            "Terraform plans to delete {what} and create it again, because of `-replace`, `replace_triggered_by` or a tainted \
             state. That would delete {}, so anu refuses it.\n\nRemove the flag or trigger: a plain `terraform apply` repairs \
             whatever differs. For a tainted state, run `terraform untaint ADDRESS`. {}",
            wording.at_stake, wording.how_to_delete
        ),
    )
}

pub fn in_state_already(wording: &Wording, identity: &Identity) -> Diagnostic {
    let (or_another, remove_one) = if wording.one_resource {
        (", or another resource manages it", "\n\nIf two resources manage it, remove one.")
    } else {
        ("", "")
    };
    Diagnostic::titled(
        codes::IN_STATE_ALREADY,
        format!("{} is in the state already", identity.title()),
        format!(
            "Terraform plans to create {identity}, but the state contains it: the object is tainted, or its address changed \
             without a `moved` block{or_another}. Creating it again and deleting the old one would delete {}.\n\nIf the plan \
             says that it is tainted, run `terraform untaint ADDRESS`. If its address changed, add\n\n  moved {{\n    from = \
             OLD_ADDRESS\n    to   = NEW_ADDRESS\n  }}{remove_one}",
            wording.at_stake
        ),
    )
    .at(Path::attribute(wording.named_by))
}

pub fn two_resources(wording: &Wording, identity: &Identity) -> Diagnostic {
    Diagnostic::titled(
        codes::TWO_RESOURCES,
        format!("{} has two resources", identity.title()),
        format!(
            "Two resources of this configuration or state have {identity}, or parts of it that overlap. Each would undo the \
             other's changes, and the destroy of one would delete what the other manages: {}. An index of `count` that shifts, an \
             address that changed without a `moved` block and an import of what another address manages lead to this.\n\nUse \
             `for_each` with names instead of `count`. If the address changed, add\n\n  moved {{\n    from = OLD_ADDRESS\n    to   \
             = NEW_ADDRESS\n  }}\n\nor run `terraform state mv OLD_ADDRESS NEW_ADDRESS`. If there is one too many, remove it \
             from the state and not from the platform, with `terraform state rm ADDRESS`, and from the configuration.",
            wording.at_stake
        ),
    )
    .at(Path::attribute(wording.named_by))
}

/// A name in a stored state that is not valid.
pub fn invalid_state(wording: &Wording, error: &NameError) -> Diagnostic {
    Diagnostic::new(
        codes::UNREADABLE_STATE,
        format!(
            "The stored state of this {} contains an invalid name: {error}. It was edited manually. Restore an earlier state, \
             or remove the object with `terraform state rm` and import it again.",
            wording.kind
        ),
    )
}

// --- destroying ---

pub fn destroy_registered(identity: &Identity) -> Diagnostic {
    Diagnostic::titled(
        codes::DESTROY_REFUSED,
        format!("{} is still in the registry; destroy is refused", identity.title()),
        format!(
            "{} is still in the registry, and its deletion policy in the state is `prevent`. After a destroy the registry would \
             list a {} that no longer exists.\n\nRemove it from the registry instead. To destroy it anyway, first set \
             `deletion_policy = \"delete\"` and apply. To only remove it from the state, set `\"abandon\"` and apply, or run \
             `terraform state rm ADDRESS`. See the guide \"Removing and moving\".",
            identity.title(),
            identity.kind()
        ),
    )
}

pub fn destroy_without_registry(wording: &Wording, identity: &Identity, errors: &Diagnostics) -> Diagnostic {
    Diagnostic::titled(
        codes::DESTROY_WITHOUT_REGISTRY,
        format!("{}: destroy is planned without the registry", identity.title()),
        format!(
            "The registry is not readable. {} Apply reads the registry again, and refuses the destroy if it cannot.\n{}",
            wording.unknown_without_registry,
            reasons(errors)
        ),
    )
    .caused_by({
        let cause = root_of(errors);
        let brief = format!("{cause} {} Apply reads the registry again.", wording.unknown_without_registry);
        Cause::new(format!("destroy is planned: {cause}"), brief)
    })
}

pub fn destroy_needs_registry(identity: &Identity, errors: &Diagnostics) -> Diagnostics {
    let detail = format!(
        "The destroy of {identity} was planned, but without the registry it is unknown whether others use its resources by \
         now. Nothing was changed. Apply again when the registry is readable.\n{}",
        reasons(errors)
    );
    let cause = root_of(errors);
    let brief = format!("{cause} Without it the destroy of {identity} is refused. Nothing was changed.");
    Diagnostic::titled(
        codes::DESTROY_NEEDS_REGISTRY,
        format!("{}: destroy needs the registry", identity.title()),
        detail,
    )
    .caused_by(Cause::new(format!("destroy is refused: {cause}"), brief))
    .into()
}

pub fn registered_again(identity: &Identity) -> Diagnostic {
    Diagnostic::titled(
        codes::REGISTERED_AFTER_PLANNING,
        format!("{} was registered after planning", identity.title()),
        format!(
            "This destroy was planned when {identity} was not in the registry. It is in the registry now. Nothing was changed. \
             Plan again."
        ),
    )
}

// --- importing ---

pub fn bad_import_id(wording: &Wording, id: &str) -> Diagnostic {
    Diagnostic::titled(
        codes::BAD_IMPORT_ID,
        format!("Import id `{id}` is not valid"),
        format!("`{id}` is not the import id of a {}. {}", wording.kind, wording.import_ids),
    )
}

pub fn nothing_to_import(wording: &Wording, identity: &Identity) -> Diagnostic {
    Diagnostic::titled(
        codes::NOTHING_TO_IMPORT,
        format!("{} cannot be imported", identity.title()),
        format!(
            "{} {}. Remove the import: `terraform apply` creates what is missing.",
            identity.title(),
            wording.nothing_to_import
        ),
    )
}

/// Diagnostics as the snapshots of messages show them.
#[cfg(test)]
pub fn test_text(diagnostics: impl IntoIterator<Item = Diagnostic>) -> String {
    let show = |diagnostic: Diagnostic| {
        let kind = if diagnostic.severity == Severity::Error { "Error" } else { "Warning" };
        let place = if diagnostic.path.is_root() { String::new() } else { format!(" ({})", diagnostic.path) };
        format!("{kind}: {}{place}\n\n{}\n\n----\n", diagnostic.summary, diagnostic.text())
    };
    diagnostics.into_iter().map(show).collect()
}

#[cfg(test)]
mod tests;
