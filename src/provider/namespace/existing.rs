//! Role bindings whose role changes.

use std::collections::BTreeMap;

use super::messages;
use super::model::key_of;
use crate::fanout::resource::ResourceSet;
use crate::provider::lifecycle::Desired;
use crate::sdk::Diagnostic;

/// A warning about the bindings that keep their names and change their roles.
pub(super) fn role_changes(desired: &Desired, existing: &ResourceSet) -> Vec<Diagnostic> {
    let Ok(key) = key_of(&desired.identity) else { return Vec::new() };
    let had = existing.role_bindings.get(key);
    let wanted = desired.resources.role_bindings.get(key).into_iter().flatten();
    let both = wanted.filter_map(|(name, binding)| Some((name, (had?.get(name)?, binding))));
    let changes: BTreeMap<_, _> = both.filter(|(_, (before, binding))| before.role != binding.role).collect();
    if changes.is_empty() { Vec::new() } else { vec![messages::role_bindings_recreated(key, &changes)] }
}
