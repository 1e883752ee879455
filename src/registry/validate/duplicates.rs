//! Duplicate names and targets.

use std::collections::HashMap;

use super::super::entries::{Named, Section, Service, Target};
use super::super::model::Registry;
use super::super::names::Name;
use super::super::problem::{Problems, Rule, rules};

/// Up to this many items are compared with each other.
const SMALL: usize = 16;

pub(super) fn check(registry: &Registry, problems: &mut Problems) {
    section(&registry.teams, "teams", "name", rules::DUPLICATE_NAME, problems);
    section(&registry.clusters, "clusters", "name", rules::DUPLICATE_NAME, problems);
    section(&registry.projects, "projects", "id", rules::DUPLICATE_PROJECT, problems);
    section(&registry.namespaces, "namespaces", "name", rules::DUPLICATE_NAME, problems);
    section(&registry.services, "services", "name", rules::DUPLICATE_NAME, problems);
}

/// Duplicates within one service.
pub(super) fn service(service: &Service, position: usize, problems: &mut Problems) {
    environments(service, position, problems);
    targets(service, position, problems);
}

fn section<T: Named>(section: &Section<T>, list: &str, field: &str, rule: Rule, problems: &mut Problems) {
    // As many names as entries means no duplicates. Reported names count as one name, and are skipped below.
    if section.names() == section.len() {
        return;
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (position, entry) in section.iter().enumerate() {
        let name = entry.entry_name();
        if name.is_empty() || name.starts_with('/') || name.ends_with('/') {
            continue;
        }
        if let Some(first) = seen.get(&name) {
            let detail = format!(
                "The {field} `{name}` is already used by the {} at `/{list}/{first}`. Remove one of the two entries, or give \
                 it another {field}.",
                T::KIND
            );
            if list == "services" {
                problems.belong_to(Some(&name), None);
            }
            problems.report(rule, format!("/{list}/{position}/spec/{field}"), detail);
            problems.belong_to(None, None);
        } else {
            seen.insert(name, position);
        }
    }
}

fn environments(service: &Service, position: usize, problems: &mut Problems) {
    let all = &service.environments;
    // A service has a handful of environments: comparing them all is faster than hashing, up to a point.
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (index, environment) in all.iter().enumerate().filter(|(_, environment)| !environment.name.is_reported()) {
        let first = if all.len() <= SMALL {
            all[..index].iter().position(|other| other.name == environment.name)
        } else {
            let first = *seen.entry(environment.name.as_str()).or_insert(index);
            (first != index).then_some(first)
        };
        if let Some(first) = first {
            problems.belong_to_entry(&service.name, &environment.name);
            let detail = format!(
                "Service `{}` has two environments `{}`. The first is at `/services/{position}/spec/environments/{first}`. \
                 Rename one of them, or merge them.",
                service.name, environment.name
            );
            let pointer = format!("/services/{position}/spec/environments/{index}/spec/name");
            problems.report(rules::DUPLICATE_NAME, pointer, detail);
            problems.environment = None;
        }
    }
}

/// A release in a namespace can be the target of one environment only.
fn targets(service: &Service, position: usize, problems: &mut Problems) {
    let all = || {
        let environments = service.environments.iter().enumerate();
        environments.flat_map(|(place, environment)| {
            environment.targets.iter().enumerate().map(move |(target, entry)| ((place, target), environment, entry))
        })
    };
    let count = all().count();
    let same = |a: &Target, b: &Target| a.namespace == b.namespace && a.cluster == b.cluster && a.release == b.release;
    // A service has a handful of targets: comparing them all is faster than hashing, up to a point.
    let mut seen: HashMap<(&str, &str, Option<&str>), (usize, usize)> = HashMap::new();
    for (number, (place, environment, target)) in all().enumerate() {
        let Target { cluster, namespace, release, .. } = target;
        if cluster.is_reported() || namespace.is_reported() {
            continue;
        }
        let first = if count <= SMALL {
            all().take(number).find(|(_, _, earlier)| same(earlier, target)).map(|(place, ..)| place)
        } else {
            let first = *seen.entry((cluster.as_str(), namespace.as_str(), release.as_deref())).or_insert(place);
            (first != place).then_some(first)
        };
        let Some(first) = first else { continue };
        problems.belong_to_entry(&service.name, &environment.name);
        let release =
            release.as_deref().map_or_else(|| "no release".to_owned(), |release| format!("release `{release}`"));
        let pointer = |(environment, target)| {
            format!("/services/{position}/spec/environments/{environment}/spec/targets/{target}")
        };
        let detail = format!(
            "The target `{cluster}/{namespace}` with {release} is already defined at `{}`. Remove one of the two, or give it \
             another release.",
            pointer(first)
        );
        problems.report(rules::DUPLICATE_TARGET, pointer(place), detail);
        problems.environment = None;
    }
}
