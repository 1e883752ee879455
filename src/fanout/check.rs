//! The checks of a registry that depend on the provider block.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::registry::labels::{self, Dialect};
use crate::registry::names::{Name, NamespaceName, Principal, ProjectId};
use crate::registry::problem::{Problems, rules};
use crate::registry::references::Reference;
use crate::registry::{Labels, Registry};

use super::context::ExpansionContext;
use super::expand;
use super::people::People;
use super::settings::{Pattern, Settings, matching};
use super::table::Table;

/// The limit of principals in one project's policy, with every occurrence counted (IAM quotas).
const MOST_PRINCIPALS: usize = 1_500;
/// The limit of groups in one project's policy, with each counted once (IAM quotas).
const MOST_GROUPS: usize = 250;

/// Combines the provider block with this registry and reports every conflict. Values of the registry that were reported
/// before are skipped.
pub(crate) fn prepare(registry: &Registry, settings: &Settings, problems: &mut Problems) -> ExpansionContext {
    problems.belong_to(None, None);
    provider_labels(&settings.labels, problems);
    let table = Table::of(registry, settings, problems);
    let people = People::of(registry, settings.member_template.as_deref(), problems);
    fences(registry, settings, problems);
    let rules = ExpansionContext { table, people, labels: settings.labels.clone(), owned: expand::owned(registry) };
    limits(registry, &rules, problems);
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

/// The limits of IAM for one policy, applied to anu's grants.
fn limits(registry: &Registry, rules: &ExpansionContext, problems: &mut Problems) {
    // The exact count is computed only if an upper bound exceeds the limit, which is rare.
    let widest = rules.table.widest_row();
    let at_most = |reference: &Reference| {
        let rows = reference.service(&registry.services).google_services.len() + 1;
        reference.environment(&registry.services).access.entries().count() * rows * widest
    };
    let references = registry.references.projects.iter();
    let mut places: Vec<(&ProjectId, &Vec<Reference>)> =
        references.filter(|(_, references)| references.iter().map(at_most).sum::<usize>() > MOST_GROUPS).collect();
    places.sort_by_key(|(_, references)| (references[0].service, references[0].environment));
    for (project, references) in places {
        count(registry, rules, project, references, problems);
    }
}

fn count(
    registry: &Registry,
    ready: &ExpansionContext,
    project: &ProjectId,
    references: &[Reference],
    problems: &mut Problems,
) {
    let mut appearances: HashSet<(&str, Principal)> = HashSet::new();
    let mut groups: HashSet<Principal> = HashSet::new();
    let mut by_service: HashMap<u32, usize> = HashMap::new();
    let mut roles = Vec::new();
    for reference in references {
        let services = &reference.service(&registry.services).google_services;
        for (level, _, entry) in reference.environment(&registry.services).access.entries() {
            let Some(principal) = ready.people.google(entry) else { continue };
            ready.table.roles(services, level, &mut roles);
            if principal.as_str().starts_with("group:") && !roles.is_empty() {
                groups.insert(principal.clone().into_owned());
            }
            for role in &roles {
                appearances.insert((role.as_str(), principal.clone().into_owned()));
            }
            *by_service.entry(reference.service).or_default() += roles.len();
        }
    }
    let mut most: Vec<(usize, u32)> = by_service.into_iter().map(|(service, count)| (count, service)).collect();
    most.sort_by_key(|(count, service)| (std::cmp::Reverse(*count), *service));
    let names: BTreeSet<&str> =
        most.iter().take(5).map(|(_, service)| registry.services[*service as usize].name.as_str()).collect();
    let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let more = if most.len() > 5 { format!(" and {} more", most.len() - 5) } else { String::new() };
    let service = references[0].service(&registry.services);
    problems.belong_to((most.len() == 1).then_some(service.name.as_str()), None);
    let pointer = references[0].project_pointer();
    if appearances.len() > MOST_PRINCIPALS {
        let detail = format!(
            "The IAM policy of project `{project}` would contain {} principals (every occurrence counts). The limit of Google \
             is {MOST_PRINCIPALS}. They are granted by {names}{more}. Grant roles to groups instead, or use several projects.",
            appearances.len()
        );
        problems.report(rules::TOO_MANY_PRINCIPALS, pointer.clone(), detail);
    }
    if groups.len() > MOST_GROUPS {
        let detail = format!(
            "The IAM policy of project `{project}` would contain {} groups. The limit of Google is {MOST_GROUPS}. They are \
             granted by {names}{more}. Grant roles to a group that contains the others, or use several projects.",
            groups.len()
        );
        problems.report(rules::TOO_MANY_GROUPS, pointer, detail);
    }
}
