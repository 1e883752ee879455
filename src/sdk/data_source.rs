//! Data sources: object-safe core and typed authoring side.

use std::sync::OnceLock;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::typed::model;
use super::{Call, Diagnostics, Field, Schema, StateResponse, Value, validate};

/// A data source, as the plugin room sees it.
#[async_trait]
pub trait DataSource: Send + Sync + 'static {
    /// The full type name.
    fn name(&self) -> &str;
    /// Its schema.
    fn schema(&self) -> &Schema;
    /// Checks a configuration, in which anything may be unknown.
    async fn validate(&self, cancel: CancellationToken, config: Value) -> Diagnostics;
    /// Reads. The answer is wholly known and not null, or an error.
    async fn read(&self, cancel: CancellationToken, config: Value) -> StateResponse;
}

/// A data source as its author writes it.
#[async_trait]
pub trait DataSourceType: Send + Sync + 'static {
    /// Its attributes.
    type Model: Field + Send + Sync;
    /// The full type name.
    const NAME: &'static str;
    /// Its schema.
    fn schema() -> Schema;
    /// Checks a configuration beyond the schema's own rules.
    async fn validate(&self, call: &mut Call, config: Self::Model) -> Result<(), Diagnostics> {
        let _ = (call, config);
        Ok(())
    }
    /// Reads. Core defers the call itself while the configuration is unknown.
    async fn read(&self, call: &mut Call, config: Self::Model) -> Result<Self::Model, Diagnostics>;
}

/// Makes a [`DataSource`] of a [`DataSourceType`].
pub struct TypedData<D> {
    inner: D,
    schema: OnceLock<Schema>,
}

impl<D> TypedData<D> {
    /// Wraps a data source.
    pub const fn new(inner: D) -> Self {
        Self { inner, schema: OnceLock::new() }
    }
}

#[async_trait]
impl<D: DataSourceType> DataSource for TypedData<D> {
    fn name(&self) -> &str {
        D::NAME
    }

    fn schema(&self) -> &Schema {
        self.schema.get_or_init(D::schema)
    }

    async fn validate(&self, cancel: CancellationToken, config: Value) -> Diagnostics {
        let mut call = Call::new(cancel);
        call.diagnostics = validate(self.schema(), &config);
        let checked = match model(config) {
            Ok(config) => self.inner.validate(&mut call, config).await,
            Err(errors) => Err(errors),
        };
        if let Err(errors) = checked {
            call.diagnostics.extend(errors);
        }
        call.diagnostics
    }

    async fn read(&self, cancel: CancellationToken, config: Value) -> StateResponse {
        let mut call = Call::new(cancel);
        let answer = match model(config) {
            Ok(config) => self.inner.read(&mut call, config).await,
            Err(errors) => Err(errors),
        };
        let state = match answer {
            Ok(state) => Some(state.into_value()),
            Err(errors) => {
                call.diagnostics.extend(errors);
                None
            }
        };
        StateResponse { state, private: call.private, diagnostics: call.diagnostics }
    }
}
