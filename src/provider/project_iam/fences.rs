//! The fences of the provider block for what this resource sets itself: they are the same as for the registry.

use super::model::ProjectIamModel;
use crate::codes;
use crate::fanout::Fences;
use crate::fanout::resource::Member;
use crate::provider::leaf::messages::{forbidden, forbidden_project};
use crate::registry::names::ProjectId;
use crate::sdk::{Diagnostics, Path};

/// Checks every known value.
pub(super) fn check(id: &ProjectId, config: Option<&ProjectIamModel>, fences: &Fences, refused: &mut Diagnostics) {
    refused.extend(forbidden_project(id, fences.refuses_project(id.as_str())));
    let members = config.and_then(|config| config.members.known());
    for (role, members) in members.into_iter().flatten() {
        let path = Path::attribute("members").key(role);
        if let Some(why) = fences.refuses_role(role) {
            refused.push(forbidden(codes::FORBIDDEN_ROLE, "role", role, &why, &path));
        }
        for (position, member) in members.known().into_iter().flatten().enumerate() {
            let Some(Ok(Member { principal, .. })) = member.known().map(|text| text.parse()) else { continue };
            if let Some(why) = fences.refuses_principal(principal.as_str()) {
                refused.push(forbidden(
                    codes::FORBIDDEN_PRINCIPAL,
                    "member",
                    principal.as_str(),
                    &why,
                    &path.clone().index(position),
                ));
            }
        }
    }
}
