//! Role bindings of ours whose role must change. Kubernetes does not let it change, so they are deleted and created again.

use std::collections::BTreeMap;

use super::messages;
use super::model::key_of;
use crate::fanout::resource::ResourceSet;
use crate::platform::RequestContext;
use crate::provider::lifecycle::Desired;
use crate::provider::session::Platforms;
use crate::sdk::{Call, Diagnostic};

/// What is managed, with those of our bindings that exist with another role though no state knows them: what an interrupted apply
/// has left, before the role was changed in the configuration. A platform that does not answer adds nothing; the work on it
/// reports that.
pub(super) async fn existing(
    call: &Call,
    platforms: &Platforms,
    desired: &Desired,
    managed: &ResourceSet,
) -> ResourceSet {
    let mut all = managed.clone();
    let (Some(platform), Ok(key)) = (&platforms.clusters, key_of(&desired.identity)) else { return all };
    let had = managed.role_bindings.get(key);
    let wanted = desired.resources.role_bindings.get(key).into_iter().flatten();
    let new: BTreeMap<_, _> = wanted.filter(|(name, _)| !had.is_some_and(|had| had.contains_key(*name))).collect();
    if new.is_empty() {
        return all;
    }
    let ctx = RequestContext { cancel: call.cancel.clone() };
    let namespaces = [key.namespace.clone()].into();
    let Ok(views) = platform.namespaces(&ctx, &key.cluster, &desired.registry, &namespaces).await else { return all };
    for (name, found) in views.into_values().flat_map(|view| view.role_bindings) {
        if found.owner.is(&desired.registry) && new.get(&name).is_some_and(|new| new.role != found.binding.role) {
            all.role_bindings.entry(key.clone()).or_default().insert(name, found.binding);
        }
    }
    all
}

/// A warning about the bindings that keep their names and change their roles.
pub(super) fn role_changes(desired: &Desired, existing: &ResourceSet) -> Vec<Diagnostic> {
    let Ok(key) = key_of(&desired.identity) else { return Vec::new() };
    let had = existing.role_bindings.get(key);
    let wanted = desired.resources.role_bindings.get(key).into_iter().flatten();
    let both = wanted.filter_map(|(name, binding)| Some((name, (had?.get(name)?, binding))));
    let changes: BTreeMap<_, _> = both.filter(|(_, (before, binding))| before.role != binding.role).collect();
    if changes.is_empty() { Vec::new() } else { vec![messages::role_bindings_recreated(key, &changes)] }
}
