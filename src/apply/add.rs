//! Additions and changes, from the ground up.

use std::collections::BTreeSet;

use super::{Outcome, ServiceChange, release};
use crate::fanout::resource::{Grants, Key, RoleBinding};
use crate::platform::{Clusters, Error, NamespaceKeys, PolicyChange, ProjectView, Projects, RequestContext, Result};
use crate::registry::names::{NamespaceKey, ProjectId};

pub(super) async fn projects(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    outcome: &mut Outcome,
) {
    let mut broken = BTreeSet::new();
    for (id, desired) in &change.desired.projects {
        let before = change.managed.projects.get(id);
        let done = match before {
            None => create_project(ctx, platform, change, id).await.map(Some),
            Some(before) if !desired.shared && (before.shared || before.settings != desired.settings) => {
                let previous = before.settings.labels.keys().cloned().collect();
                platform.update_project(ctx, id, &desired.settings, &previous, &change.ownership(true)).await.map(Some)
            }
            Some(before) if desired.shared => {
                release::project(ctx, platform, change, id, before, &desired.settings).await.map(|()| None)
            }
            Some(_) => Ok(None),
        };
        match done {
            Ok(view) => {
                outcome.managed.projects.insert(id.clone(), desired.clone());
                if let Some(view) = view {
                    outcome.numbers.insert(id.clone(), view.number);
                }
            }
            Err(error) => {
                let verb = if before.is_none() { "create" } else { "update" };
                outcome.fail(verb, vec![Key::Project(id.clone())], error);
                if before.is_none() {
                    broken.insert(id.clone());
                }
            }
        }
    }
    let on: BTreeSet<&ProjectId> = change.desired.apis.keys().chain(change.desired.iam.keys()).collect();
    for id in on {
        if broken.contains(id) {
            skip_project(change, id, outcome);
            continue;
        }
        enable(ctx, platform, change, id, outcome).await;
        grant(ctx, platform, change, id, outcome).await;
    }
}

/// Creates a project, or brings it back: the registry asks for it again while its id is still held.
async fn create_project(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    id: &ProjectId,
) -> Result<ProjectView> {
    let (settings, ownership) = (&change.desired.projects[id].settings, change.ownership(false));
    match platform.ensure_project(ctx, id, settings, &ownership).await {
        Err(Error::PendingDeletion { .. }) => {
            platform.restore_project(ctx, id, &ownership).await?;
            platform.ensure_project(ctx, id, settings, &ownership).await
        }
        done => done,
    }
}

fn skip_project(change: &ServiceChange<'_>, id: &ProjectId, outcome: &mut Outcome) {
    let keys = change.desired.keys();
    outcome.skipped.extend(
        keys.into_iter()
            .filter(|key| matches!(key, Key::Api(project, _) | Key::IamMember(project, ..) if project == id)),
    );
}

async fn enable(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    id: &ProjectId,
    outcome: &mut Outcome,
) {
    let Some(wanted) = change.desired.apis.get(id) else { return };
    let had = change.managed.apis.get(id).cloned().unwrap_or_default();
    let new: BTreeSet<_> = wanted.difference(&had).cloned().collect();
    if new.is_empty() {
        return;
    }
    match platform.enable_apis(ctx, id, &new).await {
        Ok(()) => outcome.managed.apis.entry(id.clone()).or_default().extend(new),
        Err(error) => {
            let keys = new.into_iter().map(|api| Key::Api(id.clone(), api)).collect();
            outcome.fail("enable", keys, error);
        }
    }
}

async fn grant(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    id: &ProjectId,
    outcome: &mut Outcome,
) {
    let Some(wanted) = change.desired.iam.get(id) else { return };
    let add = grants_without(wanted, change.managed.iam.get(id));
    if add.is_empty() {
        return;
    }
    match platform.modify_policy(ctx, id, &PolicyChange { add: add.clone(), remove: Grants::new() }).await {
        Ok(()) => {
            let grants = outcome.managed.iam.entry(id.clone()).or_default();
            for (role, members) in add {
                grants.entry(role).or_default().extend(members);
            }
        }
        Err(error) => outcome.fail("grant", member_keys(id, &add), error),
    }
}

/// The members of `grants` that `other` does not have.
fn grants_without(grants: &Grants, other: Option<&Grants>) -> Grants {
    let mut left = Grants::new();
    for (role, members) in grants {
        let had = other.and_then(|other| other.get(role));
        let new: BTreeSet<_> = members.iter().filter(|m| !had.is_some_and(|had| had.contains(*m))).cloned().collect();
        if !new.is_empty() {
            left.insert(role.clone(), new);
        }
    }
    left
}

/// The keys of members, by role.
pub(super) fn member_keys(id: &ProjectId, grants: &Grants) -> Vec<Key> {
    let mut keys = Vec::new();
    for (role, members) in grants {
        keys.extend(members.iter().map(|member| Key::IamMember(id.clone(), role.clone(), member.clone())));
    }
    keys
}

pub(super) async fn namespaces(
    ctx: &RequestContext,
    platform: &dyn Clusters,
    change: &ServiceChange<'_>,
    outcome: &mut Outcome,
) {
    let mut broken = BTreeSet::new();
    for (key, desired) in &change.desired.namespaces {
        let before = change.managed.namespaces.get(key);
        let done = match before {
            None => platform.ensure_namespace(ctx, key, &desired.settings, &change.ownership(false)).await,
            // It was on its way out when the state was written, and has nothing of ours on it: it is made anew.
            Some(before) if !desired.shared && !before.shared && before.settings.labels.is_empty() => {
                platform.ensure_namespace(ctx, key, &desired.settings, &change.ownership(false)).await
            }
            Some(before) if !desired.shared && (before.shared || before.settings != desired.settings) => {
                let previous = NamespaceKeys::of(&before.settings);
                platform.update_namespace(ctx, key, &desired.settings, &previous, &change.ownership(true)).await
            }
            Some(before) if desired.shared => {
                release::namespace(ctx, platform, change, key, before, &desired.settings).await
            }
            Some(_) => Ok(()),
        };
        match done {
            Ok(()) => drop(outcome.managed.namespaces.insert(key.clone(), desired.clone())),
            Err(error) => {
                let verb = if before.is_none() { "create" } else { "update" };
                outcome.fail(verb, vec![Key::Namespace(key.clone())], error);
                if before.is_none() {
                    broken.insert(key.clone());
                }
            }
        }
    }
    for key in change.desired.namespaces.keys() {
        if broken.contains(key) {
            let keys = change.desired.keys();
            let scope = Key::Namespace(key.clone());
            outcome.skipped.extend(keys.into_iter().filter(|key| key.scope() == scope && *key != scope));
        } else {
            fill(ctx, platform, change, key, outcome).await;
        }
    }
}

/// Quota and role bindings of one namespace.
async fn fill(
    ctx: &RequestContext,
    platform: &dyn Clusters,
    change: &ServiceChange<'_>,
    key: &NamespaceKey,
    outcome: &mut Outcome,
) {
    if let Some(quota) = change.desired.quotas.get(key)
        && change.managed.quotas.get(key) != Some(quota)
    {
        let managed = change.managed.quotas.contains_key(key);
        match platform.put_quota(ctx, key, quota, &change.ownership(managed)).await {
            Ok(()) => drop(outcome.managed.quotas.insert(key.clone(), quota.clone())),
            Err(error) => outcome.fail("set", vec![Key::Quota(key.clone())], error),
        }
    }
    let Some(bindings) = change.desired.role_bindings.get(key) else { return };
    let had = change.managed.role_bindings.get(key);
    let before = |name: &String| had.and_then(|had| had.get(name));
    let changed = bindings.iter().filter(|(name, binding)| before(name) != Some(*binding));
    // A binding's role cannot be changed, only made anew, and in between nobody has it: so those come last, when everybody who
    // gets something has it. (A service's carry their role in their names: there it is one that somebody made anew.)
    let (anew, others): (Vec<_>, Vec<_>) =
        changed.partition(|(name, binding)| before(name).is_some_and(|before| before.role != binding.role));
    for (name, binding) in others {
        bind(ctx, platform, change, key, (name, binding), outcome).await;
    }
    for (name, binding) in anew {
        match platform.delete_role_binding(ctx, key, name, &change.ownership(true)).await {
            Ok(()) => {
                outcome.managed.forget(&Key::RoleBinding(key.clone(), name.clone()));
                bind(ctx, platform, change, key, (name, binding), outcome).await;
            }
            Err(error) => outcome.fail("bind", vec![Key::RoleBinding(key.clone(), name.clone())], error),
        }
    }
}

async fn bind(
    ctx: &RequestContext,
    platform: &dyn Clusters,
    change: &ServiceChange<'_>,
    key: &NamespaceKey,
    (name, binding): (&String, &RoleBinding),
    outcome: &mut Outcome,
) {
    let managed = change.managed.role_bindings.get(key).is_some_and(|had| had.contains_key(name));
    match platform.put_role_binding(ctx, key, name, binding, &change.ownership(managed)).await {
        Ok(()) => {
            let managed = outcome.managed.role_bindings.entry(key.clone()).or_default();
            managed.insert(name.clone(), binding.clone());
        }
        Err(error) => outcome.fail("bind", vec![Key::RoleBinding(key.clone(), name.clone())], error),
    }
}
