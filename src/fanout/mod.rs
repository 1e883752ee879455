//! From a registry to the resources it asks for. Pure.
//!
//! Two steps. `check` makes the provider block ready for the registry (permissions table, who stands behind a team) and
//! reports everything that does not fit; `expand` then follows each service's environments to what they ask for, and
//! cannot fail. Same registry, same bytes, whatever the order of anything in the document.

mod check;
mod context;
mod digest;
mod expand;
mod index;
mod people;
pub mod removal;
pub mod resource;
mod settings;
mod shared_keys;
mod table;
mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use serde::Serialize;

use crate::registry::names::{EnvironmentName, ServiceName, TeamName};
use crate::registry::problem::Problems;
use crate::registry::{LoadOptions, Problem, Registry, load_partly};

pub use index::Origin;
pub use settings::{Fences, Pattern, Settings};
pub use views::{
    ApiEntry, ByService, Entries, IamMemberEntry, NamespaceEntry, ProjectEntry, QuotaEntry, RoleBindingEntry, SHARED,
};

use context::ExpansionContext;
use expand::Expander;
use resource::ResourceSet;
use shared_keys::SharedKeys;

/// Below this many services, starting threads takes longer than they save.
const FEWEST_PER_THREAD: usize = 256;

/// A registry, fanned out.
#[derive(Debug)]
pub struct FanOut {
    registry: Arc<Registry>,
    rules: ExpansionContext,
    services: BTreeMap<ServiceName, ServiceEntry>,
    shared_keys: OnceLock<SharedKeys>,
}

/// A service's place. Every service is fanned out once, for its digest, and again when somebody asks what it comes to:
/// few ask for all, and what ten thousand services come to is a hundred megabytes.
#[derive(Debug)]
struct ServiceEntry {
    position: u32,
    digest: String,
    made: OnceLock<Box<ServiceFanOut>>,
}

/// What one service fans out into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFanOut {
    /// What all its environments ask for.
    pub resources: ResourceSet,
    /// `sha256:` and the hex of the SHA-256 of the canonical JSON of [`ServiceFanOut::resources`], without the settings of
    /// what it shares and does not own, and with its own deletion policy and the registry's name. It changes exactly when
    /// what a plan of the service shows does.
    pub digest: String,
    /// Where its alerts go, by its name. Data only: nothing is made of it.
    pub alert_routes: BTreeMap<String, AlertRoute>,
}

/// Where a service's alerts go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlertRoute {
    /// The service whose alerts these are.
    pub service: ServiceName,
    /// The team that owns it.
    pub team: Option<TeamName>,
    /// The channel, as the registry writes it.
    pub channel: String,
}

/// Reads a registry and fans it out: the fan-out and its warnings, or every problem that either finds, in the document's
/// order.
///
/// # Errors
/// All problems at once (warnings included), as soon as one of them is an error.
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
    /// Fans out a registry that has been read: the fan-out and warnings, or every problem that only the provider block
    /// brings to light. [`load`] does both in one go and orders the problems of both by their places.
    ///
    /// # Errors
    /// All problems at once (warnings included), as soon as one of them is an error.
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
        let name = registry.name();
        // Every service depends on the registry alone, never on another's fan-out: so all processors can take part.
        let digests: Vec<String> = (0..registry.services.len())
            .into_par_iter()
            .with_min_len(FEWEST_PER_THREAD)
            .map_init(Vec::new, |text, position| {
                let policy = registry.services[position].deletion_policy.unwrap_or_default();
                digest::of(&expander.service(position, |_| true), name.as_str(), policy, text)
            })
            .collect();
        let services = registry.services.iter().zip(digests).enumerate().map(|(position, (service, digest))| {
            (service.name.clone(), ServiceEntry { position: position as u32, digest, made: OnceLock::new() })
        });
        let services = services.collect();
        Self { registry, rules, services, shared_keys: OnceLock::new() }
    }

    fn make(&self, entry: &ServiceEntry) -> ServiceFanOut {
        let service = &self.registry.services[entry.position as usize];
        let resources = Expander::new(&self.registry, &self.rules).service(entry.position as usize, |_| true);
        let route = service.alerts_channel.as_ref().map(|channel| {
            let route =
                AlertRoute { service: service.name.clone(), team: service.team.clone(), channel: channel.clone() };
            (service.name.to_string(), route)
        });
        ServiceFanOut { resources, digest: entry.digest.clone(), alert_routes: route.into_iter().collect() }
    }

    fn made<'f>(&'f self, entry: &'f ServiceEntry) -> &'f ServiceFanOut {
        entry.made.get_or_init(|| Box::new(self.make(entry)))
    }

    /// What a service fans out into.
    pub fn service(&self, name: &str) -> Option<&ServiceFanOut> {
        self.services.get(name).map(|entry| self.made(entry))
    }

    /// Every service with what it fans out into, by name.
    pub fn services(&self) -> impl ExactSizeIterator<Item = (&ServiceName, &ServiceFanOut)> {
        self.services.iter().map(|(name, entry)| (name, self.made(entry)))
    }

    /// Every service's [`ServiceFanOut::digest`], by name, without fanning out anything.
    pub fn digests(&self) -> impl ExactSizeIterator<Item = (&ServiceName, &str)> {
        self.services.iter().map(|(name, entry)| (name, entry.digest.as_str()))
    }

    /// What these environments of a service ask for. Nothing, where there is no such service or environment. A namespace
    /// that other environments of the service use as well is described by all of them.
    pub fn select(&self, service: &str, environments: &BTreeSet<EnvironmentName>) -> ResourceSet {
        let Some(position) = self.registry.services.position(service) else { return ResourceSet::default() };
        let expander = Expander::new(&self.registry, &self.rules);
        expander.service(position, |environment| environments.contains(&environment.name))
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
        self.made(&self.services[self.registry.services[position as usize].name.as_str()])
    }

    fn shared_keys(&self) -> &SharedKeys {
        let resources = |service| &self.by_position(service).resources;
        self.shared_keys.get_or_init(|| SharedKeys::of(&self.registry.references, resources))
    }
}
