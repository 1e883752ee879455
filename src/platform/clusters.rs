//! Namespaces, quotas and role bindings on many clusters: the trait, and what its verbs read and write.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::kubernetes_service_accounts::KubernetesServiceAccounts;
use super::lifecycle::Lifecycle;
use super::ownership::{OwnershipPolicy, contains};
use super::server::ServerId;
use super::{RequestContext, Result};
use crate::fanout::resource::{NamespaceSettings, Quota, RoleBinding};
use crate::registry::names::{ClusterName, NamespaceKey, NamespaceName, RegistryName};
use crate::registry::owner_label::OwnerLabel;

/// Namespaces, quotas and role bindings on many clusters.
#[async_trait]
pub trait Clusters: KubernetesServiceAccounts {
    /// The platform's name in messages: `embedded`, `kubernetes`.
    fn platform(&self) -> &'static str;

    /// The API server that a cluster's name reaches.
    async fn server(&self, ctx: &RequestContext, cluster: &ClusterName) -> Result<ServerId>;

    /// The API server and every namespace of one cluster, with the quotas and role bindings in them that have the ownership label
    /// of `registry`: all that planning needs to know of a cluster, in as few requests as the platform can.
    async fn cluster_snapshot(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        registry: &RegistryName,
    ) -> Result<ClusterSnapshot>;

    /// The names of a cluster's ClusterRoles. None if they may not be listed: nothing else needs that permission.
    async fn cluster_roles(&self, ctx: &RequestContext, cluster: &ClusterName) -> Result<Option<BTreeSet<String>>>;

    /// Those of the namespaces that exist on one cluster, with their quota and all their role bindings, in as few requests
    /// as the platform can.
    async fn read_namespaces(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        namespaces: &BTreeSet<NamespaceName>,
    ) -> Result<BTreeMap<NamespaceName, NamespaceView>>;

    /// Makes sure the namespace exists with these settings: creates it with the ownership label, or adopts what `ownership`
    /// permits. Labels and annotations of others stay; a platform that knows which ones we set before may remove those that
    /// are no longer desired. One that is Terminating is waited for and recreated; where something blocks that,
    /// [`Error::PendingDeletion`](super::Error::PendingDeletion) names it.
    async fn ensure_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        settings: &NamespaceSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;

    /// Changes labels and annotations of a namespace of ours. `previous` are the keys we set last time (labels, annotations).
    async fn update_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        settings: &NamespaceSettings,
        previous: &NamespaceKeys,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;

    /// What [`Clusters::delete_namespace`] without `with_contents` refuses to delete with a namespace of ours: the objects in it
    /// that were not created by anu, one a line. None where the namespace does not exist, is not ours or is being deleted. Contents
    /// that may not be listed are an error.
    async fn foreign_objects(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        ownership: &OwnershipPolicy,
    ) -> Result<Vec<String>>;

    /// Deletes a namespace of ours and waits until it no longer exists. Without `with_contents`, one that contains objects not
    /// created by anu is refused ([`Error::NotEmpty`](super::Error::NotEmpty)) and not changed. No such namespace is success. A deletion that began
    /// earlier is waited for; where something blocks it (a finalizer), [`Error::PendingDeletion`](super::Error::PendingDeletion) names it.
    async fn delete_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        with_contents: bool,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;

    /// Sets the ResourceQuota named `anu`, with the ownership label, to exactly these limits. One of that name that is not ours is refused
    /// unless `ownership` adopts. No such namespace is [`Error::NotFound`](super::Error::NotFound).
    async fn put_quota(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        quota: &Quota,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;

    /// Deletes the ResourceQuota named `anu`. None of that name is success; one that is not ours is refused.
    async fn delete_quota(&self, ctx: &RequestContext, key: &NamespaceKey, ownership: &OwnershipPolicy) -> Result<()>;

    /// Creates or updates a role binding, with the ownership label, to exactly these subjects. One of that name that is not ours is refused
    /// unless `ownership` adopts. A role other than the one it has is [`Error::Invalid`](super::Error::Invalid) (`roleRef` is immutable). No such
    /// namespace is [`Error::NotFound`](super::Error::NotFound).
    async fn put_role_binding(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &str,
        binding: &RoleBinding,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;

    /// Deletes a role binding of ours. None of that name is success; one that is not ours is refused.
    async fn delete_role_binding(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &str,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;
}

/// The ClusterRoles for users that every cluster has.
pub const DEFAULT_CLUSTER_ROLES: [&str; 4] = ["admin", "cluster-admin", "edit", "view"];

/// All that planning needs to know of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterSnapshot {
    /// Its API server.
    pub server: ServerId,
    /// Every namespace, with what is ours in it.
    pub namespaces: BTreeMap<NamespaceName, NamespaceView>,
}

/// Label and annotation keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamespaceKeys {
    /// Label keys.
    pub labels: BTreeSet<String>,
    /// Annotation keys.
    pub annotations: BTreeSet<String>,
}

impl NamespaceKeys {
    /// The keys of these settings.
    pub fn of(settings: &NamespaceSettings) -> Self {
        Self {
            labels: settings.labels.keys().cloned().collect(),
            annotations: settings.annotations.keys().cloned().collect(),
        }
    }
}

/// A namespace as it is, with everything in it that anu could have created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceView {
    /// Settings as they are, with *all* labels and annotations.
    pub settings: NamespaceSettings,
    /// Whether it is active.
    pub lifecycle: Lifecycle,
    /// Its ownership label.
    pub owner: OwnerLabel,
    /// The version this view was read at.
    pub etag: String,
    /// Labels and annotations that anu set, the ownership label included; none where the platform does not record who set what.
    pub set_by_us: Option<NamespaceKeys>,
    /// The ResourceQuota named `anu`, if there is one.
    pub quota: Option<QuotaView>,
    /// All RoleBindings, ours and others', by name.
    pub role_bindings: BTreeMap<String, RoleBindingView>,
}

impl NamespaceView {
    /// Whether everything in `desired` exists already, so that [`Clusters::ensure_namespace`] would change nothing.
    pub fn satisfies(&self, desired: &NamespaceSettings) -> bool {
        contains(&self.settings.labels, &desired.labels) && contains(&self.settings.annotations, &desired.annotations)
    }
}

/// A quota as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaView {
    /// The hard limits.
    pub limits: Quota,
    /// Its ownership label.
    pub owner: OwnerLabel,
}

/// A role binding as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleBindingView {
    /// The role and subjects.
    pub binding: RoleBinding,
    /// Its ownership label.
    pub owner: OwnerLabel,
}
