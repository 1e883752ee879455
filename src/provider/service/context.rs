//! One instance as the registry sees it, after every check that comes before any decision.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::messages;
use super::model::ServiceModel;
use crate::fanout::removal::Removals;
use crate::fanout::resource::{DeletionPolicy, Key, ResourceSet};
use crate::provider::common::{ManagedObject, provenance};
use crate::provider::session::{Instance, LoadedRegistry, Session};
use crate::registry::names::{EnvironmentName, ProjectId, RegistryName};
use crate::sdk::{Attr, Call, Diagnostics, Path, Private};

/// One instance and what the registry asks of it.
pub(super) struct Context {
    pub loaded: Arc<LoadedRegistry>,
    pub registry: RegistryName,
    pub instance: Instance,
    /// The filter, as names.
    pub environments: Option<BTreeSet<EnvironmentName>>,
    /// What it asks for: its environments, the kinds that are managed, its own policy argument laid over.
    pub desired: ResourceSet,
    /// The service's own policy: argument, else registry, else `prevent`.
    pub policy: DeletionPolicy,
    /// Digest of everything the service fans out into.
    pub digest: String,
    /// What the service's environments outside the filter ask for.
    outside: BTreeSet<Key>,
}

impl Context {
    /// The context of a configuration whose name and environments are known.
    pub async fn of(
        session: &Session,
        loaded: Arc<LoadedRegistry>,
        instance: Instance,
        policy: &Attr<String>,
    ) -> Result<Self, Diagnostics> {
        let fan_out = &loaded.fan_out;
        let (name, filter) = &instance;
        let Some(service) = fan_out.service(name) else {
            return Err(messages::unknown_service(name, fan_out, &loaded.source).into());
        };
        let environments = match filter {
            None => None,
            Some(names) => Some(known_environments(name, names, environments_of(&loaded, name), &loaded.source)?),
        };
        let argument = policy.known().and_then(|text| DeletionPolicy::parse(text));
        let own = fan_out.registry().service(name).and_then(|service| service.deletion_policy);
        let policy = argument.or(own).unwrap_or_default();
        let (mut desired, outside) = match &environments {
            None => (service.resources.clone(), BTreeSet::new()),
            Some(inside) => {
                let outside = environments_of(&loaded, name).filter(|name| !inside.contains(*name)).cloned().collect();
                (fan_out.select(name, inside), fan_out.select(name, &outside).keys())
            }
        };
        if let Some(policy) = argument {
            desired.override_deletion_policy(policy);
        }
        let digest = service.digest.clone();
        let registry = fan_out.registry().name();
        let desired = session.of_managed_kinds(desired);
        Ok(Self { registry, environments, desired, policy, digest, outside, instance, loaded })
    }

    /// Who else asks for a key: other services, or this one's environments outside the filter.
    pub fn others(&self, key: &Key) -> Vec<String> {
        others(&self.loaded, &self.instance.0, &self.outside, key)
    }

    /// Scopes by environment, for holding removals back.
    pub fn scopes(&self) -> Vec<BTreeSet<Key>> {
        let name = &self.instance.0;
        environments_of(&self.loaded, name)
            .filter(|environment| self.environments.as_ref().is_none_or(|inside| inside.contains(*environment)))
            .map(|environment| {
                let resources = self.loaded.fan_out.select(name, &BTreeSet::from([environment.clone()]));
                resources.keys().iter().map(Key::scope).collect()
            })
            .collect()
    }

    /// Refuses a registry other than the one the state was made from, and one older than the state has seen.
    pub fn check_provenance(&self, state: &ServiceModel, private: &Private) -> Result<(), Diagnostics> {
        let before = state.registry.known().map(String::as_str);
        provenance::check(ManagedObject::Service(&self.instance.0), &self.loaded, before, private)
    }

    /// Writes down which registry this was.
    pub fn remember(&self, private: &mut Private) {
        provenance::remember(&self.loaded, private);
    }
}

/// Who else than `service` asks for a key; `outside` is what its own environments outside the filter ask for.
pub(super) fn others(loaded: &LoadedRegistry, service: &str, outside: &BTreeSet<Key>, key: &Key) -> Vec<String> {
    let mut others: Vec<String> =
        loaded.fan_out.users_of(key).into_iter().map(|user| user.to_string()).filter(|user| user != service).collect();
    if outside.contains(key) {
        others.push(service.to_owned());
    }
    others
}

pub(super) fn environments_of<'l>(
    loaded: &'l LoadedRegistry,
    service: &str,
) -> impl Iterator<Item = &'l EnvironmentName> {
    let service = loaded.fan_out.registry().service(service);
    service.into_iter().flat_map(|service| service.environments.iter().map(|environment| &environment.name))
}

/// The services that have a project in some environment, whether or not the registry lists it.
pub(super) fn project_users(
    loaded: &LoadedRegistry,
    id: &ProjectId,
    counts: impl Fn(&str, &str) -> bool,
) -> Vec<String> {
    let registry = loaded.fan_out.registry();
    let counted = registry.references.of_project(id).iter().filter(|reference| {
        counts(
            reference.service(&registry.services).name.as_str(),
            reference.environment(&registry.services).name.as_str(),
        )
    });
    let mut names: Vec<String> =
        counted.map(|reference| reference.service(&registry.services).name.to_string()).collect();
    names.dedup();
    names
}

/// Refuses to delete a project that environments still name: its entry has left `projects`, so nobody asks for the project
/// itself any more, but everybody's access to it would go with it.
pub(super) fn check_in_use(
    service: &str,
    removals: &Removals,
    project_users: impl Fn(&ProjectId) -> Vec<String>,
) -> Result<(), Diagnostics> {
    let mut reference = BTreeMap::new();
    for key in &removals.delete {
        if let Key::Project(id) = key {
            reference.insert(id, project_users(id));
        }
    }
    reference.retain(|_, project_users| !project_users.is_empty());
    if reference.is_empty() { Ok(()) } else { Err(messages::still_in_use(service, &reference).into()) }
}

fn known_environments<'e>(
    service: &str,
    names: &[String],
    existing: impl Iterator<Item = &'e EnvironmentName>,
    source: &str,
) -> Result<BTreeSet<EnvironmentName>, Diagnostics> {
    let existing: BTreeMap<&str, &EnvironmentName> = existing.map(|name| (name.as_str(), name)).collect();
    let mut findings = BTreeSet::new();
    let mut wrong = Diagnostics::new();
    for (position, name) in names.iter().enumerate() {
        match existing.get(name.as_str()) {
            Some(name) => drop(findings.insert((*name).clone())),
            None => wrong.push(
                messages::unknown_environment(service, name, existing.keys().copied(), source)
                    .at(Path::attribute("environments").index(position)),
            ),
        }
    }
    if wrong.is_empty() { Ok(findings) } else { Err(wrong) }
}

/// The session's registry for planning, with its warnings.
pub(super) async fn load(session: &Session, call: &mut Call) -> Result<Arc<LoadedRegistry>, Diagnostics> {
    session.registry(call).await
}
