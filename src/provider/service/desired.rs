//! One instance as the registry has it, after the checks that come before any decision.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::messages;
use super::model::ServiceModel;
use crate::fanout::resource::{DeletionPolicy, Key};
use crate::provider::identity::Identity;
use crate::provider::lifecycle::users::environments_of;
use crate::provider::lifecycle::{Arguments, Desired, Request, StateModel, provenance};
use crate::registry::names::EnvironmentName;
use crate::sdk::{Diagnostic, Diagnostics, Path};

/// What the registry has for an instance: its environments, the kinds that are managed, its own policy argument laid over.
///
/// # Errors
/// When the registry does not have the service or an environment; when what it has is not what was approved.
pub(super) fn desired(request: &Request<'_, ServiceModel>) -> Result<Desired, Diagnostics> {
    let Request { session, loaded, identity, arguments, .. } = request;
    let Identity::Service { name, environments: filter } = identity else {
        return Err(Diagnostic::bug("A service has the identity of another resource.").into());
    };
    let fan_out = &loaded.fan_out;
    let registry = provenance::name(loaded)?;
    let Some(service) = fan_out.service(name) else {
        return Err(messages::unknown_service(name, fan_out, &loaded.source).into());
    };
    let own: Vec<&EnvironmentName> = environments_of(loaded, name).collect();
    let inside = match filter {
        None => None,
        Some(names) => Some(known_environments(name, names, &own, &loaded.source)?),
    };
    if let Arguments::Config(config) = arguments
        && let Some(approved) = config.digest.known()
        && *approved != service.digest
    {
        return Err(messages::registry_changed(name, approved, &service.digest).at(Path::attribute("digest")).into());
    }
    let (mut resources, shared_with) = match &inside {
        None => (service.resources.clone(), service.shared_with.clone()),
        Some(inside) => (fan_out.select(name, inside), fan_out.shared_with(name, inside)),
    };
    let stated = fan_out.registry().service(name).and_then(|service| service.deletion_policy);
    let policy = match arguments {
        Arguments::Config(config) => {
            let argument = config.deletion_policy.known().and_then(|text| DeletionPolicy::parse(text));
            if let Some(policy) = argument {
                resources.override_deletion_policy(policy);
            }
            argument.or(stated).unwrap_or_default()
        }
        Arguments::Planned(planned) => {
            resources.copy_deletion_policies(&planned.managed()?);
            planned.policy()
        }
        Arguments::Import => stated.unwrap_or_default(),
    };
    let scopes = |environment: &EnvironmentName| -> BTreeSet<Key> {
        fan_out.select(name, &BTreeSet::from([environment.clone()])).keys().iter().map(Key::scope).collect()
    };
    let included = own.into_iter().filter(|name| inside.as_ref().is_none_or(|inside| inside.contains(*name)));
    Ok(Desired {
        identity: (*identity).clone(),
        loaded: Arc::clone(loaded),
        registry,
        resources: session.of_managed_kinds(resources),
        shared_with,
        environments: included.map(scopes).collect(),
        policy,
        digest: Some(service.digest.clone()),
    })
}

fn known_environments(
    service: &str,
    names: &[String],
    existing: &[&EnvironmentName],
    source: &str,
) -> Result<BTreeSet<EnvironmentName>, Diagnostics> {
    let existing: BTreeMap<&str, &EnvironmentName> = existing.iter().map(|name| (name.as_str(), *name)).collect();
    let mut found = BTreeSet::new();
    let mut wrong = Diagnostics::new();
    for (position, name) in names.iter().enumerate() {
        match existing.get(name.as_str()) {
            Some(name) => drop(found.insert((*name).clone())),
            None => wrong.push(
                messages::unknown_environment(service, name, existing.keys().copied(), source)
                    .at(Path::attribute("environments").index(position)),
            ),
        }
    }
    if wrong.is_empty() { Ok(found) } else { Err(wrong) }
}
