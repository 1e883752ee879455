//! From a registry to its desired resources. Pure.
//!
//! Two steps. `check` combines the provider block with the registry (permissions table, principals of teams) and reports
//! every problem. `expand` then computes the desired resources of each service, and cannot fail. The result does not depend
//! on the order of the document.

mod accounts;
mod check;
mod context;
mod digest;
mod expand;
mod fences;
mod gke;
mod grants;
pub mod impact;
mod index;
mod limits;
mod member;
mod pattern;
mod people;
mod policy_size;
pub mod removal;
pub mod resource;
mod settings;
mod shared_keys;
mod shared_with;
mod table;
mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use serde::Serialize;

use crate::registry::names::{EnvironmentName, ServiceName, TeamName};
use crate::registry::problem::Problems;
use crate::registry::{LoadOptions, Problem, Registry, load_partly};

pub use accounts::stays_enabled;
pub use fences::{
    FORBIDDEN_PRINCIPALS, FORBIDDEN_ROLES, Fence, Fences, Forbidden, GUARDED_METADATA, RESERVED_NAMESPACES,
};
pub use grants::{Grant, TeamPrincipals};
pub use index::Origin;
pub use limits::MOST_CONDITIONS;
pub use pattern::Pattern;
pub use policy_size::{MOST_GROUPS, MOST_PRINCIPALS, PolicySize};
pub use settings::{Manage, ProjectDefaults, Settings};
pub use shared_with::SharedWith;
pub use views::{
    ApiEntry, ByService, Entries, IamMemberEntry, KubernetesServiceAccountEntry, NamespaceEntry, ProjectEntry,
    QuotaEntry, RoleBindingEntry, SHARED, ServiceAccountEntry, WorkloadIdentityEntry,
};

use context::ExpansionContext;
use expand::Expander;
use resource::ResourceSet;
use shared_keys::SharedKeys;

/// Below this many services, starting threads takes longer than they save.
const FEWEST_PER_THREAD: usize = 256;

/// The fan-out of a registry.
#[derive(Debug)]
pub struct FanOut {
    registry: Arc<Registry>,
    rules: ExpansionContext,
    services: BTreeMap<ServiceName, ServiceEntry>,
    shared_keys: OnceLock<SharedKeys>,
}

/// The entry of a service. Every service is fanned out once for its digest, and a second time if its resources are
/// requested: few callers request all of them, and those of ten thousand services need a hundred megabytes.
#[derive(Debug)]
struct ServiceEntry {
    position: u32,
    digest: String,
    expanded: OnceLock<Box<ServiceFanOut>>,
}

/// The fan-out of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFanOut {
    /// The desired resources of all its environments.
    pub resources: ResourceSet,
    /// The other services that use what it owns.
    pub shared_with: SharedWith,
    /// `sha256:` and the hex of the SHA-256 of the canonical JSON of [`ServiceFanOut::resources`], the service's deletion
    /// policy, the users of what it owns, and the registry's name. The settings of shared resources count only for their owner. The digest changes
    /// exactly when a plan of the service does.
    pub digest: String,
    /// The route of the service's alerts, by the service's name. Data only: anu creates nothing for it.
    pub alert_routes: BTreeMap<String, AlertRoute>,
}

/// The route of a service's alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlertRoute {
    /// The service.
    pub service: ServiceName,
    /// The team that owns the service.
    pub team: Option<TeamName>,
    /// The channel, as written in the registry.
    pub channel: String,
}

/// Reads a registry and fans it out: the fan-out and warnings, or every problem of both steps in the document's order.
///
/// # Errors
/// All problems at once (warnings included), if at least one of them is an error.
pub fn load(bytes: &[u8], options: &LoadOptions, settings: &Settings) -> Result<(FanOut, Vec<Problem>), Vec<Problem>> {
    let mut problems = Problems::default();
    let read =
        load_partly(bytes, options, &mut problems, |registry, problems| check::prepare(registry, settings, problems));
    let failed = problems.has_errors();
    match read {
        Some((registry, rules)) if !failed => Ok((FanOut::of(Arc::new(registry), rules), problems.into_vec())),
        _ => Err(problems.into_vec()),
    }
}

impl FanOut {
    /// Fans out a registry that was read before: the fan-out and warnings, or every problem that involves the provider
    /// block. [`load`] reads and fans out in one call and sorts the problems of both by their place.
    ///
    /// # Errors
    /// All problems at once (warnings included), if at least one of them is an error.
    pub fn build(registry: Arc<Registry>, settings: &Settings) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        let mut problems = Problems::default();
        let rules = check::prepare(&registry, settings, &mut problems);
        if problems.has_errors() {
            return Err(problems.into_vec());
        }
        Ok((Self::of(registry, rules), problems.into_vec()))
    }

    fn of(registry: Arc<Registry>, rules: ExpansionContext) -> Self {
        let expander = Expander::new(&registry, &rules);
        let name = registry.name().map_or("", |name| name.as_str());
        // The fan-out of a service depends on the registry only, not on other fan-outs, so it runs in parallel.
        let digests: Vec<String> = (0..registry.services.len())
            .into_par_iter()
            .with_min_len(FEWEST_PER_THREAD)
            .map_init(Vec::new, |text, position| {
                let policy = registry.services[position].deletion_policy.unwrap_or_default();
                let shared_with = rules.owners.shared_with(position as u32, None);
                let of = digest::Content { shared_with: &shared_with, registry: name, policy };
                digest::of(&expander.service(position, |_| true), &of, text)
            })
            .collect();
        let services = registry.services.iter().zip(digests).enumerate().map(|(position, (service, digest))| {
            (service.name.clone(), ServiceEntry { position: position as u32, digest, expanded: OnceLock::new() })
        });
        let services = services.collect();
        Self { registry, rules, services, shared_keys: OnceLock::new() }
    }

    fn expand(&self, entry: &ServiceEntry) -> ServiceFanOut {
        let service = &self.registry.services[entry.position as usize];
        let resources = Expander::new(&self.registry, &self.rules).service(entry.position as usize, |_| true);
        let route = service.alerts_channel.as_ref().map(|channel| {
            let route =
                AlertRoute { service: service.name.clone(), team: service.team.clone(), channel: channel.clone() };
            (service.name.to_string(), route)
        });
        let shared_with = self.rules.owners.shared_with(entry.position, None);
        ServiceFanOut {
            resources,
            shared_with,
            digest: entry.digest.clone(),
            alert_routes: route.into_iter().collect(),
        }
    }

    fn expanded<'f>(&'f self, entry: &'f ServiceEntry) -> &'f ServiceFanOut {
        entry.expanded.get_or_init(|| Box::new(self.expand(entry)))
    }

    /// The fan-out of a service.
    pub fn service(&self, name: &str) -> Option<&ServiceFanOut> {
        self.services.get(name).map(|entry| self.expanded(entry))
    }

    /// Every service with its fan-out, by name.
    pub fn services(&self) -> impl ExactSizeIterator<Item = (&ServiceName, &ServiceFanOut)> {
        self.services.iter().map(|(name, entry)| (name, self.expanded(entry)))
    }

    /// Every service's [`ServiceFanOut::digest`], by name, without fanning out anything.
    pub fn digests(&self) -> impl ExactSizeIterator<Item = (&ServiceName, &str)> {
        self.services.iter().map(|(name, entry)| (name, entry.digest.as_str()))
    }

    /// The desired resources of some environments of a service. Empty for an unknown service or environment. The settings of
    /// a namespace come from all environments of the service that use it, not only from the selected ones.
    pub fn select(&self, service: &str, environments: &BTreeSet<EnvironmentName>) -> ResourceSet {
        let Some(position) = self.registry.services.position(service) else { return ResourceSet::default() };
        let expander = Expander::new(&self.registry, &self.rules);
        expander.service(position, |environment| environments.contains(&environment.name))
    }

    /// The other services that use what a service owns, as far as it concerns these environments.
    pub fn shared_with(&self, service: &str, environments: &BTreeSet<EnvironmentName>) -> SharedWith {
        let position = self.registry.services.position(service);
        position.map(|position| self.rules.owners.shared_with(position as u32, Some(environments))).unwrap_or_default()
    }

    /// The registry.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// The digest of the whole registry document.
    pub fn digest(&self) -> &str {
        self.registry.digest()
    }

    fn by_position(&self, position: u32) -> &ServiceFanOut {
        self.expanded(&self.services[self.registry.services[position as usize].name.as_str()])
    }

    fn shared_keys(&self) -> &SharedKeys {
        let resources = |service| &self.by_position(service).resources;
        let references = &self.registry.references;
        self.shared_keys.get_or_init(|| SharedKeys::of(references, &self.rules.cluster_viewers, resources))
    }
}
