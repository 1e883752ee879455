//! What a configuration means, after the checks that come before any decision.

use super::fences;
use super::messages;
use super::model::{NamespaceModel, key_of};
use crate::fanout::resource::{DeletionPolicy, Key, Labels, NamespaceSettings, ResourceSet, Scope};
use crate::provider::leaf;
use crate::provider::lifecycle::wording::NAMESPACE;
use crate::provider::lifecycle::{Desired, Request};
use crate::registry::names::NamespaceKey;
use crate::registry::quota::without_effect;
use crate::sdk::{Diagnostic, Diagnostics};

/// What a namespace shall consist of.
///
/// # Errors
/// When it is the registry's own or another registry's, when `manage` excludes namespaces, and for everything that a fence
/// forbids.
pub(super) fn desired(request: &Request<'_, NamespaceModel>) -> Result<Desired, Diagnostics> {
    let Request { session, loaded, identity, managed, .. } = request;
    let key = key_of(identity)?;
    let mut refused = Diagnostics::new();
    let registry = leaf::desired::check(request, &NAMESPACE, &mut refused)?;
    let users = leaf::desired::users_of(request, &Key::Namespace(key.clone()));
    if !users.is_empty() {
        let how_to_keep = "remove it from the registry";
        let source = &loaded.source;
        refused.push(leaf::messages::belongs_to_registry(&NAMESPACE, identity, &users, source, how_to_keep));
    }
    let limits = session.fences();
    if let Some(fence) = limits.reserved_namespaces.find(key.namespace.as_str()) {
        refused.push(messages::reserved(key, fence));
    }
    if let Some(config) = request.config() {
        fences::check(config, limits, &mut refused);
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let resources = match request.config() {
        Some(config) => config.desired(key, &registry, managed)?,
        None => empty(key),
    };
    Ok(leaf::desired::desired(request, registry, resources))
}

/// Warnings about limits that limit nothing.
pub(super) fn quota_without_effect(desired: &Desired) -> Vec<Diagnostic> {
    let limits = desired.resources.quotas.values().flatten();
    limits
        .filter_map(|(resource, _)| Some(messages::quota_without_effect(resource, &without_effect(resource)?)))
        .collect()
}

/// The namespace, with nothing set on it.
fn empty(key: &NamespaceKey) -> ResourceSet {
    let settings = NamespaceSettings { labels: Labels::new(), annotations: Labels::new() };
    let scope = Scope { settings, shared: false, deletion_policy: DeletionPolicy::default() };
    ResourceSet { namespaces: [(key.clone(), scope)].into(), ..ResourceSet::default() }
}
