//! Sharing: a project or namespace that two services use needs an entry with its owner and the other services.
//!
//! Otherwise a team that may edit its own entry could add another team's production project to it and become its admin.

use std::collections::{HashMap, HashSet};

use super::super::entries::{Namespace, Project};
use super::super::model::Registry;
use super::super::names::{Name, ProjectId, ServiceName};
use super::super::problem::{Presumes, Problems, rules};
use super::super::references::Reference;
use super::shared::Shared;
use super::sharers::{Names, Sharers};

pub(super) fn check(registry: &Registry, problems: &mut Problems) {
    let names = Names::of(registry);
    let clusters: HashMap<&ProjectId, usize> = registry
        .clusters
        .iter()
        .enumerate()
        .filter_map(|(position, cluster)| Some((cluster.google_project.as_ref()?, position)))
        .collect();
    for (position, project) in registry.projects.iter().enumerate() {
        let references = registry.references.of_project(&project.id);
        let cluster = clusters.get(&project.id).copied();
        if is_plain(project, cluster) && used_by_owner_alone(registry, project.owner.as_ref(), references) {
            continue;
        }
        if !project.id.is_reported() && registry.projects.position(project.id.as_str()) == Some(position) {
            check_entry(registry, &names, &shared_project(registry, project, position, cluster), problems);
        }
    }
    for (position, namespace) in registry.namespaces.iter().enumerate() {
        let key = namespace.key();
        let reported = namespace.cluster.is_reported() || namespace.name.is_reported();
        if !reported && registry.namespaces.position(&key.to_string()) == Some(position) {
            check_entry(registry, &names, &shared_namespace(registry, namespace, position), problems);
        }
    }
    undeclared(registry, problems);
    problems.belong_to(None, None);
}

/// Whether the entry shares nothing and is not one of those that need an owner.
fn is_plain(project: &Project, cluster: Option<usize>) -> bool {
    let needs_owner = project.existing || cluster.is_some();
    project.shared_with.is_empty() && project.shared_with_teams.is_empty() && (project.owner.is_some() || !needs_owner)
}

/// True for nearly every project, which needs no further check.
fn used_by_owner_alone(registry: &Registry, owner: Option<&ServiceName>, references: &[Reference]) -> bool {
    let (Some(first), Some(last)) = (references.first(), references.last()) else { return false };
    first.service == last.service && owner.is_none_or(|owner| *owner == first.service(&registry.services).name)
}

fn shared_project<'r>(
    registry: &'r Registry,
    project: &'r Project,
    position: usize,
    cluster: Option<usize>,
) -> Shared<'r> {
    Shared {
        what: format!("project `{}`", project.id),
        entry: Some(format!("/projects/{position}")),
        owner: project.owner.as_ref(),
        shared_with: &project.shared_with,
        shared_with_teams: &project.shared_with_teams,
        references: registry.references.of_project(&project.id),
        pointer: Reference::project_pointer,
        example: String::new(),
        list: "projects",
        managed: !project.existing,
        cluster,
    }
}

fn shared_namespace<'r>(registry: &'r Registry, namespace: &'r Namespace, position: usize) -> Shared<'r> {
    let key = namespace.key();
    Shared {
        what: format!("namespace `{key}`"),
        entry: Some(format!("/namespaces/{position}")),
        owner: namespace.owner.as_ref(),
        shared_with: &namespace.shared_with,
        shared_with_teams: &namespace.shared_with_teams,
        references: registry.references.of_namespace(&key),
        pointer: Reference::target_pointer,
        example: String::new(),
        list: "namespaces",
        managed: true,
        cluster: None,
    }
}

/// Projects and namespaces that several services use and that have no entry, in the document's order. With a list of projects,
/// every unlisted one is reported as unknown.
fn undeclared(registry: &Registry, problems: &mut Problems) {
    let mut shared: Vec<Shared<'_>> = Vec::new();
    let open = !registry.projects.is_declared();
    for (id, references) in registry.references.projects.iter().filter(|_| open) {
        if services(references).nth(1).is_some() && registry.projects.get(id.as_str()).is_none() {
            shared.push(Shared {
                what: format!("project `{id}`"),
                entry: None,
                owner: None,
                shared_with: &[],
                shared_with_teams: &[],
                references,
                pointer: Reference::project_pointer,
                example: format!("{{\"type\": \"Project\", \"spec\": {{\"id\": \"{id}\", \"existing\": true, "),
                list: "projects",
                managed: false,
                cluster: None,
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
                shared_with_teams: &[],
                references,
                pointer: Reference::target_pointer,
                example: format!(
                    "{{\"type\": \"Namespace\", \"spec\": {{\"cluster\": \"{}\", \"name\": \"{}\", ",
                    key.cluster, key.namespace
                ),
                list: "namespaces",
                managed: false,
                cluster: None,
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

fn check_entry(registry: &Registry, names: &Names<'_>, shared: &Shared<'_>, problems: &mut Problems) {
    problems.belong_to(None, None);
    let entry = shared.entry.as_deref().unwrap_or_default();
    names.check(shared, entry, problems);
    let sharers = Sharers::of(names, shared);
    let Some(owner) = shared.owner else {
        match (services(shared.references).next(), services(shared.references).nth(1)) {
            (_, Some(_)) => ownerless(registry, shared, problems),
            (Some(user), None) => one_user(registry, shared, &sharers, user, problems),
            (None, None) => {}
        }
        problems.belong_to(None, None);
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
        let presumes = Presumes::List("services", owner.to_string());
        return problems.report_presuming(presumes, rules::UNKNOWN_SERVICE, format!("{entry}/spec/owner"), detail);
    }
    let mut owner_uses = false;
    for reference in services(shared.references) {
        let service = reference.service(&registry.services);
        if service.name == *owner {
            owner_uses = true;
        } else if !sharers.include(service) {
            belong_to(registry, reference, problems);
            let team = by_team(registry, shared, &service.name);
            let detail = format!(
                "{} is owned by `{owner}`, and its `sharedWith` does not contain `{}`.{team} Ask the owner to add `{}` to \
                 `sharedWith` at `{entry}`, or use another.",
                shared.subject(),
                service.name,
                service.name
            );
            let presumes = shared.presumes(reference);
            problems.report_presuming(presumes, rules::UNDECLARED_SHARING, (shared.pointer)(reference), detail);
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
        let position = registry.services.position(owner.as_str()).unwrap_or_default();
        let presumes = Presumes::place(format!("/services/{position}/spec/environments"));
        problems.report_presuming(presumes, rules::OWNER_ABSENT, format!("{entry}/spec/owner"), detail);
    }
}

/// What the teams of `sharedWithTeams` do not allow: a service may expect that its own `team` does.
fn by_team(registry: &Registry, shared: &Shared<'_>, name: &ServiceName) -> String {
    let Some(service) = registry.services.get(name.as_str()) else { return String::new() };
    let Some(team) = &service.team else { return String::new() };
    let listed = shared.shared_with_teams.iter().any(|sharer| sharer.as_str() == team.as_str());
    match registry.teams.position(team.as_str()).filter(|_| listed) {
        Some(position) => format!(
            " It is shared with team `{team}`, and that means the services that the team's entry lists: `services` at \
             `/teams/{position}` does not contain `{name}`."
        ),
        None => String::new(),
    }
}

/// An entry without an owner that one service uses. What exists without anu and what a cluster runs in is more than the
/// service's own, so the entry has to name the service.
fn one_user(
    registry: &Registry,
    shared: &Shared<'_>,
    sharers: &Sharers<'_>,
    user: &Reference,
    problems: &mut Problems,
) {
    let service = user.service(&registry.services);
    let name = &service.name;
    let lists = !shared.shared_with.is_empty() || !shared.shared_with_teams.is_empty();
    if sharers.include(service) {
        return;
    }
    let entry = shared.entry.as_deref().unwrap_or_default();
    let remedy = format!("If `{name}` may use it, add `\"owner\": \"{name}\"` to `{entry}`.");
    let (rule, reason) = match shared.cluster {
        Some(position) => (
            rules::UNDECLARED_SHARING,
            format!(
                "The cluster `{}` (at `/clusters/{position}`) runs in {}, whose entry names no `owner`, so no service may use it.",
                registry.clusters[position].name, shared.what
            ),
        ),
        None if lists => (
            rules::UNDECLARED_SHARING,
            format!("The entry of {} lists who may use it, and does not name `{name}`.", shared.what),
        ),
        None if shared.managed => return,
        None => (
            rules::EXISTING_WITHOUT_OWNER,
            format!(
                "{} exists without anu, and its entry names no `owner`, so the first service that names it may use it.",
                shared.subject()
            ),
        ),
    };
    belong_to(registry, user, problems);
    problems.report_presuming(shared.presumes(user), rule, (shared.pointer)(user), format!("{reason} {remedy}"));
}

fn unused(shared: &Shared<'_>, entry: &str, problems: &mut Problems) {
    // The project of a cluster is listed because the cluster names it.
    if !shared.references.is_empty() || (shared.cluster.is_some() && !shared.managed) {
        return;
    }
    let effect = if shared.managed { ", so it is not created" } else { "" };
    let detail = format!("No environment uses {}{effect}. Add it to an environment, or remove the entry.", shared.what);
    let fields = if shared.list == "projects" { ["existing", "id"] } else { ["cluster", "name"] };
    let fields = fields.map(|field| format!("{entry}/spec/{field}"));
    let lists = ["/services", "/clusters"].map(str::to_owned);
    let presumes = Presumes::Places(lists.into_iter().chain(fields).collect());
    problems.report_presuming(presumes, rules::UNUSED_ENTRY, entry, detail);
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
    problems.report_presuming(shared.presumes(second), rules::UNDECLARED_SHARING, (shared.pointer)(second), detail);
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
