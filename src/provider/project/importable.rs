//! What an import reads: a project with its settings, and the labels of one that is ours. No APIs: which of them a configuration will
//! list is not known, and the next apply would disable all others. What it lists is adopted by that apply.

use crate::fanout::resource::{DeletionPolicy, Key, Labels, ProjectSettings, Scope};
use crate::platform::{Lifecycle, OwnerLabel, RequestContext};
use crate::provider::lifecycle::Desired;
use crate::provider::lifecycle::existing_messages::being_deleted;
use crate::provider::lifecycle::refresh::Refreshed;
use crate::provider::lifecycle::unreadable::unreadable;
use crate::provider::session::Platforms;
use crate::registry::names::ProjectId;
use crate::sdk::{Call, Diagnostics};

pub(super) async fn importable(
    call: &Call,
    platforms: &Platforms,
    id: &ProjectId,
    desired: &Desired,
) -> Result<Refreshed, Diagnostics> {
    let mut found = Refreshed::default();
    let Some(platform) = &platforms.projects else { return Ok(found) };
    let ctx = RequestContext { cancel: call.cancel.clone() };
    let state = platform.read_project(&ctx, id).await;
    let state = state.map_err(|error| unreadable(format!("project `{id}`"), error))?;
    let Some(view) = state.project else { return Ok(found) };
    let key = Key::Project(id.clone());
    if let Lifecycle::PendingDeletion(detail) = &view.lifecycle {
        return Err(being_deleted(&key, detail).into());
    }
    found.numbers.insert(id.clone(), view.number);
    // Who set a label is unknown. All on a project of ours are taken to be ours; on others, none.
    let labels = if view.owner.is(&desired.registry) { view.settings.labels } else { Labels::new() };
    if let OwnerLabel::Registry(registry) = view.owner {
        found.owners.insert(key, registry);
    }
    let settings = ProjectSettings { labels, ..view.settings };
    let scope = Scope { settings, shared: false, deletion_policy: DeletionPolicy::default() };
    found.managed.projects.insert(id.clone(), scope);
    Ok(found)
}
