//! Projects and their APIs.

use std::collections::BTreeSet;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::dump::{ProjectPhase, project_number};
use super::store::{Author, Outcome, from_json, merge_labels, next_revision, to_json, to_name};
use super::{Embedded, PLATFORM, policy};
use crate::fanout::resource::{Key, ProjectSettings};
use crate::platform::{
    Error, Lifecycle, OwnerLabel, OwnershipPolicy, PolicyChange, ProjectState, ProjectView, Projects, RequestContext,
    Result,
};
use crate::registry::names::{GoogleService, ProjectId};

/// What is said of a project in pending deletion. Google purges it after 30 days; here nothing does.
const HELD: &str = "its id stays held, and no new project can have it; restore the project, or choose another id";

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

    fn view(self) -> ProjectView {
        let lifecycle = match self.phase {
            ProjectPhase::DeleteRequested => Lifecycle::PendingDeletion(HELD.into()),
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

/// The id's own number, or the next one that nobody has.
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

/// `desired` laid over what is there: others' labels stay, and what `desired` does not state.
fn merge(
    found: &ProjectSettings,
    desired: &ProjectSettings,
    previous: &BTreeSet<String>,
    ownership: &OwnershipPolicy,
) -> ProjectSettings {
    ProjectSettings {
        display_name: desired.display_name.clone(),
        parent: desired.parent.clone().or_else(|| found.parent.clone()),
        billing_account: desired.billing_account.clone().or_else(|| found.billing_account.clone()),
        labels: ownership.with_owner(&merge_labels(&found.labels, &desired.labels, previous)),
    }
}

fn settle(
    transaction: &Transaction<'_>,
    id: &ProjectId,
    found: Row,
    desired: &ProjectSettings,
    previous: &BTreeSet<String>,
    ownership: &OwnershipPolicy,
) -> Outcome<Row> {
    let settings = merge(&found.settings, desired, previous, ownership);
    if settings == found.settings && found.phase == ProjectPhase::Active {
        return Ok(found);
    }
    save(transaction, id, ProjectPhase::Active, &settings)
}

fn what(id: &ProjectId) -> String {
    format!("project `{id}`")
}

pub(super) fn pending(id: &ProjectId) -> Error {
    Error::PendingDeletion { what: what(id), detail: HELD.into() }
}

fn missing(id: &ProjectId) -> Error {
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

#[async_trait]
impl Projects for Embedded {
    fn platform(&self) -> &'static str {
        PLATFORM
    }

    async fn read_project(&self, ctx: &RequestContext, id: &ProjectId) -> Result<ProjectState> {
        self.travel(ctx).await?;
        let id = id.clone();
        self.step(ctx, move |store, cancel| {
            store.read(cancel, |snapshot| {
                let project = load(snapshot, &id)?.filter(|row| row.phase != ProjectPhase::Creating).map(Row::view);
                let (grants, unspellable) = policy::unconditional(snapshot, &id)?;
                Ok(ProjectState { project, apis: apis(snapshot, &id)?, grants, unspellable })
            })
        })
        .await
    }

    async fn ensure_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        settings: &ProjectSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView> {
        let (id, settings, ownership) = (id.clone(), settings.clone(), ownership.clone());
        let begin = {
            let (id, settings, ownership) = (id.clone(), settings.clone(), ownership.clone());
            move |transaction: &Transaction<'_>| -> Outcome<Row> {
                let Some(row) = load(transaction, &id)? else {
                    // The id is held and the mark is on it from this write on; the rest may be cut off and resumed.
                    let settings = ProjectSettings { labels: ownership.with_owner(&settings.labels), ..settings };
                    return save(transaction, &id, ProjectPhase::Creating, &settings);
                };
                match row.phase {
                    ProjectPhase::DeleteRequested => Err(pending(&id).into()),
                    _ if !ownership.may_change(&row.owner()) => Err(ownership.not_owned(what(&id)).into()),
                    ProjectPhase::Creating => Ok(row),
                    ProjectPhase::Active => settle(transaction, &id, row, &settings, &BTreeSet::new(), &ownership),
                }
            }
        };
        let key = Key::Project(id.clone());
        let begun =
            self.step(ctx, move |store, cancel| store.write(Author::Anu, cancel, || resource(&key), begin)).await?;
        self.travel(ctx).await?;
        if begun.phase == ProjectPhase::Active {
            return Ok(begun.view());
        }
        let named = format!("{}, made active", resource(&Key::Project(id.clone())));
        let finish = move |transaction: &Transaction<'_>| -> Outcome<Row> {
            match load(transaction, &id)? {
                None => Err(Error::Conflict(format!("project `{id}` was removed while it was being created")).into()),
                Some(row) if row.phase == ProjectPhase::DeleteRequested => Err(pending(&id).into()),
                Some(row) if !ownership.may_change(&row.owner()) => Err(ownership.not_owned(what(&id)).into()),
                Some(row) => settle(transaction, &id, row, &settings, &BTreeSet::new(), &ownership),
            }
        };
        self.step(ctx, move |store, cancel| store.write(Author::Anu, cancel, || named, finish)).await.map(Row::view)
    }

    async fn update_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        settings: &ProjectSettings,
        previous_labels: &BTreeSet<String>,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView> {
        self.travel(ctx).await?;
        let (id, settings, previous, ownership) =
            (id.clone(), settings.clone(), previous_labels.clone(), ownership.clone());
        let key = Key::Project(id.clone());
        let update = move |transaction: &Transaction<'_>| match load(transaction, &id)? {
            None => Err(missing(&id).into()),
            Some(row) if row.phase == ProjectPhase::DeleteRequested => Err(pending(&id).into()),
            Some(row) if !ownership.may_change(&row.owner()) => Err(ownership.not_owned(what(&id)).into()),
            Some(row) if row.phase == ProjectPhase::Creating => Err(missing(&id).into()),
            Some(row) => settle(transaction, &id, row, &settings, &previous, &ownership),
        };
        self.step(ctx, move |store, cancel| store.write(Author::Anu, cancel, || resource(&key), update))
            .await
            .map(Row::view)
    }

    async fn restore_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView> {
        self.travel(ctx).await?;
        let (id, ownership) = (id.clone(), ownership.clone());
        let key = Key::Project(id.clone());
        let restore = move |transaction: &Transaction<'_>| match load(transaction, &id)? {
            None => Err(missing(&id).into()),
            Some(row) if !ownership.may_change(&row.owner()) => Err(ownership.not_owned(what(&id)).into()),
            Some(row) => match row.phase {
                ProjectPhase::Active => Ok(row),
                ProjectPhase::Creating => Err(missing(&id).into()),
                ProjectPhase::DeleteRequested => {
                    let labels = ownership.with_owner(&row.settings.labels);
                    save(transaction, &id, ProjectPhase::Active, &ProjectSettings { labels, ..row.settings })
                }
            },
        };
        self.step(ctx, move |store, cancel| store.write(Author::Anu, cancel, || resource(&key), restore))
            .await
            .map(Row::view)
    }

    async fn delete_project(&self, ctx: &RequestContext, id: &ProjectId, ownership: &OwnershipPolicy) -> Result<()> {
        self.travel(ctx).await?;
        let (id, ownership) = (id.clone(), ownership.clone());
        let key = Key::Project(id.clone());
        let delete = move |transaction: &Transaction<'_>| match load(transaction, &id)? {
            None => Ok(()),
            Some(row) if !ownership.may_delete(&row.owner()) => Err(ownership.not_owned(what(&id)).into()),
            Some(row) if row.phase == ProjectPhase::DeleteRequested => Ok(()),
            Some(row) => {
                // Google disconnects billing at once, and an undelete does not bring it back.
                let settings = ProjectSettings { billing_account: None, ..row.settings };
                save(transaction, &id, ProjectPhase::DeleteRequested, &settings).map(drop)
            }
        };
        self.step(ctx, move |store, cancel| store.write(Author::Anu, cancel, || resource(&key), delete)).await
    }

    async fn enable_apis(&self, ctx: &RequestContext, id: &ProjectId, apis: &BTreeSet<GoogleService>) -> Result<()> {
        self.travel(ctx).await?;
        let (id, desired) = (id.clone(), apis.clone());
        let names = api_names(&id, &desired);
        let enable = move |transaction: &Transaction<'_>| {
            usable(transaction, &id)?;
            let mut insert = transaction.prepare_cached("INSERT OR IGNORE INTO api (project, name) VALUES (?1, ?2)")?;
            for api in &desired {
                insert.execute([id.as_str(), api.as_str()])?;
            }
            Ok(())
        };
        self.step(ctx, move |store, cancel| store.write(Author::Anu, cancel, || names, enable)).await
    }

    async fn disable_apis(&self, ctx: &RequestContext, id: &ProjectId, apis: &BTreeSet<GoogleService>) -> Result<()> {
        self.travel(ctx).await?;
        let (id, desired) = (id.clone(), apis.clone());
        let names = api_names(&id, &desired);
        let disable = move |transaction: &Transaction<'_>| {
            let mut delete = transaction.prepare_cached("DELETE FROM api WHERE project = ?1 AND name = ?2")?;
            for api in &desired {
                delete.execute([id.as_str(), api.as_str()])?;
            }
            Ok(())
        };
        self.step(ctx, move |store, cancel| store.write(Author::Anu, cancel, || names, disable)).await
    }

    async fn modify_policy(&self, ctx: &RequestContext, id: &ProjectId, change: &PolicyChange) -> Result<()> {
        self.travel(ctx).await?;
        policy::modify(self, ctx, id, change).await
    }
}

fn api_names(id: &ProjectId, apis: &BTreeSet<GoogleService>) -> String {
    let names: Vec<String> = apis.iter().map(|api| resource(&Key::Api(id.clone(), api.clone()))).collect();
    names.join(", ")
}

/// Refuses to put anything on a project that is not (or no longer) usable. An id nobody created is taken as there.
pub(super) fn usable(connection: &Connection, id: &ProjectId) -> Outcome<()> {
    match load(connection, id)?.map(|row| row.phase) {
        Some(ProjectPhase::DeleteRequested) => Err(pending(id).into()),
        Some(ProjectPhase::Creating) => {
            Err(Error::Unavailable(format!("project `{id}` is still being created: try again")).into())
        }
        Some(ProjectPhase::Active) | None => Ok(()),
    }
}

/// Every project id the store knows anything of.
pub(super) fn known_ids(connection: &Connection) -> Outcome<Vec<ProjectId>> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM project UNION SELECT project FROM api UNION SELECT project FROM policy_member",
    )?;
    let ids = statement.query_map([], |row| row.get::<_, String>(0))?;
    ids.map(|id| to_name(&id?, ProjectId::KIND)).collect()
}
