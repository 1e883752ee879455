//! References to teams, clusters and services, and whether they exist.

use super::super::access::{AccessEntry, AccessLevel};
use super::super::entries::{Environment, Service};
use super::super::model::Registry;
use super::super::names::{ClusterName, Name, ProjectId, ServiceName, TeamName};
use super::super::problem::{Presumes, Problems, rules};

pub(super) fn check(registry: &Registry, problems: &mut Problems) {
    for (position, team) in registry.teams.iter().enumerate() {
        for (index, service) in team.services.iter().enumerate() {
            listed_service(registry, service, problems, || format!("/teams/{position}/spec/services/{index}"));
        }
    }
    for (position, cluster) in registry.clusters.iter().enumerate() {
        if let Some(id) = cluster.google_project.as_ref().filter(|id| !known_project(registry, id)) {
            let of = format!("cluster `{}`", cluster.name);
            let pointer = format!("/clusters/{position}/spec/googleProject");
            unknown_project(registry, id, &of, "", problems, pointer);
        }
        if cluster.google_project.is_none() && cluster.gke.as_ref().is_some_and(|gke| gke.cluster_viewer) {
            let detail = format!(
                "`gke.clusterViewer` grants `roles/container.clusterViewer` in the project of cluster `{}`, and its entry names no \
                 project. Add `\"googleProject\": \"…\"` to `/clusters/{position}/spec`.",
                cluster.name
            );
            let pointer = format!("/clusters/{position}/spec/gke/clusterViewer");
            let presumes = Presumes::place(format!("/clusters/{position}/spec/googleProject"));
            problems.report_presuming(presumes, rules::CLUSTER_WITHOUT_PROJECT, pointer, detail);
        }
    }
    for (position, namespace) in registry.namespaces.iter().enumerate() {
        cluster(registry, &namespace.cluster, problems, || format!("/namespaces/{position}/spec/cluster"));
    }
}

/// The references of one service.
pub(super) fn service(registry: &Registry, service: &Service, position: usize, problems: &mut Problems) {
    owner(registry, service, position, problems);
    google_services(service, position, problems);
    for (index, environment) in service.environments.iter().enumerate() {
        problems.belong_to_entry(&service.name, &environment.name);
        self::environment(registry, service, environment, &(position, index), problems);
    }
}

fn owner(registry: &Registry, service: &Service, position: usize, problems: &mut Problems) {
    match &service.team {
        Some(team) if known_team(registry, team) => {}
        Some(team) => {
            let detail = format!(
                "The team `{team}` of service `{}` is not in `teams`.{}",
                service.name,
                nearest_team(registry, team, problems)
            );
            let presumes = Presumes::List("teams", team.to_string());
            problems.report_presuming(presumes, rules::UNKNOWN_TEAM, format!("/services/{position}/spec/team"), detail);
        }
        None if service.name.is_reported() => {}
        None => {
            let detail =
                format!("Service `{}` has no `team`, so it has no owner. Add `\"team\": \"…\"`.", service.name);
            let presumes = Presumes::place(format!("/services/{position}/spec/team"));
            problems.report_presuming(presumes, rules::NO_TEAM, format!("/services/{position}/spec"), detail);
        }
    }
}

fn environment(
    registry: &Registry,
    service: &Service,
    environment: &Environment,
    place: &(usize, usize),
    problems: &mut Problems,
) {
    let pointer = || format!("/services/{}/spec/environments/{}/spec", place.0, place.1);
    if let Some(id) = environment.google_project.as_ref().filter(|id| !known_project(registry, id)) {
        let of = format!("environment `{}`", environment.name);
        let sharing = sharing_fields(registry, id);
        unknown_project(registry, id, &of, &sharing, problems, format!("{}/googleProject", pointer()));
    }
    for (target_place, target) in environment.targets.iter().enumerate() {
        cluster(registry, &target.cluster, problems, || format!("{}/targets/{target_place}/spec/cluster", pointer()));
    }
    for (level, index, entry) in environment.access.entries() {
        let AccessEntry::Team(team) = entry else { continue };
        if !known_team(registry, team) {
            let detail = format!(
                "The team `{team}` in `{level}` of environment `{}` is not in `teams`.{}",
                environment.name,
                nearest_team(registry, team, problems)
            );
            let presumes = Presumes::List("teams", team.to_string());
            let pointer = format!("{}/rbac/{level}/{index}", pointer());
            problems.report_presuming(presumes, rules::UNKNOWN_TEAM, pointer, detail);
        }
    }
    team_without_access(registry, service, environment, pointer, problems);
}

fn team_without_access(
    registry: &Registry,
    service: &Service,
    environment: &Environment,
    pointer: impl Fn() -> String,
    problems: &mut Problems,
) {
    // An unknown team was reported already.
    let known = |team: &&TeamName| !team.is_reported() && known_team(registry, team);
    let Some(team) = service.team.as_ref().filter(known) else { return };
    let nothing_to_access = environment.google_project.is_none() && environment.targets.is_empty();
    // An entry that was reported as invalid may be the team's.
    let named = environment.access.entries().any(|(_, _, entry)| match entry {
        AccessEntry::Team(name) => name == team || name.is_reported(),
        AccessEntry::Principal { principal, .. } => principal.is_reported(),
    });
    if nothing_to_access || named {
        return;
    }
    let levels = AccessLevel::ALL.map(AccessLevel::as_str).join(", ");
    let detail = format!(
        "The team `{team}` owns service `{}`, and no access list of environment `{}` ({levels}) contains it. Add the team to a \
         list if it needs access.",
        service.name, environment.name
    );
    // A pointer to missing lists would lead nowhere.
    let written = environment.access.entries().next().is_some();
    let lists = format!("{}/rbac", pointer());
    let presumes = Presumes::place(lists.as_str());
    problems.report_presuming(presumes, rules::TEAM_WITHOUT_ACCESS, if written { lists } else { pointer() }, detail);
}

fn known_team(registry: &Registry, team: &TeamName) -> bool {
    team.is_reported() || !registry.teams.is_declared() || registry.teams.get(team.as_str()).is_some()
}

fn nearest_team(registry: &Registry, team: &TeamName, problems: &mut Problems) -> String {
    let hint = problems.did_you_mean("teams", team.as_str(), registry.teams.iter().map(|team| team.name.as_str()));
    if hint.is_empty() { " Add it to the list, or use a team from the list.".to_owned() } else { hint }
}

fn cluster(registry: &Registry, cluster: &ClusterName, problems: &mut Problems, pointer: impl Fn() -> String) {
    if cluster.is_reported() || !registry.clusters.is_declared() || registry.clusters.get(cluster.as_str()).is_some() {
        return;
    }
    let names = registry.clusters.iter().map(|cluster| cluster.name.as_str());
    let mut hint = problems.did_you_mean("clusters", cluster.as_str(), names);
    if hint.is_empty() {
        hint = " Add it to the list, or use a cluster from the list.".to_owned();
    }
    let detail = format!("The cluster `{cluster}` is not in `clusters`.{hint}");
    let presumes = Presumes::List("clusters", cluster.to_string());
    problems.report_presuming(presumes, rules::UNKNOWN_CLUSTER, pointer(), detail);
}

/// Google services are enabled in projects, and select roles there.
fn google_services(service: &Service, position: usize, problems: &mut Problems) {
    let nowhere = !service.environments.is_empty()
        && service.environments.iter().all(|environment| environment.google_project.is_none());
    if service.google_services.is_empty() || !nowhere {
        return;
    }
    let detail = format!(
        "Service `{}` has `googleServices`, and none of its environments has a `googleProject`, so no API is enabled and no IAM \
         role is granted. Add `googleProject` to an environment, or remove `googleServices`.",
        service.name
    );
    let pointer = format!("/services/{position}/spec/googleServices");
    let presumes = Presumes::place(format!("/services/{position}/spec/environments"));
    problems.report_presuming(presumes, rules::GOOGLE_SERVICES_WITHOUT_EFFECT, pointer, detail);
}

fn listed_service(registry: &Registry, name: &ServiceName, problems: &mut Problems, pointer: impl Fn() -> String) {
    if name.is_reported() || registry.services.get(name.as_str()).is_some() {
        return;
    }
    let names = registry.services.iter().map(|service| service.name.as_str());
    let mut hint = problems.did_you_mean("services", name.as_str(), names);
    if hint.is_empty() {
        hint = " Use the name of a listed service, or remove it.".to_owned();
    }
    let detail = format!("The service `{name}` is not in `services`.{hint}");
    let presumes = Presumes::List("services", name.to_string());
    problems.report_presuming(presumes, rules::UNKNOWN_SERVICE, pointer(), detail);
}

fn known_project(registry: &Registry, id: &ProjectId) -> bool {
    id.is_reported() || !registry.projects.is_declared() || registry.projects.get(id.as_str()).is_some()
}

fn unknown_project(
    registry: &Registry,
    id: &ProjectId,
    of: &str,
    sharing: &str,
    problems: &mut Problems,
    pointer: String,
) {
    let ids = registry.projects.iter().map(|project| project.id.as_str());
    let hint = problems.did_you_mean("projects", id.as_str(), ids);
    let detail = format!(
        "The project `{id}` of {of} is not in `projects`.{hint} If it exists already, add `{{\"type\": \"Project\", \"spec\": \
         {{\"id\": \"{id}\", \"existing\": true{sharing}}}}}` to `projects`; for a project that anu creates, add it without \
         `existing`."
    );
    let presumes = Presumes::List("projects", id.to_string());
    problems.report_presuming(presumes, rules::UNKNOWN_PROJECT, pointer, detail);
}

/// `owner` and `sharedWith` of an entry for a project, as its users stand.
fn sharing_fields(registry: &Registry, id: &ProjectId) -> String {
    let mut users: Vec<&str> = Vec::new();
    for reference in registry.references.of_project(id).iter().take(100) {
        let name = &reference.service(&registry.services).name;
        if !name.is_reported() && !users.contains(&name.as_str()) {
            users.push(name.as_str());
        }
        if users.len() > 6 {
            break;
        }
    }
    let [owner, others @ ..] = &users[..] else { return String::new() };
    let mut names: Vec<String> = others.iter().take(5).map(|name| format!("\"{name}\"")).collect();
    names.extend((others.len() > 5).then(|| "…".to_owned()));
    match names[..] {
        [] => format!(", \"owner\": \"{owner}\""),
        _ => format!(", \"owner\": \"{owner}\", \"sharedWith\": [{}]", names.join(", ")),
    }
}
