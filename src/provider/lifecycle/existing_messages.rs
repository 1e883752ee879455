//! What a user reads about what exists already of a new object's resources.

use crate::codes;
use std::collections::{BTreeMap, BTreeSet};

use super::messages::{counts, titled};
use super::wording::Wording;
use crate::fanout::resource::Key;
use crate::platform::OwnerLabel;
use crate::provider::diagnose::lines;
use crate::provider::identity::Identity;
use crate::registry::names::{KubernetesRole, ProjectId};
use crate::sdk::Diagnostic;

/// What exists, and what the apply changes on it: the state does not show it, since the object is created.
pub fn existing(identity: &Identity, keys: &BTreeMap<&Key, &Vec<String>>) -> Option<Diagnostic> {
    if keys.is_empty() {
        return None;
    }
    let changes: Vec<String> = keys.iter().filter_map(|(key, differences)| changes(key, differences)).collect();
    let plural = if keys.len() == 1 { "" } else { "s" };
    let title = format!("{}: {} existing resource{plural} will be adopted", identity.title(), keys.len());
    let detail =
        format!("These resources of {identity} exist already. Apply adopts them:\n{}", lines(keys.keys().copied()));
    Some(match changes.len() {
        0 => Diagnostic::titled(codes::ADOPTED, title, detail),
        count => Diagnostic::titled(
            codes::ADOPTED_AND_CHANGED,
            format!("{title}, {count} of them changed by apply"),
            format!("{detail}\n\nThey differ from what is desired. Apply changes:\n{}", changes.concat()),
        ),
    })
}

/// A key, and what is changed on it: its ownership label, one line each.
fn changes(key: &Key, differences: &[String]) -> Option<String> {
    let lines: String = differences.iter().map(|line| format!("\n    {line}")).collect();
    (!lines.is_empty()).then(|| format!("\n  {} {key}{lines}", key.kind()))
}

/// The change of an ownership label.
pub fn relabelled(owner: &OwnerLabel, registry: &str) -> String {
    match owner {
        OwnerLabel::Registry(before) => format!("ownership label: `{before}` -> `{registry}`"),
        OwnerLabel::Missing => format!("ownership label: none -> `{registry}`"),
    }
}

/// A project that exists without anu, as far as the registry knows, and that is not seen. `listed`: the registry has an entry for it.
pub fn no_such_project(identity: &Identity, id: &ProjectId, listed: bool, keys: &BTreeSet<Key>) -> Diagnostic {
    let why = match (identity, listed) {
        (Identity::Service { .. }, true) => {
            "The registry lists it with `\"existing\": true`, so anu does not create it. To have it created, remove `existing`."
        }
        (Identity::Service { .. }, false) => {
            "The registry has no entry for it in `projects`, so anu does not create it. To have it created, add one."
        }
        _ => "This resource does not create projects.",
    };
    Diagnostic::titled(
        codes::NO_SUCH_PROJECT,
        format!("{}: project `{id}` does not exist, or may not be read", identity.title()),
        format!(
            "Apply would create these resources of {identity} in project `{id}`:\n{}\n\nThe platform has the same answer (403) for a \
             project that does not exist and for one on which there is no permission `{PERMISSION}`.\n\nIf the id is misspelt, \
             correct it. If the project exists, grant the permission to the identity of this run. {why} If `anu_project` creates it \
             in the same run, add `depends_on` with that resource, so that it is planned first.",
            lines(keys)
        ),
    )
}

/// What reading a project needs on Google Cloud.
const PERMISSION: &str = "resourcemanager.projects.get";

/// Projects, and what a restore brings back that no service of the registry uses.
pub fn will_be_restored(identity: &Identity, projects: &BTreeMap<Key, Vec<String>>) -> Diagnostic {
    let back: String = projects.values().flatten().map(|line| format!("\n  {line}")).collect();
    let back = if back.is_empty() {
        String::new()
    } else {
        format!(
            "\n\nThe restore also brings back access that no service of the registry uses. anu does not know who granted it, \
             and does not revoke it:\n{back}\n\nAfter the apply, revoke what is no longer wanted. `anu_unmanaged_grants` lists \
             it."
        )
    };
    Diagnostic::titled(
        codes::RESTORED,
        format!("{}: {} will be restored", identity.title(), counts(projects.keys())),
        format!(
            "These resources of {identity} were deleted and can still be restored. Apply undeletes them, with everything in \
             them, and sets them up again:\n{}{back}",
            lines(projects.keys())
        ),
    )
}

/// Projects of others that are pending deletion.
pub fn on_deleted_projects(identity: &Identity, projects: &BTreeMap<Key, String>) -> Diagnostic {
    let lines: String = projects.iter().map(|(key, detail)| format!("\n  {} {key}: {detail}", key.kind())).collect();
    Diagnostic::titled(
        codes::PENDING_DELETION,
        format!("{}: {} pending deletion", identity.title(), counts(projects.keys())),
        format!(
            "{} has APIs or IAM members in these projects, which are being deleted:\n{lines}\n\nApply fails unless they are \
             restored before, in the same apply or with `gcloud projects undelete PROJECT`.",
            identity.title()
        ),
    )
}

/// Quotas, role bindings and Kubernetes service accounts of a state whose ownership label is gone.
pub fn unlabelled(identity: &Identity, keys: &BTreeSet<Key>) -> Diagnostic {
    Diagnostic::titled(
        codes::OWNERSHIP_LABEL_MISSING,
        format!("{}: ownership label missing on {}", identity.title(), counts(keys)),
        format!(
            "These resources of {identity} no longer carry anu's ownership label: it was removed, or they were deleted and created \
             again by others. The plan shows them without limits and subjects. Apply sets them and their label again, and a \
             removal deletes them:\n{}{}",
            lines(keys),
            if keys.iter().any(|key| matches!(key, Key::KubernetesServiceAccount(..))) {
                "\n\nThe plan shows a Kubernetes service account without its Google service account. A removal does not \
                 delete it without its label: pods may use it."
            } else {
                ""
            }
        ),
    )
}

pub fn role_taken(key: &Key, found: &KubernetesRole, desired: &KubernetesRole) -> Diagnostic {
    Diagnostic::titled(
        codes::EXISTS_WITH_ANOTHER_ROLE,
        format!("{} exists with another role", titled(key)),
        format!(
            "{} exists, was not created by anu, and grants the {}. The {} is desired. Kubernetes does not allow the role of a \
             binding to change, and anu does not delete what others created.\n\nDelete it manually, and plan again.",
            titled(key),
            found.described(),
            desired.described()
        ),
    )
}

/// Namespaces that are desired while they are being deleted.
pub fn will_be_recreated(identity: &Identity, namespaces: &BTreeMap<Key, String>) -> Diagnostic {
    let lines: String = namespaces.iter().map(|(key, detail)| format!("\n  {} {key}: {detail}", key.kind())).collect();
    Diagnostic::titled(
        codes::RECREATED,
        format!("{}: {} will be deleted and created again", identity.title(), counts(namespaces.keys())),
        format!(
            "These resources of {identity} are being deleted:\n{lines}\n\nApply waits until the deletion ends, and creates \
             them again. If a deletion takes longer than `deletion_timeout`, the apply fails and says what blocks it."
        ),
    )
}

pub fn not_owned(wording: &Wording, key: &Key) -> Diagnostic {
    Diagnostic::titled(
        codes::EXISTS_ALREADY,
        format!("{} exists already", titled(key)),
        format!(
            "{} exists and was not created by anu.\n\nTo adopt it, set `adopt_existing = true` on this resource, or {}",
            titled(key),
            wording.or_import
        ),
    )
}

pub fn of_another_registry(wording: &Wording, key: &Key, registry: &str) -> Diagnostic {
    // A Google service account has no labels.
    let (place, owner) = match key {
        Key::ServiceAccount(..) => ("description", "`managed-by=anu` and `anu-registry=…` from its description"),
        _ => ("label `anu-registry`", "its labels `managed-by` and `anu-registry`"),
    };
    Diagnostic::titled(
        codes::OF_ANOTHER_REGISTRY,
        format!("{} belongs to the registry `{registry}`", titled(key)),
        format!(
            "{} was created for the registry `{registry}` (its {place}). anu never adopts what another registry \
             manages.\n\n{} To transfer it, first abandon it there (`deletion_policy = \"abandon\"`) and remove {owner}.",
            titled(key),
            wording.leave_to_other_registry
        ),
    )
}

pub fn being_deleted(key: &Key, detail: &str) -> Diagnostic {
    let next = match key {
        Key::Project(id) => format!("Undelete it with `gcloud projects undelete {id}`, or choose another id."),
        _ => "Wait until it is deleted, or remove what blocks the deletion, and plan again.".to_owned(),
    };
    Diagnostic::titled(
        codes::BEING_DELETED,
        format!("{} is being deleted", titled(key)),
        format!("{} is being deleted: {detail}\n\n{next}", titled(key)),
    )
}
