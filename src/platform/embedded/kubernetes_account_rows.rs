//! Kubernetes service accounts as rows of the store.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, params};

use super::store::{Outcome, from_json, next_revision, to_json, to_name};
use crate::fanout::resource::{ACTS_AS, Labels};
use crate::platform::{KubernetesServiceAccountView, OwnerLabel};
use crate::registry::names::{KubernetesServiceAccountName, NamespaceKey};

/// A Kubernetes service account as stored.
#[derive(Default)]
pub(super) struct Row {
    pub labels: Labels,
    pub annotations: Labels,
}

impl Row {
    pub(super) fn owner(&self) -> OwnerLabel {
        OwnerLabel::of(&self.labels)
    }

    pub(super) fn view(&self) -> KubernetesServiceAccountView {
        KubernetesServiceAccountView {
            google_service_account: self.annotations.get(ACTS_AS).cloned(),
            owner: self.owner(),
        }
    }
}

/// All of one namespace.
pub(super) fn load(
    connection: &Connection,
    key: &NamespaceKey,
) -> Outcome<BTreeMap<KubernetesServiceAccountName, Row>> {
    let mut statement = connection.prepare_cached(
        "SELECT name, labels, annotations FROM kubernetes_service_account WHERE cluster = ?1 AND namespace = ?2",
    )?;
    let mut rows = statement.query([key.cluster.as_str(), key.namespace.as_str()])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (name, labels, annotations): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let of = format!("Kubernetes service account `{key}/{name}`");
        let row = Row { labels: from_json(&labels, &of)?, annotations: from_json(&annotations, &of)? };
        found.insert(to_name(&name, KubernetesServiceAccountName::KIND)?, row);
    }
    Ok(found)
}

pub(super) fn save(
    transaction: &Transaction<'_>,
    key: &NamespaceKey,
    name: &KubernetesServiceAccountName,
    row: &Row,
) -> Outcome<()> {
    next_revision(transaction)?;
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO kubernetes_service_account (cluster, namespace, name, labels, annotations)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            key.cluster.as_str(),
            key.namespace.as_str(),
            name.as_str(),
            to_json(&row.labels)?,
            to_json(&row.annotations)?
        ])?;
    Ok(())
}

pub(super) fn remove(
    transaction: &Transaction<'_>,
    key: &NamespaceKey,
    name: &KubernetesServiceAccountName,
) -> Outcome<()> {
    next_revision(transaction)?;
    transaction
        .prepare_cached("DELETE FROM kubernetes_service_account WHERE cluster = ?1 AND namespace = ?2 AND name = ?3")?
        .execute([key.cluster.as_str(), key.namespace.as_str(), name.as_str()])?;
    Ok(())
}
