//! What a user reads about keys that leave: what is deleted, abandoned and released, and what is refused.

use crate::codes;
use std::collections::{BTreeMap, BTreeSet};

use super::messages::counts;
use crate::fanout::removal::{Release, Removals};
use crate::fanout::resource::{DeletionPolicy, Key};
use crate::provider::diagnose::lines;
use crate::provider::identity::Identity;
use crate::registry::names::ProjectId;
use crate::registry::owner_label::DELETION_LABEL;
use crate::sdk::{Diagnostic, Diagnostics, Path};

/// Services, as a list.
fn listed(services: &[String]) -> String {
    services.iter().map(|service| format!("`{service}`")).collect::<Vec<_>>().join(", ")
}

/// Keys and why they are released, one a line.
fn release_lines(keys: &BTreeMap<Key, Release>) -> String {
    let line = |(key, release): (&Key, &Release)| {
        let why = match release {
            Release::UsedBy(users) => format!("still used by {}", listed(users)),
            Release::NotOwner => "owned by another service".to_owned(),
            Release::StaysEnabled => {
                "stays enabled, because other APIs and identities of the project need it".to_owned()
            }
            Release::Planned(users) => format!("was used by {} at the last refresh", listed(users)),
        };
        format!("\n  {} {key}: {why}", key.kind())
    };
    keys.iter().map(line).collect()
}

/// `has_ended` says which grants leave because their time is over.
pub fn removal_warnings(
    identity: &Identity,
    removals: &Removals,
    has_ended: impl Fn(&Key) -> bool,
    diagnostics: &mut Diagnostics,
) {
    if !removals.delete.is_empty() {
        let (ended, unused): (Vec<&Key>, Vec<&Key>) = removals.delete.iter().partition(|key| has_ended(key));
        let mut parts = Vec::new();
        if !unused.is_empty() {
            let title = identity.title();
            parts.push(format!("{title} no longer uses these resources. Apply deletes them:\n{}", lines(unused)));
        }
        if !ended.is_empty() {
            parts.push(format!(
                "These grants have ended and give no access any more. Apply deletes them:\n{}",
                lines(ended)
            ));
        }
        diagnostics.push(Diagnostic::titled(
            codes::WILL_BE_DELETED,
            format!("{}: {} will be deleted", identity.title(), counts(&removals.delete)),
            parts.join("\n\n"),
        ));
    }
    kept_warnings(identity, removals, None, diagnostics);
}

/// `left` is what its last user is to delete. Without the registry nothing is known of other users: `users_known` is false.
pub fn destroy_warnings(
    identity: &Identity,
    removals: &Removals,
    users_known: bool,
    left: &BTreeMap<Key, DeletionPolicy>,
    diagnostics: &mut Diagnostics,
) {
    if !removals.delete.is_empty() {
        let (up_to, deletes) = if users_known {
            ("", "deletes")
        } else {
            (
                "up to ",
                "deletes those of these resources that nothing else uses, which is not known without the registry",
            )
        };
        diagnostics.push(Diagnostic::titled(
            codes::WILL_BE_DELETED,
            format!("{}: {up_to}{} will be deleted", identity.title(), counts(&removals.delete)),
            format!("Destroying {identity} {deletes}:\n{}", lines(&removals.delete)),
        ));
    }
    kept_warnings(identity, removals, Some(left), diagnostics);
}

fn kept_warnings(
    identity: &Identity,
    removals: &Removals,
    left: Option<&BTreeMap<Key, DeletionPolicy>>,
    diagnostics: &mut Diagnostics,
) {
    if !removals.abandon.is_empty() {
        diagnostics.push(Diagnostic::titled(
            codes::WILL_BE_ABANDONED,
            format!("{}: {} will be abandoned", identity.title(), counts(&removals.abandon)),
            format!(
                "Apply removes these resources of {identity} from the state and does not delete them, grants included: their \
                 deletion policy is `abandon`, or `manage` excludes their kind:\n{}",
                lines(&removals.abandon)
            ),
        ));
    }
    if !removals.release.is_empty() {
        diagnostics.push(Diagnostic::titled(
            codes::WILL_BE_RELEASED,
            format!("{}: {} will be released", identity.title(), counts(removals.release.keys())),
            format!(
                "{} stops managing these resources and does not delete them:\n{}{}",
                identity.title(),
                release_lines(&removals.release),
                release_note(removals, left)
            ),
        ));
    }
}

/// Who deletes what is released, and what to do where no service does. `left` is none in an update.
fn release_note(removals: &Removals, left: Option<&BTreeMap<Key, DeletionPolicy>>) -> String {
    let has = |is: fn(&Release) -> bool| removals.release.values().any(is);
    let mut note = String::new();
    if let Some(left) = left.filter(|left| !left.is_empty()) {
        note.push_str(&format!(
            "\n\nThis service owns the following and leaves them to their last user, whose destroy deletes them, in this run or a \
             later one (label `{DELETION_LABEL}`):\n{}",
            lines(left.keys())
        ));
    }
    if left.is_some() && has(|release| matches!(release, Release::UsedBy(_))) {
        note.push_str(
            "\n\nServices that are in the registry count as users, also those destroyed in an earlier run. What only such services \
             use belongs to no service after this: delete it manually.",
        );
    }
    if has(|release| *release == Release::NotOwner) {
        note.push_str(
            "\n\nWhat is shared is deleted by its owner's state only. If its owner has no state any more, it belongs to no service \
             after this: delete it manually.",
        );
    }
    if has(|release| matches!(release, Release::Planned(_))) {
        note.push_str("\n\nNo plan has shown the deletion of what was used by others. Plan again to decide about it.");
    }
    note
}

/// A run that deletes much: what the resources planned so far delete, and of which.
pub fn much_is_deleted(by_resource: &BTreeMap<&Identity, String>, all: &str, next: usize) -> Diagnostic {
    let count = |kind: &str| {
        let number = by_resource.keys().filter(|identity| identity.kind() == kind).count();
        (number > 0).then(|| format!("{number} {kind}{}", if number == 1 { "" } else { "s" }))
    };
    let mut of: Vec<String> = ["service", "namespace", "project"].into_iter().filter_map(count).collect();
    of.extend(count("project IAM").map(|counted| format!("the IAM members of {}", counted.replace(" IAM", ""))));
    let of = match of.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => of.concat(),
    };
    let lines: String = by_resource.iter().map(|(identity, counts)| format!("\n  {identity}: {counts}")).collect();
    Diagnostic::titled(
        codes::MUCH_IS_DELETED,
        format!("This run deletes {all} of {of} or more"),
        format!(
            "The resources planned so far delete {all}:\n{lines}\n\nResources that are planned after this are not counted yet: \
             Terraform does not tell a provider which is the last. Each resource that deletes something has a warning of its own with \
             its counts and keys, and this one is repeated with new totals at {next} projects and namespaces. If this is not \
             intended, do not apply."
        ),
    )
}

pub fn still_in_use(identity: &Identity, projects: &BTreeMap<&ProjectId, Vec<String>>) -> Diagnostic {
    let keys: BTreeSet<Key> = projects.keys().map(|id| Key::Project((*id).clone())).collect();
    let named: String =
        projects.iter().map(|(id, users)| format!("\n  project {id}: named by {}", listed(users))).collect();
    let (cause, pronoun, how_to_keep) = match identity {
        Identity::Service { .. } => (
            format!("The registry no longer lists these projects of {identity} and their deletion policy is `delete`"),
            "them",
            "put its entry back with `\"deletionPolicy\": \"abandon\"`, apply, and remove the entry then",
        ),
        _ => (
            format!("The deletion policy of {identity} in the state is `delete`"),
            "it",
            "put it back with `deletion_policy = \"abandon\"`, apply, and remove it then",
        ),
    };
    Diagnostic::titled(
        codes::STILL_IN_USE,
        format!("{}: {} cannot be deleted while in use", identity.title(), counts(&keys)),
        format!(
            "{cause}, but environments in the registry still name {pronoun}. Deleting {pronoun} would delete everything in \
             {pronoun}:\n{named}\n\nTo keep a project and only stop managing it, {how_to_keep}. To delete it, remove it from the \
             environments first."
        ),
    )
}

pub fn used_since_plan(identity: &Identity, keys: &BTreeMap<Key, Release>) -> Diagnostic {
    Diagnostic::titled(
        codes::IN_USE_SINCE_PLANNING,
        format!("{}: {} in use since planning", identity.title(), counts(keys.keys())),
        format!(
            "The destroy of {identity} was planned when no others used these resources. Others use them now:\n{}\n\nNothing was \
             changed. Plan again.",
            release_lines(keys)
        ),
    )
}

pub fn beyond_plan(identity: &Identity, keys: &BTreeSet<Key>) -> Diagnostic {
    Diagnostic::titled(
        codes::MORE_THAN_PLANNED,
        format!("{}: {} more than planned would be deleted", identity.title(), counts(keys)),
        format!(
            "The registry changed after planning. Destroying {identity} would now also delete:\n{}\n\nNothing was changed. Plan \
             again.",
            lines(keys)
        ),
    )
}

/// An update that would remove what its plan did not show.
pub fn update_beyond_plan(identity: &Identity, keys: &BTreeSet<Key>) -> Diagnostic {
    Diagnostic::titled(
        codes::REMOVAL_NOT_IN_PLAN,
        format!("{}: {} not in the plan would be removed", identity.title(), counts(keys)),
        format!(
            "The plan of {identity} did not show the removal of these resources: a value was not known, or the registry changed \
             after planning.\n{}\n\nNothing was changed. Plan again.",
            lines(keys)
        ),
    )
}

/// An update whose removals cannot be planned, on a core that would not tell the apply so.
pub fn removals_unknown(identity: &Identity, attribute: &str) -> Diagnostic {
    Diagnostic::titled(
        codes::REMOVALS_UNKNOWN,
        format!("{}: `{attribute}` is not known at plan", identity.title()),
        format!(
            "`{attribute}` depends on a resource or data source that is applied first, so the plan cannot show what an update of \
             {identity} would remove, and this version of Terraform or OpenTofu does not tell the apply what was shown. Nothing \
             is removed that a plan did not show.\n\nSet a value that is known, or apply first what it depends on \
             (`-target=ADDRESS`), then plan again. With Terraform 1.16 or later the update is planned, and its apply is refused \
             only if it would remove something."
        ),
    )
    .at(Path::attribute(attribute))
}
