//! Typed resources, and the adapter to the object-safe trait.

use crate::codes;
use std::sync::OnceLock;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{
    ApplyRequest, ApplyResponse, Call, Diagnostic, Diagnostics, Field, ImportResponse, ImportTarget, MoveRequest, Path,
    PlanRequest, PlanResponse, ReadRequest, ReadResponse, Resource, Schema, StateResponse, UpgradeRequest, Value,
    from_json, identity, prepare, validate,
};

/// A create or update to plan.
#[derive(Debug, Clone)]
pub struct Plan<M> {
    /// The prior state. `None` on create.
    pub prior: Option<M>,
    /// The configuration.
    pub config: M,
    /// Core's proposed state with defaults and plan modifiers applied: the basis of the plan.
    pub proposed: M,
}

/// A resource as its author implements it. The methods are in the order in which Terraform calls them.
#[async_trait]
pub trait ResourceType: Send + Sync + 'static {
    /// Its attributes. Configuration, plan and state share one model, so fields that a plan may leave unknown are
    /// [`Attr`](super::Attr).
    type Model: Field + Send + Sync;
    /// The full type name.
    const NAME: &'static str;
    /// The attributes that identify an object, of texts or lists of texts. Those that the schema requires are required of an
    /// import by identity. Without any, the resource has no identity.
    const IDENTITY: &'static [&'static str] = &[];

    /// Its schema.
    fn schema() -> Schema;

    /// Validates a configuration beyond the rules of the schema. Any value in it may be unknown.
    async fn validate(&self, call: &mut Call, config: Self::Model) -> Result<(), Diagnostics> {
        let _ = (call, config);
        Ok(())
    }

    /// Converts state of an older schema version to the current one. Called only for older versions.
    fn upgrade(version: i64, state: serde_json::Value) -> Result<serde_json::Value, Diagnostics> {
        let _ = state;
        Err(Diagnostic::bug(format!("There is no upgrade of `{}` from schema version {version}.", Self::NAME)).into())
    }

    /// Called for every stored state that is loaded, before any plan. Core does not otherwise indicate that an object exists
    /// whose create it plans.
    fn loaded(&self, state: &Self::Model) {
        let _ = state;
    }

    /// The real state of the object in `state`. `None` if it does not exist.
    async fn read(&self, call: &mut Call, state: Self::Model) -> Result<Option<Self::Model>, Diagnostics>;

    /// Plans a create or update. Core calls it again at apply and requires the same result.
    async fn plan(&self, call: &mut Call, plan: Plan<Self::Model>) -> Result<Self::Model, Diagnostics>;

    /// Plans a destroy. An error refuses it.
    async fn plan_destroy(&self, call: &mut Call, prior: Self::Model) -> Result<(), Diagnostics>;

    /// Creates. After any error nothing is stored in the state (see [`Typed`]), so a create must be resumable.
    async fn create(&self, call: &mut Call, planned: Self::Model) -> Result<Self::Model, Diagnostics>;

    /// Updates. To report errors *and* a new state, add the errors to `call.diagnostics` and return the state.
    async fn update(
        &self,
        call: &mut Call,
        prior: Self::Model,
        planned: Self::Model,
    ) -> Result<Self::Model, Diagnostics>;

    /// Deletes. After an error the prior state remains, unless the rest of it is returned.
    async fn delete(&self, call: &mut Call, prior: Self::Model) -> Result<Option<Self::Model>, Diagnostics>;

    /// The state for the following read. Of a model that identifies an object, only the attributes of the identity are set.
    async fn import(&self, call: &mut Call, target: ImportTarget<Self::Model>) -> Result<Self::Model, Diagnostics>;

    /// Removes from generated configuration what no user would write. What only the provider sets, and what is a default, is
    /// null already.
    fn generated(config: &mut Self::Model) {
        let _ = config;
    }
}

/// The adapter from [`ResourceType`] to [`Resource`]. It ensures rules of core for every resource:
///
/// - a failed create returns no state: core stores a state with an error as *tainted*, and replaces tainted objects;
/// - a missing state is never returned without an error: core interprets it as a deleted object;
/// - `requires_replace` is never returned;
/// - an identity is returned with every state, and never one with unknown values: core cannot print such a plan.
pub struct Typed<R> {
    inner: R,
    schema: OnceLock<Schema>,
    identity: OnceLock<Option<Schema>>,
}

impl<R> Typed<R> {
    /// Wraps a resource.
    pub const fn new(inner: R) -> Self {
        Self { inner, schema: OnceLock::new(), identity: OnceLock::new() }
    }
}

impl<R: ResourceType> Typed<R> {
    /// The identity of a state or plan.
    fn identity_of(&self, state: Option<&Value>) -> Option<Value> {
        identity::of(self.identity()?, state?)
    }

    /// The model of an identity, by the rules for the same attributes of a configuration.
    fn identified(&self, value: Value) -> Result<R::Model, Diagnostics> {
        let Some(schema) = self.identity() else {
            return Err(Diagnostic::bug(format!("`{}` has no identity.", R::NAME)).into());
        };
        let wrong = validate(schema, &value);
        if wrong.has_errors() { Err(wrong) } else { model(value) }
    }

    /// A state or plan as core requires it.
    fn value(&self, state: R::Model) -> Value {
        self.schema().complete(state.into_value())
    }
}

/// Converts a value from core to the author's model. Core ensures that the value conforms to the schema.
pub(super) fn model<M: Field>(value: Value) -> Result<M, Diagnostics> {
    M::from_value(value, &Path::root()).map_err(|error| {
        Diagnostic::bug(format!("A value from Terraform does not conform to the schema: {error}.")).into()
    })
}

/// Validates a configuration by its schema, then by the checks of its kind.
pub(super) async fn checked<M: Field>(
    schema: &Schema,
    cancel: CancellationToken,
    config: Value,
    check: impl AsyncFnOnce(&mut Call, M) -> Result<(), Diagnostics>,
) -> Diagnostics {
    let mut call = Call::new(cancel);
    call.diagnostics = validate(schema, &config);
    // A model may be unable to contain a null that has just been refused.
    let checked = match model(config) {
        Ok(config) => check(&mut call, config).await,
        Err(_) if call.diagnostics.has_errors() => Ok(()),
        Err(errors) => Err(errors),
    };
    if let Err(errors) = checked {
        call.diagnostics.extend(errors);
    }
    call.diagnostics
}

#[async_trait]
impl<R: ResourceType> Resource for Typed<R> {
    fn name(&self) -> &str {
        R::NAME
    }

    fn schema(&self) -> &Schema {
        self.schema.get_or_init(R::schema)
    }

    fn identity(&self) -> Option<&Schema> {
        self.identity.get_or_init(|| identity::schema(self.schema(), R::IDENTITY)).as_ref()
    }

    async fn validate(&self, cancel: CancellationToken, config: Value) -> Diagnostics {
        checked(self.schema(), cancel, config, async |call, config| self.inner.validate(call, config).await).await
    }

    async fn upgrade(&self, request: UpgradeRequest) -> StateResponse {
        let current = self.schema().version;
        let json = if request.version < current {
            match R::upgrade(request.version, request.state) {
                Ok(json) => json,
                Err(diagnostics) => return StateResponse { diagnostics, ..StateResponse::default() },
            }
        } else {
            request.state
        };
        let loaded = from_json(&json, &self.schema().ty()).map(|state| self.schema().complete(state)).map_err(|error| {
            Diagnostics::from(Diagnostic::new(
                codes::UNREADABLE_STATE,
                format!(
                    "The stored state of a `{}` does not conform to its schema: {error}. It was edited manually or written \
                     by another program. Restore an earlier state, or remove the object with `terraform state rm` and \
                     import it again.",
                    R::NAME
                ),
            ))
        });
        match loaded.and_then(|value| Ok((model(value.clone())?, value))) {
            Ok((model, value)) => {
                self.inner.loaded(&model);
                StateResponse { state: Some(value), ..StateResponse::default() }
            }
            Err(diagnostics) => StateResponse { diagnostics, ..StateResponse::default() },
        }
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        let ReadRequest { state, mut call } = request;
        if state.is_null() {
            return ReadResponse { state: Some(state), private: call.private, ..ReadResponse::default() };
        }
        let answer = match model(state) {
            Ok(state) => self.inner.read(&mut call, state).await,
            Err(errors) => Err(errors),
        };
        let state = match answer {
            Ok(state) => Some(state.map_or(Value::Null, |state| self.value(state))),
            Err(errors) => {
                call.diagnostics.extend(errors);
                None
            }
        };
        let identity = self.identity_of(state.as_ref());
        ReadResponse { state, identity, private: call.private, diagnostics: call.diagnostics }
    }

    async fn plan(&self, request: PlanRequest) -> PlanResponse {
        let PlanRequest { prior, proposed, config, mut call } = request;
        let destroyed = if proposed.is_null() { self.identity_of(Some(&prior)) } else { None };
        let planned = async {
            if proposed.is_null() {
                self.inner.plan_destroy(&mut call, model(prior)?).await?;
                return Ok(Value::Null);
            }
            // A value that was unknown when the configuration was validated may be null now.
            let wrong = validate(self.schema(), &config);
            if wrong.has_errors() {
                return Err(wrong);
            }
            let proposed = prepare(self.schema(), &config, &prior, proposed);
            let prior = if prior.is_null() { None } else { Some(model(prior)?) };
            let plan = Plan { prior, config: model(config)?, proposed: model(proposed)? };
            Ok(self.value(self.inner.plan(&mut call, plan).await?))
        };
        let planned: Result<Value, Diagnostics> = planned.await;
        let planned = planned.map_err(|errors| call.diagnostics.extend(errors)).ok();
        let identity = destroyed.or_else(|| self.identity_of(planned.as_ref()));
        let (private, diagnostics) = (call.private, call.diagnostics);
        PlanResponse { planned, identity, requires_replace: Vec::new(), private, diagnostics }
    }

    async fn apply(&self, request: ApplyRequest) -> ApplyResponse {
        let ApplyRequest { prior, planned, config: _, mut call } = request;
        let creating = prior.is_null();
        let done: Result<Value, Diagnostics> = async {
            if planned.is_null() {
                let left = self.inner.delete(&mut call, model(prior)?).await?;
                Ok(left.map_or(Value::Null, |left| self.value(left)))
            } else if creating {
                Ok(self.value(self.inner.create(&mut call, model(planned)?).await?))
            } else {
                Ok(self.value(self.inner.update(&mut call, model(prior)?, model(planned)?).await?))
            }
        }
        .await;
        let state = done.map_err(|errors| call.diagnostics.extend(errors)).ok();
        let state = if creating && call.diagnostics.has_errors() { None } else { state };
        let identity = self.identity_of(state.as_ref());
        ApplyResponse { state, identity, private: call.private, diagnostics: call.diagnostics }
    }

    async fn import(&self, cancel: CancellationToken, target: ImportTarget<Value>) -> ImportResponse {
        let mut call = Call::new(cancel);
        let imported = async {
            let target = match target {
                ImportTarget::Id(id) => ImportTarget::Id(id),
                ImportTarget::Identity(value) => ImportTarget::Identity(self.identified(value)?),
            };
            self.inner.import(&mut call, target).await
        };
        let state = match imported.await {
            Ok(state) => Some(self.value(state)),
            Err(errors) => {
                call.diagnostics.extend(errors);
                None
            }
        };
        let identity = self.identity_of(state.as_ref());
        ImportResponse { state, identity, private: call.private, diagnostics: call.diagnostics }
    }

    fn generate(&self, state: Value) -> StateResponse {
        if state.is_null() {
            return StateResponse::default();
        }
        match model(identity::configuration(self.schema(), state)) {
            Ok(mut config) => {
                R::generated(&mut config);
                StateResponse { state: Some(self.value(config)), ..StateResponse::default() }
            }
            Err(diagnostics) => StateResponse { diagnostics, ..StateResponse::default() },
        }
    }

    async fn move_state(&self, request: MoveRequest) -> StateResponse {
        let diagnostics = Diagnostic::new(
            codes::UNSUPPORTED_MOVE,
            format!(
                "A `{}` of provider `{}` cannot be moved to a `{}`: only resources of the same type can be moved. Import \
                 the object instead, and remove the old resource with a `removed` block.",
                request.source_type,
                request.source_provider,
                R::NAME
            ),
        );
        StateResponse { diagnostics: diagnostics.into(), ..StateResponse::default() }
    }
}
