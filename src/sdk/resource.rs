//! The object-safe side of a resource: what the plugin room calls. Authors implement [`ResourceType`](super::ResourceType).

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{Call, Diagnostics, Path, Private, Schema, Value};

/// State as stored, possibly by an older release.
#[derive(Debug, Clone)]
pub struct UpgradeRequest {
    /// Schema version it was written under.
    pub version: i64,
    /// The JSON of the state file.
    pub state: serde_json::Value,
}

/// A state, or nothing but diagnostics.
#[derive(Debug, Clone, Default)]
pub struct StateResponse {
    /// The state; `None` only with an error.
    pub state: Option<Value>,
    /// Private state.
    pub private: Private,
    /// What to tell the user.
    pub diagnostics: Diagnostics,
}

/// A refresh.
#[derive(Debug, Clone)]
pub struct ReadRequest {
    /// State as it is known.
    pub state: Value,
    /// Private state, cancellation.
    pub call: Call,
}

/// A refresh's answer.
#[derive(Debug, Clone, Default)]
pub struct ReadResponse {
    /// What is now, null when it is gone; `None` only with an error.
    pub state: Option<Value>,
    /// Private state.
    pub private: Private,
    /// What to tell the user.
    pub diagnostics: Diagnostics,
}

/// A plan to make: create (`prior` null), destroy (`proposed` null) or update.
#[derive(Debug, Clone)]
pub struct PlanRequest {
    /// State before.
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
    /// State to come; null for destroy; `None` only with an error.
    pub planned: Option<Value>,
    /// Attributes whose change needs a replacement.
    pub requires_replace: Vec<Path>,
    /// Private state for the apply.
    pub private: Private,
    /// What to tell the user.
    pub diagnostics: Diagnostics,
}

/// A plan to carry out. The shape tells the verb, as in [`PlanRequest`].
#[derive(Debug, Clone)]
pub struct ApplyRequest {
    /// State before.
    pub prior: Value,
    /// State as planned.
    pub planned: Value,
    /// The configuration.
    pub config: Value,
    /// Planned private state (in `call.private`), cancellation.
    pub call: Call,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct ApplyResponse {
    /// What is true now. `None` with an error: the prior state stands (on create: there is nothing).
    pub state: Option<Value>,
    /// Private state.
    pub private: Private,
    /// What to tell the user.
    pub diagnostics: Diagnostics,
}

/// An imported object.
#[derive(Debug, Clone, Default)]
pub struct ImportResponse {
    /// Enough state for the read that follows; `None` only with an error.
    pub state: Option<Value>,
    /// Private state.
    pub private: Private,
    /// What to tell the user.
    pub diagnostics: Diagnostics,
}

/// State of another resource type, to be taken over by `moved`.
#[derive(Debug, Clone)]
pub struct MoveRequest {
    /// Address of the provider it belongs to.
    pub source_provider: String,
    /// Its type.
    pub source_type: String,
    /// Its schema version.
    pub source_version: i64,
    /// Its state's JSON.
    pub state: serde_json::Value,
    /// Its private state.
    pub private: Vec<u8>,
}

/// A resource, as the plugin room sees it. Values in and out conform to [`Resource::schema`].
#[async_trait]
pub trait Resource: Send + Sync + 'static {
    /// The full type name: `anu_registry_service`.
    fn name(&self) -> &str;
    /// Its schema.
    fn schema(&self) -> &Schema;
    /// Checks a configuration, in which anything may be unknown.
    async fn validate(&self, cancel: CancellationToken, config: Value) -> Diagnostics;
    /// Brings stored state to today's schema. Called on every read of state.
    async fn upgrade(&self, request: UpgradeRequest) -> StateResponse;
    /// Refreshes.
    async fn read(&self, request: ReadRequest) -> ReadResponse;
    /// Plans.
    async fn plan(&self, request: PlanRequest) -> PlanResponse;
    /// Applies.
    async fn apply(&self, request: ApplyRequest) -> ApplyResponse;
    /// Imports.
    async fn import(&self, cancel: CancellationToken, id: String) -> ImportResponse;
    /// Takes over another type's state.
    async fn move_state(&self, request: MoveRequest) -> StateResponse;
}
