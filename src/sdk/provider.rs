//! The provider itself, and what every call carries.

use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{DataSource, Diagnostics, Function, Private, Resource, Schema, Value};

/// What one call carries in and out besides its values.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// Fires when the user asks Terraform to stop. Work should end soon, at a point from which it can go on later.
    pub cancel: CancellationToken,
    /// Private state: as it was before the call; what is left here is stored.
    pub private: Private,
    /// What the approved plan stored, where core hands it to a plan at apply (field set 6.11).
    pub planned_private: Option<Private>,
    /// Warnings, and errors that do not end the call.
    pub diagnostics: Diagnostics,
}

impl Call {
    /// A call that nobody cancels.
    pub fn new(cancel: CancellationToken) -> Self {
        Self { cancel, ..Self::default() }
    }
}

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
