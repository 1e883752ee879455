//! The provider trait.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Call, DataSource, Diagnostics, Function, Resource, Schema, Value};

/// The content of core's configure call.
#[derive(Debug, Clone, Default)]
pub struct Configure {
    /// The provider block. At plan it may contain unknown values.
    pub config: Value,
    /// Core's version.
    pub terraform_version: String,
}

/// A provider: its resources, data sources and functions, and its block.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// The schema of the provider block.
    fn schema(&self) -> Schema;
    /// All resources.
    fn resources(&self) -> &[Arc<dyn Resource>];
    /// All data sources.
    fn data_sources(&self) -> &[Arc<dyn DataSource>];
    /// All functions. They are called without configuration.
    fn functions(&self) -> &[Arc<dyn Function>];
    /// Validates the block beyond the rules of its schema.
    async fn validate(&self, config: Value) -> Diagnostics;
    /// Stores the configuration, and replaces that of an earlier call. It does not connect to anything.
    async fn configure(&self, call: &mut Call, request: Configure);
}
