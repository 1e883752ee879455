//! A data source whose errors name each cause in full once a run.

use async_trait::async_trait;

use super::current::Current;
use crate::sdk::{Call, DataSourceType, Diagnostics, Schema};

/// A data source, and the run that its errors belong to.
pub struct Reported<D> {
    current: Current,
    inner: D,
}

impl<D> Reported<D> {
    pub(super) fn new(current: &Current, inner: D) -> Self {
        Self { current: current.clone(), inner }
    }
}

#[async_trait]
impl<D: DataSourceType> DataSourceType for Reported<D> {
    type Model = D::Model;
    const NAME: &'static str = D::NAME;

    fn schema() -> Schema {
        D::schema()
    }

    async fn validate(&self, call: &mut Call, config: D::Model) -> Result<(), Diagnostics> {
        self.inner.validate(call, config).await
    }

    async fn read(&self, call: &mut Call, config: D::Model) -> Result<D::Model, Diagnostics> {
        let session = self.current.get()?;
        session.reported(self.inner.read(call, config).await)
    }
}
