//! What a user reads about a namespace that is managed by itself: fixed summary; the value in backticks, the rule, the next step.

use std::collections::BTreeMap;

use crate::fanout::Pattern;
use crate::fanout::resource::RoleBinding;
use crate::provider::common::messages::reasons;
use crate::registry::names::NamespaceKey;
use crate::registry::problem::rules;
use crate::sdk::{Diagnostic, Diagnostics, Path};

pub(super) fn replacement_refused(key: Option<&NamespaceKey>) -> Diagnostic {
    let what = key.map_or("this namespace".to_owned(), |key| format!("namespace `{key}`"));
    Diagnostic::error(
        "Replacement refused",
        format!(
            "Terraform wants to destroy {what} and make it anew (because of `-replace`, `replace_triggered_by` or a tainted \
             state). That would delete all that runs in it, so anu never does it.\n\nLeave the flag or trigger away: a plain \
             `terraform apply` repairs whatever differs. For a tainted state type `terraform untaint ADDRESS`. To really \
             remove the namespace, set `deletion_policy = \"delete\"`, apply, and then remove the resource."
        ),
    )
}

pub(super) fn exists_already(key: &NamespaceKey) -> Diagnostic {
    Diagnostic::error(
        "Namespace exists already",
        format!(
            "Terraform wants to create namespace `{key}`, but the state has it: the object is tainted, or its address changed \
             without a `moved` block, or another resource has it. Creating it again and destroying the old one would delete \
             all that runs in it.\n\nIf the plan says that it is tainted, type `terraform untaint ADDRESS`. If its address \
             changed, add\n\n  moved {{\n    from = OLD_ADDRESS\n    to   = NEW_ADDRESS\n  }}\n\nIf two resources have it, \
             remove one."
        ),
    )
    .at(Path::attribute("name"))
}

pub(super) fn declared_twice(key: &NamespaceKey) -> Diagnostic {
    Diagnostic::error(
        "Two resources for one namespace",
        format!(
            "Another resource of this configuration is to have namespace `{key}` as well. A namespace belongs to one resource; \
             two would undo each other's work.\n\nRemove one of them."
        ),
    )
    .at(Path::attribute("name"))
}

pub(super) fn the_registrys(key: &NamespaceKey, services: &[String], source: &str) -> Diagnostic {
    let (ask, services) = (if services.len() == 1 { "service" } else { "services" }, listed(services));
    Diagnostic::error(
        "Namespace belongs to the registry",
        format!(
            "The registry `{source}` asks for namespace `{key}`, for {ask} {services}. A namespace has one owner: what the \
             registry asks for is made by `anu_registry_service`, and this resource would undo its work.\n\nDeclare it in one \
             place only. To leave it to the registry, remove this resource: its destroy lets go of the namespace, and takes \
             away only what the registry does not ask for. To leave even that as it is, write in its place\n\n  removed \
             {{\n    from = ADDRESS\n    lifecycle {{ destroy = false }}\n  }}\n\nor type `terraform state rm ADDRESS`. To keep \
             it here, take it out of the registry."
        ),
    )
    .at(Path::attribute("name"))
}

pub(super) fn not_managed(key: &NamespaceKey) -> Diagnostic {
    Diagnostic::error(
        "Kind is not managed",
        format!(
            "`manage` in the provider block leaves out `kubernetes`, so namespace `{key}` can be neither made nor changed.\n\n\
             Add `\"kubernetes\"` to `manage`, or remove this resource."
        ),
    )
}

pub(super) fn reserved(key: &NamespaceKey, fence: &Pattern) -> Diagnostic {
    Diagnostic::error(
        rules::RESERVED_NAMESPACE.summary,
        format!(
            "`{}` is reserved by the fence `{fence}` (`fences.reserved_namespaces` in the provider block). Choose another name, \
             or have the fence moved.",
            key.namespace
        ),
    )
    .at(Path::attribute("name"))
}

pub(super) fn forbidden(role: &str, fence: &Pattern, path: &Path) -> Diagnostic {
    Diagnostic::error(
        rules::FORBIDDEN_ROLE.summary,
        format!(
            "`{path}` is `{role}`, and the fence `{fence}` (`fences.forbidden_roles` in the provider block) forbids it. Give a \
             narrower role."
        ),
    )
    .at(path.clone())
}

pub(super) fn move_refused(before: &NamespaceKey, now: &NamespaceKey) -> Diagnostic {
    Diagnostic::error(
        "Removal refused",
        format!(
            "This resource is now to be namespace `{now}`. That leaves namespace `{before}`, and its deletion policy in the \
             state is `prevent`. Nothing was touched.\n\nPut the old `cluster` and `name` back, or move in two reviewed steps: \
             first set `deletion_policy = \"delete\"` while they are still the old ones, and apply; then change them. `abandon` \
             leaves the old namespace where it is and forgets it."
        ),
    )
    .at(Path::attribute(if before.cluster == now.cluster { "name" } else { "cluster" }))
}

pub(super) fn destroy_refused(key: &NamespaceKey) -> Diagnostic {
    Diagnostic::error(
        "Destroy refused",
        format!(
            "Namespace `{key}` is protected: its deletion policy in the state is `prevent`. Nothing was touched.\n\nPut the \
             resource back, or remove it in two reviewed steps: first set `deletion_policy = \"delete\"` and apply; then remove \
             the resource. To only forget it, set `\"abandon\"` and apply before, or type `terraform state rm ADDRESS`. See the \
             guide \"Removing and moving things\"."
        ),
    )
}

pub(super) fn destroy_without_registry(key: &NamespaceKey, errors: &Diagnostics) -> Diagnostic {
    Diagnostic::warning(
        "Registry could not be read",
        format!(
            "The destroy of namespace `{key}` is planned without it. Whether a service asks for the namespace could not be \
             decided; applying reads the registry again and refuses if it cannot.\n{}",
            reasons(errors)
        ),
    )
}

/// Bindings that keep their names and change their roles: each as it is, and as it is to be.
pub(super) fn made_anew(key: &NamespaceKey, bindings: &BTreeMap<&String, (&RoleBinding, &RoleBinding)>) -> Diagnostic {
    let lines: String = bindings
        .iter()
        .map(|(name, (before, binding))| {
            format!("\n  role binding {key}/{name}: `{}` becomes `{}`", before.role, binding.role)
        })
        .collect();
    Diagnostic::warning(
        "Role bindings will be made anew",
        format!(
            "Kubernetes does not let the role of a binding change, so applying deletes these and makes them anew:\n{lines}\n\n\
             In between nobody has either role. To leave no gap, give the new binding a new name: it is made before the old \
             one goes."
        ),
    )
}

pub(super) fn bad_import_id(id: &str) -> Diagnostic {
    Diagnostic::error(
        "Invalid import id",
        format!("`{id}` is not an import id. Write `CLUSTER/NAME`, for example `compute-banking/monitoring`."),
    )
}

pub(super) fn nothing_to_import(key: &NamespaceKey) -> Diagnostic {
    Diagnostic::error(
        "Nothing to import",
        format!("There is no namespace `{key}`. Leave the import out: `terraform apply` creates it."),
    )
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
