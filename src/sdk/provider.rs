//! The provider itself.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Call, DataSource, Diagnostics, Function, Resource, Schema, Value};

/// What core tells when it configures the provider.
#[derive(Debug, Clone, Default)]
pub struct Configure {
    /// The provider block. May hold unknown values at plan.
    pub config: Value,
    /// Core's version.
    pub terraform_version: String,
}

/// A provider: a table of contents, and the block that configures it.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// The provider block.
    fn schema(&self) -> Schema;
    /// Everything it can manage.
    fn resources(&self) -> &[Arc<dyn Resource>];
    /// Everything it can read.
    fn data_sources(&self) -> &[Arc<dyn DataSource>];
    /// Everything it can compute. Called without configuration.
    fn functions(&self) -> &[Arc<dyn Function>];
    /// Checks the block beyond its schema's own rules.
    async fn validate(&self, config: Value) -> Diagnostics;
    /// Takes the block. Replaces what an earlier call set. Does no work that a mere schema question would pay for.
    async fn configure(&self, call: &mut Call, request: Configure);
}
