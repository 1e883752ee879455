//! What a user reads about namespaces that are managed by themselves. See
//! [`lifecycle::messages`](crate::provider::lifecycle::messages).

use std::collections::BTreeMap;

use crate::fanout::Fence;
use crate::fanout::resource::RoleBinding;
use crate::provider::identity::Identity;
use crate::registry::names::NamespaceKey;
use crate::sdk::{Diagnostic, Path};

pub(super) fn belongs_to_registry(key: &NamespaceKey, services: &[String], source: &str) -> Diagnostic {
    let word = if services.len() == 1 { "service" } else { "services" };
    let services = services.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Diagnostic::error(
        format!("Namespace `{key}` belongs to the registry"),
        format!(
            "The registry `{source}` lists namespace `{key}` for {word} {services}. A namespace has one owner: \
             `anu_registry_service` manages what the registry lists, and this resource would undo its changes.\n\nDeclare it in \
             one place only. To leave it to the registry, remove this resource: its destroy releases the namespace, and deletes \
             only what the registry does not list. To keep even that, write in its place\n\n  removed {{\n    from = ADDRESS\n    \
             lifecycle {{ destroy = false }}\n  }}\n\nor run `terraform state rm ADDRESS`. To keep it here, remove it from the \
             registry."
        ),
    )
    .at(Path::attribute("name"))
}

pub(super) fn not_managed(key: &NamespaceKey) -> Diagnostic {
    Diagnostic::error(
        format!("Namespace `{key}` is excluded by `manage`"),
        format!(
            "`manage` in the provider block excludes `kubernetes`, so namespace `{key}` can be neither created nor updated.\n\n\
             Add `\"kubernetes\"` to `manage`, or remove this resource."
        ),
    )
}

pub(super) fn reserved(key: &NamespaceKey, fence: Fence<'_>) -> Diagnostic {
    Diagnostic::error(
        format!("Namespace `{key}` is reserved"),
        format!(
            "The namespace `{}` is reserved: {fence}. Choose another name, or ask the maintainer of the provider block for an \
             exemption (`fences.exempt_namespaces`).",
            key.namespace
        ),
    )
    .at(Path::attribute("name"))
}

pub(super) fn forbidden(role: &str, why: &str, path: &Path) -> Diagnostic {
    Diagnostic::error(format!("Role `{role}` is forbidden"), format!("`{path}`: the role `{role}` {why}"))
        .at(path.clone())
}

pub(super) fn forbidden_subject(subject: &str, why: &str, path: &Path) -> Diagnostic {
    Diagnostic::error(format!("Subject `{subject}` is forbidden"), format!("`{path}`: the subject `{subject}` {why}"))
        .at(path.clone())
}

pub(super) fn metadata(key: &str, why: &str, path: &Path) -> Diagnostic {
    Diagnostic::error(format!("`{key}` is not allowed"), format!("`{path}`: `{key}` {why}")).at(path.clone())
}

pub(super) fn quota(resource: &str, limit: &str, most: &str, path: &Path) -> Diagnostic {
    Diagnostic::error(
        format!("Quota of `{resource}` is too large"),
        format!(
            "`{path}`: the quota `{limit}` exceeds `{most}`, the limit in `fences.max_quota` of the provider block. Write at most \
             that, or ask the maintainer of the provider block to raise the limit."
        ),
    )
    .at(path.clone())
}

pub(super) fn quota_missing(missing: &[(&String, &String)]) -> Diagnostic {
    let lines: String = missing.iter().map(|(resource, most)| format!("\n  \"{resource}\" = \"{most}\"")).collect();
    Diagnostic::error(
        "Quota is missing",
        format!(
            "`quota` does not limit what `fences.max_quota` of the provider block limits, so the namespace would have no limit. \
             Add at most:\n{lines}"
        ),
    )
    .at(Path::attribute("quota"))
}

pub(super) fn move_refused(before: &Identity, now: &Identity) -> Diagnostic {
    let same_cluster = match (before, now) {
        (Identity::Namespace(before), Identity::Namespace(now)) => before.cluster == now.cluster,
        _ => true,
    };
    Diagnostic::error(
        format!("{}: deletion is refused", before.title()),
        format!(
            "This resource now declares {now}. Apply would delete {before}, and its deletion policy in the state is `prevent`. \
             Nothing was changed.\n\nPut the old `cluster` and `name` back, or move in two reviewed steps: first set \
             `deletion_policy = \"delete\"` while they are still the old ones, and apply; then change them. With `abandon` the \
             old namespace is not deleted and leaves the state."
        ),
    )
    .at(Path::attribute(if same_cluster { "name" } else { "cluster" }))
}

pub(super) fn destroy_refused(identity: &Identity) -> Diagnostic {
    Diagnostic::error(
        format!("{}: deletion is refused", identity.title()),
        format!(
            "{} is protected: its deletion policy in the state is `prevent`. Nothing was changed.\n\nPut the resource back, or \
             remove it in two reviewed steps: first set `deletion_policy = \"delete\"` and apply; then remove the resource. To \
             only remove it from the state, set `\"abandon\"` and apply before, or run `terraform state rm ADDRESS`. See the \
             guide \"Removing and moving things\".",
            identity.title()
        ),
    )
}

/// Bindings that keep their names and change their roles: each as it is, and as it shall be.
pub(super) fn role_bindings_recreated(
    key: &NamespaceKey,
    bindings: &BTreeMap<&String, (&RoleBinding, &RoleBinding)>,
) -> Diagnostic {
    let lines: String = bindings
        .iter()
        .map(|(name, (before, binding))| {
            format!("\n  role binding {key}/{name}: `{}` becomes `{}`", before.role, binding.role)
        })
        .collect();
    let count = bindings.len();
    let bindings = if count == 1 { "role binding" } else { "role bindings" };
    Diagnostic::warning(
        format!("Namespace `{key}`: {count} {bindings} will be deleted and created again"),
        format!(
            "Kubernetes does not allow the role of a binding to change, so apply deletes these and creates them again:\n{lines}\n\n\
             In between, their subjects have neither role. To avoid the gap, give the new binding a new name: it is created \
             before the old one is deleted."
        ),
    )
}

#[cfg(test)]
mod tests;
