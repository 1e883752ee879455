//! What is true of a state. Works from the state's own keys, never from the registry: after a rename the name in the state is
//! not the one in the registry, and others' grants are none of our business.

use super::model::ServiceModel;
use crate::provider::common::provenance;
use crate::provider::common::refresh::{OnUnreachable, refresh};
use crate::provider::session::Session;
use crate::sdk::{Call, Diagnostics};

pub(super) async fn read(session: &Session, call: &mut Call, state: ServiceModel) -> Result<ServiceModel, Diagnostics> {
    let managed = state.managed()?;
    let platforms = session.platforms().await?;
    let registry = state.registry()?;
    let mut refreshed = refresh(call, &platforms, &registry, &managed, OnUnreachable::Warn).await?;
    refreshed.keep_terminating(&managed);
    let mut state = state;
    let numbers = state.numbers().into_iter().chain(refreshed.numbers).collect();
    state.set_managed(&refreshed.managed, &numbers);
    state.resolve_numbers();
    if let Some(loaded) = session.registry_if_loaded()
        && state.registry.known().is_some_and(|name| name == loaded.fan_out.registry().name().as_str())
    {
        provenance::remember_age(&loaded, &mut call.private);
    }
    Ok(state)
}
