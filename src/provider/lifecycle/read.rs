//! The real state of an object. Works from the state's own keys, never from the registry: after a rename the name in the state is
//! not the one in the registry, and what others granted is never shown.

use super::kind::{Presence, ResourceKind, StateModel};
use super::refresh::{OnUnreachable, refresh};
use super::{provenance, servers};
use crate::provider::session::Session;
use crate::sdk::{Call, Diagnostics, Private};

pub async fn read<K: ResourceKind>(
    session: &Session,
    call: &mut Call,
    state: K::Model,
) -> Result<Option<K::Model>, Diagnostics> {
    let identity = state.stored_identity()?;
    let managed = state.managed()?;
    let platforms = K::platforms(session).await?;
    if platforms.projects.is_none() && platforms.clusters.is_none() {
        return Ok(Some(state));
    }
    let registry = match provenance::made_for(state.registry(), &call.private).and_then(|name| name.parse().ok()) {
        Some(registry) => registry,
        None => session.registry(call).await?.fan_out.registry().name(),
    };
    let refreshed = refresh(call, &platforms, &registry, &managed, OnUnreachable::Warn).await?;
    // After the refresh: its snapshots say which servers they are of.
    servers::compare_with_state(session, call, &platforms, &identity, &servers::of(&managed)).await?;
    let mut state = state;
    if state.set_observed(&managed, refreshed, &registry) == Presence::Gone {
        // It may be created now, which is no replacement: core passes the private state on even so, and a plan would take the
        // create for one.
        session.run_state().loaded.remove(&identity);
        call.private = Private::default();
        return Ok(None);
    }
    if let Some(loaded) = session.registry_if_loaded()
        && registry == loaded.fan_out.registry().name()
    {
        provenance::remember_age(&loaded, &mut call.private);
    }
    Ok(Some(state))
}
