//! Role bindings of ours whose role must change. Kubernetes does not let it change, so they are deleted and created again.

use std::collections::{BTreeMap, BTreeSet};

use super::kind::Desired;
use crate::fanout::resource::{ResourceSet, RoleBinding};
use crate::platform::{OwnershipPolicy, RequestContext};
use crate::provider::session::Platforms;
use crate::registry::names::{ClusterName, NamespaceKey, NamespaceName};
use crate::sdk::Call;

/// What is managed, with those of our bindings that exist with another role though no state knows them: what an interrupted apply
/// has left, before the role was changed, or what others created with our label. A platform that does not answer adds nothing;
/// the work on it reports that.
pub async fn existing(
    call: &Call,
    platforms: &Platforms,
    ownership: &OwnershipPolicy,
    desired: &Desired,
    managed: &ResourceSet,
) -> ResourceSet {
    let mut all = managed.clone();
    let Some(platform) = &platforms.clusters else { return all };
    let ctx = RequestContext { cancel: call.cancel.clone() };
    let new = new_bindings(&desired.resources, managed);
    for (cluster, namespaces) in by_cluster(&new) {
        let found = platform.namespaces(&ctx, &cluster, &ownership.registry, &namespaces).await.unwrap_or_default();
        for (namespace, view) in found {
            let key = NamespaceKey { cluster: cluster.clone(), namespace };
            let Some(new) = new.get(&key) else { continue };
            for (name, found) in view.role_bindings {
                if ownership.is_ours(&found.owner) && new.get(&name).is_some_and(|new| new.role != found.binding.role) {
                    all.role_bindings.entry(key.clone()).or_default().insert(name, found.binding);
                }
            }
        }
    }
    all
}

fn new_bindings<'d>(
    desired: &'d ResourceSet,
    managed: &ResourceSet,
) -> BTreeMap<&'d NamespaceKey, BTreeMap<&'d String, &'d RoleBinding>> {
    let mut all = BTreeMap::new();
    for (key, bindings) in &desired.role_bindings {
        let had = managed.role_bindings.get(key);
        let new = bindings.iter().filter(|(name, _)| !had.is_some_and(|had| had.contains_key(*name)));
        all.insert(key, new.collect::<BTreeMap<_, _>>());
    }
    all.retain(|_, new| !new.is_empty());
    all
}

fn by_cluster<V>(keys: &BTreeMap<&NamespaceKey, V>) -> BTreeMap<ClusterName, BTreeSet<NamespaceName>> {
    let mut all: BTreeMap<ClusterName, BTreeSet<NamespaceName>> = BTreeMap::new();
    for key in keys.keys() {
        all.entry(key.cluster.clone()).or_default().insert(key.namespace.clone());
    }
    all
}
