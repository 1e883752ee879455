//! What an import takes in: a namespace with what is ours in it. Of labels and annotations, those that anu set: the next apply
//! would remove those of others.

use std::collections::{BTreeMap, BTreeSet};

use crate::fanout::resource::{DeletionPolicy, Key, Labels, NamespaceSettings, ResourceSet, Scope};
use crate::platform::{Lifecycle, NamespaceView, OwnerLabel, RequestContext};
use crate::provider::lifecycle::Desired;
use crate::provider::lifecycle::existing_messages::being_deleted;
use crate::provider::lifecycle::refresh::Refreshed;
use crate::provider::lifecycle::unreadable::unreadable;
use crate::provider::session::Platforms;
use crate::registry::names::{NamespaceKey, RegistryName};
use crate::sdk::{Call, Diagnostics};

pub(super) async fn importable(
    call: &Call,
    platforms: &Platforms,
    key: &NamespaceKey,
    desired: &Desired,
) -> Result<Refreshed, Diagnostics> {
    let mut found = Refreshed::default();
    let Some(platform) = &platforms.clusters else { return Ok(found) };
    let ctx = RequestContext { cancel: call.cancel.clone() };
    let mut views = platform
        .namespaces(&ctx, &key.cluster, &desired.registry, &[key.namespace.clone()].into())
        .await
        .map_err(|error| unreadable(format!("cluster `{}`", key.cluster), error))?;
    let Some(view) = views.remove(&key.namespace) else { return Ok(found) };
    let namespace = Key::Namespace(key.clone());
    if let Lifecycle::PendingDeletion(detail) = &view.lifecycle {
        return Err(being_deleted(&namespace, detail).into());
    }
    if let OwnerLabel::Registry(registry) = &view.owner {
        found.owners.insert(namespace, registry.clone());
    }
    found.managed = ours(key, &desired.registry, view);
    Ok(found)
}

/// What of a namespace is ours.
fn ours(key: &NamespaceKey, registry: &RegistryName, view: NamespaceView) -> ResourceSet {
    let owned = view.owner.is(registry);
    let of = |all: Labels, set_by_us: Option<&BTreeSet<String>>| -> Labels {
        // Where it is unknown who set what, everything on a namespace of ours is taken to be ours.
        let ours = |key: &String| set_by_us.map_or(owned, |set_by_us| set_by_us.contains(key));
        all.into_iter().filter(|(key, _)| ours(key) && key != "kubernetes.io/metadata.name").collect()
    };
    let set_by_us = view.set_by_us.as_ref();
    let settings = NamespaceSettings {
        labels: of(view.settings.labels, set_by_us.map(|keys| &keys.labels)),
        annotations: of(view.settings.annotations, set_by_us.map(|keys| &keys.annotations)),
    };
    let scope = Scope { settings, shared: false, deletion_policy: DeletionPolicy::default() };
    let bindings = view.role_bindings.into_iter().filter(|(_, binding)| binding.owner.is(registry));
    let bindings: BTreeMap<_, _> = bindings.map(|(name, binding)| (name, binding.binding)).collect();
    let mut resources = ResourceSet { namespaces: [(key.clone(), scope)].into(), ..ResourceSet::default() };
    resources
        .quotas
        .extend(view.quota.filter(|quota| quota.owner.is(registry)).map(|quota| (key.clone(), quota.limits)));
    resources.role_bindings.insert(key.clone(), bindings);
    resources.prune();
    resources
}
