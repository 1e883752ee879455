//! What a configuration means, after the checks that come before any decision.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::fences;
use super::messages;
use super::model::{NamespaceModel, key_of};
use crate::fanout::SharedWith;
use crate::fanout::resource::{DeletionPolicy, Key, Labels, NamespaceSettings, ResourceSet, Scope};
use crate::provider::lifecycle::existing_messages::of_another_registry;
use crate::provider::lifecycle::provenance::is_previous;
use crate::provider::lifecycle::wording::NAMESPACE;
use crate::provider::lifecycle::{Arguments, Desired, Request, StateModel, provenance};
use crate::registry::names::NamespaceKey;
use crate::sdk::Diagnostics;

/// What a namespace shall consist of.
///
/// # Errors
/// When it is the registry's own or another registry's, when `manage` excludes namespaces, and for everything that a fence
/// forbids.
pub(super) fn desired(request: &Request<'_, NamespaceModel>) -> Result<Desired, Diagnostics> {
    let Request { session, loaded, identity, arguments, prior, managed } = request;
    let key = key_of(identity)?;
    let config = match arguments {
        Arguments::Config(config) | Arguments::Planned(config) => Some(*config),
        Arguments::Import => None,
    };
    let registry = provenance::name(loaded)?;
    let mut refused = Diagnostics::new();
    if session.leaves_out_namespaces() {
        refused.push(messages::not_managed(key));
    }
    let namespace = Key::Namespace(key.clone());
    let users: Vec<String> = loaded.fan_out.users_of(&namespace).into_iter().map(ToString::to_string).collect();
    if !users.is_empty() {
        refused.push(messages::belongs_to_registry(key, &users, &loaded.source));
    }
    let limits = session.fences();
    if let Some(fence) = limits.reserved_namespaces.find(key.namespace.as_str()) {
        refused.push(messages::reserved(key, fence));
    }
    if let Some(config) = config {
        fences::check(config, limits, &mut refused);
    }
    if let Some(prior) = prior
        && let Some(other) = prior
            .registry
            .known()
            .filter(|name| !name.is_empty() && *name != registry.as_str() && !is_previous(loaded, name))
    {
        refused.push(of_another_registry(&NAMESPACE, &Key::Namespace(prior.stored_key()?), other));
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let resources = match config {
        Some(config) => config.desired(key, &registry, managed)?,
        None => empty(key),
    };
    // The old name's deletions wait for the new one's additions.
    let scopes: BTreeSet<Key> = managed.namespaces.keys().chain([key]).map(|key| Key::Namespace(key.clone())).collect();
    Ok(Desired {
        identity: (*identity).clone(),
        loaded: Arc::clone(loaded),
        registry,
        resources,
        shared_with: SharedWith::new(),
        environments: vec![scopes],
        policy: config.map(StateModel::policy).unwrap_or_default(),
        digest: None,
        no_longer_managed: Vec::new(),
    })
}

/// The namespace, with nothing set on it.
fn empty(key: &NamespaceKey) -> ResourceSet {
    let settings = NamespaceSettings { labels: Labels::new(), annotations: Labels::new() };
    let scope = Scope { settings, shared: false, deletion_policy: DeletionPolicy::default() };
    ResourceSet { namespaces: [(key.clone(), scope)].into(), ..ResourceSet::default() }
}
