//! Projects and their APIs as they are stored.

use std::collections::BTreeSet;
use std::str::FromStr;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::store::{Outcome, from_json, next_revision, to_json, to_name};
use crate::fanout::resource::{Key, ProjectSettings};
use crate::platform::{Error, Lifecycle, OwnerLabel, ProjectView};
use crate::registry::names::{GoogleService, ProjectId};

/// The detail of a project that is pending deletion. Google purges it after 30 days; the embedded platform never does.
const RESERVED: &str =
    "its id stays reserved, and no new project can have it; restore the project, or choose another id";

/// The phase of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProjectPhase {
    /// Its creation has begun: the id is reserved, the ownership label is written.
    Creating,
    /// It exists.
    Active,
    /// Deleted; the id is still reserved.
    DeleteRequested,
}

impl ProjectPhase {
    /// As stored, and as Google spells the last two.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Active => "ACTIVE",
            Self::DeleteRequested => "DELETE_REQUESTED",
        }
    }
}

impl FromStr for ProjectPhase {
    type Err = ();
    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        [Self::Creating, Self::Active, Self::DeleteRequested].into_iter().find(|phase| phase.as_str() == text).ok_or(())
    }
}

/// A project's number: twelve digits, like Google's, computed from its id so that runs can be compared. Where two ids have the same
/// number, the project that is created later gets the next free one.
pub fn project_number(id: &ProjectId) -> u64 {
    let hash = Sha256::digest(id.as_str());
    let head = hash.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    100_000_000_000 + head % 900_000_000_000
}

/// A project as stored.
pub(super) struct Row {
    pub number: i64,
    pub phase: ProjectPhase,
    pub settings: ProjectSettings,
    pub etag: i64,
}

impl Row {
    pub(super) fn owner(&self) -> OwnerLabel {
        OwnerLabel::of(&self.settings.labels)
    }

    pub(super) fn view(self) -> ProjectView {
        let lifecycle = match self.phase {
            ProjectPhase::DeleteRequested => Lifecycle::PendingDeletion(RESERVED.into()),
            ProjectPhase::Active | ProjectPhase::Creating => Lifecycle::Active,
        };
        ProjectView {
            owner: self.owner(),
            number: self.number.unsigned_abs(),
            lifecycle,
            etag: self.etag.to_string(),
            settings: self.settings,
        }
    }
}

pub(super) fn load(connection: &Connection, id: &ProjectId) -> Outcome<Option<Row>> {
    let columns = connection
        .prepare_cached(
            "SELECT number, state, display_name, parent, billing_account, labels, etag FROM project WHERE id = ?1",
        )?
        .query_row([id.as_str()], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                (row.get(2)?, row.get(3)?, row.get(4)?),
                row.get::<_, String>(5)?,
                row.get::<_, i64>(6)?,
            ))
        })
        .optional()?;
    let Some((number, phase, (display_name, parent, billing_account), labels, etag)) = columns else {
        return Ok(None);
    };
    let labels = from_json(&labels, format_args!("project `{id}`"))?;
    Ok(Some(Row {
        number,
        phase: to_name(&phase, "project state")?,
        settings: ProjectSettings { display_name, parent, billing_account, labels },
        etag,
    }))
}

/// Inserts or replaces a project; gives it its number when it is new.
pub(super) fn save(
    transaction: &Transaction<'_>,
    id: &ProjectId,
    phase: ProjectPhase,
    settings: &ProjectSettings,
) -> Outcome<Row> {
    let etag = next_revision(transaction)?;
    let known: Option<i64> = transaction
        .prepare_cached("SELECT number FROM project WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?;
    let number = match known {
        Some(number) => number,
        None => free_number(transaction, id)?,
    };
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO project (id, number, state, display_name, parent, billing_account, labels, etag)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            id.as_str(),
            number,
            phase.as_str(),
            settings.display_name,
            settings.parent,
            settings.billing_account,
            to_json(&settings.labels)?,
            etag
        ])?;
    Ok(Row { number, phase, settings: settings.clone(), etag })
}

/// The id's own number, or the next free one.
fn free_number(transaction: &Transaction<'_>, id: &ProjectId) -> Outcome<i64> {
    let mut number = project_number(id);
    loop {
        let taken: bool = transaction
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM project WHERE number = ?1)")?
            .query_row([number.cast_signed()], |row| row.get(0))?;
        if !taken {
            return Ok(number.cast_signed());
        }
        number += 1;
    }
}

pub(super) fn what(id: &ProjectId) -> String {
    format!("project `{id}`")
}

pub(super) fn pending(id: &ProjectId) -> Error {
    Error::PendingDeletion { what: what(id), detail: RESERVED.into() }
}

pub(super) fn missing(id: &ProjectId) -> Error {
    Error::NotFound(format!("there is no project `{id}`"))
}

/// The name of a write for faults: `project gc-prd-ledger`.
pub(super) fn resource(key: &Key) -> String {
    format!("{} {key}", key.kind())
}

pub(super) fn apis(connection: &Connection, id: &ProjectId) -> Outcome<BTreeSet<GoogleService>> {
    let mut statement = connection.prepare_cached("SELECT name FROM api WHERE project = ?1")?;
    let names = statement.query_map([id.as_str()], |row| row.get::<_, String>(0))?;
    names.map(|name| to_name(&name?, GoogleService::KIND)).collect()
}

/// Refuses an addition to a project that is not (or no longer) usable. An id that was never created counts as usable.
pub(super) fn usable(connection: &Connection, id: &ProjectId) -> Outcome<()> {
    match load(connection, id)?.map(|row| row.phase) {
        Some(ProjectPhase::DeleteRequested) => Err(pending(id).into()),
        Some(ProjectPhase::Creating) => {
            Err(Error::Unavailable(format!("project `{id}` is still being created: try again").into()).into())
        }
        Some(ProjectPhase::Active) | None => Ok(()),
    }
}

/// Every project id of which the store contains anything.
pub(super) fn known_ids(connection: &Connection) -> Outcome<Vec<ProjectId>> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM project UNION SELECT project FROM api UNION SELECT project FROM policy_member
         UNION SELECT project FROM service_account",
    )?;
    let ids = statement.query_map([], |row| row.get::<_, String>(0))?;
    ids.map(|id| to_name(&id?, ProjectId::KIND)).collect()
}
