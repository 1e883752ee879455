//! The verbs of [`KubernetesServiceAccounts`].

use std::collections::BTreeSet;

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::ResourceExt;
use kube::api::{Api, ListParams, PartialObjectMeta};

use super::connections::Kubernetes;
use super::objects;
use super::reading::ONE_BY_ONE;
use crate::platform::kubernetes_service_accounts::named;
use crate::platform::{
    KubernetesServiceAccountViews, KubernetesServiceAccounts, OwnershipPolicy, RequestContext, Result,
};
use crate::registry::names::{ClusterName, KubernetesServiceAccountName, NamespaceKey, NamespaceName};

#[async_trait]
impl KubernetesServiceAccounts for Kubernetes {
    /// Only metadata is listed: the rest of a service account is not ours, and every namespace has at least one.
    async fn read_kubernetes_service_accounts(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        namespaces: &BTreeSet<NamespaceName>,
    ) -> Result<KubernetesServiceAccountViews> {
        let cluster = &self.cluster(ctx, cluster).await?;
        let apis: Vec<Api<ServiceAccount>> = match namespaces.len() > ONE_BY_ONE {
            true => vec![cluster.all()],
            false => namespaces.iter().map(|name| cluster.within(name.as_str())).collect(),
        };
        let lists: Vec<Vec<PartialObjectMeta<ServiceAccount>>> = stream::iter(apis)
            .map(|api| async move {
                let api = &api;
                cluster
                    .list(ctx, &ListParams::default(), |params| async move { api.list_metadata(&params).await })
                    .await
            })
            .buffered(ONE_BY_ONE)
            .try_collect()
            .await?;
        let mut found = KubernetesServiceAccountViews::new();
        for account in lists.into_iter().flatten() {
            let named = account.namespace().zip(account.metadata.name.as_ref());
            let Some((namespace, name)) = named.and_then(|(space, name)| space.parse().ok().zip(name.parse().ok()))
            else {
                continue;
            };
            if namespaces.contains(&namespace) {
                let view = objects::service_account_view(&account.metadata);
                found.entry(namespace).or_default().insert(name, view);
            }
        }
        Ok(found)
    }

    async fn put_kubernetes_service_account(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
        google_service_account: &str,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        let cluster = self.cluster(ctx, &key.cluster).await?;
        let api = cluster.within::<ServiceAccount>(key.namespace.as_str());
        let found = cluster.request(ctx, || api.get_opt(name.as_str())).await;
        if let Some(found) = found.map_err(|api_error| cluster.error(api_error))? {
            let view = objects::service_account_view(&found.metadata);
            if !ownership.may_change(&view.owner) {
                return Err(ownership.not_owned(named(key, name)));
            }
            if view.satisfies(google_service_account, ownership) {
                return Ok(());
            }
        }
        let object = objects::service_account(key, name, google_service_account, ownership);
        match self.apply(ctx, &cluster, &api, &object, |_| ownership.adopt || ownership.recorded).await {
            Ok(_) => Ok(()),
            Err(api_error) => Err(self.refused_within(ctx, &cluster, key, &named(key, name), api_error).await),
        }
    }

    async fn delete_kubernetes_service_account(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        // Without its label it is not deleted, whatever the state records: others may have created it again.
        let ownership = &OwnershipPolicy { recorded: false, ..ownership.clone() };
        self.delete_within::<ServiceAccount>(ctx, key, name.as_str(), || named(key, name), ownership).await
    }
}
