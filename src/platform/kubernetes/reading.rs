//! What a cluster is, and what is on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use k8s_openapi::api::core::v1::{Namespace, ResourceQuota};
use k8s_openapi::api::rbac::v1::{ClusterRole, RoleBinding};
use kube::api::ListParams;
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;

use super::cluster::Cluster;
use super::connections::Kubernetes;
use super::objects::{self, QUOTA};
use crate::platform::{ClusterSnapshot, Error, NamespaceView, OwnerLabel, RequestContext, Result, ServerId};
use crate::registry::names::{ClusterName, NamespaceKey, NamespaceName, RegistryName};

/// Up to this number, namespaces are read one by one; more are read in lists of the whole cluster.
pub(super) const ONE_BY_ONE: usize = 3;
/// The namespace whose uid is that of the cluster.
const SYSTEM: &str = "kube-system";

impl Kubernetes {
    pub(super) async fn read_server(&self, ctx: &RequestContext, cluster: &ClusterName) -> Result<ServerId> {
        let connected = self.cluster(ctx, cluster).await?;
        let api = connected.all::<Namespace>();
        match connected.request(ctx, || api.get_opt(SYSTEM)).await {
            Ok(system) => self.identify(ctx, cluster, system.as_ref()).await,
            Err(api_error) if api_error.is(403) => self.by_address(ctx, cluster).await,
            Err(api_error) => Err(connected.error(api_error)),
        }
    }

    /// The server with this namespace `kube-system`. One without it (kcp, a proxy that filters) is identified by its address.
    async fn identify(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        system: Option<&Namespace>,
    ) -> Result<ServerId> {
        match system.and_then(ResourceExt::uid) {
            Some(uid) => Ok(ServerId::Uid(uid)),
            None => self.by_address(ctx, cluster).await,
        }
    }

    pub(super) async fn read_snapshot(
        &self,
        ctx: &RequestContext,
        name: &ClusterName,
        registry: &RegistryName,
    ) -> Result<ClusterSnapshot> {
        let cluster = self.cluster(ctx, name).await?;
        let everything = ListParams::default();
        let owner_labels: Vec<String> =
            OwnerLabel::labels(registry).iter().map(|(key, value)| format!("{key}={value}")).collect();
        let ours = ListParams::default().labels(&owner_labels.join(","));
        let (namespaces, quotas, bindings) = futures_util::try_join!(
            list::<Namespace>(ctx, &cluster, &everything),
            list::<ResourceQuota>(ctx, &cluster, &ours),
            list::<RoleBinding>(ctx, &cluster, &ours),
        )?;
        let system = namespaces.iter().find(|namespace| namespace.metadata.name.as_deref() == Some(SYSTEM));
        let server = self.identify(ctx, name, system).await?;
        Ok(ClusterSnapshot { server, namespaces: assemble(namespaces, quotas, bindings) })
    }

    pub(super) async fn read_cluster_roles(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
    ) -> Result<Option<BTreeSet<String>>> {
        let cluster = self.cluster(ctx, cluster).await?;
        match list::<ClusterRole>(ctx, &cluster, &ListParams::default()).await {
            Ok(roles) => Ok(Some(roles.into_iter().filter_map(|role| role.metadata.name).collect())),
            Err(Error::PermissionDenied(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn read_whole(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        desired: &BTreeSet<NamespaceName>,
    ) -> Result<BTreeMap<NamespaceName, NamespaceView>> {
        let cluster = &self.cluster(ctx, cluster).await?;
        let everything = &ListParams::default();
        let quota = &ListParams::default().fields(&format!("metadata.name={QUOTA}"));
        if desired.len() > ONE_BY_ONE {
            let (namespaces, quotas, bindings) = futures_util::try_join!(
                list::<Namespace>(ctx, cluster, everything),
                list::<ResourceQuota>(ctx, cluster, quota),
                list::<RoleBinding>(ctx, cluster, everything),
            )?;
            let mut views = assemble(namespaces, quotas, bindings);
            views.retain(|name, _| desired.contains(name));
            return Ok(views);
        }
        let mut views = BTreeMap::new();
        for name in desired {
            let key = NamespaceKey { cluster: cluster.name().clone(), namespace: name.clone() };
            let quotas = &cluster.within::<ResourceQuota>(name.as_str());
            let bindings = &cluster.within::<RoleBinding>(name.as_str());
            let (namespace, quotas, bindings) = futures_util::try_join!(
                self.find(ctx, cluster, &key),
                cluster.list(ctx, quota, |params| async move { quotas.list(&params).await }),
                cluster.list(ctx, everything, |params| async move { bindings.list(&params).await }),
            )?;
            views.extend(assemble(namespace, quotas, bindings));
        }
        Ok(views)
    }
}

/// Namespaces with their quotas and role bindings.
fn assemble(
    namespaces: impl IntoIterator<Item = Namespace>,
    quotas: impl IntoIterator<Item = ResourceQuota>,
    bindings: impl IntoIterator<Item = RoleBinding>,
) -> BTreeMap<NamespaceName, NamespaceView> {
    let named = |namespace: Namespace| Some((objects::name(&namespace)?, objects::view(&namespace)));
    let mut views: BTreeMap<NamespaceName, NamespaceView> = namespaces.into_iter().filter_map(named).collect();
    for quota in quotas.into_iter().filter(|quota| quota.metadata.name.as_deref() == Some(QUOTA)) {
        if let Some(view) = quota.metadata.namespace.as_deref().and_then(|name| views.get_mut(name)) {
            view.quota = Some(objects::quota_view(&quota));
        }
    }
    for binding in bindings {
        if let (Some(view), Some(name)) =
            (binding.metadata.namespace.as_deref().and_then(|name| views.get_mut(name)), &binding.metadata.name)
        {
            view.role_bindings.insert(name.clone(), objects::binding_view(&binding));
        }
    }
    views
}

/// All objects of a kind on a cluster.
async fn list<K>(ctx: &RequestContext, cluster: &Cluster, params: &ListParams) -> Result<Vec<K>>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned,
{
    let api = &cluster.all::<K>();
    cluster.list(ctx, params, |params| async move { api.list(&params).await }).await
}
