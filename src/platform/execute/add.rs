//! Additions and changes, from the ground up.

use std::collections::BTreeSet;

use super::{Outcome, Work, hand_over};
use crate::fanout::resource::{Grants, Key, RoleBinding};
use crate::platform::{Clusters, Cx, Error, NamespaceKeys, PolicyChange, ProjectView, Projects, Result};
use crate::registry::names::{NamespaceKey, ProjectId};

pub(super) async fn projects(cx: &Cx, platform: &dyn Projects, work: &Work<'_>, outcome: &mut Outcome) {
    let mut broken = BTreeSet::new();
    for (id, asked) in &work.desired.projects {
        let before = work.claims.projects.get(id);
        let done = match before {
            None => create_project(cx, platform, work, id).await.map(Some),
            Some(before) if !asked.shared && (before.shared || before.settings != asked.settings) => {
                let previous = before.settings.labels.keys().cloned().collect();
                platform.update_project(cx, id, &asked.settings, &previous, &work.claim(true)).await.map(Some)
            }
            Some(before) if asked.shared => {
                hand_over::project(cx, platform, work, id, before, &asked.settings).await.map(|()| None)
            }
            Some(_) => Ok(None),
        };
        match done {
            Ok(view) => {
                outcome.claims.projects.insert(id.clone(), asked.clone());
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
    let on: BTreeSet<&ProjectId> = work.desired.apis.keys().chain(work.desired.iam.keys()).collect();
    for id in on {
        if broken.contains(id) {
            skip_project(work, id, outcome);
            continue;
        }
        enable(cx, platform, work, id, outcome).await;
        grant(cx, platform, work, id, outcome).await;
    }
}

/// Creates a project, or brings it back: the registry asks for it again while its id is still held.
async fn create_project(cx: &Cx, platform: &dyn Projects, work: &Work<'_>, id: &ProjectId) -> Result<ProjectView> {
    let (settings, claim) = (&work.desired.projects[id].settings, work.claim(false));
    match platform.ensure_project(cx, id, settings, &claim).await {
        Err(Error::PendingDeletion { .. }) => {
            platform.restore_project(cx, id, &claim).await?;
            platform.ensure_project(cx, id, settings, &claim).await
        }
        done => done,
    }
}

fn skip_project(work: &Work<'_>, id: &ProjectId, outcome: &mut Outcome) {
    let keys = work.desired.keys();
    outcome.skipped.extend(
        keys.into_iter()
            .filter(|key| matches!(key, Key::Api(project, _) | Key::IamMember(project, ..) if project == id)),
    );
}

async fn enable(cx: &Cx, platform: &dyn Projects, work: &Work<'_>, id: &ProjectId, outcome: &mut Outcome) {
    let Some(wanted) = work.desired.apis.get(id) else { return };
    let had = work.claims.apis.get(id).cloned().unwrap_or_default();
    let new: BTreeSet<_> = wanted.difference(&had).cloned().collect();
    if new.is_empty() {
        return;
    }
    match platform.enable_apis(cx, id, &new).await {
        Ok(()) => outcome.claims.apis.entry(id.clone()).or_default().extend(new),
        Err(error) => {
            let keys = new.into_iter().map(|api| Key::Api(id.clone(), api)).collect();
            outcome.fail("enable", keys, error);
        }
    }
}

async fn grant(cx: &Cx, platform: &dyn Projects, work: &Work<'_>, id: &ProjectId, outcome: &mut Outcome) {
    let Some(wanted) = work.desired.iam.get(id) else { return };
    let add = grants_without(wanted, work.claims.iam.get(id));
    if add.is_empty() {
        return;
    }
    match platform.modify_policy(cx, id, &PolicyChange { add: add.clone(), remove: Grants::new() }).await {
        Ok(()) => {
            let grants = outcome.claims.iam.entry(id.clone()).or_default();
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

pub(super) async fn namespaces(cx: &Cx, platform: &dyn Clusters, work: &Work<'_>, outcome: &mut Outcome) {
    let mut broken = BTreeSet::new();
    for (key, asked) in &work.desired.namespaces {
        let before = work.claims.namespaces.get(key);
        let done = match before {
            None => platform.ensure_namespace(cx, key, &asked.settings, &work.claim(false)).await,
            // It was on its way out when the state was written, and has nothing of ours on it: it is made anew.
            Some(before) if !asked.shared && !before.shared && before.settings.labels.is_empty() => {
                platform.ensure_namespace(cx, key, &asked.settings, &work.claim(false)).await
            }
            Some(before) if !asked.shared && (before.shared || before.settings != asked.settings) => {
                let previous = NamespaceKeys::of(&before.settings);
                platform.update_namespace(cx, key, &asked.settings, &previous, &work.claim(true)).await
            }
            Some(before) if asked.shared => {
                hand_over::namespace(cx, platform, work, key, before, &asked.settings).await
            }
            Some(_) => Ok(()),
        };
        match done {
            Ok(()) => drop(outcome.claims.namespaces.insert(key.clone(), asked.clone())),
            Err(error) => {
                let verb = if before.is_none() { "create" } else { "update" };
                outcome.fail(verb, vec![Key::Namespace(key.clone())], error);
                if before.is_none() {
                    broken.insert(key.clone());
                }
            }
        }
    }
    for key in work.desired.namespaces.keys() {
        if broken.contains(key) {
            let keys = work.desired.keys();
            let scope = Key::Namespace(key.clone());
            outcome.skipped.extend(keys.into_iter().filter(|key| key.scope() == scope && *key != scope));
        } else {
            fill(cx, platform, work, key, outcome).await;
        }
    }
}

/// Quota and role bindings of one namespace.
async fn fill(cx: &Cx, platform: &dyn Clusters, work: &Work<'_>, key: &NamespaceKey, outcome: &mut Outcome) {
    if let Some(quota) = work.desired.quotas.get(key)
        && work.claims.quotas.get(key) != Some(quota)
    {
        let claimed = work.claims.quotas.contains_key(key);
        match platform.put_quota(cx, key, quota, &work.claim(claimed)).await {
            Ok(()) => drop(outcome.claims.quotas.insert(key.clone(), quota.clone())),
            Err(error) => outcome.fail("set", vec![Key::Quota(key.clone())], error),
        }
    }
    let Some(bindings) = work.desired.role_bindings.get(key) else { return };
    let had = work.claims.role_bindings.get(key);
    let before = |name: &String| had.and_then(|had| had.get(name));
    let changed = bindings.iter().filter(|(name, binding)| before(name) != Some(*binding));
    // A binding's role cannot be changed, only made anew, and in between nobody has it: so those come last, when everybody who
    // gets something has it. (A service's carry their role in their names: there it is one that somebody made anew.)
    let (anew, others): (Vec<_>, Vec<_>) =
        changed.partition(|(name, binding)| before(name).is_some_and(|before| before.role != binding.role));
    for (name, binding) in others {
        bind(cx, platform, work, key, (name, binding), outcome).await;
    }
    for (name, binding) in anew {
        match platform.delete_role_binding(cx, key, name, &work.claim(true)).await {
            Ok(()) => {
                outcome.claims.forget(&Key::RoleBinding(key.clone(), name.clone()));
                bind(cx, platform, work, key, (name, binding), outcome).await;
            }
            Err(error) => outcome.fail("bind", vec![Key::RoleBinding(key.clone(), name.clone())], error),
        }
    }
}

async fn bind(
    cx: &Cx,
    platform: &dyn Clusters,
    work: &Work<'_>,
    key: &NamespaceKey,
    (name, binding): (&String, &RoleBinding),
    outcome: &mut Outcome,
) {
    let claimed = work.claims.role_bindings.get(key).is_some_and(|had| had.contains_key(name));
    match platform.put_role_binding(cx, key, name, binding, &work.claim(claimed)).await {
        Ok(()) => {
            let claims = outcome.claims.role_bindings.entry(key.clone()).or_default();
            claims.insert(name.clone(), binding.clone());
        }
        Err(error) => outcome.fail("bind", vec![Key::RoleBinding(key.clone(), name.clone())], error),
    }
}
