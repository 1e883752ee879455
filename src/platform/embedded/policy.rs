//! IAM policies: one per project, with an etag, changed by read-modify-write as at Google.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::store::{Author, Outcome, next_revision};
use super::{Embedded, project_rows};
use crate::fanout::resource::{Condition, Grants, Key, Member};
use crate::platform::policy_limits::{self, within_limits};
use crate::platform::{Error, PolicyChange, RequestContext, Result};
use crate::registry::Expiry;
use crate::registry::names::{IamRole, Principal, ProjectId};

/// How long a read-modify-write is repeated while other writers are faster.
const PATIENCE: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// One grant in the store: role, member, condition. The condition is empty, or text: anu's own is its JSON.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    role: String,
    member: String,
    condition: String,
}

/// The policy as it was read.
struct Policy {
    etag: i64,
    /// Each grant as Google compares it, and the spellings of its member in the store.
    grants: BTreeMap<Grant, BTreeSet<String>>,
}

fn read(connection: &Connection, id: &ProjectId) -> Outcome<Policy> {
    let etag = connection
        .prepare_cached("SELECT etag FROM policy WHERE project = ?1")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?
        .unwrap_or(0);
    let mut statement =
        connection.prepare_cached("SELECT role, member, condition FROM policy_member WHERE project = ?1")?;
    let mut grants = BTreeMap::<Grant, BTreeSet<String>>::new();
    let mut rows = statement.query([id.as_str()])?;
    while let Some(row) = rows.next()? {
        let spelling: String = row.get(1)?;
        let member =
            spelling.parse().map_or_else(|_| spelling.clone(), |found: Principal| found.as_google().to_string());
        let grant = Grant { role: row.get(0)?, member, condition: row.get(2)? };
        grants.entry(grant).or_default().insert(spelling);
    }
    Ok(Policy { etag, grants })
}

/// The grants that anu can make, and the unconditional ones that no registry can spell. All others are conditional grants of
/// other users.
pub(super) fn grants(connection: &Connection, id: &ProjectId) -> Outcome<(Grants, BTreeMap<String, BTreeSet<String>>)> {
    let (mut grants, mut unspellable) = (Grants::new(), BTreeMap::<String, BTreeSet<String>>::new());
    for Grant { role, member, condition } in read(connection, id)?.grants.into_keys() {
        let expires = expiry(&condition);
        if !condition.is_empty() && expires.is_none() {
            continue;
        }
        match (role.parse(), member.parse()) {
            (Ok(role), Ok(principal)) => {
                grants.entry(role).or_default().insert(Member { principal, expires });
            }
            _ if expires.is_none() => drop(unspellable.entry(role).or_default().insert(member)),
            _ => {}
        }
    }
    Ok((grants, unspellable))
}

/// When a grant with this condition ends. `None` for a condition that is not exactly anu's.
pub(super) fn expiry(condition: &str) -> Option<Expiry> {
    let expires = serde_json::from_str::<Condition>(condition).ok()?.expiry()?;
    (text(&Condition::of(expires)) == condition).then_some(expires)
}

/// A condition of anu as text.
fn text(condition: &Condition) -> String {
    serde_json::to_string(condition).unwrap_or_default()
}

/// A member in text, as it is in the store.
#[cfg(feature = "testing")]
pub(super) fn principal_and_condition(member: &str) -> (String, String) {
    match member.parse::<Member>() {
        Ok(member) => (member.principal.to_string(), member.condition().as_ref().map(text).unwrap_or_default()),
        Err(_) => (member.to_owned(), String::new()),
    }
}

fn rows(grants: &Grants) -> BTreeSet<Grant> {
    let row = |role: &IamRole, member: &Member| Grant {
        role: role.to_string(),
        member: member.principal.to_string(),
        condition: member.condition().as_ref().map(text).unwrap_or_default(),
    };
    grants.iter().flat_map(|(role, members)| members.iter().map(move |member| row(role, member))).collect()
}

/// The read-modify-write, repeated until no other writer was faster.
pub(super) async fn modify(
    platform: &Embedded,
    ctx: &RequestContext,
    id: &ProjectId,
    change: &PolicyChange,
) -> Result<()> {
    let (add, remove) = (rows(&change.add), rows(&change.remove));
    if let Some(Grant { role, member, .. }) = add.intersection(&remove).next() {
        return Err(Error::Invalid(format!("`{member}` is both added to and removed from `{role}` on project `{id}`")));
    }
    if add.is_empty() && remove.is_empty() {
        return Ok(());
    }
    let turn = {
        let mut turns = platform.policy_turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(id.clone()).or_default())
    };
    let _turn = tokio::select! {
        biased;
        () = ctx.cancel.cancelled() => return Err(Error::Cancelled),
        turn = turn.lock() => turn,
    };
    let (add, remove) = (Arc::new(add), Arc::new(remove));
    let names = names(id, change);
    let begun = Instant::now();
    let mut longest = FIRST_PAUSE;
    loop {
        let policy = {
            let id = id.clone();
            self::read_step(platform, ctx, id).await?
        };
        let (add, remove, id, names) = (Arc::clone(&add), Arc::clone(&remove), id.clone(), names.clone());
        let write = move |transaction: &Transaction<'_>| write(transaction, &id, &policy, &add, &remove);
        let outcome = platform.step(ctx, move |store, cancel| store.write(Author::Anu, cancel, || names, write)).await;
        match outcome {
            Err(Error::Conflict(_)) if begun.elapsed() < PATIENCE => {
                ctx.sleep(jitter(longest)).await?;
                longest = (longest * 2).min(LONGEST_PAUSE);
            }
            outcome => return outcome,
        }
    }
}

async fn read_step(platform: &Embedded, ctx: &RequestContext, id: ProjectId) -> Result<Policy> {
    platform.step(ctx, move |store, cancel| store.read(cancel, |snapshot| read(snapshot, &id))).await
}

/// The second half: sets what was worked out from `seen`, unless the policy is no longer that one.
fn write(
    transaction: &Transaction<'_>,
    id: &ProjectId,
    seen: &Policy,
    add: &BTreeSet<Grant>,
    remove: &BTreeSet<Grant>,
) -> Outcome<()> {
    let now = read(transaction, id)?;
    if now.etag != seen.etag {
        return Err(Error::Conflict(format!(
            "the policy of project `{id}` was changed by others again and again while it was being changed here: try again"
        ))
        .into());
    }
    if !add.is_empty() {
        project_rows::usable(transaction, id)?;
    }
    let missing: BTreeSet<Grant> = add.iter().filter(|grant| !seen.grants.contains_key(*grant)).cloned().collect();
    let surplus: BTreeMap<&Grant, &BTreeSet<String>> =
        remove.iter().filter_map(|grant| seen.grants.get_key_value(grant)).collect();
    if missing.is_empty() && surplus.is_empty() {
        return Ok(());
    }
    if !missing.is_empty() {
        let after = seen.grants.keys().filter(|grant| !surplus.contains_key(grant)).chain(&missing).map(|grant| {
            policy_limits::Grant { role: &grant.role, member: &grant.member, conditional: !grant.condition.is_empty() }
        });
        within_limits(id, after)?;
    }
    let mut delete = transaction.prepare_cached(
        "DELETE FROM policy_member WHERE project = ?1 AND role = ?2 AND member = ?3 AND condition = ?4",
    )?;
    for (Grant { role, condition, .. }, spellings) in surplus {
        for member in spellings {
            delete.execute([id.as_str(), role, member, condition])?;
        }
    }
    let mut insert = transaction
        .prepare_cached("INSERT INTO policy_member (project, role, member, condition) VALUES (?1, ?2, ?3, ?4)")?;
    for Grant { role, member, condition } in &missing {
        insert.execute([id.as_str(), role, member, condition])?;
    }
    touch(transaction, id)
}

/// Gives the policy its next etag.
pub(super) fn touch(transaction: &Transaction<'_>, id: &ProjectId) -> Outcome<()> {
    let etag = next_revision(transaction)?;
    transaction
        .prepare_cached("INSERT OR REPLACE INTO policy (project, etag) VALUES (?1, ?2)")?
        .execute(rusqlite::params![id.as_str(), etag])?;
    Ok(())
}

fn names(id: &ProjectId, change: &PolicyChange) -> String {
    let keys = [&change.add, &change.remove].into_iter().flatten().flat_map(|(role, members)| {
        members.iter().map(|member| project_rows::resource(&Key::IamMember(id.clone(), role.clone(), member.clone())))
    });
    keys.collect::<Vec<_>>().join(", ")
}

/// Some time up to `longest`, so that those who collided do not collide again.
fn jitter(longest: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish() % 1000;
    longest.mul_f64(random as f64 / 1000.0)
}
