//! What a registry is fanned out with: the provider block, made ready for it.

use std::collections::HashMap;

use crate::registry::Labels;
use crate::registry::names::NamespaceKey;
use crate::registry::references::Reference;

use super::people::People;
use super::table::Table;

/// What the fan-out works with besides the registry: the provider block, made ready.
#[derive(Debug)]
pub(crate) struct ExpansionContext {
    pub(crate) table: Table,
    pub(crate) people: People,
    pub(crate) labels: Labels,
    /// The owner's mentions of each namespace that has a declared owner.
    pub(crate) owned: HashMap<NamespaceKey, Vec<Reference>>,
}
