//! What a configuration means, after the checks that come before any decision.

use super::fences;
use super::model::{ProjectIamModel, id_of};
use crate::fanout::resource::ResourceSet;
use crate::provider::leaf;
use crate::provider::lifecycle::wording::PROJECT_IAM;
use crate::provider::lifecycle::{Desired, Request};
use crate::sdk::Diagnostics;

/// The desired members. An import has none: it adopts nothing that the configuration does not list.
///
/// # Errors
/// When `manage` excludes IAM members, and for everything that a fence forbids.
pub(super) fn desired(request: &Request<'_, ProjectIamModel>) -> Result<Desired, Diagnostics> {
    let id = id_of(request.identity)?;
    let mut refused = Diagnostics::new();
    let registry = leaf::desired::check(request, &PROJECT_IAM, &mut refused)?;
    fences::check(id, request.config(), request.session.fences(), &mut refused);
    if !refused.is_empty() {
        return Err(refused);
    }
    let resources = match request.config() {
        Some(config) => config.desired(id, request.managed)?,
        None => ResourceSet::default(),
    };
    Ok(leaf::desired::desired(request, registry, resources))
}
