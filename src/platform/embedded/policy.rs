//! IAM policies: one per project, with an etag, changed by read-modify-write as at Google.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::store::{Author, Outcome, next_revision};
use super::{Embedded, project_rows};
use crate::fanout::resource::{Grants, Key};
use crate::platform::{Error, PolicyChange, RequestContext, Result};
use crate::registry::names::ProjectId;

/// Google's limits on one policy: every occurrence of a member counts.
const MAX_MEMBERS: usize = 1500;
const MAX_GROUPS: usize = 250;

/// How long a read-modify-write is repeated while other writers are faster.
const PATIENCE: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

type Members = BTreeSet<(String, String)>;

/// The policy as it was read: its version and its unconditional members, as (role, member).
struct Policy {
    etag: i64,
    members: Members,
    conditional: Vec<String>,
}

fn read(connection: &Connection, id: &ProjectId) -> Outcome<Policy> {
    let etag = connection
        .prepare_cached("SELECT etag FROM policy WHERE project = ?1")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?
        .unwrap_or(0);
    let mut members = Members::new();
    let mut conditional = Vec::new();
    let mut statement =
        connection.prepare_cached("SELECT role, member, condition FROM policy_member WHERE project = ?1")?;
    let mut rows = statement.query([id.as_str()])?;
    while let Some(row) = rows.next()? {
        let (role, member): (String, String) = (row.get(0)?, row.get(1)?);
        if row.get_ref(2)?.as_str().is_ok_and(str::is_empty) {
            members.insert((role, member));
        } else {
            conditional.push(member);
        }
    }
    Ok(Policy { etag, members, conditional })
}

/// Unconditional grants: those a registry can spell, and the others.
pub(super) fn unconditional(
    connection: &Connection,
    id: &ProjectId,
) -> Outcome<(Grants, BTreeMap<String, BTreeSet<String>>)> {
    let (mut grants, mut unspellable) = (Grants::new(), BTreeMap::<String, BTreeSet<String>>::new());
    for (role, member) in read(connection, id)?.members {
        match (role.parse(), member.parse()) {
            (Ok(role), Ok(member)) => {
                grants.entry(role).or_default().insert(member);
            }
            _ => {
                unspellable.entry(role).or_default().insert(member);
            }
        }
    }
    Ok((grants, unspellable))
}

fn pairs(grants: &Grants) -> Members {
    let pair = |role: &str, member: &str| (role.to_owned(), member.to_owned());
    grants
        .iter()
        .flat_map(|(role, members)| members.iter().map(move |member| pair(role.as_str(), member.as_str())))
        .collect()
}

/// The read-modify-write, repeated until no other writer was faster.
pub(super) async fn modify(
    platform: &Embedded,
    ctx: &RequestContext,
    id: &ProjectId,
    change: &PolicyChange,
) -> Result<()> {
    let (add, remove) = (pairs(&change.add), pairs(&change.remove));
    if let Some((role, member)) = add.intersection(&remove).next() {
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
fn write(transaction: &Transaction<'_>, id: &ProjectId, seen: &Policy, add: &Members, remove: &Members) -> Outcome<()> {
    let now = read(transaction, id)?;
    if now.etag != seen.etag {
        return Err(Error::Conflict(format!(
            "the policy of project `{id}` was changed by others again and again while it was being changed here: try again"
        ))
        .into());
    }
    let missing: Members = add.difference(&seen.members).cloned().collect();
    let surplus: Members = remove.intersection(&seen.members).cloned().collect();
    if missing.is_empty() && surplus.is_empty() {
        return Ok(());
    }
    if !missing.is_empty() {
        project_rows::usable(transaction, id)?;
        within_limits(id, seen, &missing, &surplus)?;
    }
    let mut delete = transaction.prepare_cached(
        "DELETE FROM policy_member WHERE project = ?1 AND role = ?2 AND member = ?3 AND condition = ''",
    )?;
    for (role, member) in &surplus {
        delete.execute([id.as_str(), role, member])?;
    }
    let mut insert =
        transaction.prepare_cached("INSERT INTO policy_member (project, role, member) VALUES (?1, ?2, ?3)")?;
    for (role, member) in &missing {
        insert.execute([id.as_str(), role, member])?;
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

fn within_limits(id: &ProjectId, seen: &Policy, missing: &Members, surplus: &Members) -> Result<()> {
    let after = || {
        let members = seen.members.difference(surplus).chain(missing).map(|(_, member)| member);
        members.chain(&seen.conditional)
    };
    for (count, limit, of) in [
        (after().count(), MAX_MEMBERS, "members"),
        (after().filter(|member| member.starts_with("group:")).count(), MAX_GROUPS, "groups"),
    ] {
        if count > limit {
            return Err(Error::Invalid(format!(
                "the policy of project `{id}` would have {count} {of}, and may have {limit}, counted once for every role"
            )));
        }
    }
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
