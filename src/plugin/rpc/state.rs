//! The state of all calls: the provider, its resources by name, and the calls in flight.

use std::sync::Arc;

use super::super::work::Work;
use super::catalogue::{Catalogue, Entry, Signed};
use crate::sdk::{DataSource, Diagnostic, Provider, Resource, Schema, Type};

/// The provider as Terraform calls it.
pub(in super::super) struct Rpc {
    pub(super) provider: Arc<dyn Provider>,
    catalogue: Catalogue,
    pub(super) work: Arc<Work>,
    pub(super) address: &'static str,
}

impl Rpc {
    /// Does no work: core may only call a function, or nothing.
    pub(in super::super) fn new(provider: Arc<dyn Provider>, address: &'static str) -> Self {
        Self { provider, catalogue: Catalogue::default(), work: Arc::default(), address }
    }

    /// The calls that StopProvider cancels.
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
