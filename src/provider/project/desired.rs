//! What a configuration means, after the checks that come before any decision.

use super::fences;
use super::model::{ProjectModel, id_of};
use crate::fanout::resource::{DeletionPolicy, Key, Labels, ProjectSettings, ResourceSet, Scope};
use crate::provider::leaf;
use crate::provider::lifecycle::wording::PROJECT;
use crate::provider::lifecycle::{Desired, Request};
use crate::registry::names::ProjectId;
use crate::sdk::Diagnostics;

/// What a project shall consist of.
///
/// # Errors
/// When it is the registry's own or another registry's, when `manage` excludes projects, and for everything that a fence
/// forbids.
pub(super) fn desired(request: &Request<'_, ProjectModel>) -> Result<Desired, Diagnostics> {
    let Request { session, loaded, identity, managed, .. } = request;
    let id = id_of(identity)?;
    let mut refused = Diagnostics::new();
    let registry = leaf::desired::check(request, &PROJECT, &mut refused)?;
    // Listed, not `existing`: the registry's services create it.
    if loaded.fan_out.registry().projects.get(id.as_str()).is_some_and(|entry| !entry.existing) {
        let users = leaf::desired::users_of(request, &Key::Project(id.clone()));
        let how_to_keep = "remove it from `projects` in the registry, or set `\"existing\": true` on its entry";
        refused.push(leaf::messages::belongs_to_registry(&PROJECT, identity, &users, &loaded.source, how_to_keep));
    }
    let creates = !managed.projects.contains_key(id);
    fences::check(id, request.config(), creates, session, &mut refused);
    if !refused.is_empty() {
        return Err(refused);
    }
    let resources = match request.config() {
        Some(config) => config.desired(id, &registry, session.project_defaults(), managed)?,
        None => empty(id),
    };
    Ok(leaf::desired::desired(request, registry, resources))
}

/// The project, with nothing set on it.
fn empty(id: &ProjectId) -> ResourceSet {
    let settings =
        ProjectSettings { display_name: id.to_string(), parent: None, billing_account: None, labels: Labels::new() };
    let scope = Scope { settings, shared: false, deletion_policy: DeletionPolicy::default() };
    ResourceSet { projects: [(id.clone(), scope)].into(), ..ResourceSet::default() }
}
