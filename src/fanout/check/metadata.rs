//! Fences for labels and annotations of namespaces, and labels that the provider block overrides.

use std::collections::BTreeSet;

use crate::fanout::expand::references_by;
use crate::fanout::settings::Settings;
use crate::registry::labels::PROJECT_ANNOTATION;
use crate::registry::pointer::push_key;
use crate::registry::problem::{Problems, rules};
use crate::registry::quote::quote;
use crate::registry::{Labels, Namespace, Registry};

pub(super) fn check(registry: &Registry, settings: &Settings, problems: &mut Problems) {
    for (position, project) in registry.projects.iter().enumerate() {
        overridden(&project.labels, &settings.labels, &format!("/projects/{position}/spec/labels"), problems);
    }
    for (position, namespace) in registry.namespaces.iter().enumerate() {
        let spec = format!("/namespaces/{position}/spec");
        overridden(&namespace.labels, &settings.labels, &format!("{spec}/labels"), problems);
        for (kind, field, all) in
            [("label", "labels", &namespace.labels), ("annotation", "annotations", &namespace.annotations)]
        {
            for (key, value) in all {
                let pointer = || pointer(&format!("{spec}/{field}"), key);
                if field == "annotations" && key == PROJECT_ANNOTATION {
                    project_annotation(registry, namespace, value, pointer, problems);
                } else if let Some(why) = settings.fences.refuses_metadata(key, value) {
                    let detail = format!("The {kind} {} of a namespace {why}", quote(key));
                    problems.report(rules::GUARDED_METADATA, pointer(), detail);
                }
            }
        }
    }
}

fn pointer(parent: &str, key: &str) -> String {
    let mut pointer = parent.to_owned();
    push_key(&mut pointer, key);
    pointer
}

/// Config Connector creates resources in the project that this annotation names, so it is a use of the project: the service of
/// the namespace must have the project in an environment, where sharing is checked, or own it.
fn project_annotation(
    registry: &Registry,
    namespace: &Namespace,
    project: &str,
    pointer: impl Fn() -> String,
    problems: &mut Problems,
) {
    let services: BTreeSet<u32> = match &namespace.owner {
        Some(owner) => registry.services.position(owner.as_str()).map(|position| position as u32).into_iter().collect(),
        None => registry.references.of_namespace(&namespace.key()).iter().map(|reference| reference.service).collect(),
    };
    let name = |position: &u32| registry.services[*position as usize].name.as_str();
    if let Ok(id) = project.parse() {
        let entry = registry.projects.get(project);
        let owner = entry.and_then(|entry| entry.owner.as_ref()).map(|owner| owner.as_str());
        let references = registry.references.of_project(&id);
        let may_use =
            |position: &u32| owner == Some(name(position)) || !references_by(references, *position).is_empty();
        if services.iter().any(may_use) {
            return;
        }
    }
    let names: Vec<String> = services.iter().map(|position| format!("`{}`", name(position))).collect();
    let whose = if names.is_empty() { "a service that uses the namespace".to_owned() } else { names.join(", ") };
    let detail = format!(
        "The annotation `{PROJECT_ANNOTATION}` is {}, and no environment of {whose} has this project. Config Connector would \
         create resources in it. Use the project of an environment, or one that the service owns, or remove the annotation: \
         anu sets it to the environment's project.",
        quote(project)
    );
    problems.report(rules::PROJECT_ANNOTATION, pointer(), detail);
}

/// The provider block's labels override those of the registry. One that has no effect is reported.
fn overridden(labels: &Labels, of_provider: &Labels, list: &str, problems: &mut Problems) {
    for (key, value) in labels {
        if let Some(other) = of_provider.get(key).filter(|other| *other != value) {
            let detail = format!(
                "The label {} is {} here, and `labels` of the provider block sets it to {}, which overrides this value. Remove \
                 the label, or write the same value.",
                quote(key),
                quote(value),
                quote(other)
            );
            problems.report(rules::LABEL_OVERRIDDEN, pointer(list, key), detail);
        }
    }
}
