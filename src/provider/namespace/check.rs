//! The rules of the arguments: those of the registry, since the same objects are created. Unknown values pass; null is refused by
//! the schema.

use crate::codes;
use std::collections::BTreeSet;

use super::model::{BindingModel, NamespaceModel};
use crate::provider::leaf::arguments::Wrong;
use crate::registry::labels::Dialect;
use crate::registry::names::{ClusterName, KubernetesRole, NamespaceName, RoleBindingName, Subject};
use crate::registry::problem::rules;
use crate::registry::quota::check_limit;
use crate::sdk::{Diagnostics, Path};

/// Checks all arguments.
///
/// # Errors
/// For every one that breaks a rule.
pub(super) fn check(config: &NamespaceModel) -> Result<(), Diagnostics> {
    let mut wrong = Wrong::default();
    wrong.name::<ClusterName>(&config.cluster, Path::attribute("cluster"));
    wrong.name::<NamespaceName>(&config.name, Path::attribute("name"));
    wrong.labels("labels", &config.labels, Dialect::LoneNamespaceLabel);
    wrong.labels("annotations", &config.annotations, Dialect::LoneAnnotation);
    for (resource, limit) in config.quota.known().into_iter().flatten() {
        let path = Path::attribute("quota").key(resource);
        // Whatever the limit will be, the resource must be one.
        for detail in check_limit(resource, limit.known().map_or("0", String::as_str)) {
            wrong.add(rules::BAD_QUOTA, &path, &detail);
        }
    }
    let mut names = BTreeSet::new();
    for (position, binding) in config.role_binding.known().into_iter().flatten().enumerate() {
        let Some(binding) = binding.known() else { continue };
        let path = Path::attribute("role_binding").index(position);
        wrong.name::<RoleBindingName>(&binding.name, path.clone().then("name"));
        if let Some(name) = binding.name.known().filter(|name| !names.insert(*name)) {
            let path = path.clone().then("name");
            let detail = format!(": two role bindings have the name `{name}`. Give one another name, or merge them.");
            wrong.titled(codes::DUPLICATE_ITEM, "Duplicate role binding", &path, &detail);
        }
        check_binding(&mut wrong, binding, &path);
    }
    wrong.finish()
}

fn check_binding(wrong: &mut Wrong, binding: &BindingModel, path: &Path) {
    wrong.name::<KubernetesRole>(&binding.role, path.clone().then("role"));
    let path = path.clone().then("subjects");
    if binding.subjects.known().is_some_and(Vec::is_empty) {
        let detail = " is empty, so the binding would grant nothing. Add a subject, or remove the binding.";
        wrong.error(codes::INVALID_VALUE, &path, detail);
    }
    wrong.names::<Subject>("subject", &binding.subjects, &path, str::to_owned);
}

#[cfg(test)]
mod tests;
