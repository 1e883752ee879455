//! What is true of a state. Needs no registry: its name is kept beside the state.

use super::model::NamespaceModel;
use crate::fanout::resource::Key;
use crate::provider::common::lineage;
use crate::provider::common::observe::{Down, observe};
use crate::provider::session::Session;
use crate::registry::names::RegistryName;
use crate::sdk::{Attr, Call, Diagnostics, Private};

pub(super) async fn read(
    session: &Session,
    call: &mut Call,
    state: NamespaceModel,
) -> Result<Option<NamespaceModel>, Diagnostics> {
    let key = state.stored_key()?;
    let claims = state.claims()?;
    let opened = session.clusters().await?;
    if opened.clusters.is_none() {
        return Ok(Some(state));
    }
    let registry = registry(session, call, &state).await?;
    let observed = observe(call, &opened, &registry, &claims, Down::Tolerated).await?;
    if observed.unseen.contains(&key.cluster) {
        return Ok(Some(state));
    }
    let mut state = state;
    if observed.terminating.contains(&key) {
        // Still there: who removes it has to wait for it. What is set on it counts no more, not even the mark: whoever asks for
        // it has to make it anew.
        state.registry = Attr::Null;
        state.take(&key, &observed.claims);
        return Ok(Some(state));
    }
    let mark = observed.marks.get(&Key::Namespace(key.clone()));
    let was_going = state.registry.is_null();
    if !observed.claims.namespaces.contains_key(&key) || was_going && mark != Some(&registry) {
        // Gone (and perhaps another one in its place). It may be created now, and is no replacement: core hands the private
        // state on even so, by which a plan would take it for one.
        session.memory().loaded_namespaces.remove(&key);
        call.private = Private::default();
        return Ok(None);
    }
    state.registry = Attr::Known(mark.map(ToString::to_string).unwrap_or_default());
    state.take(&key, &observed.claims);
    if let Some(loaded) = session.registry_if_loaded()
        && registry == loaded.fan_out.registry().name()
    {
        lineage::remember_age(&loaded, &mut call.private);
    }
    Ok(Some(state))
}

/// The registry that the state was made for.
async fn registry(session: &Session, call: &mut Call, state: &NamespaceModel) -> Result<RegistryName, Diagnostics> {
    let kept: Option<String> = call.private.get(lineage::REGISTRY);
    let name = kept.or_else(|| state.registry.known().cloned()).and_then(|name| name.parse().ok());
    match name {
        Some(name) => Ok(name),
        None => Ok(session.registry(call).await?.fan_out.registry().name()),
    }
}
