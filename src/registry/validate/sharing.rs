//! Sharing: a project or namespace that two services use needs an entry with its owner and the other services.
//!
//! Otherwise a team that may edit its own entry could add another team's production project to it and become its admin.

use std::collections::HashSet;

use super::super::entries::{Project, Service};
use super::super::model::Registry;
use super::super::names::{Name, ServiceName, SharerName};
use super::super::problem::{Problems, rules};
use super::super::quote::quote;
use super::super::references::Reference;
use crate::registry::entries::Namespace;

/// A project or namespace that may be shared.
struct Shared<'r> {
    /// Its kind and name, for messages: `project `x``.
    what: String,
    /// The JSON pointer of its entry, if it has one.
    entry: Option<String>,
    owner: Option<&'r ServiceName>,
    shared_with: &'r [SharerName],
    references: &'r [Reference],
    pointer: fn(&Reference) -> String,
    /// The entry to write, for messages: everything before its `owner`.
    example: String,
    list: &'static str,
    /// Whether anu manages it, so that its settings follow the owner.
    managed: bool,
}

impl Shared<'_> {
    /// `what` at the beginning of a sentence.
    fn subject(&self) -> String {
        let (first, rest) = self.what.split_at(1);
        first.to_ascii_uppercase() + rest
    }
}

pub(super) fn check(registry: &Registry, problems: &mut Problems) {
    let teams = known_teams(registry);
    for (position, project) in registry.projects.iter().enumerate() {
        let references = registry.references.of_project(&project.id);
        if project.shared_with.is_empty() && used_by_owner_alone(registry, project.owner.as_ref(), references) {
            continue;
        }
        if !project.id.is_reported() && registry.projects.position(project.id.as_str()) == Some(position) {
            check_entry(registry, &teams, &shared_project(registry, project, position), problems);
        }
    }
    for (position, namespace) in registry.namespaces.iter().enumerate() {
        let key = namespace.key();
        let reported = namespace.cluster.is_reported() || namespace.name.is_reported();
        if !reported && registry.namespaces.position(&key.to_string()) == Some(position) {
            check_entry(registry, &teams, &shared_namespace(registry, namespace, position), problems);
        }
    }
    undeclared(registry, problems);
    problems.belong_to(None, None);
}

/// True for nearly every project, which needs no further check.
fn used_by_owner_alone(registry: &Registry, owner: Option<&ServiceName>, references: &[Reference]) -> bool {
    let (Some(first), Some(last)) = (references.first(), references.last()) else { return false };
    first.service == last.service && owner.is_none_or(|owner| *owner == first.service(&registry.services).name)
}

fn shared_project<'r>(registry: &'r Registry, project: &'r Project, position: usize) -> Shared<'r> {
    Shared {
        what: format!("project `{}`", project.id),
        entry: Some(format!("/projects/{position}")),
        owner: project.owner.as_ref(),
        shared_with: &project.shared_with,
        references: registry.references.of_project(&project.id),
        pointer: Reference::project_pointer,
        example: String::new(),
        list: "projects",
        managed: !project.existing,
    }
}

fn shared_namespace<'r>(registry: &'r Registry, namespace: &'r Namespace, position: usize) -> Shared<'r> {
    let key = namespace.key();
    Shared {
        what: format!("namespace `{key}`"),
        entry: Some(format!("/namespaces/{position}")),
        owner: namespace.owner.as_ref(),
        shared_with: &namespace.shared_with,
        references: registry.references.of_namespace(&key),
        pointer: Reference::target_pointer,
        example: String::new(),
        list: "namespaces",
        managed: true,
    }
}

/// Projects and namespaces that several services use and that have no entry, in the document's order.
fn undeclared(registry: &Registry, problems: &mut Problems) {
    let mut shared: Vec<Shared<'_>> = Vec::new();
    for (id, references) in &registry.references.projects {
        if services(references).nth(1).is_some() && registry.projects.get(id.as_str()).is_none() {
            shared.push(Shared {
                what: format!("project `{id}`"),
                entry: None,
                owner: None,
                shared_with: &[],
                references,
                pointer: Reference::project_pointer,
                example: format!("{{\"type\": \"Project\", \"spec\": {{\"id\": \"{id}\", \"existing\": true, "),
                list: "projects",
                managed: false,
            });
        }
    }
    for (key, references) in &registry.references.namespaces {
        if services(references).nth(1).is_some() && registry.namespaces.get(&key.to_string()).is_none() {
            shared.push(Shared {
                what: format!("namespace `{key}`"),
                entry: None,
                owner: None,
                shared_with: &[],
                references,
                pointer: Reference::target_pointer,
                example: format!(
                    "{{\"type\": \"Namespace\", \"spec\": {{\"cluster\": \"{}\", \"name\": \"{}\", ",
                    key.cluster, key.namespace
                ),
                list: "namespaces",
                managed: false,
            });
        }
    }
    // The map has no order.
    shared.sort_by_key(|shared| {
        (shared.references[0].service, shared.references[0].environment, shared.references[0].target, shared.list)
    });
    for shared in shared {
        ownerless(registry, &shared, problems);
    }
}

fn check_entry(registry: &Registry, teams: &HashSet<&str>, shared: &Shared<'_>, problems: &mut Problems) {
    problems.belong_to(None, None);
    let entry = shared.entry.as_deref().unwrap_or_default();
    sharers(registry, teams, shared, entry, problems);
    let Some(owner) = shared.owner else {
        if services(shared.references).nth(1).is_some() {
            ownerless(registry, shared, problems);
        }
        return unused(shared, entry, problems);
    };
    if owner.is_reported() {
        return;
    }
    if registry.services.get(owner.as_str()).is_none() {
        let names = registry.services.iter().map(|service| service.name.as_str());
        let mut hint = problems.did_you_mean("services", owner.as_str(), names);
        if hint.is_empty() {
            hint = " Use the name of a listed service.".to_owned();
        }
        let detail = format!("The owner `{owner}` of {} is not in `services`.{hint}", shared.what);
        return problems.report(rules::UNKNOWN_SERVICE, format!("{entry}/spec/owner"), detail);
    }
    let shared_with: HashSet<&str> = shared.shared_with.iter().map(SharerName::as_str).collect();
    let mut owner_uses = false;
    for reference in services(shared.references) {
        let service = reference.service(&registry.services);
        if service.name == *owner {
            owner_uses = true;
        } else if !service.name.is_reported() && !may_share(service, &shared_with) {
            belong_to(registry, reference, problems);
            let detail = format!(
                "{} is owned by `{owner}`, and its `sharedWith` does not contain `{}`. Ask the owner to add `{}` to \
                 `sharedWith` at `{entry}`, or use another.",
                shared.subject(),
                service.name,
                service.name
            );
            problems.report(rules::UNDECLARED_SHARING, (shared.pointer)(reference), detail);
        }
    }
    problems.belong_to(None, None);
    if shared.references.is_empty() {
        unused(shared, entry, problems);
    } else if !owner_uses && shared.managed {
        let detail = format!(
            "{} is owned by `{owner}`, and no environment of `{owner}` uses it. Its labels and settings come from its owner, so \
             they are not applied. Add it to an environment of `{owner}`, or change `owner` to a service that uses it.",
            shared.subject()
        );
        problems.report(rules::OWNER_ABSENT, format!("{entry}/spec/owner"), detail);
    }
}

fn unused(shared: &Shared<'_>, entry: &str, problems: &mut Problems) {
    if shared.references.is_empty() {
        let detail = format!(
            "No environment uses {}, so it is not created. Add it to an environment, or remove the entry.",
            shared.what
        );
        problems.report(rules::UNUSED_ENTRY, entry, detail);
    }
}

/// Reports a project or namespace that several services use and that has no owner.
fn ownerless(registry: &Registry, shared: &Shared<'_>, problems: &mut Problems) {
    // Two services with one name are reported as duplicates. A service with an invalid name may be any of them.
    let mut seen = HashSet::new();
    let users: Vec<&Reference> = services(shared.references)
        .filter(|reference| {
            let name = &reference.service(&registry.services).name;
            !name.is_reported() && seen.insert(name.as_str())
        })
        .collect();
    let [first, second, ..] = users[..] else { return };
    let names: Vec<&str> = users.iter().map(|reference| reference.service(&registry.services).name.as_str()).collect();
    let owner = names[0];
    let others: Vec<String> = names[1..].iter().take(5).map(|name| format!("\"{name}\"")).collect();
    let more = if names.len() > 6 { ", …" } else { "" };
    belong_to(registry, second, problems);
    let fields = format!("\"owner\": \"{owner}\", \"sharedWith\": [{}{more}]", others.join(", "));
    let remedy = match &shared.entry {
        Some(entry) => format!("Add to `{entry}`: `{fields}`."),
        None => format!("Add an entry to `{}`: `{}{fields}}}}}`.", shared.list, shared.example),
    };
    let detail = format!(
        "{} is used by {} services, and its owner is not declared. The first is `{owner}` (at `{}`). {remedy}",
        shared.subject(),
        names.len(),
        (shared.pointer)(first)
    );
    problems.report(rules::UNDECLARED_SHARING, (shared.pointer)(second), detail);
}

fn sharers(registry: &Registry, teams: &HashSet<&str>, shared: &Shared<'_>, entry: &str, problems: &mut Problems) {
    for (index, sharer) in shared.shared_with.iter().enumerate() {
        let known =
            sharer.is_reported() || registry.services.get(sharer.as_str()).is_some() || teams.contains(sharer.as_str());
        if known {
            continue;
        }
        let names = registry.services.iter().map(|service| service.name.as_str());
        let names = names.chain(teams.iter().copied());
        let mut hint = problems.did_you_mean("services and teams", sharer.as_str(), names);
        if hint.is_empty() {
            hint = " Use the name of a service or team, or remove it.".to_owned();
        }
        let detail = format!(
            "{} is shared with {}, which is not a service or team of the registry.{hint}",
            shared.subject(),
            quote(sharer.as_str())
        );
        problems.report(rules::UNKNOWN_SHARER, format!("{entry}/spec/sharedWith/{index}"), detail);
    }
}

fn may_share(service: &Service, shared_with: &HashSet<&str>) -> bool {
    // An invalid name (it is empty here) may be the service's.
    shared_with.contains("")
        || shared_with.contains(service.name.as_str())
        || service.team.as_ref().is_some_and(|team| team.is_reported() || shared_with.contains(team.as_str()))
}

/// The listed teams. Without a list, the teams that own a service.
fn known_teams(registry: &Registry) -> HashSet<&str> {
    if registry.teams.is_declared() {
        return registry.teams.iter().map(|team| team.name.as_str()).collect();
    }
    registry.services.iter().filter_map(|service| service.team.as_ref()).map(|team| team.as_str()).collect()
}

/// The first reference of each service. References are in the document's order, so those of one service are adjacent.
fn services(references: &[Reference]) -> impl Iterator<Item = &Reference> {
    references
        .iter()
        .enumerate()
        .filter(|(index, reference)| *index == 0 || references[index - 1].service != reference.service)
        .map(|(_, reference)| reference)
}

fn belong_to(registry: &Registry, reference: &Reference, problems: &mut Problems) {
    let service = reference.service(&registry.services);
    problems.belong_to(Some(service.name.as_str()), Some(reference.environment(&registry.services).name.as_str()));
}
