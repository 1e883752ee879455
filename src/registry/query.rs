//! Selections: the part of a registry that a data source or resource covers.

use std::collections::BTreeSet;
use std::fmt;

use super::entries::{Environment, Service};
use super::model::Registry;
use super::names::EnvironmentName;
use super::quote::quote;
use super::suggest::{did_you_mean, nearest};

/// Filters for services and environments. A missing filter matches everything; a selected entry matches all filters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Services, by name.
    pub services: Option<Vec<String>>,
    /// Services of these teams.
    pub teams: Option<Vec<String>>,
    /// Environments with these names, and their services.
    pub environments: Option<Vec<String>>,
    /// Environments with a target in these clusters, and their services.
    pub clusters: Option<Vec<String>>,
}

/// An unknown name in a [`Selection`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SelectionError {
    /// The filter: `services`, `teams`, `environments` or `clusters`.
    pub filter: &'static str,
    /// The index in the filter's list.
    pub index: usize,
    /// The value, the rule and the nearest name.
    pub message: String,
}

/// The result of a [`Selection`].
#[derive(Debug, Clone)]
pub struct Selected<'r> {
    /// The services in the document's order, each with its selected environments: `None` for all of them.
    pub services: Vec<(&'r Service, Option<BTreeSet<EnvironmentName>>)>,
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (filter, names) in self.filters() {
            let Some(names) = names else { continue };
            let separator = if first { "" } else { "; " };
            write!(f, "{separator}{filter}: {}", names.join(", "))?;
            first = false;
        }
        if first { f.write_str("everything") } else { Ok(()) }
    }
}

impl Selection {
    fn filters(&self) -> [(&'static str, Option<&Vec<String>>); 4] {
        [
            ("services", self.services.as_ref()),
            ("teams", self.teams.as_ref()),
            ("environments", self.environments.as_ref()),
            ("clusters", self.clusters.as_ref()),
        ]
    }

    fn selects_service(&self, service: &Service) -> bool {
        let named = |filter: &Option<Vec<String>>, name: &str| {
            filter.as_ref().is_none_or(|names| names.iter().any(|wanted| wanted == name))
        };
        named(&self.services, service.name.as_str())
            && (self.teams.is_none() || service.team.as_ref().is_some_and(|team| named(&self.teams, team.as_str())))
    }

    fn selects_environment(&self, environment: &Environment) -> bool {
        let wanted = |filter: &Option<Vec<String>>, name: &str| {
            filter.as_ref().is_none_or(|names| names.iter().any(|wanted| wanted == name))
        };
        wanted(&self.environments, environment.name.as_str())
            && (self.clusters.is_none()
                || environment.targets.iter().any(|target| wanted(&self.clusters, target.cluster.as_str())))
    }
}

impl Registry {
    /// The services and environments that match a selection.
    ///
    /// # Errors
    /// One for each unknown name: a filter for it would silently select nothing.
    pub fn select(&self, selection: &Selection) -> Result<Selected<'_>, Vec<SelectionError>> {
        let errors = self.unknown_names(selection);
        if !errors.is_empty() {
            return Err(errors);
        }
        let by_environment = selection.environments.is_some() || selection.clusters.is_some();
        let services = self.services.iter().filter(|service| selection.selects_service(service));
        let services = services.filter_map(|service| {
            if !by_environment {
                return Some((service, None));
            }
            let environments: BTreeSet<_> = service
                .environments
                .iter()
                .filter(|environment| selection.selects_environment(environment))
                .map(|environment| environment.name.clone())
                .collect();
            (!environments.is_empty()).then_some((service, Some(environments)))
        });
        Ok(Selected { services: services.collect() })
    }

    fn unknown_names(&self, selection: &Selection) -> Vec<SelectionError> {
        let mut errors = Vec::new();
        for (filter, names) in selection.filters() {
            let Some(names) = names else { continue };
            let known = self.known(filter);
            for (index, name) in names.iter().enumerate() {
                if !known.contains(name.as_str()) {
                    let what = filter.strip_suffix('s').unwrap_or(filter);
                    let message = format!(
                        "The registry has no {what} {}.{}",
                        quote(name),
                        did_you_mean(nearest(name, known.iter().copied()))
                    );
                    errors.push(SelectionError { filter, index, message });
                }
            }
        }
        errors
    }

    /// All names that a filter can contain.
    fn known(&self, filter: &str) -> BTreeSet<&str> {
        let services = || self.services.iter();
        let environments = || services().flat_map(|service| &service.environments);
        match filter {
            "services" => services().map(|service| service.name.as_str()).collect(),
            "teams" => {
                let declared = self.teams.iter().map(|team| team.name.as_str());
                declared
                    .chain(services().filter_map(|service| service.team.as_ref().map(|team| team.as_str())))
                    .collect()
            }
            "environments" => environments().map(|environment| environment.name.as_str()).collect(),
            _ => {
                let declared = self.clusters.iter().map(|cluster| cluster.name.as_str());
                let targets = environments().flat_map(|environment| &environment.targets);
                declared.chain(targets.map(|target| target.cluster.as_str())).collect()
            }
        }
    }
}
