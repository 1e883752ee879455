//! One snapshot of each cluster, for all services of one run.
//!
//! Core plans every service by itself. A thousand services on three clusters would be three thousand reads; with this cache they
//! are three. What this process has written since is read again, one namespace at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::OnceCell;

use crate::fanout::resource::{NamespaceSettings, Quota, RoleBinding};
use crate::platform::{Clusters, Error, NamespaceKeys, NamespaceView, OwnershipPolicy, RequestContext, Result};
use crate::registry::names::{ClusterName, NamespaceKey, NamespaceName, RegistryName};

type Views = BTreeMap<NamespaceName, NamespaceView>;
type Snapshot = Arc<OnceCell<Result<Views>>>;

/// Clusters, as one run sees them.
pub struct ClusterCache {
    clusters: Arc<dyn Clusters>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    snapshots: HashMap<(ClusterName, RegistryName), Snapshot>,
    /// Namespaces that were written to since they were seen, perhaps without success.
    touched: BTreeSet<NamespaceKey>,
}

impl ClusterCache {
    /// A cache over these clusters. Reads nothing.
    pub fn new(clusters: Arc<dyn Clusters>) -> Self {
        Self { clusters, seen: Mutex::default() }
    }

    /// Those of the namespaces that exist on one cluster, with the quotas and role bindings in them that have the ownership label of
    /// `registry` (others' as well, where this process has touched the namespace). A cluster that could not be read the first
    /// time is not read again in this run.
    ///
    /// # Errors
    /// Those of [`Clusters::cluster_snapshot`].
    pub async fn namespaces(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        registry: &RegistryName,
        desired: &BTreeSet<NamespaceName>,
    ) -> Result<Views> {
        let (cluster_snapshot, touched) = {
            let mut seen = self.seen();
            let key =
                |namespace: &NamespaceName| NamespaceKey { cluster: cluster.clone(), namespace: namespace.clone() };
            let touched: BTreeSet<NamespaceName> =
                desired.iter().filter(|namespace| seen.touched.contains(&key(namespace))).cloned().collect();
            (Arc::clone(seen.snapshots.entry((cluster.clone(), registry.clone())).or_default()), touched)
        };
        // That a call was cancelled is not a property of the cluster, and is not cached.
        let snapshot = cluster_snapshot.get_or_try_init(|| async {
            match self.clusters.cluster_snapshot(ctx, cluster, registry).await {
                Err(Error::Cancelled) => Err(Error::Cancelled),
                read => Ok(read),
            }
        });
        let all = ctx.run(snapshot).await??.as_ref().map_err(Error::clone)?;
        let mut found: Views = desired
            .difference(&touched)
            .filter_map(|namespace| Some((namespace.clone(), all.get(namespace)?.clone())))
            .collect();
        if !touched.is_empty() {
            found.extend(self.clusters.read_namespaces(ctx, cluster, &touched).await?);
        }
        Ok(found)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For writing: what was seen of this namespace counts no more.
    fn touch(&self, key: &NamespaceKey) -> &dyn Clusters {
        self.seen().touched.insert(key.clone());
        self.clusters.as_ref()
    }
}

#[async_trait]
impl Clusters for ClusterCache {
    fn platform(&self) -> &'static str {
        self.clusters.platform()
    }

    async fn cluster_snapshot(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        registry: &RegistryName,
    ) -> Result<Views> {
        self.clusters.cluster_snapshot(ctx, cluster, registry).await
    }

    async fn read_namespaces(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        namespaces: &BTreeSet<NamespaceName>,
    ) -> Result<Views> {
        self.clusters.read_namespaces(ctx, cluster, namespaces).await
    }

    async fn ensure_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        settings: &NamespaceSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.touch(key).ensure_namespace(ctx, key, settings, ownership).await
    }

    async fn update_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        settings: &NamespaceSettings,
        previous: &NamespaceKeys,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.touch(key).update_namespace(ctx, key, settings, previous, ownership).await
    }

    async fn delete_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        with_contents: bool,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.touch(key).delete_namespace(ctx, key, with_contents, ownership).await
    }

    async fn put_quota(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        quota: &Quota,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.touch(key).put_quota(ctx, key, quota, ownership).await
    }

    async fn delete_quota(&self, ctx: &RequestContext, key: &NamespaceKey, ownership: &OwnershipPolicy) -> Result<()> {
        self.touch(key).delete_quota(ctx, key, ownership).await
    }

    async fn put_role_binding(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &str,
        binding: &RoleBinding,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.touch(key).put_role_binding(ctx, key, name, binding, ownership).await
    }

    async fn delete_role_binding(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &str,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.touch(key).delete_role_binding(ctx, key, name, ownership).await
    }
}
