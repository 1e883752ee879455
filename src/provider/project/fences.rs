//! The fences of the provider block for what this resource sets itself: they are the same as for the registry.

use super::messages;
use super::model::ProjectModel;
use crate::codes;
use crate::provider::leaf::messages::{forbidden, forbidden_project};
use crate::provider::session::Session;
use crate::registry::names::{Parent, ProjectId};
use crate::sdk::{Diagnostics, Path};

/// Checks every known value. `creates` says whether the project is not managed yet: it needs an allowed parent, its own or the
/// default, or would be created outside every folder.
pub(super) fn check(
    id: &ProjectId,
    config: Option<&ProjectModel>,
    creates: bool,
    session: &Session,
    refused: &mut Diagnostics,
) {
    let fences = session.fences();
    refused.extend(forbidden_project(id, fences.refuses_project(id.as_str())));
    let Some(config) = config else { return };
    match config.parent.known() {
        Some(parent) => {
            if let Some(why) = fences.refuses_parent(parent) {
                refused.push(forbidden(codes::PARENT_NOT_ALLOWED, "parent", parent, &why, &Path::attribute("parent")));
            }
        }
        None if creates && !config.parent.is_unknown() => {
            let default = session.project_defaults().parent.as_ref();
            let why = fences.refuses_default_parent(default.map(Parent::as_str));
            refused.extend(why.map(|why| messages::default_parent(id, &why)));
        }
        None => {}
    }
}
