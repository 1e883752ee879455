//! Kubernetes service accounts as they are. They are read only where some are managed or desired: no other registry needs the
//! permission.

use std::collections::{BTreeMap, BTreeSet};

use super::whose::{Whose, whose};
use crate::fanout::resource::{Key, KubernetesServiceAccount, ResourceSet};
use crate::platform::{
    ClusterCache, KubernetesServiceAccountView, KubernetesServiceAccountViews, OwnershipPolicy, RequestContext, Result,
};
use crate::registry::names::{ClusterName, KubernetesServiceAccountName, NamespaceKey, NamespaceName, RegistryName};

/// Those of one cluster, in these of its namespaces.
pub async fn read(
    ctx: &RequestContext,
    platform: &ClusterCache,
    registry: &RegistryName,
    cluster: &ClusterName,
    namespaces: &BTreeSet<NamespaceName>,
) -> Result<KubernetesServiceAccountViews> {
    if namespaces.is_empty() {
        return Ok(KubernetesServiceAccountViews::new());
    }
    platform.service_accounts(ctx, cluster, registry, namespaces).await
}

/// The namespaces of one cluster in which some are managed.
pub fn managed_in(managed: &ResourceSet, cluster: &ClusterName) -> BTreeSet<NamespaceName> {
    let keys = managed.kubernetes_service_accounts.keys();
    keys.filter(|key| key.cluster == *cluster).map(|key| key.namespace.clone()).collect()
}

/// The namespaces of one cluster that these keys are about.
pub fn named_in<'k>(cluster: &ClusterName, keys: impl IntoIterator<Item = &'k Key>) -> BTreeSet<NamespaceName> {
    let name = |key: &Key| match key {
        Key::KubernetesServiceAccount(key, _) if key.cluster == *cluster => Some(key.namespace.clone()),
        _ => None,
    };
    keys.into_iter().filter_map(name).collect()
}

/// Makes those of one namespace in `managed` what they are. The answer is those without an ownership label: in `managed` they act as no
/// Google service account, so that a plan shows that this is set again.
pub fn observe(
    ownership: &OwnershipPolicy,
    managed: &mut ResourceSet,
    key: &NamespaceKey,
    views: Option<&BTreeMap<KubernetesServiceAccountName, KubernetesServiceAccountView>>,
) -> BTreeSet<Key> {
    let mut unlabelled = BTreeSet::new();
    for (name, recorded) in managed.kubernetes_service_accounts.remove(key).unwrap_or_default() {
        let Some(is) = views.and_then(|views| views.get(&name)) else { continue };
        let google_service_account = match whose(ownership, &is.owner) {
            Whose::Ours => is.google_service_account.clone().unwrap_or_default(),
            Whose::Unlabelled => {
                unlabelled.insert(Key::KubernetesServiceAccount(key.clone(), name.clone()));
                String::new()
            }
            Whose::Others => continue,
        };
        let account = KubernetesServiceAccount { google_service_account, ..recorded };
        managed.kubernetes_service_accounts.entry(key.clone()).or_default().insert(name, account);
    }
    unlabelled
}
