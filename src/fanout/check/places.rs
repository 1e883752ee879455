//! Fences for places: projects, their parents, namespaces.

use crate::fanout::fences::{Fences, Forbidden};
use crate::fanout::settings::Settings;
use crate::registry::names::{Name, NamespaceName, Parent, ProjectId};
use crate::registry::problem::{Problems, rules};
use crate::registry::{Project, Registry};

pub(super) fn check(registry: &Registry, settings: &Settings, problems: &mut Problems) {
    let fences = &settings.fences;
    for (position, project) in registry.projects.iter().enumerate() {
        allowed_project(&project.id, fences, problems, || format!("/projects/{position}/spec/id"));
        allowed_parent(project, settings, position, problems);
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
                allowed_project(project, fences, problems, || format!("{}/googleProject", pointer()));
            }
            for (target, entry) in environment.targets.iter().enumerate() {
                let pointer = || format!("{}/targets/{target}/spec/namespace", pointer());
                reserved_namespace(&entry.namespace, &fences.reserved_namespaces, problems, pointer);
            }
        }
    }
    problems.belong_to(None, None);
}

fn allowed_project(id: &ProjectId, fences: &Fences, problems: &mut Problems, pointer: impl Fn() -> String) {
    if let Some(why) = fences.refuses_project(id.as_str()).filter(|_| !id.is_reported()) {
        problems.report(rules::PROJECT_NOT_ALLOWED, pointer(), format!("The project `{id}` {why}"));
    }
}

/// A project that anu creates needs an allowed parent, its own or the default: without one it would be created outside every folder.
/// The parent of a project that exists already has no effect, and must not look as if it were allowed.
fn allowed_parent(project: &Project, settings: &Settings, position: usize, problems: &mut Problems) {
    let default = settings.project_defaults.parent.as_ref();
    match &project.parent {
        Some(parent) => {
            if let Some(why) = settings.fences.refuses_parent(parent.as_str()).filter(|_| !parent.is_reported()) {
                let pointer = format!("/projects/{position}/spec/parent");
                problems.report(rules::PARENT_NOT_ALLOWED, pointer, format!("The parent `{parent}` {why}"));
            }
        }
        None if project.existing || project.id.is_reported() => {}
        None => {
            if let Some(why) = settings.fences.refuses_default_parent(default.map(Parent::as_str)) {
                let pointer = format!("/projects/{position}/spec");
                problems.report(rules::PARENT_NOT_ALLOWED, pointer, format!("Project `{}` {why}", project.id));
            }
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
