//! Removals, from the top down. A project or namespace that goes takes with it what stands on it: that is not touched
//! before, so that a platform that refuses the deletion leaves everything as it was.

use std::collections::{BTreeMap, BTreeSet};

use super::add::member_keys;
use super::{Outcome, ServiceChange};
use crate::fanout::resource::{DeletionPolicy, Grants, Key};
use crate::platform::{Clusters, PolicyChange, Projects, RequestContext};
use crate::registry::names::{GoogleService, ProjectId};

pub(super) async fn projects(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    keys: &BTreeSet<Key>,
    outcome: &mut Outcome,
) {
    let mut grants: BTreeMap<&ProjectId, Grants> = BTreeMap::new();
    let mut apis: BTreeMap<&ProjectId, BTreeSet<GoogleService>> = BTreeMap::new();
    for key in keys.iter().filter(|key| !keys.contains(&key.scope())) {
        match key {
            Key::IamMember(id, role, member) => {
                grants.entry(id).or_default().entry(role.clone()).or_default().insert(member.clone());
            }
            Key::Api(id, api) => drop(apis.entry(id).or_default().insert(api.clone())),
            _ => {}
        }
    }
    for (id, remove) in grants {
        let keys = member_keys(id, &remove);
        let done = platform.modify_policy(ctx, id, &PolicyChange { add: Grants::new(), remove }).await;
        settle("revoke", keys, done, outcome);
    }
    for (id, apis) in apis {
        let keys = apis.iter().map(|api| Key::Api(id.clone(), api.clone())).collect();
        settle("disable", keys, platform.disable_apis(ctx, id, &apis).await, outcome);
    }
    for key in keys {
        let Key::Project(id) = key else { continue };
        let done = platform.delete_project(ctx, id, &change.ownership(false)).await;
        settle("delete", with_contents(keys, key), done, outcome);
    }
}

pub(super) async fn namespaces(
    ctx: &RequestContext,
    platform: &dyn Clusters,
    change: &ServiceChange<'_>,
    keys: &BTreeSet<Key>,
    outcome: &mut Outcome,
) {
    for key in keys.iter().filter(|key| !keys.contains(&key.scope())) {
        let done = match key {
            Key::RoleBinding(namespace, name) => {
                platform.delete_role_binding(ctx, namespace, name, &change.ownership(false)).await
            }
            Key::Quota(namespace) => platform.delete_quota(ctx, namespace, &change.ownership(false)).await,
            _ => continue,
        };
        settle("delete", vec![key.clone()], done, outcome);
    }
    for key in keys {
        let Key::Namespace(namespace) = key else { continue };
        let contents = change.managed.deletion_policy(key) == Some(DeletionPolicy::DeleteWithContents);
        let done = platform.delete_namespace(ctx, namespace, contents, &change.ownership(false)).await;
        settle("delete", with_contents(keys, key), done, outcome);
    }
}

/// A scope's own key first, then everything on it.
fn with_contents(keys: &BTreeSet<Key>, scope: &Key) -> Vec<Key> {
    let on = keys.iter().filter(|key| *key != scope && key.scope() == *scope);
    std::iter::once(scope).chain(on).cloned().collect()
}

fn settle(verb: &'static str, keys: Vec<Key>, done: crate::platform::Result<()>, outcome: &mut Outcome) {
    match done {
        Ok(()) => keys.iter().for_each(|key| outcome.managed.forget(key)),
        Err(error) => outcome.fail(verb, keys, error),
    }
}
