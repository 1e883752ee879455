//! Policy writes of one project, coalesced: changes that arrive while another write runs, or at the same time, are written
//! together.
//!
//! A policy has one etag, so writers of one project can only wait for each other; and Google counts requests. The first caller
//! becomes the writer of a batch. It waits for the callers that are announced ([`Writes::announce`]), merges all changes that
//! wait, writes once, and gives each caller its result. Merged changes have the effect of the single ones in their order:
//! changes that contradict each other are never in one batch, and a batch that is refused is written in parts.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::connect::RequestContext;
use crate::fanout::resource::Grants;
use crate::platform::{Announcement, Error, PolicyChange, Result};
use crate::registry::names::Principal;

/// The longest wait for callers that are announced. They may be busy elsewhere: with the creation of another project.
const PATIENCE: Duration = Duration::from_secs(1);

/// The changes of one project.
#[derive(Default)]
pub(super) struct Writes {
    queue: Mutex<Queue>,
    /// Something was added to the queue, or an announcement ended.
    changed: Notify,
    /// One batch at a time.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    announced: usize,
    numbers: u64,
}

struct Waiting {
    number: u64,
    change: PolicyChange,
    done: oneshot::Sender<Result<()>>,
}

impl Writes {
    /// Counts a caller that will have a change soon, until the announcement is dropped.
    pub(super) fn announce(self: &Arc<Self>) -> Announcement {
        self.queue().announced += 1;
        let writes = Arc::clone(self);
        Announcement::new(move || {
            writes.queue().announced -= 1;
            writes.changed.notify_waiters();
        })
    }

    /// Makes the change, alone or with others. `write` writes a batch, given with the number of changes in it; `quiet` is how long to
    /// wait for further callers after the last one.
    pub(super) async fn make<F: Future<Output = Result<()>> + Send>(
        &self,
        ctx: &RequestContext,
        change: &PolicyChange,
        quiet: Duration,
        write: impl Fn(PolicyChange, usize) -> F + Send + Sync,
    ) -> Result<()> {
        if ctx.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        loop {
            let mut entry = self.enter(change.clone());
            let turn = tokio::select! {
                biased;
                () = ctx.cancel.cancelled() => return Err(Error::Cancelled),
                done = &mut entry.done => match done {
                    // The writer was cancelled or dropped, which is not the fate of this call.
                    Err(_) | Ok(Err(Error::Cancelled)) => continue,
                    Ok(done) => return done,
                },
                turn = self.turn.lock() => turn,
            };
            // It may have been written between the result and the turn.
            if let Ok(done) = entry.done.try_recv() {
                match done {
                    Err(Error::Cancelled) => continue,
                    done => return done,
                }
            }
            // More than one batch where changes before this one contradict each other.
            loop {
                ctx.run(self.gather(quiet)).await?;
                self.write(self.batch(), &write).await;
                if let Ok(done) = entry.done.try_recv() {
                    drop(turn);
                    return done;
                }
            }
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, change: PolicyChange) -> Entry<'_> {
        let (sender, done) = oneshot::channel();
        let number = {
            let mut queue = self.queue();
            queue.numbers += 1;
            let number = queue.numbers;
            queue.waiting.push(Waiting { number, change, done: sender });
            number
        };
        self.changed.notify_waiters();
        Entry { writes: self, number, done }
    }

    /// Waits until all announced callers have come, and `quiet` has passed since the last one.
    async fn gather(&self, quiet: Duration) {
        let end = Instant::now() + PATIENCE;
        // Callers that are ready now come first: often all of them are polled by one task.
        tokio::task::yield_now().await;
        loop {
            let changed = self.changed.notified();
            let complete = {
                let queue = self.queue();
                queue.waiting.len() >= queue.announced
            };
            let until = if complete { (Instant::now() + quiet).min(end) } else { end };
            if complete && quiet.is_zero() || timeout_at(until, changed).await.is_err() {
                return;
            }
        }
    }

    /// Takes the changes from the queue, in their order, up to one that contradicts those before it.
    fn batch(&self) -> Vec<Waiting> {
        let mut queue = self.queue();
        let (mut add, mut remove) = (Grants::new(), Grants::new());
        let mut count = 0;
        for waiting in &queue.waiting {
            let PolicyChange { add: adds, remove: removes } = &waiting.change;
            let contradicts = overlap(&add, removes) || overlap(&remove, adds) || overlap(adds, removes);
            // A change that contradicts itself is the platform's to refuse, by itself.
            if contradicts && count > 0 {
                break;
            }
            extend(&mut add, adds);
            extend(&mut remove, removes);
            count += 1;
            if contradicts {
                break;
            }
        }
        queue.waiting.drain(..count).collect()
    }

    /// Writes the changes at once. Where the platform refuses them, one half after the other, down to the single change: each
    /// caller has the error of its own change only.
    async fn write<F: Future<Output = Result<()>> + Send>(
        &self,
        batch: Vec<Waiting>,
        write: &(impl Fn(PolicyChange, usize) -> F + Send + Sync),
    ) {
        // A stack, with the first part on top.
        let mut parts = vec![batch];
        while let Some(mut part) = parts.pop() {
            let mut merged = PolicyChange::default();
            for waiting in &part {
                extend(&mut merged.add, &waiting.change.add);
                extend(&mut merged.remove, &waiting.change.remove);
            }
            match write(merged, part.len()).await {
                Err(error) if part.len() > 1 && concerns_members(&error) => {
                    let second = part.split_off(part.len() / 2);
                    parts.extend([second, part]);
                }
                // The rest is written: each caller has the error of its own members only.
                Err(Error::UnknownPrincipals { what, principals }) => {
                    for waiting in part {
                        let added = waiting.change.add.values().flatten().map(|member| &member.principal);
                        let added: BTreeSet<&Principal> = added.collect();
                        let unknown: BTreeSet<Principal> =
                            principals.iter().filter(|principal| added.contains(principal)).cloned().collect();
                        let done = match unknown.is_empty() {
                            true => Ok(()),
                            false => Err(Error::UnknownPrincipals { what: what.clone(), principals: unknown }),
                        };
                        drop(waiting.done.send(done));
                    }
                }
                done => {
                    for waiting in part {
                        // A caller that was cancelled no longer waits.
                        drop(waiting.done.send(done.clone()));
                    }
                }
            }
        }
    }
}

/// A caller's place in the queue. A caller that is dropped leaves it, unless its change is being written already.
struct Entry<'w> {
    writes: &'w Writes,
    number: u64,
    done: oneshot::Receiver<Result<()>>,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.writes.queue().waiting.retain(|waiting| waiting.number != self.number);
        self.writes.changed.notify_waiters();
    }
}

/// Whether the error can be about some of the members only, without naming them. A platform that is unreachable or busy, or does not
/// accept the credentials, is so for all.
fn concerns_members(error: &Error) -> bool {
    !matches!(
        error,
        Error::Unavailable(_)
            | Error::Unauthenticated(_)
            | Error::Misconfigured(_)
            | Error::Conflict(_)
            | Error::Cancelled
            | Error::UnknownPrincipals { .. }
    )
}

fn overlap(one: &Grants, other: &Grants) -> bool {
    one.iter().any(|(role, members)| other.get(role).is_some_and(|others| !members.is_disjoint(others)))
}

fn extend(grants: &mut Grants, with: &Grants) {
    for (role, members) in with {
        grants.entry(role.clone()).or_default().extend(members.iter().cloned());
    }
}
