//! Service accounts and their own policies.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::policy;
use super::project_rows::{self, ProjectPhase};
use super::store::{Outcome, next_revision, to_name};
use crate::fanout::resource::{Key, ServiceAccountSettings, WORKLOAD_IDENTITY_ROLE};
use crate::platform::{Error, OwnerLabel, OwnershipPolicy, Result, ServiceAccountView, WorkloadIdentityChange};
use crate::registry::names::{ProjectId, ServiceAccountName};

/// Added to the number of an account, so that it looks like one of Google's.
const FIRST_NUMBER: i64 = 100_000_000_000_000_000;

/// An account as stored.
struct Row {
    number: i64,
    settings: ServiceAccountSettings,
}

impl Row {
    fn owner(&self) -> OwnerLabel {
        OwnerLabel::of_text(&self.settings.description)
    }
}

fn what(id: &ProjectId, name: &ServiceAccountName) -> String {
    format!("service account `{id}/{name}`")
}

fn load(connection: &Connection, id: &ProjectId, name: &ServiceAccountName) -> Outcome<Option<Row>> {
    let row = connection
        .prepare_cached(
            "SELECT number, display_name, description FROM service_account WHERE project = ?1 AND name = ?2",
        )?
        .query_row([id.as_str(), name.as_str()], |row| {
            let settings = ServiceAccountSettings { display_name: row.get(1)?, description: row.get(2)? };
            Ok(Row { number: row.get(0)?, settings })
        })
        .optional()?;
    Ok(row)
}

/// The settings of an account.
#[cfg(feature = "testing")]
pub(super) fn settings(
    connection: &Connection,
    id: &ProjectId,
    name: &ServiceAccountName,
) -> Outcome<Option<ServiceAccountSettings>> {
    Ok(load(connection, id, name)?.map(|row| row.settings))
}

/// The names of all accounts of a project.
pub(super) fn all(connection: &Connection, id: &ProjectId) -> Outcome<BTreeSet<ServiceAccountName>> {
    let mut statement = connection.prepare_cached("SELECT name FROM service_account WHERE project = ?1")?;
    let names = statement.query_map([id.as_str()], |row| row.get::<_, String>(0))?;
    names.map(|name| to_name(&name?, ServiceAccountName::KIND)).collect()
}

/// The members of an account's own policy, by role.
fn members(
    connection: &Connection,
    id: &ProjectId,
    name: &ServiceAccountName,
) -> Outcome<BTreeMap<String, BTreeSet<String>>> {
    let mut members = BTreeMap::<String, BTreeSet<String>>::new();
    let mut statement = connection
        .prepare_cached("SELECT role, member FROM service_account_member WHERE project = ?1 AND name = ?2")?;
    let mut rows = statement.query([id.as_str(), name.as_str()])?;
    while let Some(row) = rows.next()? {
        members.entry(row.get(0)?).or_default().insert(row.get(1)?);
    }
    Ok(members)
}

/// All accounts of a project, those of `with_policies` with their members.
pub(super) fn views(
    connection: &Connection,
    id: &ProjectId,
    with_policies: &BTreeSet<ServiceAccountName>,
) -> Outcome<BTreeMap<ServiceAccountName, ServiceAccountView>> {
    let mut views = BTreeMap::new();
    for name in all(connection, id)? {
        let Some(row) = load(connection, id, &name)? else { continue };
        let grants = if with_policies.contains(&name) { Some(members(connection, id, &name)?) } else { None };
        let (owner, unique_id) = (row.owner(), (FIRST_NUMBER + row.number).to_string());
        views.insert(name, ServiceAccountView { settings: row.settings, owner, unique_id, grants });
    }
    Ok(views)
}

/// Inserts or replaces an account; gives it its number when it is new.
pub(super) fn save(
    transaction: &Transaction<'_>,
    id: &ProjectId,
    name: &ServiceAccountName,
    settings: &ServiceAccountSettings,
) -> Outcome<()> {
    let number = next_revision(transaction)?;
    transaction
        .prepare_cached(
            "INSERT INTO service_account (project, name, number, display_name, description) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET display_name = excluded.display_name, description = excluded.description",
        )?
        .execute(params![id.as_str(), name.as_str(), number, settings.display_name, settings.description])?;
    Ok(())
}

pub(super) fn put(
    transaction: &Transaction<'_>,
    id: &ProjectId,
    name: &ServiceAccountName,
    settings: &ServiceAccountSettings,
    ownership: &OwnershipPolicy,
) -> Outcome<()> {
    project_rows::usable(transaction, id)?;
    let found = load(transaction, id, name)?;
    if found.as_ref().is_some_and(|row| !ownership.may_change(&row.owner())) {
        return Err(ownership.not_owned(what(id, name)).into());
    }
    let before = found.as_ref().map_or("", |row| row.settings.description.as_str());
    let settings = ownership.with_owner_text(before, settings);
    if found.is_some_and(|row| row.settings == settings) {
        return Ok(());
    }
    save(transaction, id, name, &settings)
}

pub(super) fn delete(
    transaction: &Transaction<'_>,
    id: &ProjectId,
    name: &ServiceAccountName,
    ownership: &OwnershipPolicy,
) -> Outcome<()> {
    let project = project_rows::load(transaction, id)?;
    if project.is_some_and(|row| row.phase == ProjectPhase::DeleteRequested) {
        return Ok(());
    }
    match load(transaction, id, name)? {
        None => Ok(()),
        Some(row) if !ownership.may_delete(&row.owner()) => Err(ownership.not_owned(what(id, name)).into()),
        Some(_) => purge(transaction, id, name),
    }
}

/// Deletes an account with its policy. Where it is a member of other policies, it is one that was deleted, as at Google.
pub(super) fn purge(transaction: &Transaction<'_>, id: &ProjectId, name: &ServiceAccountName) -> Outcome<()> {
    let Some(row) = load(transaction, id, name)? else { return Ok(()) };
    next_revision(transaction)?;
    transaction
        .prepare_cached("DELETE FROM service_account WHERE project = ?1 AND name = ?2")?
        .execute([id.as_str(), name.as_str()])?;
    let member = format!("serviceAccount:{}", name.email(id));
    let deleted = format!("deleted:{member}?uid={}", FIRST_NUMBER + row.number);
    let projects: Vec<String> = transaction
        .prepare_cached("SELECT DISTINCT project FROM policy_member WHERE member = ?1")?
        .query_map([&member], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for project in projects {
        policy::touch(transaction, &to_name(&project, ProjectId::KIND)?)?;
    }
    for statement in [
        "UPDATE policy_member SET member = ?2 WHERE member = ?1",
        "UPDATE service_account_member SET member = ?2 WHERE member = ?1",
    ] {
        transaction.prepare_cached(statement)?.execute([&member, &deleted])?;
    }
    Ok(())
}

pub(super) fn add_member(
    transaction: &Transaction<'_>,
    id: &ProjectId,
    name: &ServiceAccountName,
    role: &str,
    member: &str,
) -> Outcome<()> {
    transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO service_account_member (project, name, role, member) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute([id.as_str(), name.as_str(), role, member])?;
    Ok(())
}

pub(super) fn remove_member(
    transaction: &Transaction<'_>,
    id: &ProjectId,
    name: &ServiceAccountName,
    role: &str,
    member: &str,
) -> Outcome<()> {
    transaction
        .prepare_cached(
            "DELETE FROM service_account_member WHERE project = ?1 AND name = ?2 AND role = ?3 AND member = ?4",
        )?
        .execute([id.as_str(), name.as_str(), role, member])?;
    Ok(())
}

/// Refuses a change that contradicts itself.
pub(super) fn check(id: &ProjectId, name: &ServiceAccountName, change: &WorkloadIdentityChange) -> Result<()> {
    match change.add.intersection(&change.remove).next() {
        Some(member) => Err(Error::Invalid(format!("`{member}` is both added to and removed from {}", what(id, name)))),
        None => Ok(()),
    }
}

pub(super) fn modify(
    transaction: &Transaction<'_>,
    id: &ProjectId,
    name: &ServiceAccountName,
    change: &WorkloadIdentityChange,
) -> Outcome<()> {
    for identity in &change.remove {
        remove_member(transaction, id, name, WORKLOAD_IDENTITY_ROLE, &identity.member())?;
    }
    if change.add.is_empty() {
        return Ok(());
    }
    project_rows::usable(transaction, id)?;
    if load(transaction, id, name)?.is_none() {
        return Err(Error::NotFound(format!("there is no {}", what(id, name))).into());
    }
    for identity in &change.add {
        add_member(transaction, id, name, WORKLOAD_IDENTITY_ROLE, &identity.member())?;
    }
    Ok(())
}

/// The names of a write for faults.
pub(super) fn names(id: &ProjectId, name: &ServiceAccountName, change: &WorkloadIdentityChange) -> String {
    let keys = change.add.iter().chain(&change.remove);
    let keys = keys.map(|member| Key::WorkloadIdentity(id.clone(), name.clone(), member.clone()));
    keys.map(|key| project_rows::resource(&key)).collect::<Vec<_>>().join(", ")
}
