//! Namespaces, quotas and role bindings.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use rusqlite::{Connection, Transaction};

use super::namespaces::{
    Row, drop_binding, drop_quota, known_keys, load, load_bindings, load_quota, not_made_by, purge, save, save_binding,
    save_quota, view,
};
use super::store::{Author, Outcome, merge_labels};
use super::{Embedded, PLATFORM, projects};
use crate::fanout::resource::{Key, Labels, NamespaceSettings, Quota, RoleBinding};
use crate::platform::{Claim, Clusters, Cx, Error, Mark, NamespaceKeys, NamespaceView, Result};
use crate::registry::names::{ClusterName, NamespaceKey, NamespaceName, RegistryName};

fn what(key: &NamespaceKey) -> String {
    format!("namespace `{key}`")
}

fn terminating(key: &NamespaceKey, row: &Row) -> Error {
    Error::PendingDeletion { what: what(key), detail: row.detail() }
}

fn missing(key: &NamespaceKey) -> Error {
    Error::NotFound(format!("there is no namespace `{}` on cluster `{}`", key.namespace, key.cluster))
}

/// The namespace that something is to be put into.
fn usable(connection: &Connection, key: &NamespaceKey) -> Outcome<Row> {
    match load(connection, key)? {
        None => Err(missing(key).into()),
        Some(row) if row.terminating => Err(terminating(key, &row).into()),
        Some(row) => Ok(row),
    }
}

fn merge(
    found: &NamespaceSettings,
    asked: &NamespaceSettings,
    previous: &NamespaceKeys,
    claim: &Claim,
) -> NamespaceSettings {
    NamespaceSettings {
        labels: claim.marked(&merge_labels(&found.labels, &asked.labels, &previous.labels)),
        annotations: merge_labels(&found.annotations, &asked.annotations, &previous.annotations),
    }
}

fn settle(transaction: &Transaction<'_>, key: &NamespaceKey, row: &Row, settings: &NamespaceSettings) -> Outcome<()> {
    if *settings == row.settings {
        return Ok(());
    }
    save(transaction, key, false, settings, &row.finalizers)
}

impl Embedded {
    async fn write_namespace(
        &self,
        cx: &Cx,
        resource: Key,
        work: impl FnOnce(&Transaction<'_>) -> Outcome<()> + Send + 'static,
    ) -> Result<()> {
        self.step(cx, move |store, cancel| store.write(Author::Anu, cancel, || projects::resource(&resource), work))
            .await
    }

    /// Finishes a deletion that has begun: what the namespace controller does in a cluster. Held by a finalizer, it cannot.
    async fn finish_deletion(&self, cx: &Cx, key: &NamespaceKey) -> Result<()> {
        let namespace = key.clone();
        self.write_namespace(cx, Key::Namespace(key.clone()), move |transaction| match load(transaction, &namespace)? {
            Some(row) if row.terminating && row.finalizers.is_empty() => purge(transaction, &namespace),
            Some(row) if row.terminating => Err(terminating(&namespace, &row).into()),
            // Gone, or made anew by somebody who was faster.
            _ => Ok(()),
        })
        .await
    }
}

#[async_trait]
impl Clusters for Embedded {
    fn platform(&self) -> &'static str {
        PLATFORM
    }

    async fn survey(
        &self,
        cx: &Cx,
        cluster: &ClusterName,
        registry: &RegistryName,
    ) -> Result<BTreeMap<NamespaceName, NamespaceView>> {
        self.travel(cx).await?;
        let (cluster, registry) = (cluster.clone(), registry.clone());
        self.step(cx, move |store, cancel| {
            store.read(cancel, |snapshot| {
                let mut found = BTreeMap::new();
                for key in known_keys(snapshot)?.into_iter().filter(|key| key.cluster == cluster) {
                    let Some(row) = load(snapshot, &key)? else { continue };
                    let mut view = view(snapshot, &key, row)?;
                    view.role_bindings.retain(|_, binding| binding.mark.is(&registry));
                    found.insert(key.namespace, view);
                }
                Ok(found)
            })
        })
        .await
    }

    async fn read_namespaces(
        &self,
        cx: &Cx,
        cluster: &ClusterName,
        namespaces: &BTreeSet<NamespaceName>,
    ) -> Result<BTreeMap<NamespaceName, NamespaceView>> {
        self.travel(cx).await?;
        let (cluster, asked) = (cluster.clone(), namespaces.clone());
        self.step(cx, move |store, cancel| {
            store.read(cancel, |snapshot| {
                let mut found = BTreeMap::new();
                for namespace in asked {
                    let key = NamespaceKey { cluster: cluster.clone(), namespace };
                    if let Some(row) = load(snapshot, &key)? {
                        let view = view(snapshot, &key, row)?;
                        found.insert(key.namespace, view);
                    }
                }
                Ok(found)
            })
        })
        .await
    }

    async fn ensure_namespace(
        &self,
        cx: &Cx,
        key: &NamespaceKey,
        settings: &NamespaceSettings,
        claim: &Claim,
    ) -> Result<()> {
        self.travel(cx).await?;
        self.finish_deletion(cx, key).await?;
        let (namespace, settings, claim) = (key.clone(), settings.clone(), claim.clone());
        self.write_namespace(cx, Key::Namespace(key.clone()), move |transaction| {
            let Some(row) = load(transaction, &namespace)? else {
                let settings = NamespaceSettings { labels: claim.marked(&settings.labels), ..settings };
                return save(transaction, &namespace, false, &settings, &BTreeSet::new());
            };
            if row.terminating {
                return Err(terminating(&namespace, &row).into());
            }
            if !claim.may_change(&row.mark()) {
                return Err(claim.not_ours(what(&namespace)).into());
            }
            let settings = merge(&row.settings, &settings, &NamespaceKeys::default(), &claim);
            settle(transaction, &namespace, &row, &settings)
        })
        .await
    }

    async fn update_namespace(
        &self,
        cx: &Cx,
        key: &NamespaceKey,
        settings: &NamespaceSettings,
        previous: &NamespaceKeys,
        claim: &Claim,
    ) -> Result<()> {
        self.travel(cx).await?;
        let (namespace, settings, previous, claim) = (key.clone(), settings.clone(), previous.clone(), claim.clone());
        self.write_namespace(cx, Key::Namespace(key.clone()), move |transaction| {
            let row = usable(transaction, &namespace)?;
            if !claim.may_change(&row.mark()) {
                return Err(claim.not_ours(what(&namespace)).into());
            }
            settle(transaction, &namespace, &row, &merge(&row.settings, &settings, &previous, &claim))
        })
        .await
    }

    async fn delete_namespace(&self, cx: &Cx, key: &NamespaceKey, with_contents: bool, claim: &Claim) -> Result<()> {
        self.travel(cx).await?;
        let (namespace, claim) = (key.clone(), claim.clone());
        self.write_namespace(cx, Key::Namespace(key.clone()), move |transaction| {
            let Some(row) = load(transaction, &namespace)? else {
                return Ok(());
            };
            if !claim.may_delete(&row.mark()) {
                return Err(claim.not_ours(what(&namespace)).into());
            }
            if row.terminating {
                return Ok(());
            }
            let contents = not_made_by(transaction, &namespace, &claim)?;
            if !with_contents && !contents.is_empty() {
                return Err(Error::NotEmpty { what: what(&namespace), contents }.into());
            }
            save(transaction, &namespace, true, &row.settings, &row.finalizers)
        })
        .await?;
        self.finish_deletion(cx, key).await
    }

    async fn put_quota(&self, cx: &Cx, key: &NamespaceKey, quota: &Quota, claim: &Claim) -> Result<()> {
        self.travel(cx).await?;
        let (namespace, quota, claim) = (key.clone(), quota.clone(), claim.clone());
        self.write_namespace(cx, Key::Quota(key.clone()), move |transaction| {
            usable(transaction, &namespace)?;
            let found = load_quota(transaction, &namespace)?;
            let mut labels = Labels::new();
            if let Some((found, hard)) = found {
                if !claim.may_change(&Mark::of(&found)) {
                    return Err(claim.not_ours(format!("the quota `anu` of {}", what(&namespace))).into());
                }
                if hard == quota && claim.may_delete(&Mark::of(&found)) {
                    return Ok(());
                }
                labels = found;
            }
            save_quota(transaction, &namespace, &claim.marked(&labels), &quota)
        })
        .await
    }

    async fn delete_quota(&self, cx: &Cx, key: &NamespaceKey, claim: &Claim) -> Result<()> {
        self.travel(cx).await?;
        let (namespace, claim) = (key.clone(), claim.clone());
        self.write_namespace(cx, Key::Quota(key.clone()), move |transaction| {
            let Some((labels, _)) = load_quota(transaction, &namespace)? else {
                return Ok(());
            };
            if !claim.may_delete(&Mark::of(&labels)) {
                return Err(claim.not_ours(format!("the quota `anu` of {}", what(&namespace))).into());
            }
            drop_quota(transaction, &namespace)
        })
        .await
    }

    async fn put_role_binding(
        &self,
        cx: &Cx,
        key: &NamespaceKey,
        name: &str,
        binding: &RoleBinding,
        claim: &Claim,
    ) -> Result<()> {
        self.travel(cx).await?;
        let (namespace, binding, claim, name) = (key.clone(), binding.clone(), claim.clone(), name.to_owned());
        self.write_namespace(cx, Key::RoleBinding(key.clone(), name.clone()), move |transaction| {
            usable(transaction, &namespace)?;
            if let Some(found) = load_bindings(transaction, &namespace)?.remove(&name) {
                if !claim.may_change(&found.mark) {
                    return Err(claim.not_ours(format!("role binding `{namespace}/{name}`")).into());
                }
                if found.binding.role != binding.role {
                    return Err(Error::Invalid(format!(
                        "role binding `{namespace}/{name}` gives `{}`, and a role binding's role cannot be changed to `{}`: delete it and make another",
                        found.binding.role, binding.role
                    ))
                    .into());
                }
                if found.binding == binding && claim.may_delete(&found.mark) {
                    return Ok(());
                }
            }
            save_binding(transaction, &namespace, &name, &claim.marked(&Labels::new()), &binding)
        })
        .await
    }

    async fn delete_role_binding(&self, cx: &Cx, key: &NamespaceKey, name: &str, claim: &Claim) -> Result<()> {
        self.travel(cx).await?;
        let (namespace, claim, name) = (key.clone(), claim.clone(), name.to_owned());
        self.write_namespace(cx, Key::RoleBinding(key.clone(), name.clone()), move |transaction| {
            let Some(found) = load_bindings(transaction, &namespace)?.remove(&name) else {
                return Ok(());
            };
            if !claim.may_delete(&found.mark) {
                return Err(claim.not_ours(format!("role binding `{namespace}/{name}`")).into());
            }
            drop_binding(transaction, &namespace, &name)
        })
        .await
    }
}
