//! Turns a service's managed resources into its desired resources, on all platforms.
//!
//! The order is the promise:
//! 1. a project or namespace before what is in it; APIs before service accounts, those before IAM members; the quota before
//!    Kubernetes service accounts, those before role bindings;
//! 2. all additions of a service before its removals. Where an addition fails, the removals in the same environment are
//!    deferred, so that a change from one group to another never leaves both without access;
//! 3. whatever fails or is cancelled, the outcome is exactly what is true on the platforms, so a state written from it is true.
//!
//! Projects and namespaces do not depend on each other, so the work on them is done side by side, up to [`SIDE_BY_SIDE`]; within
//! one of them it is done in order. Each has an outcome of its own, and these are merged in the order of their keys, whatever
//! finished first: the result, and the text that a user reads, is the same as if all was done one after the other.

mod accounts;
mod change;
mod namespace;
mod outcome;
mod project;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use futures_util::stream;

use self::change::Leaving;
pub use self::change::{PlatformRefs, ServiceChange};
pub use self::outcome::{Failure, Outcome};
use crate::fanout::resource::Key;
use crate::platform::RequestContext;

/// How many projects and namespaces of one service are worked on at the same time. Core applies ten resources at a time, so a
/// platform gets up to a hundred requests at once; more would only make it refuse some.
pub const SIDE_BY_SIDE: usize = 10;

/// Carries out the change.
pub async fn apply(ctx: &RequestContext, platforms: PlatformRefs<'_>, change: &ServiceChange<'_>) -> Outcome {
    apply_within(ctx, platforms, change, SIDE_BY_SIDE).await
}

/// Carries out the change, with at most `bound` projects and namespaces at the same time.
pub async fn apply_within(
    ctx: &RequestContext,
    platforms: PlatformRefs<'_>,
    change: &ServiceChange<'_>,
    bound: usize,
) -> Outcome {
    let scopes = change.scopes();
    let work = scopes.into_iter().map(|scope| add(ctx, platforms, change, scope)).collect();
    let added = side_by_side(bound, work).await;

    let deferred = deferred_scopes(change, &added);
    let mut leaving = Leaving::by_scope(change.removals);
    let work = added.into_iter().map(|(scope, outcome)| {
        let mut leaving = leaving.remove(&scope).unwrap_or_default();
        let deferred = if deferred.contains(&scope) { std::mem::take(&mut leaving.delete) } else { BTreeSet::new() };
        let outcome = Outcome { deferred, ..outcome };
        remove(ctx, platforms, change, scope, leaving, outcome)
    });
    let work = work.collect();
    let mut merged = Outcome::default();
    for outcome in side_by_side(bound, work).await.into_values() {
        merged.merge(outcome);
    }
    merged.managed.prune();
    merged
}

/// Does all the work, `bound` parts of it at the same time; the results by scope.
async fn side_by_side(bound: usize, work: Vec<impl Future<Output = (Key, Outcome)>>) -> BTreeMap<Key, Outcome> {
    stream::iter(work).buffer_unordered(bound.max(1)).collect::<Vec<_>>().await.into_iter().collect()
}

/// Additions and changes of one project or namespace.
async fn add(
    ctx: &RequestContext,
    platforms: PlatformRefs<'_>,
    change: &ServiceChange<'_>,
    scope: Key,
) -> (Key, Outcome) {
    let mut outcome = Outcome { managed: change.managed_of(&scope), ..Outcome::default() };
    match (&scope, platforms.projects, platforms.clusters) {
        (Key::Project(id), Some(platform), _) => project::add(ctx, platform, change, id, &mut outcome).await,
        (Key::Namespace(key), _, Some(platform)) => namespace::add(ctx, platform, change, key, &mut outcome).await,
        _ => {}
    }
    (scope, outcome)
}

/// What leaves one project or namespace, or leaves with it.
async fn remove(
    ctx: &RequestContext,
    platforms: PlatformRefs<'_>,
    change: &ServiceChange<'_>,
    scope: Key,
    leaving: Leaving,
    mut outcome: Outcome,
) -> (Key, Outcome) {
    for key in leaving.release.iter().filter(|key| **key != scope).chain(&leaving.abandon) {
        outcome.managed.forget(key);
    }
    let released = leaving.release.contains(&scope);
    match (&scope, platforms.projects, platforms.clusters) {
        (Key::Project(id), Some(platform), _) => {
            if released {
                project::release(ctx, platform, change, id, &mut outcome).await;
            }
            project::remove(ctx, platform, change, id, &leaving.delete, &mut outcome).await;
        }
        (Key::Namespace(key), _, Some(platform)) => {
            if released {
                namespace::release(ctx, platform, change, key, &mut outcome).await;
            }
            namespace::remove(ctx, platform, change, key, &leaving.delete, &mut outcome).await;
        }
        _ => {}
    }
    (scope, outcome)
}

/// The scopes whose removals are deferred: those with an addition that failed, and all others of the same environments.
fn deferred_scopes(change: &ServiceChange<'_>, added: &BTreeMap<Key, Outcome>) -> BTreeSet<Key> {
    let incomplete = added.iter().filter(|(_, outcome)| !outcome.is_complete()).map(|(scope, _)| scope.clone());
    let mut deferred: BTreeSet<Key> = incomplete.collect();
    for environment in change.environments {
        if environment.iter().any(|scope| deferred.contains(scope)) {
            deferred.extend(environment.iter().cloned());
        }
    }
    deferred
}
