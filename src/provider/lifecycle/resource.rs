//! A kind of resource as Terraform calls it.

use std::marker::PhantomData;

use async_trait::async_trait;

use super::kind::{ResourceKind, StateModel};
use super::{change, destroy, import, plan, read};
use crate::provider::current::Current;
use crate::sdk::{Call, Diagnostics, ImportTarget, Plan, ResourceType, Schema};

/// A resource with the common lifecycle.
pub struct ManagedResource<K> {
    current: Current,
    kind: PhantomData<fn() -> K>,
}

impl<K> ManagedResource<K> {
    /// The resource, in a provider.
    pub fn new(current: Current) -> Self {
        Self { current, kind: PhantomData }
    }
}

#[async_trait]
impl<K: ResourceKind> ResourceType for ManagedResource<K> {
    type Model = K::Model;
    const NAME: &'static str = K::NAME;
    const IDENTITY: &'static [&'static str] = K::IDENTITY;

    fn schema() -> Schema {
        K::schema()
    }

    async fn validate(&self, _: &mut Call, config: K::Model) -> Result<(), Diagnostics> {
        K::check(&config)
    }

    fn loaded(&self, state: &K::Model) {
        // Before the provider is configured (`terraform show`) nothing is planned, so there is nothing to remember.
        if let (Some(session), Some(identity)) = (self.current.peek(), state.identity()) {
            session.run_state().loaded.insert(identity);
        }
    }

    async fn read(&self, call: &mut Call, state: K::Model) -> Result<Option<K::Model>, Diagnostics> {
        let session = self.current.get()?;
        session.reported(read::read::<K>(&session, call, state).await)
    }

    async fn plan(&self, call: &mut Call, plan: Plan<K::Model>) -> Result<K::Model, Diagnostics> {
        let session = self.current.get()?;
        session.reported(plan::plan::<K>(&session, call, plan).await)
    }

    async fn plan_destroy(&self, call: &mut Call, prior: K::Model) -> Result<(), Diagnostics> {
        let session = self.current.get()?;
        session.reported(destroy::plan::<K>(&session, call, prior).await)
    }

    async fn create(&self, call: &mut Call, planned: K::Model) -> Result<K::Model, Diagnostics> {
        let session = self.current.get()?;
        session.reported(change::create::<K>(&session, call, planned).await)
    }

    async fn update(&self, call: &mut Call, prior: K::Model, planned: K::Model) -> Result<K::Model, Diagnostics> {
        let session = self.current.get()?;
        session.reported(change::update::<K>(&session, call, prior, planned).await)
    }

    async fn delete(&self, call: &mut Call, prior: K::Model) -> Result<Option<K::Model>, Diagnostics> {
        let session = self.current.get()?;
        session.reported(destroy::delete::<K>(&session, call, prior).await)
    }

    async fn import(&self, call: &mut Call, target: ImportTarget<K::Model>) -> Result<K::Model, Diagnostics> {
        let session = self.current.get()?;
        session.reported(import::import::<K>(&session, call, target).await)
    }

    fn generated(config: &mut K::Model) {
        config.set_generated();
    }
}
