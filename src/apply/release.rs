//! Letting go of what others ask for. An owner that leaves, or only shares from now on, takes its own labels and annotations
//! with it: whoever owns the thing next does not know of them, so nobody else would.

use std::collections::{BTreeMap, BTreeSet};

use super::{Outcome, ServiceChange};
use crate::fanout::resource::{Key, Labels, NamespaceSettings, ProjectSettings, Scope};
use crate::platform::{Clusters, NamespaceKeys, Projects, RequestContext, Result};
use crate::registry::names::{NamespaceKey, ProjectId};

/// Forgets the claims on projects that others keep asking for, once nothing of ours is left on them.
pub(super) async fn projects(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    outcome: &mut Outcome,
) {
    for key in change.removals.release.keys() {
        let Key::Project(id) = key else { continue };
        let (before, now) = (change.managed.projects.get(id), change.released.projects.get(id));
        let done = match before.zip(now) {
            Some((before, now)) => project(ctx, platform, change, id, before, &now.settings).await,
            None => Ok(()),
        };
        settle(key, done, outcome);
    }
}

/// The same for namespaces.
pub(super) async fn namespaces(
    ctx: &RequestContext,
    platform: &dyn Clusters,
    change: &ServiceChange<'_>,
    outcome: &mut Outcome,
) {
    for key in change.removals.release.keys() {
        let Key::Namespace(namespace) = key else { continue };
        let (before, now) = (change.managed.namespaces.get(namespace), change.released.namespaces.get(namespace));
        let done = match before.zip(now) {
            Some((before, now)) => self::namespace(ctx, platform, change, namespace, before, &now.settings).await,
            None => Ok(()),
        };
        settle(key, done, outcome);
    }
}

/// Takes off what we put on a project as its owner and nobody asks for.
pub(super) async fn project(
    ctx: &RequestContext,
    platform: &dyn Projects,
    change: &ServiceChange<'_>,
    id: &ProjectId,
    before: &Scope<ProjectSettings>,
    now: &ProjectSettings,
) -> Result<()> {
    if before.shared || covered(&before.settings.labels, &now.labels) {
        return Ok(());
    }
    let previous: BTreeSet<String> = before.settings.labels.keys().cloned().collect();
    platform.update_project(ctx, id, now, &previous, &change.ownership(true)).await.map(drop)
}

/// Takes off what we put on a namespace as its owner and nobody asks for.
pub(super) async fn namespace(
    ctx: &RequestContext,
    platform: &dyn Clusters,
    change: &ServiceChange<'_>,
    key: &NamespaceKey,
    before: &Scope<NamespaceSettings>,
    now: &NamespaceSettings,
) -> Result<()> {
    let settings = &before.settings;
    if before.shared || covered(&settings.labels, &now.labels) && covered(&settings.annotations, &now.annotations) {
        return Ok(());
    }
    platform.update_namespace(ctx, key, now, &NamespaceKeys::of(settings), &change.ownership(true)).await
}

/// Whether all that was set is still asked for, whatever its value.
fn covered(before: &Labels, now: &BTreeMap<String, String>) -> bool {
    before.keys().all(|key| now.contains_key(key))
}

fn settle(key: &Key, done: Result<()>, outcome: &mut Outcome) {
    match done {
        Ok(()) => outcome.managed.forget(key),
        Err(error) => outcome.fail("hand over", vec![key.clone()], error),
    }
}
