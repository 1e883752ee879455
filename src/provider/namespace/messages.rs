//! What a user reads about namespaces that are managed by themselves. See
//! [`lifecycle::messages`](crate::provider::lifecycle::messages).

use crate::codes;
use std::collections::BTreeMap;

use crate::fanout::Fence;
use crate::fanout::resource::RoleBinding;
use crate::registry::names::NamespaceKey;
use crate::sdk::{Diagnostic, Path};

pub(super) fn reserved(key: &NamespaceKey, fence: Fence<'_>) -> Diagnostic {
    Diagnostic::new(
        codes::RESERVED_NAMESPACE,
        format!(
            "The namespace `{}` is reserved: {fence}. Choose another name, or ask the maintainer of the provider block for an \
             exemption (`fences.exempt_namespaces`).",
            key.namespace
        ),
    )
    .at(Path::attribute("name"))
}

pub(super) fn metadata(key: &str, why: &str, path: &Path) -> Diagnostic {
    Diagnostic::new(codes::GUARDED_METADATA, format!("`{path}`: `{key}` {why}")).at(path.clone())
}

pub(super) fn quota(resource: &str, limit: &str, most: &str, path: &Path) -> Diagnostic {
    Diagnostic::new(
        codes::QUOTA_TOO_LARGE,
        format!(
            "`{path}`: the quota `{limit}` of `{resource}` exceeds `{most}`, the limit in `fences.max_quota` of the provider block. Write at most \
             that, or ask the maintainer of the provider block to raise the limit."
        ),
    )
    .at(path.clone())
}

pub(super) fn quota_without_effect(resource: &str, why: &str) -> Diagnostic {
    let path = Path::attribute("quota").key(resource);
    Diagnostic::titled(
        codes::QUOTA_WITHOUT_EFFECT,
        format!("Quota has no effect: `{resource}`"),
        format!("`{path}`: {why}"),
    )
    .at(path)
}

pub(super) fn quota_missing(missing: &[(&String, &String)]) -> Diagnostic {
    let lines: String = missing.iter().map(|(resource, most)| format!("\n  \"{resource}\" = \"{most}\"")).collect();
    Diagnostic::new(
        codes::QUOTA_MISSING,
        format!(
            "`quota` does not limit what `fences.max_quota` of the provider block limits, so the namespace would have no limit. \
             Add at most:\n{lines}"
        ),
    )
    .at(Path::attribute("quota"))
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
    Diagnostic::titled(
        codes::RECREATED,
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
