//! `data "anu_registry_resources"`: the fan-out as data, for use with Google's and Kubernetes' own providers.

use async_trait::async_trait;

use super::current::Current;
use super::selection::{self, SelectBlock};
use super::views;
use crate::sdk::{Attr, Call, DataSourceType, Diagnostic, Diagnostics, Field, Path, Schema, Value};

crate::model! {
    pub struct ResourcesModel {
        select: Attr<SelectBlock>,
        projects: Value,
        enabled_apis: Value,
        iam_members: Value,
        service_accounts: Value,
        workload_identity: Value,
        namespaces: Value,
        quotas: Value,
        kubernetes_service_accounts: Value,
        role_bindings: Value,
        alert_routes: Value,
    }
}

/// The data source.
pub struct ResourcesData {
    current: Current,
}

impl ResourcesData {
    pub(super) fn new(current: Current) -> Self {
        Self { current }
    }
}

#[async_trait]
impl DataSourceType for ResourcesData {
    type Model = ResourcesModel;
    const NAME: &'static str = "anu_registry_resources";

    fn schema() -> Schema {
        let schema = Schema::new(
            "What a selection of services fans out into, as data: for modules that create the resources with Google's and \
             Kubernetes' own providers. Each kind is `map(service => map(resource key => entry))`; keys that several \
             services use are under `_shared`.\n\nUse one module instance per service with `for_each` over that service's \
             own entries: this stays linear in Terraform core (see `examples/module-per-service`).",
        )
        .with(selection::attribute());
        views::fan_out_attributes().into_iter().fold(schema, Schema::with)
    }

    async fn read(&self, call: &mut Call, config: ResourcesModel) -> Result<ResourcesModel, Diagnostics> {
        let loaded = self.current.get()?.registry(call).await?;
        let selected = selection::select(&loaded, &config.select)?;
        let mut values =
            views::fan_out(&loaded.fan_out.by_service_of(&selected).without_ended(loaded.now)).map_err(bug)?;
        values.insert("select".into(), config.select.into_value());
        ResourcesModel::from_value(Value::Map(values), &Path::root()).map_err(bug)
    }
}

/// The fan-out and its schema differ: a bug.
pub(super) fn bug(error: impl std::fmt::Display) -> Diagnostics {
    Diagnostic::bug(format!("The fan-out does not fit its schema: {error}.")).into()
}
