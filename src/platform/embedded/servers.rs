//! API servers of cluster names, as rows of the store.

use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use super::store::Outcome;
use crate::platform::ServerId;
use crate::registry::names::ClusterName;

/// The server of a name: the one that is stored, else one of its own with a uid computed from the name, so that runs can be
/// compared.
pub(super) fn server(connection: &Connection, cluster: &ClusterName) -> Outcome<ServerId> {
    let stored = connection
        .prepare_cached("SELECT uid FROM cluster WHERE name = ?1")?
        .query_row([cluster.as_str()], |row| row.get(0))
        .optional()?;
    Ok(ServerId::Uid(stored.unwrap_or_else(|| own_uid(cluster))))
}

fn own_uid(cluster: &ClusterName) -> String {
    let hash = Sha256::digest(cluster.as_str());
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    parts.join("-")
}
