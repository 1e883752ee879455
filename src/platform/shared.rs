//! One look at each cluster, for all who plan in one run.
//!
//! Terraform plans every service on its own. A thousand services on three clusters would ask three thousand times; this asks
//! each cluster once. What this process itself has touched since is read again, one namespace at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::OnceCell;

use super::{Claim, Clusters, Cx, NamespaceKeys, NamespaceView, Result};
use crate::fanout::resource::{NamespaceSettings, Quota, RoleBinding};
use crate::registry::names::{ClusterName, NamespaceKey, NamespaceName, RegistryName};

type Views = BTreeMap<NamespaceName, NamespaceView>;
type Survey = Arc<OnceCell<Result<Views>>>;

/// Clusters, as one run sees them.
pub struct Shared {
    clusters: Arc<dyn Clusters>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    surveys: HashMap<(ClusterName, RegistryName), Survey>,
    /// Namespaces that were written to since they were seen, perhaps without success.
    touched: BTreeSet<NamespaceKey>,
}

impl Shared {
    /// These clusters, not looked at yet.
    pub fn new(clusters: Arc<dyn Clusters>) -> Self {
        Self { clusters, seen: Mutex::default() }
    }

    /// The namespaces asked about that exist on one cluster, with the quotas and role bindings in them that carry the mark of
    /// `registry` (others' as well, where this process has touched the namespace). A cluster that could not be read the first
    /// time is not asked again in this run.
    ///
    /// # Errors
    /// As [`Clusters::survey`] says.
    pub async fn look(
        &self,
        cx: &Cx,
        cluster: &ClusterName,
        registry: &RegistryName,
        asked: &BTreeSet<NamespaceName>,
    ) -> Result<Views> {
        let (survey, touched) = {
            let mut seen = self.seen();
            let key =
                |namespace: &NamespaceName| NamespaceKey { cluster: cluster.clone(), namespace: namespace.clone() };
            let touched: BTreeSet<NamespaceName> =
                asked.iter().filter(|namespace| seen.touched.contains(&key(namespace))).cloned().collect();
            (Arc::clone(seen.surveys.entry((cluster.clone(), registry.clone())).or_default()), touched)
        };
        let all = match survey.get_or_init(|| self.clusters.survey(cx, cluster, registry)).await {
            Ok(all) => all,
            Err(error) => return Err(error.clone()),
        };
        let mut found: Views = asked
            .difference(&touched)
            .filter_map(|namespace| Some((namespace.clone(), all.get(namespace)?.clone())))
            .collect();
        if !touched.is_empty() {
            found.extend(self.clusters.read_namespaces(cx, cluster, &touched).await?);
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
impl Clusters for Shared {
    fn platform(&self) -> &'static str {
        self.clusters.platform()
    }

    async fn survey(&self, cx: &Cx, cluster: &ClusterName, registry: &RegistryName) -> Result<Views> {
        self.clusters.survey(cx, cluster, registry).await
    }

    async fn read_namespaces(
        &self,
        cx: &Cx,
        cluster: &ClusterName,
        namespaces: &BTreeSet<NamespaceName>,
    ) -> Result<Views> {
        self.clusters.read_namespaces(cx, cluster, namespaces).await
    }

    async fn ensure_namespace(
        &self,
        cx: &Cx,
        key: &NamespaceKey,
        settings: &NamespaceSettings,
        claim: &Claim,
    ) -> Result<()> {
        self.touch(key).ensure_namespace(cx, key, settings, claim).await
    }

    async fn update_namespace(
        &self,
        cx: &Cx,
        key: &NamespaceKey,
        settings: &NamespaceSettings,
        previous: &NamespaceKeys,
        claim: &Claim,
    ) -> Result<()> {
        self.touch(key).update_namespace(cx, key, settings, previous, claim).await
    }

    async fn delete_namespace(&self, cx: &Cx, key: &NamespaceKey, with_contents: bool, claim: &Claim) -> Result<()> {
        self.touch(key).delete_namespace(cx, key, with_contents, claim).await
    }

    async fn put_quota(&self, cx: &Cx, key: &NamespaceKey, quota: &Quota, claim: &Claim) -> Result<()> {
        self.touch(key).put_quota(cx, key, quota, claim).await
    }

    async fn delete_quota(&self, cx: &Cx, key: &NamespaceKey, claim: &Claim) -> Result<()> {
        self.touch(key).delete_quota(cx, key, claim).await
    }

    async fn put_role_binding(
        &self,
        cx: &Cx,
        key: &NamespaceKey,
        name: &str,
        binding: &RoleBinding,
        claim: &Claim,
    ) -> Result<()> {
        self.touch(key).put_role_binding(cx, key, name, binding, claim).await
    }

    async fn delete_role_binding(&self, cx: &Cx, key: &NamespaceKey, name: &str, claim: &Claim) -> Result<()> {
        self.touch(key).delete_role_binding(cx, key, name, claim).await
    }
}
