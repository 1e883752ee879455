//! The real state of an object. Works from the state's own keys, never from the registry: after a rename the name in the state is
//! not the one in the registry, and what others granted is never shown.

use super::approval::note_users;
use super::instances::ensure_token;
use super::kind::{Presence, ResourceKind, StateModel};
use super::refresh::{OnUnreachable, refresh};
use super::{deleted, empty_store, ended, existing_messages, provenance, servers};
use crate::platform::OwnershipPolicy;
use crate::provider::session::{LoadedRegistry, Session};
use crate::registry::names::RegistryName;
use crate::sdk::{Call, Diagnostics, Private};

pub async fn read<K: ResourceKind>(
    session: &Session,
    call: &mut Call,
    state: K::Model,
) -> Result<Option<K::Model>, Diagnostics> {
    let identity = state.stored_identity()?;
    session.run_state().refreshes = true;
    let managed = state.managed()?;
    let platforms = K::platforms(session).await?;
    if platforms.projects.is_none() && platforms.clusters.is_none() {
        return Ok(Some(state));
    }
    // Most can be read without a registry. A plan reports why there is none.
    let loaded = session.registry(call).await;
    let registry = match provenance::made_for(state.registry(), &call.private).and_then(|name| name.parse().ok()) {
        Some(registry) => registry,
        None => provenance::name(&*loaded.clone()?)?,
    };
    // Under the name that the state knows, or any other that the registry has or had.
    let loaded = loaded.ok().filter(|loaded| is_name_of(loaded, &registry));
    let mut ownership = match &loaded {
        None => OwnershipPolicy::of(registry.clone()),
        Some(loaded) => provenance::ownership(loaded, false)?,
    };
    if ownership.registry != registry {
        ownership.previous.push(std::mem::replace(&mut ownership.registry, registry.clone()));
    }
    let managed = if platforms.projects.is_some() { deleted::with_recorded(&managed, &call.private) } else { managed };
    let refreshed = refresh(call, &platforms, &ownership, &managed, OnUnreachable::Warn).await?;
    empty_store::check(session, call, &managed).await;
    if platforms.projects.is_some() {
        deleted::record(&mut call.private, &refreshed.deleted);
    }
    if !refreshed.unlabelled.is_empty() {
        call.diagnostics.push(existing_messages::unlabelled(&identity, &refreshed.unlabelled));
    }
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
    ensure_token(&mut call.private);
    // Without a registry the notes of the last refresh stay.
    if let Some(loaded) = &loaded {
        if Some(&registry) == loaded.fan_out.registry().name() {
            provenance::remember_age(loaded, &mut call.private);
        }
        ended::note(loaded, &identity, &managed, &mut call.private);
        note_users(loaded, &identity, &managed, &mut call.private);
    }
    Ok(Some(state))
}

/// Whether the registry has this name, or had it.
fn is_name_of(loaded: &LoadedRegistry, name: &RegistryName) -> bool {
    let own = loaded.fan_out.registry().name();
    own.is_some_and(|own| own == name || provenance::is_previous(loaded, name.as_str()))
}
