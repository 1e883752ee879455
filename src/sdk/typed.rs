//! Typed resources over the object-safe core.

use std::sync::OnceLock;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{
    ApplyRequest, ApplyResponse, Call, Diagnostic, Diagnostics, Field, ImportResponse, MoveRequest, Path, PlanRequest,
    PlanResponse, ReadRequest, ReadResponse, Resource, Schema, StateResponse, UpgradeRequest, Value, from_json,
    prepare, validate,
};

/// A create or update to plan.
#[derive(Debug, Clone)]
pub struct Plan<M> {
    /// State before; none on create.
    pub prior: Option<M>,
    /// The configuration.
    pub config: M,
    /// Core's proposal after defaults and plan modifiers: the starting point of the answer.
    pub proposed: M,
}

/// A resource as its author writes it. The methods stand in the order in which Terraform calls them.
#[async_trait]
pub trait ResourceType: Send + Sync + 'static {
    /// Its attributes. Configuration, plan and state share one model, so fields that a plan may leave unknown are
    /// [`Attr`](super::Attr).
    type Model: Field + Send + Sync;
    /// The full type name.
    const NAME: &'static str;

    /// Its schema.
    fn schema() -> Schema;

    /// Checks a configuration beyond the schema's own rules. Anything in it may be unknown.
    async fn validate(&self, call: &mut Call, config: Self::Model) -> Result<(), Diagnostics> {
        let _ = (call, config);
        Ok(())
    }

    /// Brings state of an older schema version to today's. Called only for older versions.
    fn upgrade(version: i64, state: serde_json::Value) -> Result<serde_json::Value, Diagnostics> {
        let _ = state;
        Err(Diagnostic::bug(format!("There is no upgrade of `{}` from schema version {version}.", Self::NAME)).into())
    }

    /// Told of every stored state that is loaded, before anything is planned. Core sends no other sign that an object it
    /// plans to create exists already.
    fn loaded(&self, state: &Self::Model) {
        let _ = state;
    }

    /// What is true now of `state`; `None` when it is gone.
    async fn read(&self, call: &mut Call, state: Self::Model) -> Result<Option<Self::Model>, Diagnostics>;

    /// Plans a create or update. Core calls it again at apply and wants the same answer.
    async fn plan(&self, call: &mut Call, plan: Plan<Self::Model>) -> Result<Self::Model, Diagnostics>;

    /// Plans a destroy. An error refuses it.
    async fn plan_destroy(&self, call: &mut Call, prior: Self::Model) -> Result<(), Diagnostics>;

    /// Creates. On any error nothing goes into the state (see [`Typed`]), so it must be resumable.
    async fn create(&self, call: &mut Call, planned: Self::Model) -> Result<Self::Model, Diagnostics>;

    /// Updates. To report errors *and* what has become true, leave the errors in `call.diagnostics` and return the state.
    async fn update(
        &self,
        call: &mut Call,
        prior: Self::Model,
        planned: Self::Model,
    ) -> Result<Self::Model, Diagnostics>;

    /// Deletes. On an error the state stays as it was, unless one is returned: what is left.
    async fn delete(&self, call: &mut Call, prior: Self::Model) -> Result<Option<Self::Model>, Diagnostics>;

    /// Enough state for the read that follows.
    async fn import(&self, call: &mut Call, id: String) -> Result<Self::Model, Diagnostics>;
}

/// Makes a [`Resource`] of a [`ResourceType`], and keeps what core expects whatever the author does:
///
/// - a failed create returns no state. State with an error is stored as *tainted*, and tainted means: destroy and make anew;
/// - an answer that is missing never goes out without an error, since core reads it as "gone";
/// - `requires_replace` is never sent.
pub struct Typed<R> {
    inner: R,
    schema: OnceLock<Schema>,
}

impl<R> Typed<R> {
    /// Wraps a resource.
    pub const fn new(inner: R) -> Self {
        Self { inner, schema: OnceLock::new() }
    }
}

/// A value of core's as the author's model. It fits: core holds it to the schema that the model was written for.
pub(super) fn model<M: Field>(value: Value) -> Result<M, Diagnostics> {
    M::from_value(value, &Path::root())
        .map_err(|error| Diagnostic::bug(format!("A value from Terraform does not fit the schema: {error}.")).into())
}

#[async_trait]
impl<R: ResourceType> Resource for Typed<R> {
    fn name(&self) -> &str {
        R::NAME
    }

    fn schema(&self) -> &Schema {
        self.schema.get_or_init(R::schema)
    }

    async fn validate(&self, cancel: CancellationToken, config: Value) -> Diagnostics {
        let mut call = Call::new(cancel);
        call.diagnostics = validate(self.schema(), &config);
        match model(config) {
            Ok(config) => {
                if let Err(errors) = self.inner.validate(&mut call, config).await {
                    call.diagnostics.extend(errors);
                }
            }
            Err(errors) => call.diagnostics.extend(errors),
        }
        call.diagnostics
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
        let loaded = from_json(&json, &self.schema().ty()).map_err(|error| {
            Diagnostics::from(Diagnostic::error(
                "Unreadable state",
                format!(
                    "The stored state of a `{}` does not fit its schema: {error}. It was edited by hand or written by \
                     something else. Restore an earlier state, or take the object out with `terraform state rm` and \
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
        let answer = match model(state) {
            Ok(state) => self.inner.read(&mut call, state).await,
            Err(errors) => Err(errors),
        };
        let state = match answer {
            Ok(state) => Some(state.map_or(Value::Null, Field::into_value)),
            Err(errors) => {
                call.diagnostics.extend(errors);
                None
            }
        };
        ReadResponse { state, private: call.private, diagnostics: call.diagnostics }
    }

    async fn plan(&self, request: PlanRequest) -> PlanResponse {
        let PlanRequest { prior, proposed, config, mut call } = request;
        let planned = async {
            if proposed.is_null() {
                self.inner.plan_destroy(&mut call, model(prior)?).await?;
                return Ok(Value::Null);
            }
            let proposed = prepare(self.schema(), &config, &prior, proposed);
            let prior = if prior.is_null() { None } else { Some(model(prior)?) };
            let plan = Plan { prior, config: model(config)?, proposed: model(proposed)? };
            Ok(self.inner.plan(&mut call, plan).await?.into_value())
        };
        let planned: Result<Value, Diagnostics> = planned.await;
        let planned = planned.map_err(|errors| call.diagnostics.extend(errors)).ok();
        PlanResponse { planned, requires_replace: Vec::new(), private: call.private, diagnostics: call.diagnostics }
    }

    async fn apply(&self, request: ApplyRequest) -> ApplyResponse {
        let ApplyRequest { prior, planned, config: _, mut call } = request;
        let creating = prior.is_null();
        let done: Result<Value, Diagnostics> = async {
            if planned.is_null() {
                let left = self.inner.delete(&mut call, model(prior)?).await?;
                Ok(left.map_or(Value::Null, Field::into_value))
            } else if creating {
                Ok(self.inner.create(&mut call, model(planned)?).await?.into_value())
            } else {
                Ok(self.inner.update(&mut call, model(prior)?, model(planned)?).await?.into_value())
            }
        }
        .await;
        let state = done.map_err(|errors| call.diagnostics.extend(errors)).ok();
        let state = if creating && call.diagnostics.has_errors() { None } else { state };
        ApplyResponse { state, private: call.private, diagnostics: call.diagnostics }
    }

    async fn import(&self, cancel: CancellationToken, id: String) -> ImportResponse {
        let mut call = Call::new(cancel);
        let state = match self.inner.import(&mut call, id).await {
            Ok(state) => Some(state.into_value()),
            Err(errors) => {
                call.diagnostics.extend(errors);
                None
            }
        };
        ImportResponse { state, private: call.private, diagnostics: call.diagnostics }
    }

    async fn move_state(&self, request: MoveRequest) -> StateResponse {
        let diagnostics = Diagnostic::error(
            "Unsupported move",
            format!(
                "A `{}` of provider `{}` cannot become a `{}`: only a resource of the same type can be moved. Import it \
                 instead, and take the old one out with a `removed` block.",
                request.source_type,
                request.source_provider,
                R::NAME
            ),
        );
        StateResponse { diagnostics: diagnostics.into(), ..StateResponse::default() }
    }
}
