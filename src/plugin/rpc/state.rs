//! What every call works with: the provider, what it offers by name, and the calls under way.

use std::sync::Arc;

use super::super::work::Work;
use super::catalogue::{Catalogue, Entry, Signed};
use crate::sdk::{DataSource, Diagnostic, Provider, Resource, Schema, Type};

/// The provider, as Terraform calls it.
pub(in super::super) struct Rpc {
    pub(super) provider: Arc<dyn Provider>,
    catalogue: Catalogue,
    pub(super) work: Arc<Work>,
    pub(super) address: &'static str,
}

impl Rpc {
    /// Does no work: the process may only be asked for a function, or for nothing.
    pub(in super::super) fn new(provider: Arc<dyn Provider>, address: &'static str) -> Self {
        Self { provider, catalogue: Catalogue::default(), work: Arc::default(), address }
    }

    /// What StopProvider stops.
    pub(in super::super) fn work(&self) -> Arc<Work> {
        Arc::clone(&self.work)
    }

    /// The provider block's schema and type.
    pub(super) fn block(&self) -> &(Schema, Type) {
        self.catalogue.block(&*self.provider)
    }

    pub(super) fn resource(&self, name: &str) -> Result<&Entry<dyn Resource>, Diagnostic> {
        self.catalogue.resource(&*self.provider, name)
    }

    pub(super) fn data_source(&self, name: &str) -> Result<&Entry<dyn DataSource>, Diagnostic> {
        self.catalogue.data_source(&*self.provider, name)
    }

    pub(super) fn function(&self, name: &str) -> Result<&Signed, Diagnostic> {
        self.catalogue.function(&*self.provider, name)
    }
}
