//! One project: its creation and settings, its APIs, its service accounts (in `accounts`), its IAM members.

use std::collections::BTreeSet;

use super::accounts;
use super::change::ServiceChange;
use super::outcome::{Outcome, scope_first};
use crate::fanout::resource::{Grants, Key, ProjectSettings, Scope};
use crate::fanout::stays_enabled;
use crate::platform::{Error, Lifecycle, PolicyChange, ProjectView, Projects, RequestContext, Result};
use crate::registry::names::{GoogleService, ProjectId};
use crate::registry::owner_label::DELETION_LABEL;

/// Additions and changes.
pub(super) async fn add(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    id: &ProjectId,
    outcome: &mut Outcome,
) {
    let grants = new_grants(change, id);
    // From here until the grants are written: other services may have grants on the same project.
    let _announced = (!grants.is_empty()).then(|| platform.announce_policy_change(id));
    if let Some(desired) = change.desired.projects.get(id) {
        let before = change.managed.projects.get(id);
        let done = settings(ctx, platform, change, id, desired, before).await;
        // Also of a project that was created, and then not completed.
        let owners = platform.take_owners_by_creation(id);
        if !owners.is_empty() {
            outcome.owners.insert(id.clone(), owners);
        }
        match done {
            Ok(view) => {
                outcome.managed.projects.insert(id.clone(), desired.clone());
                if let Some(view) = view {
                    outcome.numbers.insert(id.clone(), view.number);
                }
            }
            Err(error) => {
                outcome.fail(if before.is_none() { "create" } else { "update" }, vec![Key::Project(id.clone())], error);
                if before.is_none() {
                    let keys = change.desired.keys_on_project(id);
                    outcome.skipped.extend(keys.into_iter().filter(|key| !matches!(key, Key::Project(_))));
                    return;
                }
            }
        }
    }
    enable(ctx, platform, change, id, outcome).await;
    let grants = accounts::add(ctx, platform, change, id, grants, outcome).await;
    grant(ctx, platform, id, grants, outcome).await;
}

/// Creates the project or changes its settings, where there is anything to do.
async fn settings(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    id: &ProjectId,
    desired: &Scope<ProjectSettings>,
    before: Option<&Scope<ProjectSettings>>,
) -> Result<Option<ProjectView>> {
    match before {
        None => create(ctx, platform, change, id, &desired.settings).await.map(Some),
        Some(before) if desired.shared => {
            take_off(ctx, platform, change, id, before, &desired.settings).await.map(|()| None)
        }
        Some(before) if before.shared || before.settings != desired.settings || change.relabel => {
            let previous = before.settings.labels.keys().cloned().collect();
            platform.update_project(ctx, id, &desired.settings, &previous, &change.ownership(true)).await.map(Some)
        }
        Some(_) => Ok(None),
    }
}

/// Creates a project, or restores it: its id is reserved while it is pending deletion.
async fn create(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    id: &ProjectId,
    settings: &ProjectSettings,
) -> Result<ProjectView> {
    let ownership = change.ownership(false);
    match platform.ensure_project(ctx, id, settings, &ownership).await {
        Err(Error::PendingDeletion { .. }) => {
            platform.restore_project(ctx, id, &ownership).await?;
            platform.ensure_project(ctx, id, settings, &ownership).await
        }
        done => done,
    }
}

async fn enable(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    id: &ProjectId,
    outcome: &mut Outcome,
) {
    let Some(wanted) = change.desired.apis.get(id) else { return };
    let had = change.managed.apis.get(id);
    let new: BTreeSet<GoogleService> =
        wanted.iter().filter(|api| !had.is_some_and(|had| had.contains(*api))).cloned().collect();
    if new.is_empty() {
        return;
    }
    let Err(error) = platform.enable_apis(ctx, id, &new).await else {
        outcome.managed.apis.entry(id.clone()).or_default().extend(new);
        return;
    };
    // A platform enables some before others. If that cannot be read, the next apply finds them.
    let enabled = platform.read_project(ctx, id).await.map(|state| state.apis).unwrap_or_default();
    let (done, failed): (BTreeSet<_>, BTreeSet<_>) = new.into_iter().partition(|api| enabled.contains(api));
    outcome.managed.apis.entry(id.clone()).or_default().extend(done);
    outcome.fail("enable", failed.into_iter().map(|api| Key::Api(id.clone(), api)).collect(), error);
}

async fn grant(ctx: &RequestContext, platform: &dyn Projects, id: &ProjectId, add: Grants, outcome: &mut Outcome) {
    if add.is_empty() {
        return;
    }
    let change = PolicyChange { add, remove: Grants::new() };
    let done = platform.modify_policy(ctx, id, &change).await;
    let missing = match done {
        Ok(()) => Grants::new(),
        // The others are granted.
        Err(Error::UnknownPrincipals { ref principals, .. }) => {
            let mut missing = change.add.clone();
            missing.values_mut().for_each(|members| members.retain(|member| principals.contains(&member.principal)));
            missing.retain(|_, members| !members.is_empty());
            missing
        }
        Err(_) => change.add.clone(),
    };
    for (role, members) in change.add {
        let granted =
            members.into_iter().filter(|member| !missing.get(&role).is_some_and(|missing| missing.contains(member)));
        let granted: BTreeSet<_> = granted.collect();
        if !granted.is_empty() {
            outcome.managed.iam.entry(id.clone()).or_default().entry(role).or_default().extend(granted);
        }
    }
    if let Err(error) = done {
        outcome.fail("grant", member_keys(id, &missing), error);
    }
}

/// The desired members that are not managed yet.
fn new_grants(change: &ServiceChange<'_>, id: &ProjectId) -> Grants {
    let had = change.managed.iam.get(id);
    let mut grants = Grants::new();
    for (role, members) in change.desired.iam.get(id).into_iter().flatten() {
        let had = had.and_then(|had| had.get(role));
        let new: BTreeSet<_> = members.iter().filter(|m| !had.is_some_and(|had| had.contains(*m))).cloned().collect();
        if !new.is_empty() {
            grants.insert(role.clone(), new);
        }
    }
    grants
}

/// The keys of members, by role.
fn member_keys(id: &ProjectId, grants: &Grants) -> Vec<Key> {
    let mut keys = Vec::new();
    for (role, members) in grants {
        keys.extend(members.iter().map(|member| Key::IamMember(id.clone(), role.clone(), member.clone())));
    }
    keys
}

/// Stops managing a project that others still use, once the settings of this owner are off it.
pub(super) async fn release(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    id: &ProjectId,
    outcome: &mut Outcome,
) {
    let done = match change.managed.projects.get(id).zip(change.released.projects.get(id)) {
        Some((before, now)) => take_off(ctx, platform, change, id, before, &now.settings).await,
        None => Ok(()),
    };
    // Its last user may have deleted it in the meantime.
    let done = match done {
        Err(Error::NotFound(_) | Error::PendingDeletion { .. }) => Ok(()),
        done => done,
    };
    outcome.removed("release", vec![Key::Project(id.clone())], done);
}

/// Removes the labels that this service set as the owner and that the registry no longer contains: the next owner's state does
/// not record them, so no later apply would. Sets the deletion label, where the last user is to delete the project.
async fn take_off(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    id: &ProjectId,
    before: &Scope<ProjectSettings>,
    now: &ProjectSettings,
) -> Result<()> {
    let labels = &before.settings.labels;
    let left = now.labels.contains_key(DELETION_LABEL);
    if before.shared || !left && labels.keys().all(|key| now.labels.contains_key(key)) {
        return Ok(());
    }
    let previous: BTreeSet<String> = labels.keys().cloned().collect();
    platform.update_project(ctx, id, now, &previous, &change.ownership(true)).await.map(drop)
}

/// Deletes the project, or those of its keys that are no longer desired. A deleted project can be restored for a while, with its APIs
/// and members: ours are withdrawn before it is deleted, if it may be deleted.
pub(super) async fn remove(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    id: &ProjectId,
    keys: &BTreeSet<Key>,
    outcome: &mut Outcome,
) {
    if keys.is_empty() {
        return;
    }
    let (scope, ownership) = (Key::Project(id.clone()), change.ownership(false));
    let read = platform.read_project(ctx, id).await;
    let unseen = matches!(&read, Ok(state) if state.project.is_none()) && platform.hides_projects();
    // A project that cannot be read is reported by what follows.
    let project = read.ok().and_then(|state| state.project);
    if project.as_ref().is_some_and(|view| view.lifecycle != Lifecycle::Active) {
        outcome.withheld.extend(keys.iter().filter(|key| **key != scope).cloned());
    }
    let failures = outcome.failures.len();
    let deletes = keys.contains(&scope);
    if !deletes || project.is_some_and(|view| ownership.may_delete(&view.owner)) {
        withdraw(ctx, platform, id, keys, outcome).await;
        accounts::remove(ctx, platform, change, id, keys, outcome).await;
        disable(ctx, platform, id, keys, outcome).await;
    }
    if deletes && outcome.failures.len() == failures {
        let left: BTreeSet<Key> = keys.iter().filter(|key| outcome.managed.contains(key)).cloned().collect();
        let done = match unseen {
            // The plan has shown it. That the permission was withdrawn since is more likely than that it is gone, and nothing else
            // would say that it remains.
            true => Err(unseen_since_the_plan(id)),
            false => platform.delete_project(ctx, id, &ownership).await,
        };
        outcome.removed("delete", scope_first(&left, &scope), done);
    }
}

fn unseen_since_the_plan(id: &ProjectId) -> Error {
    Error::PermissionDenied(format!(
        "project `{id}` does not exist any more, or this identity has lost the permission to read it: the platform answers both alike"
    ))
}

/// Revokes the members among these keys.
async fn withdraw(
    ctx: &RequestContext,
    platform: &dyn Projects,
    id: &ProjectId,
    keys: &BTreeSet<Key>,
    outcome: &mut Outcome,
) {
    let mut remove = Grants::new();
    for key in keys {
        if let Key::IamMember(_, role, member) = key {
            remove.entry(role.clone()).or_default().insert(member.clone());
        }
    }
    if !remove.is_empty() {
        let keys = member_keys(id, &remove);
        let _announced = platform.announce_policy_change(id);
        let done = platform.modify_policy(ctx, id, &PolicyChange { add: Grants::new(), remove }).await;
        outcome.removed("revoke", keys, done);
    }
}

/// Disables the APIs among these keys. Those that stay enabled are among them only where the project is deleted, with its APIs.
async fn disable(
    ctx: &RequestContext,
    platform: &dyn Projects,
    id: &ProjectId,
    keys: &BTreeSet<Key>,
    outcome: &mut Outcome,
) {
    let leaving = keys.iter().filter_map(|key| match key {
        Key::Api(_, api) => Some(api),
        _ => None,
    });
    let apis: BTreeSet<GoogleService> = leaving.filter(|api| !stays_enabled(api)).cloned().collect();
    if !apis.is_empty() {
        let keys = apis.iter().map(|api| Key::Api(id.clone(), api.clone())).collect();
        let done = platform.disable_apis(ctx, id, &apis).await;
        outcome.removed("disable", keys, done);
    }
}
