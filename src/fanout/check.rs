//! The checks of a registry that depend on the provider block.

use crate::registry::labels::{self, Dialect};
use crate::registry::names::{Name, NamespaceName, ProjectId};
use crate::registry::problem::{Problems, rules};
use crate::registry::{Labels, Registry};

use super::context::ExpansionContext;
use super::expand;
use super::limits;
use super::people::People;
use super::settings::{Pattern, Settings, matching};
use super::shared_with::Owners;
use super::table::Table;

/// Combines the provider block with this registry and reports every conflict. Values of the registry that were reported
/// before are skipped.
pub(crate) fn prepare(registry: &Registry, settings: &Settings, problems: &mut Problems) -> ExpansionContext {
    problems.belong_to(None, None);
    provider_labels(&settings.labels, problems);
    let table = Table::of(registry, settings, problems);
    let people = People::of(registry, settings.member_template.as_deref(), problems);
    fences(registry, settings, problems);
    let rules = ExpansionContext {
        table,
        people,
        labels: settings.labels.clone(),
        owned: expand::owned(registry),
        owners: Owners::of(registry),
    };
    limits::check(registry, &rules, problems);
    problems.belong_to(None, None);
    rules
}

fn provider_labels(labels: &Labels, problems: &mut Problems) {
    for (key, value) in labels {
        if let Err((rule, detail)) = labels::check(Dialect::Both, key, value) {
            problems.report(rule, "", format!("In `labels` of the provider block: {detail}"));
        }
    }
    if let Err((rule, detail)) = labels::check_count(Dialect::Both, labels.len()) {
        problems.report(rule, "", format!("In `labels` of the provider block: {detail}"));
    }
}

fn fences(registry: &Registry, settings: &Settings, problems: &mut Problems) {
    let fences = &settings.fences;
    for (position, project) in registry.projects.iter().enumerate() {
        allowed_project(&project.id, fences.allowed_projects.as_deref(), problems, || {
            format!("/projects/{position}/spec/id")
        });
        if let (Some(parent), Some(allowed)) = (&project.parent, &fences.allowed_parents)
            && !parent.is_reported()
            && matching(allowed, parent.as_str()).is_none()
        {
            let detail = format!(
                "The parent `{parent}` is not allowed by `fences.allowed_parents` in the provider block: {}. Choose an allowed \
                 parent.",
                list(allowed)
            );
            problems.report(rules::PARENT_NOT_ALLOWED, format!("/projects/{position}/spec/parent"), detail);
        }
    }
    for (position, namespace) in registry.namespaces.iter().enumerate() {
        let pointer = || format!("/namespaces/{position}/spec/name");
        reserved_namespace(&namespace.name, &fences.reserved_namespaces, problems, pointer);
    }
    for (place, service) in registry.services.iter().enumerate() {
        for (index, environment) in service.environments.iter().enumerate() {
            problems.belong_to_entry(&service.name, &environment.name);
            let pointer = || format!("/services/{place}/spec/environments/{index}/spec");
            if let Some(project) = &environment.google_project {
                let allowed = fences.allowed_projects.as_deref();
                allowed_project(project, allowed, problems, || format!("{}/googleProject", pointer()));
            }
            for (target, entry) in environment.targets.iter().enumerate() {
                let pointer = || format!("{}/targets/{target}/spec/namespace", pointer());
                reserved_namespace(&entry.namespace, &fences.reserved_namespaces, problems, pointer);
            }
        }
    }
    problems.belong_to(None, None);
}

fn allowed_project(id: &ProjectId, allowed: Option<&[Pattern]>, problems: &mut Problems, pointer: impl Fn() -> String) {
    let Some(allowed) = allowed else { return };
    if !id.is_reported() && matching(allowed, id.as_str()).is_none() {
        let detail = format!(
            "The project `{id}` is not allowed by `fences.allowed_projects` in the provider block: {}. Correct the id, or ask \
             the maintainer of the provider block to change `fences.allowed_projects`.",
            list(allowed)
        );
        problems.report(rules::PROJECT_NOT_ALLOWED, pointer(), detail);
    }
}

fn reserved_namespace(
    name: &NamespaceName,
    reserved: &[Pattern],
    problems: &mut Problems,
    pointer: impl Fn() -> String,
) {
    if name.is_reported() {
        return;
    }
    if let Some(fence) = matching(reserved, name.as_str()) {
        let detail = format!(
            "The namespace `{name}` is reserved: it matches `{fence}` in `fences.reserved_namespaces` of the provider block. \
             Choose another namespace."
        );
        problems.report(rules::RESERVED_NAMESPACE, pointer(), detail);
    }
}

fn list(patterns: &[Pattern]) -> String {
    if patterns.is_empty() {
        return "none".to_owned();
    }
    patterns.iter().map(|pattern| format!("`{pattern}`")).collect::<Vec<_>>().join(", ")
}
