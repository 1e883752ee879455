//! What the fan-out has to say about a registry: everything that depends on the provider block as well.

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

/// Principals one project's policy may hold, every appearance counted (IAM quotas).
const MOST_PRINCIPALS: usize = 1_500;
/// Groups one project's policy may hold, each counted once (IAM quotas).
const MOST_GROUPS: usize = 250;

/// Makes the provider block ready for this registry and reports all that does not fit. The registry may hold values that
/// were reported before; they are passed over.
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
                "`{parent}` is not among the parents that `fences.allowed_parents` in the provider block allows: {}. Choose \
                 one of them.",
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
            "`{id}` is not among the projects that `fences.allowed_projects` in the provider block allows: {}. Correct the id, \
             or have the fence moved.",
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
            "`{name}` is reserved by the fence `{fence}` (`fences.reserved_namespaces` in the provider block). Choose a \
             namespace of the service's own."
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

/// IAM's limits on one policy, counted over our own grants.
fn limits(registry: &Registry, rules: &ExpansionContext, problems: &mut Problems) {
    // A project's grants are counted out only where they could be too many at all: hardly ever.
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
            "The policy of project `{project}` would hold {} principals, every appearance counted, and Google allows \
             {MOST_PRINCIPALS}. They are granted by {names}{more}. Grant to groups that hold the others, or use several projects.",
            appearances.len()
        );
        problems.report(rules::TOO_MANY_PRINCIPALS, pointer.clone(), detail);
    }
    if groups.len() > MOST_GROUPS {
        let detail = format!(
            "The policy of project `{project}` would hold {} groups, and Google allows {MOST_GROUPS}. They are granted by \
             {names}{more}. Grant to a group that holds the others, or use several projects.",
            groups.len()
        );
        problems.report(rules::TOO_MANY_GROUPS, pointer, detail);
    }
}
