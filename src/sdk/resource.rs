//! The object-safe trait of a resource, which the plugin module calls. Authors implement
//! [`ResourceType`](super::ResourceType).
//!
//! Identities in requests are not passed on: the state has all attributes of one.

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{Call, Diagnostics, Path, Private, Schema, Value};

/// State as stored, possibly by an older release.
#[derive(Debug, Clone)]
pub struct UpgradeRequest {
    /// The schema version of the state.
    pub version: i64,
    /// The JSON of the state file.
    pub state: serde_json::Value,
}

/// A state, or only diagnostics.
#[derive(Debug, Clone, Default)]
pub struct StateResponse {
    /// The state. `None` only with an error.
    pub state: Option<Value>,
    /// Private state.
    pub private: Private,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// The request of a refresh.
#[derive(Debug, Clone)]
pub struct ReadRequest {
    /// The stored state.
    pub state: Value,
    /// Private state, cancellation.
    pub call: Call,
}

/// The response to a refresh.
#[derive(Debug, Clone, Default)]
pub struct ReadResponse {
    /// The real state, null if the object does not exist. `None` only with an error.
    pub state: Option<Value>,
    /// Its identity.
    pub identity: Option<Value>,
    /// Private state.
    pub private: Private,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// The request of a plan: create (`prior` null), destroy (`proposed` null) or update.
#[derive(Debug, Clone)]
pub struct PlanRequest {
    /// The prior state.
    pub prior: Value,
    /// Core's merge of configuration and prior state.
    pub proposed: Value,
    /// The configuration.
    pub config: Value,
    /// Private state, cancellation.
    pub call: Call,
}

/// A plan.
#[derive(Debug, Clone, Default)]
pub struct PlanResponse {
    /// The planned state, null for destroy. `None` only with an error.
    pub planned: Option<Value>,
    /// Its identity, unless any of it is unknown.
    pub identity: Option<Value>,
    /// Attributes whose change requires a replacement.
    pub requires_replace: Vec<Path>,
    /// Private state for the apply.
    pub private: Private,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// The request of an apply: create, destroy or update, as in [`PlanRequest`].
#[derive(Debug, Clone)]
pub struct ApplyRequest {
    /// The prior state.
    pub prior: Value,
    /// The planned state.
    pub planned: Value,
    /// The configuration.
    pub config: Value,
    /// Planned private state (in `call.private`), cancellation.
    pub call: Call,
}

/// The response to an apply.
#[derive(Debug, Clone, Default)]
pub struct ApplyResponse {
    /// The new state. `None` with an error: the prior state remains (on create: no state).
    pub state: Option<Value>,
    /// Its identity.
    pub identity: Option<Value>,
    /// Private state.
    pub private: Private,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// What an import names.
#[derive(Debug, Clone)]
pub enum ImportTarget<I> {
    /// An import id.
    Id(String),
    /// An identity: the attributes of [`Resource::identity`].
    Identity(I),
}

/// An imported object.
#[derive(Debug, Clone, Default)]
pub struct ImportResponse {
    /// The state for the following read. `None` only with an error.
    pub state: Option<Value>,
    /// Its identity.
    pub identity: Option<Value>,
    /// Private state.
    pub private: Private,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// State of another resource type that a `moved` block moves to this one.
#[derive(Debug, Clone)]
pub struct MoveRequest {
    /// The address of the source's provider.
    pub source_provider: String,
    /// The source's type.
    pub source_type: String,
    /// The source's schema version.
    pub source_version: i64,
    /// The source's state as JSON.
    pub state: serde_json::Value,
    /// The source's private state.
    pub private: Vec<u8>,
}

/// A resource as the plugin module calls it. All values conform to [`Resource::schema`].
#[async_trait]
pub trait Resource: Send + Sync + 'static {
    /// The full type name: `anu_registry_service`.
    fn name(&self) -> &str;
    /// Its schema.
    fn schema(&self) -> &Schema;
    /// The schema of its identity: those attributes by which an object can be imported, and which name it outside a state.
    fn identity(&self) -> Option<&Schema> {
        None
    }
    /// Validates a configuration. Any value in it may be unknown.
    async fn validate(&self, cancel: CancellationToken, config: Value) -> Diagnostics;
    /// Converts stored state to the current schema. Called on every read of state.
    async fn upgrade(&self, request: UpgradeRequest) -> StateResponse;
    /// Refreshes.
    async fn read(&self, request: ReadRequest) -> ReadResponse;
    /// Plans.
    async fn plan(&self, request: PlanRequest) -> PlanResponse;
    /// Applies.
    async fn apply(&self, request: ApplyRequest) -> ApplyResponse;
    /// Imports.
    async fn import(&self, cancel: CancellationToken, target: ImportTarget<Value>) -> ImportResponse;
    /// The configuration to generate for an object in this state. No value for none: core writes one without values.
    fn generate(&self, state: Value) -> StateResponse;
    /// Moves the state of another type to this one.
    async fn move_state(&self, request: MoveRequest) -> StateResponse;
}
