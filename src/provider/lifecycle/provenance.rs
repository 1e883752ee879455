//! Which registry a state was applied from. It keeps the name, and the age of the newest one it has seen: with another registry, or
//! an older one, a plan would delete what is wanted.

use jiff::Timestamp;

use super::messages;
use crate::platform::OwnershipPolicy;
use crate::provider::identity::Identity;
use crate::provider::session::LoadedRegistry;
use crate::registry::names::RegistryName;
use crate::sdk::{Diagnostics, Private};

/// In private state: the registry's name.
pub const REGISTRY: &str = "registry";
/// In private state: when the newest registry that the state has seen was compiled.
pub const COMPILED_AT: &str = "compiled_at";
/// In private state: what a destroy plan decided, as it travels to the apply.
pub const DESTROY: &str = "destroy";

/// The name of the registry that a state was applied from. The attribute may say less: it shows whose ownership label an object
/// carries.
pub fn made_for(attribute: Option<&String>, private: &Private) -> Option<String> {
    private.get(REGISTRY).or_else(|| attribute.filter(|name| !name.is_empty()).cloned())
}

/// The name that everything created carries in its ownership label.
///
/// # Errors
/// When the registry has none: saying where to write it.
pub fn name(loaded: &LoadedRegistry) -> Result<RegistryName, Diagnostics> {
    loaded.fan_out.registry().name().cloned().ok_or_else(|| messages::unnamed_registry(&loaded.source).into())
}

/// Refuses a registry other than the one a state was applied from, and one older than the state has seen.
///
/// # Errors
/// Saying which of the two.
pub fn check(
    identity: &Identity,
    loaded: &LoadedRegistry,
    attribute: Option<&String>,
    private: &Private,
) -> Result<(), Diagnostics> {
    let name = name(loaded)?;
    if let Some(before) = made_for(attribute, private)
        && before != name.as_str()
        && !is_previous(loaded, &before)
    {
        return Err(messages::another_registry(identity, &before, name.as_str(), &loaded.source).into());
    }
    let (Some(seen), false) = (seen(private), loaded.accepts_older) else { return Ok(()) };
    let digest = loaded.fan_out.registry().digest();
    match loaded.fan_out.registry().metadata.compiled_at {
        None => Err(messages::ageless_registry(identity, seen, &loaded.source, digest).into()),
        Some(now) if now < seen => Err(messages::older_registry(identity, seen, now, &loaded.source, digest).into()),
        Some(_) => Ok(()),
    }
}

/// Refuses to provision from a registry that is compiled later than now: it would have every later one refused as too old.
///
/// # Errors
/// Saying what the registry and the clock say.
pub fn check_clock(identity: &Identity, loaded: &LoadedRegistry) -> Result<(), Diagnostics> {
    let text = loaded.from_the_future.as_ref();
    text.map_or(Ok(()), |text| Err(messages::from_the_future(identity, text).into()))
}

/// Whether this is an earlier name of the registry.
pub fn is_previous(loaded: &LoadedRegistry, name: &str) -> bool {
    loaded.fan_out.registry().previous_names().iter().any(|previous| previous.as_str() == name)
}

/// What the registry may change: what carries its name or an earlier one.
///
/// # Errors
/// When the registry has no name.
pub fn ownership(loaded: &LoadedRegistry, adopt: bool) -> Result<OwnershipPolicy, Diagnostics> {
    let previous = loaded.fan_out.registry().previous_names().to_vec();
    Ok(OwnershipPolicy { previous, adopt, ..OwnershipPolicy::of(name(loaded)?) })
}

/// Writes down which registry this was.
pub fn remember(loaded: &LoadedRegistry, private: &mut Private) {
    private.remove(DESTROY);
    if let Some(name) = loaded.fan_out.registry().name() {
        private.set(REGISTRY, name.as_str());
    }
    remember_age(loaded, private);
}

/// Raises the age the state has seen. It falls only to that of a registry that is accepted although it is older. A copy does not count: one that is newer than the source (a fallback that
/// is not published yet) would have the source refused as too old.
pub fn remember_age(loaded: &LoadedRegistry, private: &mut Private) {
    if loaded.fallback_reason.is_some() || loaded.from_the_future.is_some() {
        return;
    }
    if loaded.accepts_older {
        private.remove(COMPILED_AT);
    }
    let Some(now) = loaded.fan_out.registry().metadata.compiled_at else { return };
    if seen(private).is_none_or(|seen| seen < now) {
        private.set(COMPILED_AT, now.to_string());
    }
}

/// When the newest registry that the state has seen was compiled.
fn seen(private: &Private) -> Option<Timestamp> {
    private.get::<String>(COMPILED_AT)?.parse().ok()
}
