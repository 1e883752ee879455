//! Kubernetes service accounts that act as Google ones: the trait, and what its verbs read and write.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::ownership::OwnershipPolicy;
use super::{RequestContext, Result};
use crate::registry::names::{ClusterName, KubernetesServiceAccountName, NamespaceKey, NamespaceName};
use crate::registry::owner_label::OwnerLabel;

/// The Kubernetes service accounts of some namespaces of a cluster, by namespace and name.
pub type KubernetesServiceAccountViews =
    BTreeMap<NamespaceName, BTreeMap<KubernetesServiceAccountName, KubernetesServiceAccountView>>;

/// Kubernetes service accounts, in namespaces that exist.
#[async_trait]
pub trait KubernetesServiceAccounts: Send + Sync {
    /// All Kubernetes service accounts in these namespaces of one cluster, of any creator, in as few requests as the platform can.
    /// No part of a snapshot: it needs a permission that a registry without service accounts does not.
    async fn read_kubernetes_service_accounts(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        namespaces: &BTreeSet<NamespaceName>,
    ) -> Result<KubernetesServiceAccountViews>;

    /// Makes sure the Kubernetes service account exists and acts as the Google service account with this address: creates it with the
    /// ownership label, updates one of ours, or adopts what `ownership` permits. Everything else of it stays as it is. No such
    /// namespace is [`Error::NotFound`](super::Error::NotFound).
    async fn put_kubernetes_service_account(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
        google_service_account: &str,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;

    /// Deletes a Kubernetes service account of ours. None of that name is success; one that is not ours is refused.
    async fn delete_kubernetes_service_account(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;
}

/// A Kubernetes service account as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesServiceAccountView {
    /// The address of the Google service account that it acts as, by its annotation.
    pub google_service_account: Option<String>,
    /// Its ownership label.
    pub owner: OwnerLabel,
}

impl KubernetesServiceAccountView {
    /// Whether it acts as this Google service account and has the label of the registry, so that a put would change nothing.
    pub(super) fn satisfies(&self, google_service_account: &str, ownership: &OwnershipPolicy) -> bool {
        self.google_service_account.as_deref() == Some(google_service_account) && ownership.is_labelled(&self.owner)
    }
}

/// A Kubernetes service account in messages.
pub(super) fn named(key: &NamespaceKey, name: &KubernetesServiceAccountName) -> String {
    format!("Kubernetes service account `{key}/{name}`")
}
