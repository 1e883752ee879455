//! One snapshot of each cluster, for all services of one run; and which API server each cluster's name reaches.
//!
//! Core plans every service by itself. A thousand services on three clusters would be three thousand reads; with this cache they
//! are three. What this process has written since is read again, one namespace at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::OnceCell;

use crate::fanout::resource::{NamespaceSettings, Quota, RoleBinding};
use crate::platform::{
    ClusterSnapshot, Clusters, Error, KubernetesServiceAccountViews, KubernetesServiceAccounts, NamespaceKeys,
    NamespaceView, OwnershipPolicy, RequestContext, Result, ServerId,
};
use crate::registry::names::{ClusterName, KubernetesServiceAccountName, NamespaceKey, NamespaceName, RegistryName};

type Views = BTreeMap<NamespaceName, NamespaceView>;
/// A read that all callers share, its error too.
type Read<T> = Arc<OnceCell<Result<T>>>;

/// Clusters, as one run sees them.
pub struct ClusterCache {
    clusters: Arc<dyn Clusters>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    snapshots: HashMap<(ClusterName, RegistryName), Read<ClusterSnapshot>>,
    /// All namespaces with what others have in them.
    whole: HashMap<ClusterName, Read<Views>>,
    /// The Kubernetes service accounts of all namespaces.
    service_accounts: HashMap<ClusterName, Read<KubernetesServiceAccountViews>>,
    servers: HashMap<ClusterName, Read<ServerId>>,
    cluster_roles: HashMap<ClusterName, Read<Option<BTreeSet<String>>>>,
    /// The names under which this run uses each server.
    names: BTreeMap<ServerId, BTreeSet<ClusterName>>,
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
        let touched = self.touched(cluster, desired);
        let read = self.snapshot(ctx, cluster, registry).await?;
        let all = &read.get().map_or(Err(&Error::Cancelled), Result::as_ref).map_err(Error::clone)?.namespaces;
        self.with_touched(ctx, cluster, part(all, desired.difference(&touched)), &touched).await
    }

    /// The same, with the quotas and role bindings of all managers: a name may be taken. The first call reads the whole cluster.
    ///
    /// # Errors
    /// Those of [`Clusters::cluster_snapshot`] and [`Clusters::read_namespaces`].
    pub async fn whole_namespaces(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        registry: &RegistryName,
        desired: &BTreeSet<NamespaceName>,
    ) -> Result<Views> {
        let touched = self.touched(cluster, desired);
        let whole = Arc::clone(self.seen().whole.entry(cluster.clone()).or_default());
        let read = once(&whole, || async {
            let names = self.snapshot_names(ctx, cluster, registry).await?;
            self.clusters.read_namespaces(ctx, cluster, &names).await
        });
        ctx.run(read).await??;
        let all = whole.get().map_or(Err(&Error::Cancelled), Result::as_ref).map_err(Error::clone)?;
        self.with_touched(ctx, cluster, part(all, desired.difference(&touched)), &touched).await
    }

    /// The Kubernetes service accounts of these namespaces, of all creators. The first call reads those of all namespaces.
    ///
    /// # Errors
    /// Those of [`Clusters::cluster_snapshot`] and [`KubernetesServiceAccounts::read_kubernetes_service_accounts`].
    pub async fn service_accounts(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        registry: &RegistryName,
        desired: &BTreeSet<NamespaceName>,
    ) -> Result<KubernetesServiceAccountViews> {
        let touched = self.touched(cluster, desired);
        let accounts = Arc::clone(self.seen().service_accounts.entry(cluster.clone()).or_default());
        let read = once(&accounts, || async {
            let names = self.snapshot_names(ctx, cluster, registry).await?;
            self.clusters.read_kubernetes_service_accounts(ctx, cluster, &names).await
        });
        ctx.run(read).await??;
        let all = accounts.get().map_or(Err(&Error::Cancelled), Result::as_ref).map_err(Error::clone)?;
        let known = desired.difference(&touched);
        let mut found: KubernetesServiceAccountViews =
            known.filter_map(|name| Some((name.clone(), all.get(name)?.clone()))).collect();
        if !touched.is_empty() {
            found.extend(self.clusters.read_kubernetes_service_accounts(ctx, cluster, &touched).await?);
        }
        Ok(found)
    }

    /// The names of all namespaces.
    async fn snapshot_names(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        registry: &RegistryName,
    ) -> Result<BTreeSet<NamespaceName>> {
        let snapshot = self.snapshot(ctx, cluster, registry).await?;
        let all = snapshot.get().map_or(Err(&Error::Cancelled), Result::as_ref).map_err(Error::clone)?;
        Ok(all.namespaces.keys().cloned().collect())
    }

    /// What was read before, and what this process has written to since, read again.
    async fn with_touched(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        mut found: Views,
        touched: &BTreeSet<NamespaceName>,
    ) -> Result<Views> {
        if !touched.is_empty() {
            found.extend(self.clusters.read_namespaces(ctx, cluster, touched).await?);
        }
        Ok(found)
    }

    async fn snapshot(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        registry: &RegistryName,
    ) -> Result<Read<ClusterSnapshot>> {
        let key = (cluster.clone(), registry.clone());
        let snapshot = Arc::clone(self.seen().snapshots.entry(key).or_default());
        ctx.run(once(&snapshot, || self.clusters.cluster_snapshot(ctx, cluster, registry))).await??;
        Ok(snapshot)
    }

    /// Those of the namespaces that this process has written to.
    fn touched(&self, cluster: &ClusterName, of: &BTreeSet<NamespaceName>) -> BTreeSet<NamespaceName> {
        let seen = self.seen();
        let key = |namespace: &NamespaceName| NamespaceKey { cluster: cluster.clone(), namespace: namespace.clone() };
        of.iter().filter(|namespace| seen.touched.contains(&key(namespace))).cloned().collect()
    }

    /// Notes that this run uses a cluster under this name. The answer is its other names in use: none, unless two names are one
    /// server.
    pub fn note_in_use(&self, cluster: &ClusterName, server: &ServerId) -> BTreeSet<ClusterName> {
        let mut seen = self.seen();
        let names = seen.names.entry(server.clone()).or_default();
        names.insert(cluster.clone());
        names.iter().filter(|name| *name != cluster).cloned().collect()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For writing: what was seen of this namespace counts no more. Nothing is written to a server that could not be identified:
    /// the checks before a write compare it with the one that was planned for.
    async fn touch(&self, ctx: &RequestContext, key: &NamespaceKey) -> Result<&dyn Clusters> {
        self.server(ctx, &key.cluster).await?;
        self.seen().touched.insert(key.clone());
        Ok(self.clusters.as_ref())
    }
}

/// Reads once. That a call was cancelled is its own fate, and is not kept.
async fn once<T, F: Future<Output = Result<T>>>(cell: &OnceCell<Result<T>>, read: impl FnOnce() -> F) -> Result<()> {
    let kept = cell.get_or_try_init(|| async {
        match read().await {
            Err(Error::Cancelled) => Err(Error::Cancelled),
            read => Ok(read),
        }
    });
    kept.await.map(drop)
}

fn part<'n>(all: &Views, names: impl Iterator<Item = &'n NamespaceName>) -> Views {
    names.filter_map(|name| Some((name.clone(), all.get(name)?.clone()))).collect()
}

#[async_trait]
impl KubernetesServiceAccounts for ClusterCache {
    async fn read_kubernetes_service_accounts(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        namespaces: &BTreeSet<NamespaceName>,
    ) -> Result<KubernetesServiceAccountViews> {
        self.clusters.read_kubernetes_service_accounts(ctx, cluster, namespaces).await
    }

    async fn put_kubernetes_service_account(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
        google_service_account: &str,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        let clusters = self.touch(ctx, key).await?;
        clusters.put_kubernetes_service_account(ctx, key, name, google_service_account, ownership).await
    }

    async fn delete_kubernetes_service_account(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.touch(ctx, key).await?.delete_kubernetes_service_account(ctx, key, name, ownership).await
    }
}

#[async_trait]
impl Clusters for ClusterCache {
    fn platform(&self) -> &'static str {
        self.clusters.platform()
    }

    /// Read once, and with the first snapshot where there is one.
    async fn server(&self, ctx: &RequestContext, cluster: &ClusterName) -> Result<ServerId> {
        let cell = {
            let mut seen = self.seen();
            let snapshot = seen.snapshots.iter().filter(|((of, _), _)| of == cluster).find_map(|(_, read)| read.get());
            if let Some(read) = snapshot {
                return read.as_ref().map(|snapshot| snapshot.server.clone()).map_err(Error::clone);
            }
            Arc::clone(seen.servers.entry(cluster.clone()).or_default())
        };
        ctx.run(once(&cell, || self.clusters.server(ctx, cluster))).await??;
        cell.get().cloned().unwrap_or(Err(Error::Cancelled))
    }

    async fn cluster_snapshot(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        registry: &RegistryName,
    ) -> Result<ClusterSnapshot> {
        self.clusters.cluster_snapshot(ctx, cluster, registry).await
    }

    /// Read once.
    async fn cluster_roles(&self, ctx: &RequestContext, cluster: &ClusterName) -> Result<Option<BTreeSet<String>>> {
        let cell = Arc::clone(self.seen().cluster_roles.entry(cluster.clone()).or_default());
        ctx.run(once(&cell, || self.clusters.cluster_roles(ctx, cluster))).await??;
        cell.get().cloned().unwrap_or(Err(Error::Cancelled))
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
        self.touch(ctx, key).await?.ensure_namespace(ctx, key, settings, ownership).await
    }

    async fn update_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        settings: &NamespaceSettings,
        previous: &NamespaceKeys,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.touch(ctx, key).await?.update_namespace(ctx, key, settings, previous, ownership).await
    }

    async fn foreign_objects(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        ownership: &OwnershipPolicy,
    ) -> Result<Vec<String>> {
        self.clusters.foreign_objects(ctx, key, ownership).await
    }

    async fn delete_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        with_contents: bool,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.touch(ctx, key).await?.delete_namespace(ctx, key, with_contents, ownership).await
    }

    async fn put_quota(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        quota: &Quota,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.touch(ctx, key).await?.put_quota(ctx, key, quota, ownership).await
    }

    async fn delete_quota(&self, ctx: &RequestContext, key: &NamespaceKey, ownership: &OwnershipPolicy) -> Result<()> {
        self.touch(ctx, key).await?.delete_quota(ctx, key, ownership).await
    }

    async fn put_role_binding(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &str,
        binding: &RoleBinding,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.touch(ctx, key).await?.put_role_binding(ctx, key, name, binding, ownership).await
    }

    async fn delete_role_binding(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &str,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.touch(ctx, key).await?.delete_role_binding(ctx, key, name, ownership).await
    }
}
