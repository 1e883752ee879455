//! The service accounts of one project, and who may act as them.

use std::collections::{BTreeMap, BTreeSet};

use super::change::ServiceChange;
use super::outcome::Outcome;
use crate::fanout::resource::{Grants, Key, Member};
use crate::platform::{Projects, RequestContext, WorkloadIdentityChange};
use crate::registry::names::{ProjectId, ServiceAccountName, WorkloadIdentity};

/// Additions and changes. Returns the grants that can be made now: not those of an account that could not be created, because a
/// policy refuses a member that does not exist, with all others.
pub(super) async fn add(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    id: &ProjectId,
    mut grants: Grants,
    outcome: &mut Outcome,
) -> Grants {
    let mut missing = BTreeSet::new();
    for (name, desired) in change.desired.service_accounts.get(id).into_iter().flatten() {
        let before = change.managed.service_account(id, name);
        let settings = &desired.settings;
        let done = match before {
            Some(before) if before.settings == *settings && !change.relabel => Ok(()),
            _ => platform.put_service_account(ctx, id, name, settings, &change.ownership(before.is_some())).await,
        };
        match done {
            Ok(()) => {
                outcome.managed.service_accounts.entry(id.clone()).or_default().insert(name.clone(), desired.clone());
            }
            Err(error) => {
                let verb = if before.is_none() { "create" } else { "update" };
                outcome.fail(verb, vec![Key::ServiceAccount(id.clone(), name.clone())], error);
                if before.is_none() {
                    missing.insert(name);
                    continue;
                }
            }
        }
        let identities = new_identities(change, id, name);
        if !identities.is_empty() {
            allow(ctx, platform, id, name, identities, outcome).await;
        }
    }
    for name in missing {
        skip(change, id, name, &mut grants, outcome);
    }
    grants
}

/// What belongs to an account that could not be created is not attempted.
fn skip(
    change: &ServiceChange<'_>,
    id: &ProjectId,
    name: &ServiceAccountName,
    grants: &mut Grants,
    outcome: &mut Outcome,
) {
    let key = |member| Key::WorkloadIdentity(id.clone(), name.clone(), member);
    outcome.skipped.extend(new_identities(change, id, name).into_iter().map(key));
    let email = name.email(id);
    let is_account = |member: &Member| is_email(member, &email);
    for (role, members) in grants.iter_mut() {
        let of_account: Vec<Member> = members.iter().filter(|member| is_account(member)).cloned().collect();
        for member in of_account {
            members.remove(&member);
            outcome.skipped.insert(Key::IamMember(id.clone(), role.clone(), member));
        }
    }
    grants.retain(|_, members| !members.is_empty());
}

/// The desired members of an account's policy that are not managed yet.
fn new_identities(change: &ServiceChange<'_>, id: &ProjectId, name: &ServiceAccountName) -> BTreeSet<WorkloadIdentity> {
    let of = |accounts: &BTreeMap<ProjectId, BTreeMap<ServiceAccountName, BTreeSet<WorkloadIdentity>>>| {
        accounts.get(id).and_then(|accounts| accounts.get(name)).cloned().unwrap_or_default()
    };
    let mut new = of(&change.desired.workload_identity);
    // The members of an account that does not exist are gone with it.
    if change.managed.service_account(id, name).is_some() {
        new.retain(|member| !change.managed.contains(&Key::WorkloadIdentity(id.clone(), name.clone(), member.clone())));
    }
    new
}

async fn allow(
    ctx: &RequestContext,
    platform: &dyn Projects,
    id: &ProjectId,
    name: &ServiceAccountName,
    add: BTreeSet<WorkloadIdentity>,
    outcome: &mut Outcome,
) {
    let change = WorkloadIdentityChange { add, remove: BTreeSet::new() };
    match platform.modify_workload_identity(ctx, id, name, &change).await {
        Ok(()) => {
            let accounts = outcome.managed.workload_identity.entry(id.clone()).or_default();
            accounts.entry(name.clone()).or_default().extend(change.add);
        }
        Err(error) => {
            let key = |member| Key::WorkloadIdentity(id.clone(), name.clone(), member);
            outcome.fail("grant", change.add.into_iter().map(key).collect(), error);
        }
    }
}

/// Revokes who may act as accounts, and deletes accounts, those among these keys. The policy of a deleted account is deleted with it;
/// it is revoked first, because others may restore the account. The accounts of a project that is deleted are deleted with it, so
/// that they come back if it is restored: deleted one by one and created again, they would be other identities.
pub(super) async fn remove(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    id: &ProjectId,
    keys: &BTreeSet<Key>,
    outcome: &mut Outcome,
) {
    let mut leaving: BTreeMap<&ServiceAccountName, BTreeSet<WorkloadIdentity>> = BTreeMap::new();
    for key in keys {
        if let Key::WorkloadIdentity(_, name, member) = key {
            leaving.entry(name).or_default().insert(member.clone());
        }
    }
    let mut kept = BTreeSet::new();
    for (name, remove) in leaving {
        let keys =
            remove.iter().map(|member| Key::WorkloadIdentity(id.clone(), name.clone(), member.clone())).collect();
        let change = WorkloadIdentityChange { add: BTreeSet::new(), remove };
        let done = platform.modify_workload_identity(ctx, id, name, &change).await;
        if done.is_err() {
            kept.insert(name);
        }
        outcome.removed("revoke", keys, done);
    }
    if keys.contains(&Key::Project(id.clone())) {
        return;
    }
    for key in keys {
        let Key::ServiceAccount(_, name) = key else { continue };
        // Its grants are revoked first: they would come back with an account that others restore.
        if !kept.contains(name) && !has_grants(outcome, id, name) {
            let done = platform.delete_service_account(ctx, id, name, &change.ownership(false)).await;
            outcome.removed("delete", vec![key.clone()], done);
        }
    }
}

/// Whether a grant of the account on its project could not be revoked.
fn has_grants(outcome: &Outcome, id: &ProjectId, name: &ServiceAccountName) -> bool {
    let email = name.email(id);
    outcome.failures.iter().flat_map(|failure| &failure.keys).any(|key| match key {
        Key::IamMember(_, _, member) => is_email(member, &email),
        _ => false,
    })
}

/// Whether a member is the service account of this address.
fn is_email(member: &Member, email: &str) -> bool {
    member.principal.as_str().strip_prefix("serviceAccount:") == Some(email)
}
