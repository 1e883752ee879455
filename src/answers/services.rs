//! The services, and one of them.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::line::{EntryPlace, HasEntry};
use super::places::EnvironmentPlace;
use crate::fanout::FanOut;
use crate::registry::{Environment, Extra, Selected, Service};

/// `anu service list`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Services {
    /// The services, by name.
    pub services: Vec<ServiceSummary>,
}

/// A service, in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ServiceSummary {
    /// The service.
    pub service: String,
    /// The team that owns it.
    pub team: Option<String>,
    /// The source repository.
    pub repository: Option<String>,
    /// Its environments that are selected, in the order of the registry.
    pub environments: Vec<String>,
    /// The clusters in which those run, by name.
    pub clusters: Vec<String>,
}

/// `anu service show`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ServiceDetails {
    /// The service.
    pub service: String,
    /// Where its entry is.
    #[serde(flatten)]
    pub entry: EntryPlace,
    /// The team that owns it.
    pub team: Option<String>,
    /// The source repository.
    pub repository: Option<String>,
    /// The channel for alerts.
    pub alerts_channel: Option<String>,
    /// The Google APIs that it uses.
    pub google_services: Vec<String>,
    /// What a removal does: `prevent`, `abandon`, `delete` or `delete-with-contents`.
    pub deletion_policy: String,
    /// The digest of what it fans out into.
    pub digest: String,
    /// How many resources it fans out into.
    pub resources: usize,
    /// Its environments, in the order of the registry.
    pub environments: Vec<EnvironmentPlace>,
    /// Fields of its entry that the format does not define, unchanged.
    pub extra: Extra,
}

impl Services {
    /// The services of a selection.
    pub fn of(selected: &Selected<'_>) -> Self {
        let mut services: Vec<_> = selected
            .services
            .iter()
            .map(|(service, environments)| {
                let is_selected = |environment: &&Environment| {
                    environments.as_ref().is_none_or(|names| names.contains(&environment.name))
                };
                summary(service, service.environments.iter().filter(is_selected))
            })
            .collect();
        services.sort_by(|one, other| one.service.cmp(&other.service));
        Self { services }
    }
}

fn summary<'r>(service: &Service, environments: impl Iterator<Item = &'r Environment>) -> ServiceSummary {
    let environments: Vec<_> = environments.collect();
    let targets = environments.iter().flat_map(|environment| &environment.targets);
    let clusters: BTreeSet<_> = targets.map(|target| target.cluster.to_string()).collect();
    ServiceSummary {
        service: service.name.to_string(),
        team: service.team.as_ref().map(ToString::to_string),
        repository: service.repository.clone(),
        environments: environments.iter().map(|environment| environment.name.to_string()).collect(),
        clusters: clusters.into_iter().collect(),
    }
}

impl ServiceDetails {
    /// A service.
    pub fn of(fan_out: &FanOut, service: &Service) -> Self {
        let name = service.name.as_str();
        let position = fan_out.registry().services.position(name);
        let fanned_out = fan_out.service(name);
        Self {
            service: name.to_owned(),
            entry: EntryPlace::of("services", position),
            team: service.team.as_ref().map(ToString::to_string),
            repository: service.repository.clone(),
            alerts_channel: service.alerts_channel.clone(),
            google_services: service.google_services.iter().map(ToString::to_string).collect(),
            deletion_policy: service.deletion_policy.unwrap_or_default().to_string(),
            digest: fanned_out.map(|found| found.digest.clone()).unwrap_or_default(),
            resources: fanned_out.map_or(0, |found| found.resources.keys().len()),
            environments: service.environments.iter().map(|each| EnvironmentPlace::of(fan_out, each)).collect(),
            extra: service.extra.clone(),
        }
    }
}

impl HasEntry for ServiceDetails {
    fn entry_mut(&mut self) -> &mut EntryPlace {
        &mut self.entry
    }
}
