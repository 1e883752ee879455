//! What a configuration means, and what forbids it before any decision, alike for all objects that are managed by themselves.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::messages;
use crate::fanout::SharedWith;
use crate::fanout::resource::{Key, ResourceSet};
use crate::provider::lifecycle::existing_messages::of_another_registry;
use crate::provider::lifecycle::provenance::is_previous;
use crate::provider::lifecycle::wording::Wording;
use crate::provider::lifecycle::{Desired, Request, StateModel, provenance};
use crate::registry::names::RegistryName;
use crate::sdk::Diagnostics;

/// Refuses a kind that `manage` excludes, and an object that by now carries another registry's ownership label.
///
/// # Errors
/// When the registry has no name, or a stored state was edited manually.
pub fn check<M: StateModel>(
    request: &Request<'_, M>,
    wording: &'static Wording,
    refused: &mut Diagnostics,
) -> Result<RegistryName, Diagnostics> {
    let registry = provenance::name(request.loaded)?;
    let excluded = request.identity.scope().and_then(|scope| request.session.excluded_kind(&scope));
    if let Some(kind) = excluded {
        refused.push(messages::not_managed(request.identity, kind));
    }
    if let Some(prior) = request.prior
        && let Some(other) = prior.registry().filter(|name| !name.is_empty() && *name != registry.as_str())
        && !is_previous(request.loaded, other)
        && let Some(scope) = prior.stored_identity()?.scope()
    {
        refused.push(of_another_registry(wording, &scope, other));
    }
    Ok(registry)
}

/// The services whose entries use a project or namespace.
pub fn users_of<M>(request: &Request<'_, M>, scope: &Key) -> Vec<String> {
    request.loaded.fan_out.users_of(scope).into_iter().map(ToString::to_string).collect()
}

/// The desired resources of an object.
pub fn desired<M: StateModel>(request: &Request<'_, M>, registry: RegistryName, resources: ResourceSet) -> Desired {
    // The deletions at the old place wait for the additions at the new one.
    let scopes: BTreeSet<Key> = request.managed.keys().union(&resources.keys()).map(Key::scope).collect();
    Desired {
        identity: request.identity.clone(),
        loaded: Arc::clone(request.loaded),
        registry,
        resources,
        shared_with: SharedWith::new(),
        environments: vec![scopes],
        policy: request.config().map(StateModel::policy).unwrap_or_default(),
        digest: None,
        no_longer_managed: Vec::new(),
    }
}
