//! The rules of the arguments: those of the registry, since the same objects are created. Unknown values pass; null is refused by
//! the schema.

use std::collections::BTreeSet;

use super::model::{BindingModel, NamespaceModel, Texts};
use crate::registry::check_limit;
use crate::registry::labels::{self, Dialect};
use crate::registry::names::{ClusterName, ClusterRole, NameError, NamespaceName, RoleBindingName, Subject};
use crate::registry::problem::{Rule, rules};
use crate::sdk::{Attr, Diagnostic, Diagnostics, Path};

/// Checks all arguments.
///
/// # Errors
/// For every one that breaks a rule.
pub(super) fn check(config: &NamespaceModel) -> Result<(), Diagnostics> {
    let mut wrong = Wrong::default();
    wrong.name::<ClusterName>(&config.cluster, Path::attribute("cluster"));
    wrong.name::<NamespaceName>(&config.name, Path::attribute("name"));
    wrong.labels("labels", &config.labels, Dialect::LoneNamespaceLabel);
    wrong.labels("annotations", &config.annotations, Dialect::Annotation);
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
            let detail =
                format!("`{path}`: two role bindings have the name `{name}`. Give one another name, or merge them.");
            wrong.0.push(Diagnostic::error("Duplicate role binding", detail).at(path));
        }
        wrong.binding(binding, &path);
    }
    if wrong.0.is_empty() { Ok(()) } else { Err(wrong.0) }
}

#[derive(Default)]
struct Wrong(Diagnostics);

impl Wrong {
    fn add(&mut self, rule: Rule, path: &Path, detail: &str) {
        self.0.push(Diagnostic::error(rule.summary, format!("`{path}`: {detail}")).at(path.clone()));
    }

    fn parses<N: std::str::FromStr<Err = NameError>>(&mut self, text: &str, path: &Path) {
        if let Err(error) = text.parse::<N>() {
            self.add(rules::BAD_NAME, path, &format!("{error}.{}", error.hint()));
        }
    }

    fn name<N: std::str::FromStr<Err = NameError>>(&mut self, text: &Attr<String>, path: Path) {
        if let Some(text) = text.known() {
            self.parses::<N>(text, &path);
        }
    }

    fn labels(&mut self, attribute: &str, labels: &Texts, dialect: Dialect) {
        for (key, value) in labels.known().into_iter().flatten() {
            let path = Path::attribute(attribute).key(key);
            // Whatever the value will be, the key must be one.
            if let Err((rule, detail)) = labels::check(dialect, key, value.known().map_or("", String::as_str)) {
                self.add(rule, &path, &detail);
            }
        }
    }

    fn binding(&mut self, binding: &BindingModel, path: &Path) {
        self.name::<ClusterRole>(&binding.role, path.clone().then("role"));
        let path = path.clone().then("subjects");
        let Some(subjects) = binding.subjects.known() else { return };
        if subjects.is_empty() {
            let detail =
                format!("`{path}` is empty, so the binding would grant nothing. Add a subject, or remove the binding.");
            self.0.push(Diagnostic::error("Invalid value", detail).at(path.clone()));
        }
        let mut seen = BTreeSet::new();
        for (position, subject) in subjects.iter().enumerate() {
            let path = path.clone().index(position);
            let Some(subject) = subject.known() else { continue };
            self.parses::<Subject>(subject, &path);
            if !seen.insert(subject) {
                let detail = format!("`{path}`: `{subject}` is listed twice. Remove one.");
                self.0.push(Diagnostic::error("Duplicate subject", detail).at(path));
            }
        }
    }
}

#[cfg(test)]
mod tests;
