//! The verbs for Kubernetes service accounts.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::clusters::usable;
use super::{Embedded, kubernetes_account_rows as rows};
use crate::fanout::resource::{ACTS_AS, Key};
use crate::platform::kubernetes_service_accounts::named;
use crate::platform::{
    KubernetesServiceAccountViews, KubernetesServiceAccounts, OwnershipPolicy, RequestContext, Result,
};
use crate::registry::names::{ClusterName, KubernetesServiceAccountName, NamespaceKey, NamespaceName};

#[async_trait]
impl KubernetesServiceAccounts for Embedded {
    async fn read_kubernetes_service_accounts(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        namespaces: &BTreeSet<NamespaceName>,
    ) -> Result<KubernetesServiceAccountViews> {
        self.travel(ctx).await?;
        let (cluster, desired) = (cluster.clone(), namespaces.clone());
        self.step(ctx, move |store, cancel| {
            store.read(cancel, |snapshot| {
                let mut found = KubernetesServiceAccountViews::new();
                for namespace in desired {
                    let key = NamespaceKey { cluster: cluster.clone(), namespace };
                    let accounts = rows::load(snapshot, &key)?;
                    if !accounts.is_empty() {
                        let views = accounts.into_iter().map(|(name, row)| (name, row.view())).collect();
                        found.insert(key.namespace, views);
                    }
                }
                Ok(found)
            })
        })
        .await
    }

    async fn put_kubernetes_service_account(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
        google_service_account: &str,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.travel(ctx).await?;
        let (namespace, name, ownership) = (key.clone(), name.clone(), ownership.clone());
        let address = google_service_account.to_owned();
        self.write_namespace(ctx, Key::KubernetesServiceAccount(key.clone(), name.clone()), move |transaction| {
            usable(transaction, &namespace)?;
            let mut row = rows::Row::default();
            if let Some(found) = rows::load(transaction, &namespace)?.remove(&name) {
                if !ownership.may_change(&found.owner()) {
                    return Err(ownership.not_owned(named(&namespace, &name)).into());
                }
                if found.view().satisfies(&address, &ownership) {
                    return Ok(());
                }
                row = found;
            }
            row.labels = ownership.with_owner(&row.labels);
            row.annotations.insert(ACTS_AS.to_owned(), address);
            rows::save(transaction, &namespace, &name, &row)
        })
        .await
    }

    async fn delete_kubernetes_service_account(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.travel(ctx).await?;
        let (namespace, name, ownership) = (key.clone(), name.clone(), ownership.clone());
        self.write_namespace(ctx, Key::KubernetesServiceAccount(key.clone(), name.clone()), move |transaction| {
            let Some(found) = rows::load(transaction, &namespace)?.remove(&name) else {
                return Ok(());
            };
            if !ownership.may_delete(&found.owner()) {
                return Err(ownership.not_owned(named(&namespace, &name)).into());
            }
            rows::remove(transaction, &namespace, &name)
        })
        .await
    }
}
