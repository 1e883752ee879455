//! Letting go of what others ask for. An owner that leaves, or only shares from now on, takes its own labels and annotations
//! with it: whoever owns the thing next does not know of them, so nobody else would.

use std::collections::{BTreeMap, BTreeSet};

use super::{Outcome, Work};
use crate::fanout::resource::{Asked, Key, Labels, NamespaceSettings, ProjectSettings};
use crate::platform::{Clusters, Cx, NamespaceKeys, Projects, Result};
use crate::registry::names::{NamespaceKey, ProjectId};

/// Forgets the claims on projects that others keep asking for, once nothing of ours is left on them.
pub(super) async fn projects(cx: &Cx, platform: &dyn Projects, work: &Work<'_>, outcome: &mut Outcome) {
    for key in work.removals.keep.keys() {
        let Key::Project(id) = key else { continue };
        let (before, now) = (work.claims.projects.get(id), work.kept.projects.get(id));
        let done = match before.zip(now) {
            Some((before, now)) => project(cx, platform, work, id, before, &now.settings).await,
            None => Ok(()),
        };
        settle(key, done, outcome);
    }
}

/// The same for namespaces.
pub(super) async fn namespaces(cx: &Cx, platform: &dyn Clusters, work: &Work<'_>, outcome: &mut Outcome) {
    for key in work.removals.keep.keys() {
        let Key::Namespace(namespace) = key else { continue };
        let (before, now) = (work.claims.namespaces.get(namespace), work.kept.namespaces.get(namespace));
        let done = match before.zip(now) {
            Some((before, now)) => self::namespace(cx, platform, work, namespace, before, &now.settings).await,
            None => Ok(()),
        };
        settle(key, done, outcome);
    }
}

/// Takes off what we put on a project as its owner and nobody asks for.
pub(super) async fn project(
    cx: &Cx,
    platform: &dyn Projects,
    work: &Work<'_>,
    id: &ProjectId,
    before: &Asked<ProjectSettings>,
    now: &ProjectSettings,
) -> Result<()> {
    if before.shared || covered(&before.settings.labels, &now.labels) {
        return Ok(());
    }
    let previous: BTreeSet<String> = before.settings.labels.keys().cloned().collect();
    platform.update_project(cx, id, now, &previous, &work.claim(true)).await.map(drop)
}

/// Takes off what we put on a namespace as its owner and nobody asks for.
pub(super) async fn namespace(
    cx: &Cx,
    platform: &dyn Clusters,
    work: &Work<'_>,
    key: &NamespaceKey,
    before: &Asked<NamespaceSettings>,
    now: &NamespaceSettings,
) -> Result<()> {
    let settings = &before.settings;
    if before.shared || covered(&settings.labels, &now.labels) && covered(&settings.annotations, &now.annotations) {
        return Ok(());
    }
    platform.update_namespace(cx, key, now, &NamespaceKeys::of(settings), &work.claim(true)).await
}

/// Whether all that was set is still asked for, whatever its value.
fn covered(before: &Labels, now: &BTreeMap<String, String>) -> bool {
    before.keys().all(|key| now.contains_key(key))
}

fn settle(key: &Key, done: Result<()>, outcome: &mut Outcome) {
    match done {
        Ok(()) => outcome.claims.forget(key),
        Err(error) => outcome.fail("hand over", vec![key.clone()], error),
    }
}
