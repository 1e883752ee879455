//! `anu_registry_service`: one service of the registry, provisioned.
//!
//! - [`schema`](self::schema), [`model`]: what users write and what the state holds;
//! - [`context`]: the registry's view of one instance, with every check that comes before any decision;
//! - [`plan`], [`destroy`]: create, update and rename; destroy. Each refuses at plan what it would not do at apply;
//! - [`apply`], [`read`]: carrying it out, and what is true;
//! - [`messages`]: what users read, beside what [`common`](super::common) says of all resources alike.

mod apply;
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
use model::ServiceModel;

/// The resource.
pub struct RegistryService {
    current: Current,
}

impl RegistryService {
    pub(super) fn new(current: Current) -> Self {
        Self { current }
    }
}

#[async_trait]
impl ResourceType for RegistryService {
    type Model = ServiceModel;
    const NAME: &'static str = "anu_registry_service";

    fn schema() -> Schema {
        schema::schema()
    }

    fn loaded(&self, state: &ServiceModel) {
        // Before the provider is configured (`terraform show`) nothing is planned, and there is nothing to remember.
        if let (Some(session), Some(instance)) = (self.current.peek(), state.instance()) {
            session.run_state().loaded.insert(instance);
        }
    }

    async fn read(&self, call: &mut Call, state: ServiceModel) -> Result<Option<ServiceModel>, Diagnostics> {
        read::read(&*self.current.get()?, call, state).await.map(Some)
    }

    async fn plan(&self, call: &mut Call, plan: Plan<ServiceModel>) -> Result<ServiceModel, Diagnostics> {
        plan::plan(&*self.current.get()?, call, plan).await
    }

    async fn plan_destroy(&self, call: &mut Call, prior: ServiceModel) -> Result<(), Diagnostics> {
        destroy::plan(&*self.current.get()?, call, prior).await
    }

    async fn create(&self, call: &mut Call, planned: ServiceModel) -> Result<ServiceModel, Diagnostics> {
        apply::create(&*self.current.get()?, call, planned).await
    }

    async fn update(
        &self,
        call: &mut Call,
        prior: ServiceModel,
        planned: ServiceModel,
    ) -> Result<ServiceModel, Diagnostics> {
        apply::update(&*self.current.get()?, call, prior, planned).await
    }

    async fn delete(&self, call: &mut Call, prior: ServiceModel) -> Result<Option<ServiceModel>, Diagnostics> {
        destroy::delete(&*self.current.get()?, call, prior).await
    }

    async fn import(&self, call: &mut Call, id: String) -> Result<ServiceModel, Diagnostics> {
        import::import(&*self.current.get()?, call, id).await
    }
}

pub(super) use messages::unknown_service;
