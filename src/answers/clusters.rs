//! The clusters.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::registry::Registry;
use crate::registry::names::ClusterName;

/// `anu cluster list`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Clusters {
    /// The clusters, by name.
    pub clusters: Vec<ClusterSummary>,
}

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClusterSummary {
    /// The cluster.
    pub cluster: String,
    /// Its project.
    pub project: Option<String>,
    /// Its region or zone.
    pub location: Option<String>,
    /// The context of the kubeconfig for it; null if the kubeconfig has none.
    pub context: Option<String>,
    /// How many services run in it.
    pub services: usize,
    /// How many namespaces of the registry are in it.
    pub namespaces: usize,
}

impl Clusters {
    /// Every cluster: those with an entry, and those that targets name.
    pub fn of(registry: &Registry) -> Self {
        #[derive(Default)]
        struct Found<'r> {
            services: BTreeSet<&'r str>,
            namespaces: BTreeSet<&'r str>,
        }
        let mut clusters: BTreeMap<&ClusterName, Found<'_>> = BTreeMap::new();
        for cluster in &registry.clusters {
            clusters.entry(&cluster.name).or_default();
        }
        for service in &registry.services {
            for target in service.environments.iter().flat_map(|environment| &environment.targets) {
                let found = clusters.entry(&target.cluster).or_default();
                found.services.insert(service.name.as_str());
                found.namespaces.insert(target.namespace.as_str());
            }
        }
        let clusters = clusters.into_iter().map(|(name, found)| {
            let entry = registry.clusters.get(name.as_str());
            ClusterSummary {
                cluster: name.to_string(),
                project: entry.and_then(|entry| entry.google_project.as_ref()).map(ToString::to_string),
                location: entry.and_then(|entry| entry.location.clone()),
                context: None,
                services: found.services.len(),
                namespaces: found.namespaces.len(),
            }
        });
        Self { clusters: clusters.collect() }
    }
}
