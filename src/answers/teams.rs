//! The teams, and one of them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::line::{EntryPlace, HasEntry};
use crate::fanout::FanOut;
use crate::registry::names::TeamName;
use crate::registry::{AccessEntry, Registry, Service};

/// `anu team list`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Teams {
    /// The teams, by name.
    pub teams: Vec<TeamSummary>,
}

/// A team, in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TeamSummary {
    /// The team.
    pub team: String,
    /// Its principal on Google.
    pub google: Option<String>,
    /// Its subject in role bindings: `Group:NAME` or `User:NAME`.
    pub kubernetes: Option<String>,
    /// How many services it owns.
    pub services: usize,
    /// How many services of other teams it has access to.
    pub access: usize,
}

/// `anu team show`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TeamDetails {
    /// The team.
    pub team: String,
    /// Where its entry is.
    #[serde(flatten)]
    pub entry: EntryPlace,
    /// Its principal on Google.
    pub google: Option<String>,
    /// Its subject in role bindings: `Group:NAME` or `User:NAME`.
    pub kubernetes: Option<String>,
    /// The services that it owns, by name.
    pub services: Vec<String>,
    /// The environments that it has access to, by service.
    pub access: Vec<TeamAccess>,
    /// The services that use what is shared with the team.
    pub shared_by: Vec<String>,
}

/// An environment that a team has access to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TeamAccess {
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// `viewers`, `operators` or `admins`.
    pub levels: Vec<String>,
    /// Whether the team owns the service.
    pub is_owner: bool,
}

/// Every team: those with an entry, and those that services name.
fn names(registry: &Registry) -> BTreeSet<&TeamName> {
    let declared = registry.teams.iter().map(|team| &team.name);
    let owners = registry.services.iter().filter_map(|service| service.team.as_ref());
    let listed = registry.services.iter().flat_map(teams_of).map(|(_, team)| team);
    declared.chain(owners).chain(listed).collect()
}

/// The teams in the access lists of a service, with the environment.
fn teams_of(service: &Service) -> impl Iterator<Item = (&str, &TeamName)> {
    service.environments.iter().flat_map(|environment| {
        environment.access.entries().filter_map(|(_, _, entry)| match entry {
            AccessEntry::Team(team) => Some((environment.name.as_str(), team)),
            AccessEntry::Principal { .. } => None,
        })
    })
}

impl Teams {
    /// Every team.
    pub fn of(fan_out: &FanOut) -> Self {
        let registry = fan_out.registry();
        let (mut owned, mut others) = (BTreeMap::<&TeamName, usize>::new(), BTreeMap::<&TeamName, usize>::new());
        for service in &registry.services {
            if let Some(team) = &service.team {
                *owned.entry(team).or_default() += 1;
            }
            let with_access: BTreeSet<_> = teams_of(service).map(|(_, team)| team).collect();
            for team in with_access.into_iter().filter(|team| service.team.as_ref() != Some(team)) {
                *others.entry(team).or_default() += 1;
            }
        }
        let summary = |name: &TeamName| {
            let principals = fan_out.team_principals(name);
            TeamSummary {
                team: name.to_string(),
                google: principals.as_ref().and_then(|found| found.google.as_ref()).map(ToString::to_string),
                kubernetes: principals.and_then(|found| found.kubernetes),
                services: owned.get(name).copied().unwrap_or_default(),
                access: others.get(name).copied().unwrap_or_default(),
            }
        };
        Self { teams: names(registry).into_iter().map(summary).collect() }
    }

    /// The names of all teams.
    pub fn names(registry: &Registry) -> Vec<&str> {
        names(registry).into_iter().map(TeamName::as_str).collect()
    }
}

impl TeamDetails {
    /// A team; `None` if neither an entry nor a service names it.
    pub fn of(fan_out: &FanOut, name: &str) -> Option<Self> {
        let registry = fan_out.registry();
        let team = *names(registry).get(&name.parse::<TeamName>().ok()?)?;
        let principals = fan_out.team_principals(team);
        let position = registry.teams.position(name);
        let mut services: Vec<String> = Vec::new();
        let mut access = Vec::new();
        for service in &registry.services {
            let is_owner = service.team.as_ref() == Some(team);
            if is_owner {
                services.push(service.name.to_string());
            }
            for environment in &service.environments {
                let entries = environment.access.entries();
                let levels = entries.filter(|(_, _, entry)| **entry == AccessEntry::Team(team.clone()));
                let levels: Vec<String> = levels.map(|(level, ..)| level.to_string()).collect();
                if !levels.is_empty() {
                    let (service, environment) = (service.name.to_string(), environment.name.to_string());
                    access.push(TeamAccess { service, environment, levels, is_owner });
                }
            }
        }
        services.sort();
        access.sort_by(|one, other| (&one.service, &one.environment).cmp(&(&other.service, &other.environment)));
        let entry = registry.teams.get(name);
        Some(Self {
            team: name.to_owned(),
            entry: EntryPlace::of("teams", position),
            google: principals.as_ref().and_then(|found| found.google.as_ref()).map(ToString::to_string),
            kubernetes: principals.and_then(|found| found.kubernetes),
            services,
            access,
            shared_by: entry.map(|team| team.services.iter().map(ToString::to_string).collect()).unwrap_or_default(),
        })
    }
}

impl HasEntry for TeamDetails {
    fn entry_mut(&mut self) -> &mut EntryPlace {
        &mut self.entry
    }
}
