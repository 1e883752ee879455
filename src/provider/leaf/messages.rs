//! What a user reads about any object that is managed by itself. See
//! [`lifecycle::messages`](crate::provider::lifecycle::messages).

use crate::codes::{self, Code};
use crate::provider::identity::Identity;
use crate::provider::lifecycle::wording::Wording;
use crate::registry::names::ProjectId;
use crate::sdk::{Diagnostic, Path};

/// `how_to_keep` is what makes the registry's entry one that leaves the object to this resource.
pub fn belongs_to_registry(
    wording: &Wording,
    identity: &Identity,
    services: &[String],
    source: &str,
    how_to_keep: &str,
) -> Diagnostic {
    let word = if services.len() == 1 { "service" } else { "services" };
    let names = services.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let users = if services.is_empty() { String::new() } else { format!(" for {word} {names}") };
    let kind = wording.kind;
    Diagnostic::titled(
        codes::BELONGS_TO_REGISTRY,
        format!("{} belongs to the registry", identity.title()),
        format!(
            "The registry `{source}` lists {identity}{users}. A {kind} has one owner: `anu_registry_service` manages what the \
             registry lists, and this resource would undo its changes.\n\nDeclare it in one place only. To leave it to the \
             registry, remove this resource: its destroy releases the {kind}, and deletes only what the registry does not list. \
             To keep even that, write in its place\n\n  removed {{\n    from = ADDRESS\n    lifecycle {{ destroy = false }}\n  \
             }}\n\nor run `terraform state rm ADDRESS`. To keep it here, {how_to_keep}."
        ),
    )
    .at(Path::attribute(wording.named_by))
}

pub fn not_managed(identity: &Identity, kind: &str) -> Diagnostic {
    Diagnostic::titled(
        codes::EXCLUDED_BY_MANAGE,
        format!("{} is excluded by `manage`", identity.title()),
        format!(
            "`manage` in the provider block excludes `{kind}`, so {identity} can be neither created nor updated.\n\nAdd \
             `\"{kind}\"` to `manage`, or remove this resource."
        ),
    )
}

/// A value that a fence forbids. `what` is its kind, `why` the rest of the sentence.
pub fn forbidden(code: Code, what: &str, value: &str, why: &str, path: &Path) -> Diagnostic {
    Diagnostic::new(code, format!("`{path}`: the {what} `{value}` {why}")).at(path.clone())
}

/// A project that a fence forbids; `refusal` is the rest of the sentence.
pub fn forbidden_project(id: &ProjectId, refusal: Option<String>) -> Option<Diagnostic> {
    let path = Path::attribute("project_id");
    refusal.map(|why| forbidden(codes::PROJECT_NOT_ALLOWED, "project", id.as_str(), &why, &path))
}

/// `names` are the arguments that name the object, `changed` the one that changed.
pub fn move_refused(before: &Identity, now: &Identity, names: &str, changed: &str) -> Diagnostic {
    let kind = before.kind();
    Diagnostic::titled(
        codes::DELETION_REFUSED,
        format!("{}: deletion is refused", before.title()),
        format!(
            "This resource now declares {now}. Apply would delete {before}, and its deletion policy in the state is `prevent`. \
             Nothing was changed.\n\nPut the old {names} back, or move in two reviewed steps: first set \
             `deletion_policy = \"delete\"` while it is still the old {kind}, and apply; then change {names}. With `abandon` the \
             old {kind} is not deleted and leaves the state."
        ),
    )
    .at(Path::attribute(changed))
}

pub fn destroy_refused(identity: &Identity) -> Diagnostic {
    Diagnostic::titled(
        codes::DELETION_REFUSED,
        format!("{}: deletion is refused", identity.title()),
        format!(
            "{} is protected: its deletion policy in the state is `prevent`. Nothing was changed.\n\nPut the resource back, or \
             remove it in two reviewed steps: first set `deletion_policy = \"delete\"` and apply; then remove the resource. To \
             only remove it from the state, set `\"abandon\"` and apply before, or run `terraform state rm ADDRESS`. See the \
             guide \"Removing and moving\".",
            identity.title()
        ),
    )
}

#[cfg(test)]
mod tests;
