//! Fences for places: projects, their parents, namespaces.

use crate::fanout::fences::{Forbidden, list};
use crate::fanout::pattern::{Pattern, matching};
use crate::fanout::settings::Settings;
use crate::registry::names::{Name, NamespaceName, Parent, ProjectId};
use crate::registry::problem::{Problems, rules};
use crate::registry::{Project, Registry};

pub(super) fn check(registry: &Registry, settings: &Settings, problems: &mut Problems) {
    let fences = &settings.fences;
    let allowed_projects = fences.allowed_projects.as_deref();
    for (position, project) in registry.projects.iter().enumerate() {
        allowed_project(&project.id, allowed_projects, problems, || format!("/projects/{position}/spec/id"));
        if let Some(allowed) = &fences.allowed_parents {
            allowed_parent(project, settings.project_defaults.parent.as_ref(), allowed, position, problems);
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
                allowed_project(project, allowed_projects, problems, || format!("{}/googleProject", pointer()));
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

/// A project that anu creates needs an allowed parent, its own or the default: without one it would be created outside every folder.
/// The parent of a project that exists already has no effect, and must not look as if it were allowed.
fn allowed_parent(
    project: &Project,
    default: Option<&Parent>,
    allowed: &[Pattern],
    position: usize,
    problems: &mut Problems,
) {
    match &project.parent {
        Some(parent) if parent.is_reported() || matching(allowed, parent.as_str()).is_some() => {}
        Some(parent) => {
            let detail = format!(
                "The parent `{parent}` is not allowed by `fences.allowed_parents` in the provider block: {}. Choose an allowed \
                 parent.",
                list(allowed)
            );
            problems.report(rules::PARENT_NOT_ALLOWED, format!("/projects/{position}/spec/parent"), detail);
        }
        None if project.existing || project.id.is_reported() => {}
        None if default.is_some_and(|default| matching(allowed, default.as_str()).is_some()) => {}
        None => {
            let id = &project.id;
            let allowed = list(allowed);
            let detail = match default {
                None => format!(
                    "Project `{id}` has no `parent`, and the provider block has no `google.parent`, so its parent is not one of those \
                     that `fences.allowed_parents` in the provider block allows: {allowed}. Add an allowed `parent`."
                ),
                Some(default) => format!(
                    "Project `{id}` has no `parent`, so it has that of `google.parent` in the provider block, `{default}`, which \
                     `fences.allowed_parents` does not allow: {allowed}. Add an allowed `parent` to the entry, or ask the \
                     maintainer of the provider block to correct `google.parent`."
                ),
            };
            problems.report(rules::PARENT_NOT_ALLOWED, format!("/projects/{position}/spec"), detail);
        }
    }
}

fn reserved_namespace(
    name: &NamespaceName,
    reserved: &Forbidden,
    problems: &mut Problems,
    pointer: impl Fn() -> String,
) {
    if name.is_reported() {
        return;
    }
    if let Some(fence) = reserved.find(name.as_str()) {
        let detail = format!("The namespace `{name}` is reserved: {fence}. Choose another namespace.");
        problems.report(rules::RESERVED_NAMESPACE, pointer(), detail);
    }
}
