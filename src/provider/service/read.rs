//! What is true of a state. Works from the state's own keys, never from the registry: after a rename the name in the state is
//! not the one in the registry, and others' grants are none of our business.

use super::model::ServiceModel;
use crate::provider::common::lineage;
use crate::provider::common::observe::{Down, observe};
use crate::provider::session::Session;
use crate::sdk::{Call, Diagnostics};

pub(super) async fn read(session: &Session, call: &mut Call, state: ServiceModel) -> Result<ServiceModel, Diagnostics> {
    let claims = state.claims()?;
    let opened = session.platforms().await?;
    let registry = state.registry()?;
    let mut observed = observe(call, &opened, &registry, &claims, Down::Tolerated).await?;
    observed.keep_terminating(&claims);
    let mut state = state;
    let numbers = state.numbers().into_iter().chain(observed.numbers).collect();
    state.set_claims(&observed.claims, &numbers);
    state.settle_numbers();
    if let Some(loaded) = session.registry_if_loaded()
        && state.registry.known().is_some_and(|name| name == loaded.fan_out.registry().name().as_str())
    {
        lineage::remember_age(&loaded, &mut call.private);
    }
    Ok(state)
}
