//! `anu_namespace`: one namespace with its quota and role bindings, managed by itself.
//!
//! - [`schema`](self::schema), [`model`], [`check`]: what users write, what the state holds, and the rules of both;
//! - [`context`]: what the registry and the provider block have to say about one namespace;
//! - [`plan`], [`destroy`]: create, update and move; destroy. Each refuses at plan what it would not do at apply;
//! - [`apply`], [`read`], [`import`]: carrying it out, and what is true;
//! - [`messages`]: what users read, beside what [`common`](super::common) says of all resources alike.

mod apply;
mod check;
mod context;
mod destroy;
mod import;
mod messages;
mod model;
mod plan;
mod read;
mod schema;

use async_trait::async_trait;

use super::Current;
use crate::sdk::{Call, Diagnostics, Plan, ResourceType, Schema};
use model::NamespaceModel;

/// The resource.
pub struct NamespaceResource {
    current: Current,
}

impl NamespaceResource {
    pub(super) fn new(current: Current) -> Self {
        Self { current }
    }
}

#[async_trait]
impl ResourceType for NamespaceResource {
    type Model = NamespaceModel;
    const NAME: &'static str = "anu_namespace";

    fn schema() -> Schema {
        schema::schema()
    }

    async fn validate(&self, _: &mut Call, config: NamespaceModel) -> Result<(), Diagnostics> {
        check::check(&config)
    }

    fn loaded(&self, state: &NamespaceModel) {
        // Before the provider is configured (`terraform show`) nothing is planned, and there is nothing to remember.
        if let (Some(session), Ok(Some(key))) = (self.current.peek(), state.key()) {
            session.run_state().loaded_namespaces.insert(key);
        }
    }

    async fn read(&self, call: &mut Call, state: NamespaceModel) -> Result<Option<NamespaceModel>, Diagnostics> {
        read::read(&*self.current.get()?, call, state).await
    }

    async fn plan(&self, call: &mut Call, plan: Plan<NamespaceModel>) -> Result<NamespaceModel, Diagnostics> {
        plan::plan(&*self.current.get()?, call, plan).await
    }

    async fn plan_destroy(&self, call: &mut Call, prior: NamespaceModel) -> Result<(), Diagnostics> {
        destroy::plan(&*self.current.get()?, call, prior).await
    }

    async fn create(&self, call: &mut Call, planned: NamespaceModel) -> Result<NamespaceModel, Diagnostics> {
        apply::create(&*self.current.get()?, call, planned).await
    }

    async fn update(
        &self,
        call: &mut Call,
        prior: NamespaceModel,
        planned: NamespaceModel,
    ) -> Result<NamespaceModel, Diagnostics> {
        apply::update(&*self.current.get()?, call, prior, planned).await
    }

    async fn delete(&self, call: &mut Call, prior: NamespaceModel) -> Result<Option<NamespaceModel>, Diagnostics> {
        destroy::delete(&*self.current.get()?, call, prior).await
    }

    async fn import(&self, call: &mut Call, id: String) -> Result<NamespaceModel, Diagnostics> {
        import::import(&*self.current.get()?, call, id).await
    }
}
