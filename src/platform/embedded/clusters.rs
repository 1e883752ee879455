//! Namespaces, quotas and role bindings.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use rusqlite::{Connection, Transaction};

use super::namespaces::{
    Row, drop_binding, drop_quota, known_keys, load, load_bindings, load_quota, not_created_by, purge, save,
    save_binding, save_quota, view,
};
use super::store::{Author, Outcome};
use super::{Embedded, PLATFORM, project_rows, servers};
use crate::fanout::resource::{Key, Labels, NamespaceSettings, Quota, RoleBinding};
use crate::platform::ownership::merge_labels;
use crate::platform::{
    ClusterSnapshot, Clusters, DEFAULT_CLUSTER_ROLES, Error, NamespaceKeys, NamespaceView, OwnerLabel, OwnershipPolicy,
    RequestContext, Result, ServerId,
};
use crate::registry::names::{ClusterName, NamespaceKey, NamespaceName, RegistryName};
use crate::registry::quota::kept_quota;

fn what(key: &NamespaceKey) -> String {
    format!("namespace `{key}`")
}

fn terminating(key: &NamespaceKey, row: &Row) -> Error {
    Error::PendingDeletion { what: what(key), detail: row.detail() }
}

fn missing(key: &NamespaceKey) -> Error {
    Error::NotFound(format!("namespace `{}` not found on cluster `{}`", key.namespace, key.cluster))
}

/// The namespace that something is to be put into.
pub(super) fn usable(connection: &Connection, key: &NamespaceKey) -> Outcome<Row> {
    match load(connection, key)? {
        None => Err(missing(key).into()),
        Some(row) if row.terminating => Err(terminating(key, &row).into()),
        Some(row) => Ok(row),
    }
}

fn merge(
    found: &NamespaceSettings,
    desired: &NamespaceSettings,
    previous: &NamespaceKeys,
    ownership: &OwnershipPolicy,
) -> NamespaceSettings {
    NamespaceSettings {
        labels: ownership.with_owner(&merge_labels(&found.labels, &desired.labels, &previous.labels)),
        annotations: merge_labels(&found.annotations, &desired.annotations, &previous.annotations),
    }
}

fn settle(transaction: &Transaction<'_>, key: &NamespaceKey, row: &Row, settings: &NamespaceSettings) -> Outcome<()> {
    if *settings == row.settings {
        return Ok(());
    }
    save(transaction, key, false, settings, &row.finalizers)
}

impl Embedded {
    pub(super) async fn write_namespace(
        &self,
        ctx: &RequestContext,
        resource: Key,
        work: impl FnOnce(&Transaction<'_>) -> Outcome<()> + Send + 'static,
    ) -> Result<()> {
        self.step(ctx, move |store, cancel| {
            store.write(Author::Anu, cancel, || project_rows::resource(&resource), work)
        })
        .await
    }

    /// Finishes a deletion that has begun, like the namespace controller of a cluster. A finalizer blocks it.
    async fn finish_deletion(&self, ctx: &RequestContext, key: &NamespaceKey) -> Result<()> {
        let namespace = key.clone();
        self.write_namespace(ctx, Key::Namespace(key.clone()), move |transaction| {
            match load(transaction, &namespace)? {
                Some(row) if row.terminating && row.finalizers.is_empty() => purge(transaction, &namespace),
                Some(row) if row.terminating => Err(terminating(&namespace, &row).into()),
                // Deleted, or recreated by a faster writer.
                _ => Ok(()),
            }
        })
        .await
    }
}

#[async_trait]
impl Clusters for Embedded {
    fn platform(&self) -> &'static str {
        PLATFORM
    }

    async fn server(&self, ctx: &RequestContext, cluster: &ClusterName) -> Result<ServerId> {
        self.travel(ctx).await?;
        let cluster = cluster.clone();
        self.step(ctx, move |store, cancel| store.read(cancel, |snapshot| servers::server(snapshot, &cluster))).await
    }

    async fn cluster_snapshot(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        registry: &RegistryName,
    ) -> Result<ClusterSnapshot> {
        self.travel(ctx).await?;
        let (cluster, registry) = (cluster.clone(), registry.clone());
        self.step(ctx, move |store, cancel| {
            store.read(cancel, |snapshot| {
                let mut found = BTreeMap::new();
                for key in known_keys(snapshot)?.into_iter().filter(|key| key.cluster == cluster) {
                    let Some(row) = load(snapshot, &key)? else { continue };
                    let mut view = view(snapshot, &key, row)?;
                    view.role_bindings.retain(|_, binding| binding.owner.is(&registry));
                    found.insert(key.namespace, view);
                }
                Ok(ClusterSnapshot { server: servers::server(snapshot, &cluster)?, namespaces: found })
            })
        })
        .await
    }

    /// Those that a new cluster has. The store has no others.
    async fn cluster_roles(&self, ctx: &RequestContext, _: &ClusterName) -> Result<Option<BTreeSet<String>>> {
        self.travel(ctx).await?;
        Ok(Some(DEFAULT_CLUSTER_ROLES.map(str::to_owned).into()))
    }

    async fn read_namespaces(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        namespaces: &BTreeSet<NamespaceName>,
    ) -> Result<BTreeMap<NamespaceName, NamespaceView>> {
        self.travel(ctx).await?;
        let (cluster, desired) = (cluster.clone(), namespaces.clone());
        self.step(ctx, move |store, cancel| {
            store.read(cancel, |snapshot| {
                let mut found = BTreeMap::new();
                for namespace in desired {
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
        ctx: &RequestContext,
        key: &NamespaceKey,
        settings: &NamespaceSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.travel(ctx).await?;
        self.finish_deletion(ctx, key).await?;
        let (namespace, settings, ownership) = (key.clone(), settings.clone(), ownership.clone());
        self.write_namespace(ctx, Key::Namespace(key.clone()), move |transaction| {
            let Some(row) = load(transaction, &namespace)? else {
                let settings = NamespaceSettings { labels: ownership.with_owner(&settings.labels), ..settings };
                return save(transaction, &namespace, false, &settings, &BTreeSet::new());
            };
            if row.terminating {
                return Err(terminating(&namespace, &row).into());
            }
            if !ownership.may_change(&row.owner()) {
                return Err(ownership.not_owned(what(&namespace)).into());
            }
            let settings = merge(&row.settings, &settings, &NamespaceKeys::default(), &ownership);
            settle(transaction, &namespace, &row, &settings)
        })
        .await
    }

    async fn update_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        settings: &NamespaceSettings,
        previous: &NamespaceKeys,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.travel(ctx).await?;
        let (namespace, settings, previous, ownership) =
            (key.clone(), settings.clone(), previous.clone(), ownership.clone());
        self.write_namespace(ctx, Key::Namespace(key.clone()), move |transaction| {
            let row = usable(transaction, &namespace)?;
            if !ownership.may_change(&row.owner()) {
                return Err(ownership.not_owned(what(&namespace)).into());
            }
            settle(transaction, &namespace, &row, &merge(&row.settings, &settings, &previous, &ownership))
        })
        .await
    }

    async fn foreign_objects(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        ownership: &OwnershipPolicy,
    ) -> Result<Vec<String>> {
        self.travel(ctx).await?;
        let (namespace, ownership) = (key.clone(), ownership.clone());
        self.step(ctx, move |store, cancel| {
            store.read(cancel, |snapshot| match load(snapshot, &namespace)? {
                Some(row) if !row.terminating && ownership.may_delete(&row.owner()) => {
                    not_created_by(snapshot, &namespace, &ownership)
                }
                _ => Ok(Vec::new()),
            })
        })
        .await
    }

    async fn delete_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        with_contents: bool,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.travel(ctx).await?;
        let (namespace, ownership) = (key.clone(), ownership.clone());
        self.write_namespace(ctx, Key::Namespace(key.clone()), move |transaction| {
            let Some(row) = load(transaction, &namespace)? else {
                return Ok(());
            };
            if !ownership.may_delete(&row.owner()) {
                return Err(ownership.not_owned(what(&namespace)).into());
            }
            if row.terminating {
                return Ok(());
            }
            let contents = not_created_by(transaction, &namespace, &ownership)?;
            if !with_contents && !contents.is_empty() {
                return Err(Error::NotEmpty { what: what(&namespace), contents }.into());
            }
            save(transaction, &namespace, true, &row.settings, &row.finalizers)
        })
        .await?;
        self.finish_deletion(ctx, key).await
    }

    async fn put_quota(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        quota: &Quota,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.travel(ctx).await?;
        let (namespace, quota, ownership) = (key.clone(), quota.clone(), ownership.clone());
        self.write_namespace(ctx, Key::Quota(key.clone()), move |transaction| {
            usable(transaction, &namespace)?;
            let found = load_quota(transaction, &namespace)?;
            let mut labels = Labels::new();
            if let Some((found, hard)) = found {
                if !ownership.may_change(&OwnerLabel::of(&found)) {
                    return Err(ownership.not_owned(format!("quota `anu` of {}", what(&namespace))).into());
                }
                if hard == kept_quota(&quota) && ownership.is_labelled(&OwnerLabel::of(&found)) {
                    return Ok(());
                }
                labels = found;
            }
            save_quota(transaction, &namespace, &ownership.with_owner(&labels), &quota)
        })
        .await
    }

    async fn delete_quota(&self, ctx: &RequestContext, key: &NamespaceKey, ownership: &OwnershipPolicy) -> Result<()> {
        self.travel(ctx).await?;
        let (namespace, ownership) = (key.clone(), ownership.clone());
        self.write_namespace(ctx, Key::Quota(key.clone()), move |transaction| {
            let Some((labels, _)) = load_quota(transaction, &namespace)? else {
                return Ok(());
            };
            if !ownership.may_revoke(&OwnerLabel::of(&labels)) {
                return Err(ownership.not_owned(format!("quota `anu` of {}", what(&namespace))).into());
            }
            drop_quota(transaction, &namespace)
        })
        .await
    }

    async fn put_role_binding(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &str,
        binding: &RoleBinding,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.travel(ctx).await?;
        let (namespace, binding, ownership, name) = (key.clone(), binding.clone(), ownership.clone(), name.to_owned());
        self.write_namespace(ctx, Key::RoleBinding(key.clone(), name.clone()), move |transaction| {
            usable(transaction, &namespace)?;
            if let Some(found) = load_bindings(transaction, &namespace)?.remove(&name) {
                if !ownership.may_change(&found.owner) {
                    return Err(ownership.not_owned(format!("role binding `{namespace}/{name}`")).into());
                }
                if found.binding.role != binding.role {
                    return Err(Error::Invalid(format!(
                        "role binding `{namespace}/{name}` grants `{}`, and its role cannot change to `{}`: delete it and create it again",
                        found.binding.role, binding.role
                    ))
                    .into());
                }
                if found.binding == binding && ownership.is_labelled(&found.owner) {
                    return Ok(());
                }
            }
            save_binding(transaction, &namespace, &name, &ownership.with_owner(&Labels::new()), &binding)
        })
        .await
    }

    async fn delete_role_binding(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &str,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.travel(ctx).await?;
        let (namespace, ownership, name) = (key.clone(), ownership.clone(), name.to_owned());
        self.write_namespace(ctx, Key::RoleBinding(key.clone(), name.clone()), move |transaction| {
            let Some(found) = load_bindings(transaction, &namespace)?.remove(&name) else {
                return Ok(());
            };
            if !ownership.may_revoke(&found.owner) {
                return Err(ownership.not_owned(format!("role binding `{namespace}/{name}`")).into());
            }
            drop_binding(transaction, &namespace, &name)
        })
        .await
    }
}
