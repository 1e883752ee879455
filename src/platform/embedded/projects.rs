//! The verbs for projects and their APIs.

use std::collections::BTreeSet;

use async_trait::async_trait;
use rusqlite::Transaction;

use super::project_rows::{ProjectPhase, Row, apis, load, missing, pending, resource, save, usable, what};
use super::store::{Author, Outcome};
use super::{Embedded, PLATFORM, policy};
use crate::fanout::resource::{Key, ProjectSettings};
use crate::platform::ownership::merge_settings;
use crate::platform::{
    Error, OwnershipPolicy, PolicyChange, ProjectState, ProjectView, Projects, RequestContext, Result,
};
use crate::registry::names::{GoogleService, ProjectId};

fn settle(
    transaction: &Transaction<'_>,
    id: &ProjectId,
    found: Row,
    desired: &ProjectSettings,
    previous: &BTreeSet<String>,
    ownership: &OwnershipPolicy,
) -> Outcome<Row> {
    let settings = merge_settings(&found.settings, desired, previous, ownership);
    if settings == found.settings && found.phase == ProjectPhase::Active {
        return Ok(found);
    }
    save(transaction, id, ProjectPhase::Active, &settings)
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
                let (grants, unspellable) = policy::grants(snapshot, &id)?;
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
                    // This write reserves the id and contains the ownership label; what follows may be interrupted and resumed.
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
