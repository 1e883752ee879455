//! What is true of a state. Needs no registry: its name is kept beside the state.

use super::model::NamespaceModel;
use crate::fanout::resource::Key;
use crate::provider::common::provenance;
use crate::provider::common::refresh::{OnUnreachable, refresh};
use crate::provider::session::Session;
use crate::registry::names::RegistryName;
use crate::sdk::{Attr, Call, Diagnostics, Private};

pub(super) async fn read(
    session: &Session,
    call: &mut Call,
    state: NamespaceModel,
) -> Result<Option<NamespaceModel>, Diagnostics> {
    let key = state.stored_key()?;
    let managed = state.managed()?;
    let platforms = session.clusters().await?;
    if platforms.clusters.is_none() {
        return Ok(Some(state));
    }
    let registry = registry(session, call, &state).await?;
    let refreshed = refresh(call, &platforms, &registry, &managed, OnUnreachable::Warn).await?;
    if refreshed.unreachable.contains(&key.cluster) {
        return Ok(Some(state));
    }
    let mut state = state;
    if refreshed.terminating.contains(&key) {
        // Still there: who removes it has to wait for it. What is set on it counts no more, not even the mark: whoever asks for
        // it has to make it anew.
        state.registry = Attr::Null;
        state.set_observed(&key, &refreshed.managed);
        return Ok(Some(state));
    }
    let owner = refreshed.owners.get(&Key::Namespace(key.clone()));
    let was_going = state.registry.is_null();
    if !refreshed.managed.namespaces.contains_key(&key) || was_going && owner != Some(&registry) {
        // Gone (and perhaps another one in its place). It may be created now, and is no replacement: core hands the private
        // state on even so, by which a plan would take it for one.
        session.run_state().loaded_namespaces.remove(&key);
        call.private = Private::default();
        return Ok(None);
    }
    state.registry = Attr::Known(owner.map(ToString::to_string).unwrap_or_default());
    state.set_observed(&key, &refreshed.managed);
    if let Some(loaded) = session.registry_if_loaded()
        && registry == loaded.fan_out.registry().name()
    {
        provenance::remember_age(&loaded, &mut call.private);
    }
    Ok(Some(state))
}

/// The registry that the state was made for.
async fn registry(session: &Session, call: &mut Call, state: &NamespaceModel) -> Result<RegistryName, Diagnostics> {
    let released: Option<String> = call.private.get(provenance::REGISTRY);
    let name = released.or_else(|| state.registry.known().cloned()).and_then(|name| name.parse().ok());
    match name {
        Some(name) => Ok(name),
        None => Ok(session.registry(call).await?.fan_out.registry().name()),
    }
}
