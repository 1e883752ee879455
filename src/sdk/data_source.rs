//! Data sources: the object-safe trait and its typed counterpart.

use crate::codes;
use std::sync::OnceLock;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::typed::{checked, model};
use super::{Call, Diagnostic, Diagnostics, Field, Schema, StateResponse, Value, unknown_places, validate};

/// A data source as the plugin module calls it.
#[async_trait]
pub trait DataSource: Send + Sync + 'static {
    /// The full type name.
    fn name(&self) -> &str;
    /// Its schema.
    fn schema(&self) -> &Schema;
    /// Validates a configuration. Any value in it may be unknown.
    async fn validate(&self, cancel: CancellationToken, config: Value) -> Diagnostics;
    /// Reads. The result is wholly known and not null, or an error.
    async fn read(&self, cancel: CancellationToken, config: Value) -> StateResponse;
}

/// A data source as its author implements it.
#[async_trait]
pub trait DataSourceType: Send + Sync + 'static {
    /// Its attributes.
    type Model: Field + Send + Sync;
    /// The full type name.
    const NAME: &'static str;
    /// Its schema.
    fn schema() -> Schema;
    /// Validates a configuration beyond the rules of the schema.
    async fn validate(&self, call: &mut Call, config: Self::Model) -> Result<(), Diagnostics> {
        let _ = (call, config);
        Ok(())
    }
    /// Reads. Core does not call it while the configuration is unknown.
    async fn read(&self, call: &mut Call, config: Self::Model) -> Result<Self::Model, Diagnostics>;
}

/// The adapter from [`DataSourceType`] to [`DataSource`].
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

impl<D: DataSourceType> TypedData<D> {
    /// The configuration to read with. A value that was unknown when the configuration was validated may be null now.
    ///
    /// # Errors
    /// For each null that the schema refuses, and each unknown value: core defers the read until all are known.
    fn readable(&self, config: Value) -> Result<D::Model, Diagnostics> {
        let mut wrong = validate(self.schema(), &config);
        wrong.extend(unknown_places(self.schema(), &config).into_iter().map(|path| {
            let detail = format!("`{path}` is known only after apply, and the data source is read before.");
            Diagnostic::new(codes::UNKNOWN_ARGUMENT, detail).at(path)
        }));
        if wrong.has_errors() { Err(wrong) } else { model(config) }
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
        checked(self.schema(), cancel, config, async |call, config| self.inner.validate(call, config).await).await
    }

    async fn read(&self, cancel: CancellationToken, config: Value) -> StateResponse {
        let mut call = Call::new(cancel);
        let answer = match self.readable(config) {
            Ok(config) => self.inner.read(&mut call, config).await,
            Err(errors) => Err(errors),
        };
        let state = match answer {
            Ok(state) => Some(self.schema().complete(state.into_value())),
            Err(errors) => {
                call.diagnostics.extend(errors);
                None
            }
        };
        StateResponse { state, private: call.private, diagnostics: call.diagnostics }
    }
}
