//! Namespaces and what is in them, as rows of the store.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::kubernetes_account_rows;
use super::store::{Outcome, from_json, next_revision, to_json, to_name};
use crate::fanout::resource::{Labels, NamespaceSettings, Quota, RoleBinding};
use crate::platform::{Lifecycle, NamespaceView, OwnerLabel, OwnershipPolicy, QuotaView, RoleBindingView};
use crate::registry::names::{ClusterName, KubernetesRole, NamespaceKey, NamespaceName};
use crate::registry::quota::kept_quota;

/// A namespace as stored.
pub(super) struct Row {
    pub terminating: bool,
    pub settings: NamespaceSettings,
    pub finalizers: BTreeSet<String>,
    pub etag: i64,
}

impl Row {
    pub(super) fn owner(&self) -> OwnerLabel {
        OwnerLabel::of(&self.settings.labels)
    }

    /// What is known of a deletion under way.
    pub(super) fn detail(&self) -> String {
        let blocking: Vec<String> = self.finalizers.iter().map(|name| format!("`{name}`")).collect();
        match blocking.as_slice() {
            [] => "its deletion was begun and not finished; the next deletion or creation finishes it".into(),
            [one] => format!("the finalizer {one} blocks the deletion until its controller removes it"),
            many => {
                format!("the finalizers {} block the deletion until their controllers remove them", many.join(", "))
            }
        }
    }
}

pub(super) fn load(connection: &Connection, key: &NamespaceKey) -> Outcome<Option<Row>> {
    let columns = connection
        .prepare_cached(
            "SELECT phase, labels, annotations, finalizers, etag FROM namespace WHERE cluster = ?1 AND name = ?2",
        )?
        .query_row([key.cluster.as_str(), key.namespace.as_str()], |row| {
            Ok((
                row.get::<_, String>(0)? == "Terminating",
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, String>(3)?,
                row.get::<_, i64>(4)?,
            ))
        })
        .optional()?;
    let Some((terminating, labels, annotations, finalizers, etag)) = columns else {
        return Ok(None);
    };
    let of = format!("namespace `{key}`");
    let settings = NamespaceSettings { labels: from_json(&labels, &of)?, annotations: from_json(&annotations, &of)? };
    Ok(Some(Row { terminating, settings, finalizers: from_json(&finalizers, &of)?, etag }))
}

/// Inserts or updates a namespace, never replacing the row: what is in it would be deleted with it.
pub(super) fn save(
    transaction: &Transaction<'_>,
    key: &NamespaceKey,
    terminating: bool,
    settings: &NamespaceSettings,
    finalizers: &BTreeSet<String>,
) -> Outcome<()> {
    let etag = next_revision(transaction)?;
    transaction
        .prepare_cached(
            "INSERT INTO namespace (cluster, name, phase, labels, annotations, finalizers, etag)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET phase = excluded.phase, labels = excluded.labels,
                 annotations = excluded.annotations, finalizers = excluded.finalizers, etag = excluded.etag",
        )?
        .execute(params![
            key.cluster.as_str(),
            key.namespace.as_str(),
            if terminating { "Terminating" } else { "Active" },
            to_json(&settings.labels)?,
            to_json(&settings.annotations)?,
            to_json(finalizers)?,
            etag
        ])?;
    Ok(())
}

/// Removes a namespace with everything in it.
pub(super) fn purge(transaction: &Transaction<'_>, key: &NamespaceKey) -> Outcome<()> {
    next_revision(transaction)?;
    transaction
        .prepare_cached("DELETE FROM namespace WHERE cluster = ?1 AND name = ?2")?
        .execute([key.cluster.as_str(), key.namespace.as_str()])?;
    Ok(())
}

pub(super) fn load_quota(connection: &Connection, key: &NamespaceKey) -> Outcome<Option<(Labels, Quota)>> {
    let columns: Option<(String, String)> = connection
        .prepare_cached("SELECT labels, hard FROM quota WHERE cluster = ?1 AND namespace = ?2")?
        .query_row([key.cluster.as_str(), key.namespace.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let of = || format!("the quota of namespace `{key}`");
    columns.map(|(labels, hard)| Ok((from_json(&labels, of())?, from_json(&hard, of())?))).transpose()
}

pub(super) fn load_bindings(connection: &Connection, key: &NamespaceKey) -> Outcome<BTreeMap<String, RoleBindingView>> {
    let mut statement = connection.prepare_cached(
        "SELECT name, labels, role, subjects FROM role_binding WHERE cluster = ?1 AND namespace = ?2",
    )?;
    let mut rows = statement.query([key.cluster.as_str(), key.namespace.as_str()])?;
    let mut bindings = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (name, labels): (String, String) = (row.get(0)?, row.get(1)?);
        let (role, subjects): (String, String) = (row.get(2)?, row.get(3)?);
        let of = format!("role binding `{key}/{name}`");
        let labels: Labels = from_json(&labels, &of)?;
        let binding = RoleBinding { role: to_name(&role, KubernetesRole::KIND)?, subjects: from_json(&subjects, &of)? };
        bindings.insert(name, RoleBindingView { binding, owner: OwnerLabel::of(&labels) });
    }
    Ok(bindings)
}

pub(super) fn save_binding(
    transaction: &Transaction<'_>,
    key: &NamespaceKey,
    name: &str,
    labels: &Labels,
    binding: &RoleBinding,
) -> Outcome<()> {
    next_revision(transaction)?;
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO role_binding (cluster, namespace, name, labels, role, subjects)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            key.cluster.as_str(),
            key.namespace.as_str(),
            name,
            to_json(labels)?,
            binding.role.as_str(),
            to_json(&binding.subjects)?
        ])?;
    Ok(())
}

/// What others put into a namespace, as `KIND NAME`.
pub(super) fn contents(connection: &Connection, key: &NamespaceKey) -> Outcome<BTreeSet<String>> {
    let mut statement =
        connection.prepare_cached("SELECT kind, name FROM content WHERE cluster = ?1 AND namespace = ?2")?;
    let rows = statement.query_map([key.cluster.as_str(), key.namespace.as_str()], |row| {
        Ok(format!("{} {}", row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Everything in a namespace that was not made for this registry.
pub(super) fn not_created_by(
    connection: &Connection,
    key: &NamespaceKey,
    ownership: &OwnershipPolicy,
) -> Outcome<Vec<String>> {
    let mut found = contents(connection, key)?;
    for (name, view) in load_bindings(connection, key)? {
        if !ownership.may_delete(&view.owner) {
            found.insert(format!("RoleBinding {name}"));
        }
    }
    for (name, row) in kubernetes_account_rows::load(connection, key)? {
        if !ownership.may_delete(&row.owner()) {
            found.insert(format!("ServiceAccount {name}"));
        }
    }
    if load_quota(connection, key)?.is_some_and(|(labels, _)| !ownership.may_delete(&OwnerLabel::of(&labels))) {
        found.insert("ResourceQuota anu".into());
    }
    Ok(found.into_iter().collect())
}

pub(super) fn view(connection: &Connection, key: &NamespaceKey, row: Row) -> Outcome<NamespaceView> {
    let lifecycle = if row.terminating { Lifecycle::PendingDeletion(row.detail()) } else { Lifecycle::Active };
    Ok(NamespaceView {
        lifecycle,
        owner: row.owner(),
        etag: row.etag.to_string(),
        set_by_us: None,
        quota: load_quota(connection, key)?
            .map(|(labels, limits)| QuotaView { limits, owner: OwnerLabel::of(&labels) }),
        role_bindings: load_bindings(connection, key)?,
        settings: row.settings,
    })
}

/// Stores a quota as an API server keeps it.
pub(super) fn save_quota(
    transaction: &Transaction<'_>,
    key: &NamespaceKey,
    labels: &Labels,
    quota: &Quota,
) -> Outcome<()> {
    next_revision(transaction)?;
    transaction
        .prepare_cached("INSERT OR REPLACE INTO quota (cluster, namespace, labels, hard) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
            key.cluster.as_str(),
            key.namespace.as_str(),
            to_json(labels)?,
            to_json(&kept_quota(quota))?
        ])?;
    Ok(())
}

pub(super) fn drop_quota(transaction: &Transaction<'_>, key: &NamespaceKey) -> Outcome<()> {
    next_revision(transaction)?;
    transaction
        .prepare_cached("DELETE FROM quota WHERE cluster = ?1 AND namespace = ?2")?
        .execute([key.cluster.as_str(), key.namespace.as_str()])?;
    Ok(())
}

pub(super) fn drop_binding(transaction: &Transaction<'_>, key: &NamespaceKey, name: &str) -> Outcome<()> {
    next_revision(transaction)?;
    transaction
        .prepare_cached("DELETE FROM role_binding WHERE cluster = ?1 AND namespace = ?2 AND name = ?3")?
        .execute([key.cluster.as_str(), key.namespace.as_str(), name])?;
    Ok(())
}

/// Every namespace on every cluster.
pub(super) fn known_keys(connection: &Connection) -> Outcome<Vec<NamespaceKey>> {
    let mut statement = connection.prepare_cached("SELECT cluster, name FROM namespace ORDER BY cluster, name")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (cluster, namespace) = row?;
        Ok(NamespaceKey {
            cluster: to_name(&cluster, ClusterName::KIND)?,
            namespace: to_name(&namespace, NamespaceName::KIND)?,
        })
    })
    .collect()
}
