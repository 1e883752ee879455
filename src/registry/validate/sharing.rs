//! Sharing: a project or namespace that two services use needs an entry that says whose it is and who else may.
//!
//! Otherwise whoever may edit their own entry could name another team's production project in it, and be its admin.

use std::collections::HashSet;

use super::super::entries::{Project, Service};
use super::super::model::Registry;
use super::super::names::{Name, ServiceName, SharerName};
use super::super::problem::{Problems, rules};
use super::super::quote::quote;
use super::super::references::Reference;
use crate::registry::entries::Namespace;

/// A project or namespace that may be shared.
struct Thing<'r> {
    /// `Project `x``.
    what: String,
    /// Where its entry stands, if it has one.
    entry: Option<String>,
    owner: Option<&'r ServiceName>,
    shared_with: &'r [SharerName],
    references: &'r [Reference],
    pointer: fn(&Reference) -> String,
    /// The entry to write: everything before its `owner`.
    example: String,
    list: &'static str,
    /// Whether the owner has settings to keep.
    kept: bool,
}

pub(super) fn check(registry: &Registry, problems: &mut Problems) {
    let teams = known_teams(registry);
    for (position, project) in registry.projects.iter().enumerate() {
        let references = registry.references.of_project(&project.id);
        if project.shared_with.is_empty() && used_by_owner_alone(registry, project.owner.as_ref(), references) {
            continue;
        }
        if !project.id.is_reported() && registry.projects.position(project.id.as_str()) == Some(position) {
            check_entry(registry, &teams, &project_thing(registry, project, position), problems);
        }
    }
    for (position, namespace) in registry.namespaces.iter().enumerate() {
        let key = namespace.key();
        let reported = namespace.cluster.is_reported() || namespace.name.is_reported();
        if !reported && registry.namespaces.position(&key.to_string()) == Some(position) {
            check_entry(registry, &teams, &namespace_thing(registry, namespace, position), problems);
        }
    }
    undeclared(registry, problems);
    problems.belong_to(None, None);
}

/// Nearly every project and namespace: nothing to look at.
fn used_by_owner_alone(registry: &Registry, owner: Option<&ServiceName>, references: &[Reference]) -> bool {
    let (Some(first), Some(last)) = (references.first(), references.last()) else { return false };
    first.service == last.service && owner.is_none_or(|owner| *owner == first.service(&registry.services).name)
}

fn project_thing<'r>(registry: &'r Registry, project: &'r Project, position: usize) -> Thing<'r> {
    Thing {
        what: format!("Project `{}`", project.id),
        entry: Some(format!("/projects/{position}")),
        owner: project.owner.as_ref(),
        shared_with: &project.shared_with,
        references: registry.references.of_project(&project.id),
        pointer: Reference::project_pointer,
        example: String::new(),
        list: "projects",
        kept: !project.existing,
    }
}

fn namespace_thing<'r>(registry: &'r Registry, namespace: &'r Namespace, position: usize) -> Thing<'r> {
    let key = namespace.key();
    Thing {
        what: format!("Namespace `{key}`"),
        entry: Some(format!("/namespaces/{position}")),
        owner: namespace.owner.as_ref(),
        shared_with: &namespace.shared_with,
        references: registry.references.of_namespace(&key),
        pointer: Reference::target_pointer,
        example: String::new(),
        list: "namespaces",
        kept: true,
    }
}

/// Things that several services use, and that have no entry. Order comes from the document, not from the map.
fn undeclared(registry: &Registry, problems: &mut Problems) {
    let mut things: Vec<Thing<'_>> = Vec::new();
    for (id, references) in &registry.references.projects {
        if services(references).nth(1).is_some() && registry.projects.get(id.as_str()).is_none() {
            things.push(Thing {
                what: format!("Project `{id}`"),
                entry: None,
                owner: None,
                shared_with: &[],
                references,
                pointer: Reference::project_pointer,
                example: format!("{{\"type\": \"Project\", \"spec\": {{\"id\": \"{id}\", \"existing\": true, "),
                list: "projects",
                kept: false,
            });
        }
    }
    for (key, references) in &registry.references.namespaces {
        if services(references).nth(1).is_some() && registry.namespaces.get(&key.to_string()).is_none() {
            things.push(Thing {
                what: format!("Namespace `{key}`"),
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
                kept: false,
            });
        }
    }
    things.sort_by_key(|thing| {
        (thing.references[0].service, thing.references[0].environment, thing.references[0].target, thing.list)
    });
    for thing in things {
        ownerless(registry, &thing, problems);
    }
}

fn check_entry(registry: &Registry, teams: &HashSet<&str>, thing: &Thing<'_>, problems: &mut Problems) {
    problems.belong_to(None, None);
    let entry = thing.entry.as_deref().unwrap_or_default();
    sharers(registry, teams, thing, entry, problems);
    let Some(owner) = thing.owner else {
        if services(thing.references).nth(1).is_some() {
            ownerless(registry, thing, problems);
        }
        return unused(thing, entry, problems);
    };
    if owner.is_reported() {
        return;
    }
    if registry.services.get(owner.as_str()).is_none() {
        let names = registry.services.iter().map(|service| service.name.as_str());
        let mut hint = problems.did_you_mean("services", owner.as_str(), names);
        if hint.is_empty() {
            hint = " Name one that is.".to_owned();
        }
        let detail = format!("{} is owned by `{owner}`, which is not in `services`.{hint}", thing.what);
        return problems.report(rules::UNKNOWN_SERVICE, format!("{entry}/spec/owner"), detail);
    }
    let shared_with: HashSet<&str> = thing.shared_with.iter().map(SharerName::as_str).collect();
    let mut owner_uses = false;
    for reference in services(thing.references) {
        let service = reference.service(&registry.services);
        if service.name == *owner {
            owner_uses = true;
        } else if !service.name.is_reported() && !may_share(service, &shared_with) {
            belong_to(registry, reference, problems);
            let detail = format!(
                "{} belongs to `{owner}`, and `{}` is not among those it is shared with. Ask the owner to add `{}` to \
                 `sharedWith` at `{entry}`, or use another.",
                thing.what, service.name, service.name
            );
            problems.report(rules::UNDECLARED_SHARING, (thing.pointer)(reference), detail);
        }
    }
    problems.belong_to(None, None);
    if thing.references.is_empty() {
        unused(thing, entry, problems);
    } else if !owner_uses && thing.kept {
        let detail = format!(
            "{} belongs to `{owner}`, and no environment of `{owner}` uses it. Its settings follow its owner, so nobody keeps \
             them. Name it in an environment of `{owner}`, or make a service that uses it the owner.",
            thing.what
        );
        problems.report(rules::OWNER_ABSENT, format!("{entry}/spec/owner"), detail);
    }
}

fn unused(thing: &Thing<'_>, entry: &str, problems: &mut Problems) {
    if thing.references.is_empty() {
        let detail = format!(
            "{} is listed, and no environment of any service uses it, so it is not made. Name it in an environment, or \
             remove the entry.",
            thing.what
        );
        problems.report(rules::UNUSED_ENTRY, entry, detail);
    }
}

/// Several services, and nothing says whose it is.
fn ownerless(registry: &Registry, thing: &Thing<'_>, problems: &mut Problems) {
    // Two services of one name are reported as that; a service without a readable name may be any of them.
    let mut seen = HashSet::new();
    let users: Vec<&Reference> = services(thing.references)
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
    let remedy = match &thing.entry {
        Some(entry) => format!("Say in `{entry}` whose it is: `{fields}`."),
        None => format!("Add an entry to `{}` that does: `{}{fields}}}}}`.", thing.list, thing.example),
    };
    let detail = format!(
        "{} is used by {} services, `{owner}` (at `{}`) the first of them, and nothing says that they share it. {remedy}",
        thing.what,
        names.len(),
        (thing.pointer)(first)
    );
    problems.report(rules::UNDECLARED_SHARING, (thing.pointer)(second), detail);
}

fn sharers(registry: &Registry, teams: &HashSet<&str>, thing: &Thing<'_>, entry: &str, problems: &mut Problems) {
    for (index, sharer) in thing.shared_with.iter().enumerate() {
        let known =
            sharer.is_reported() || registry.services.get(sharer.as_str()).is_some() || teams.contains(sharer.as_str());
        if known {
            continue;
        }
        let names = registry.services.iter().map(|service| service.name.as_str());
        let names = names.chain(teams.iter().copied());
        let mut hint = problems.did_you_mean("services and teams", sharer.as_str(), names);
        if hint.is_empty() {
            hint = " Name one that there is, or remove it.".to_owned();
        }
        let detail = format!(
            "{} is shared with {}, which is neither a service nor a team.{hint}",
            thing.what,
            quote(sharer.as_str())
        );
        problems.report(rules::UNKNOWN_SHARER, format!("{entry}/spec/sharedWith/{index}"), detail);
    }
}

fn may_share(service: &Service, shared_with: &HashSet<&str>) -> bool {
    // A name that could not be read (it is empty here) may be the one that is looked for.
    shared_with.contains("")
        || shared_with.contains(service.name.as_str())
        || service.team.as_ref().is_some_and(|team| team.is_reported() || shared_with.contains(team.as_str()))
}

/// The teams that are listed; where there is no list, those that own something.
fn known_teams(registry: &Registry) -> HashSet<&str> {
    if registry.teams.is_declared() {
        return registry.teams.iter().map(|team| team.name.as_str()).collect();
    }
    registry.services.iter().filter_map(|service| service.team.as_ref()).map(|team| team.as_str()).collect()
}

/// The first mention by each service: mentions come in the document's order, so those of one service stand together.
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
