//! The labels of the provider block, by the rules of what has them: projects that are created, namespaces, or both.

use crate::fanout::settings::Settings;
use crate::registry::Registry;
use crate::registry::labels::{self, Dialect};
use crate::registry::names::{Name, NamespaceKey, ProjectId};
use crate::registry::problem::{Problems, Rule};

pub(super) fn check(registry: &Registry, settings: &Settings, problems: &mut Problems) {
    if settings.labels.is_empty() {
        return;
    }
    let carriers = Carriers::of(registry, settings);
    for (key, value) in &settings.labels {
        if let Err((rule, detail)) = carriers.check(key, value) {
            problems.report(rule, "", format!("In `labels` of the provider block: {detail}"));
        }
    }
    let all = settings.labels.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    if let Some(project) = carriers.project
        && let Err((rule, detail)) = labels::check_all(Dialect::Google, all)
    {
        let detail = format!("In `labels` of the provider block: {detail} Project `{project}` has these labels.");
        problems.report(rule, "", detail);
    }
}

/// The first project and the first namespace that are created with the labels, if there is one of each.
struct Carriers<'a> {
    project: Option<&'a ProjectId>,
    namespace: Option<NamespaceKey>,
}

impl<'a> Carriers<'a> {
    fn of(registry: &'a Registry, settings: &Settings) -> Self {
        let mut projects = registry.projects.iter().filter(|entry| !entry.existing && !entry.id.is_reported());
        let project = projects.find(|entry| !registry.references.of_project(&entry.id).is_empty());
        let mut targets =
            registry.services.iter().flat_map(|service| &service.environments).flat_map(|each| &each.targets);
        let namespace = targets.find(|target| !target.cluster.is_reported() && !target.namespace.is_reported());
        Self {
            project: project.filter(|_| settings.manage.google).map(|entry| &entry.id),
            namespace: namespace.filter(|_| settings.manage.kubernetes).map(|target| target.key()),
        }
    }

    fn check(&self, key: &str, value: &str) -> Result<(), (Rule, String)> {
        let google = labels::check(Dialect::Google, key, value);
        let kubernetes = labels::check(Dialect::NamespaceLabel, key, value);
        let on_project = self.project.map(|project| format!("Project `{project}`"));
        let on_namespace = self.namespace.as_ref().map(|namespace| format!("Namespace `{namespace}`"));
        match (on_project, on_namespace) {
            // Until there is one of them, the label is for either.
            (None, None) => google.or(kubernetes),
            (Some(project), None) => google.map_err(|wrong| on(wrong, &project, None)),
            (None, Some(namespace)) => kubernetes.map_err(|wrong| on(wrong, &namespace, None)),
            (Some(project), Some(namespace)) => match (google, kubernetes) {
                (Err(wrong), Ok(())) => Err(on(wrong, &project, Some("namespaces"))),
                (Ok(()), Err(wrong)) => Err(on(wrong, &namespace, Some("projects"))),
                (google, _) => google.map_err(|wrong| on(wrong, &project, None)),
            },
        }
    }
}

/// Adds what the label would be set on, and the list in which a label belongs that only other entries can have.
fn on((rule, detail): (Rule, String), carrier: &str, others: Option<&str>) -> (Rule, String) {
    let others =
        others.map(|list| format!(" A label of {list} alone belongs in `labels` of the entries under `{list}`."));
    (rule, format!("{detail} {carrier} would have this label.{}", others.unwrap_or_default()))
}
