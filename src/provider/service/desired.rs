//! One instance as the registry has it, after the checks that come before any decision.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::messages;
use super::model::ServiceModel;
use crate::fanout::resource::{DeletionPolicy, Key, ResourceSet};
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
    let Request { session, loaded, identity, arguments, prior, managed, ended, first_plan } = request;
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
        let message = if *first_plan { messages::outdated_digest } else { messages::registry_changed };
        return Err(message(name, approved, &service.digest).at(Path::attribute("digest")).into());
    }
    let (mut resources, shared_with) = match &inside {
        None => (service.resources.clone(), service.shared_with.clone()),
        Some(inside) => (fan_out.select(name, inside), fan_out.shared_with(name, inside)),
    };
    ended.remove_from(&mut resources);
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
    let unstated = keep_unstated(&mut resources, managed);
    let is_new = prior.is_some_and(|prior| prior.digest.known() != Some(&service.digest));
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
        no_longer_managed: if is_new { unstated } else { Vec::new() },
    })
}

/// Settings that the registry no longer states stay as they are: a project always has a parent, and nothing would be done to it.
/// The answer is one line for each.
fn keep_unstated(desired: &mut ResourceSet, managed: &ResourceSet) -> Vec<String> {
    let mut lines = Vec::new();
    for (id, project) in desired.projects.iter_mut().filter(|(_, project)| !project.shared) {
        let Some(before) = managed.projects.get(id).filter(|before| !before.shared) else { continue };
        let (now, before) = (&mut project.settings, &before.settings);
        let settings = [
            ("parent", &mut now.parent, &before.parent),
            ("billing account", &mut now.billing_account, &before.billing_account),
        ];
        for (name, now, before) in settings {
            if let (None, Some(value)) = (&now, before) {
                lines.push(format!("project {id}: {name} `{value}`"));
                now.clone_from(before);
            }
        }
    }
    lines
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
