//! Pages about a service: the links of its entry, environment and cluster, and Google's console.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::console;
use super::places::TargetPlace;
use crate::fanout::FanOut;
use crate::registry::link::expand;
use crate::registry::names::EnvironmentName;
use crate::registry::{Links, Service};

/// `anu open` without the name of a link
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ServiceLinks {
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// The links, by name.
    pub links: Vec<Link>,
}

/// A page about a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Link {
    /// The name: `logs`, `dashboard`, `console`, …
    pub name: String,
    /// The address; null if a placeholder has no value here.
    pub url: Option<String>,
    /// The placeholder without a value, if there is one: an environment without a project has no `{project}`.
    pub missing: Option<String>,
    /// Whose entry has the link: `environment`, `service` or `cluster`; `anu` for pages of Google's console.
    pub of: String,
}

impl ServiceLinks {
    /// The links of an environment in one of its targets. An environment's link replaces the service's of that name, and that the
    /// cluster's.
    pub fn of(
        fan_out: &FanOut,
        service: &Service,
        environment: &EnvironmentName,
        target: Option<&TargetPlace>,
    ) -> Self {
        let registry = fan_out.registry();
        let entry = service.environment(environment.as_str());
        let project = entry.and_then(|entry| entry.google_project.as_ref());
        let value = |name: &str| match name {
            "service" => Some(service.name.as_str()),
            "team" => service.team.as_ref().map(|team| team.as_str()),
            "environment" => Some(environment.as_str()),
            "project" => project.map(|project| project.as_str()),
            "cluster" => target.map(|target| target.cluster.as_str()),
            "cluster_project" => target.and_then(|target| target.cluster_project.as_deref()),
            "location" => target.and_then(|target| target.location.as_deref()),
            "namespace" => target.map(|target| target.namespace.as_str()),
            "release" => target.and_then(|target| target.release.as_deref()),
            _ => None,
        };
        let none = Links::new();
        let of_cluster = target.and_then(|target| registry.clusters.get(&target.cluster)).map(|cluster| &cluster.links);
        let of_anu: Links = project
            .map(|project| ("console".to_owned(), console::project(project)))
            .into_iter()
            .chain(target.and_then(|target| Some(("workloads".to_owned(), target.workloads_url.clone()?))))
            .collect();
        let mut links: BTreeMap<String, Link> = BTreeMap::new();
        for (of, entries) in [
            ("anu", &of_anu),
            ("cluster", of_cluster.unwrap_or(&none)),
            ("service", &service.links),
            ("environment", entry.map_or(&none, |entry| &entry.links)),
        ] {
            for (name, template) in entries {
                let expanded = expand(template, value);
                let missing = expanded.as_ref().err().cloned();
                let link = Link { name: name.clone(), url: expanded.ok(), missing, of: of.to_owned() };
                links.insert(name.clone(), link);
            }
        }
        Self {
            service: service.name.to_string(),
            environment: environment.to_string(),
            links: links.into_values().collect(),
        }
    }
}
