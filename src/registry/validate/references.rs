//! References to teams, clusters and services, and whether they exist.

use super::super::access::{AccessEntry, AccessLevel};
use super::super::entries::{Environment, Service};
use super::super::model::Registry;
use super::super::names::{ClusterName, Name, TeamName};
use super::super::problem::{Problems, rules};

pub(super) fn check(registry: &Registry, problems: &mut Problems) {
    for (position, namespace) in registry.namespaces.iter().enumerate() {
        cluster(registry, &namespace.cluster, problems, || format!("/namespaces/{position}/spec/cluster"));
    }
}

/// The references of one service.
pub(super) fn service(registry: &Registry, service: &Service, position: usize, problems: &mut Problems) {
    owner(registry, service, position, problems);
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
            problems.report(rules::UNKNOWN_TEAM, format!("/services/{position}/spec/team"), detail);
        }
        None if service.name.is_reported() => {}
        None => {
            let detail =
                format!("Service `{}` has no `team`, so it has no owner. Add `\"team\": \"…\"`.", service.name);
            problems.report(rules::NO_TEAM, format!("/services/{position}/spec"), detail);
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
            problems.report(rules::UNKNOWN_TEAM, format!("{}/rbac/{level}/{index}", pointer()), detail);
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
    let pointer = if written { format!("{}/rbac", pointer()) } else { pointer() };
    problems.report(rules::TEAM_WITHOUT_ACCESS, pointer, detail);
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
    problems.report(rules::UNKNOWN_CLUSTER, pointer(), format!("The cluster `{cluster}` is not in `clusters`.{hint}"));
}
