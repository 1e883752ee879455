//! The context of a fan-out.

use std::collections::HashMap;

use crate::registry::Labels;
use crate::registry::names::NamespaceKey;
use crate::registry::references::Reference;

use super::gke::ClusterViewers;
use super::people::People;
use super::settings::ProjectDefaults;
use super::shared_with::Owners;
use super::table::Table;

/// The input of the fan-out besides the registry: the provider block, combined with the registry.
#[derive(Debug)]
pub(crate) struct ExpansionContext {
    pub(crate) table: Table,
    pub(crate) people: People,
    pub(crate) labels: Labels,
    pub(crate) project_defaults: ProjectDefaults,
    /// The projects in which clusters show themselves to the people of the environments on them.
    pub(crate) cluster_viewers: ClusterViewers,
    /// The owner's references to each namespace that has a declared owner.
    pub(crate) owned: HashMap<NamespaceKey, Vec<Reference>>,
    /// Who uses what each service owns.
    pub(crate) owners: Owners,
}
