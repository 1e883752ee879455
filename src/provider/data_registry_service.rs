//! `data "anu_registry_service"`: one service in full.

use async_trait::async_trait;

use super::current::Current;
use super::data_registry_resources::bug;
use super::service;
use super::views::{self, ServiceView};
use crate::registry::Selected;
use crate::sdk::{Attr, Attribute, Call, DataSourceType, Diagnostics, Field, Path, Schema, Value};

crate::model! {
    pub struct ServiceDataModel {
        name: Attr<String>,
        digest: Attr<String>,
        service: Attr<ServiceView>,
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
pub struct ServiceData {
    current: Current,
}

impl ServiceData {
    pub(super) fn new(current: Current) -> Self {
        Self { current }
    }
}

#[async_trait]
impl DataSourceType for ServiceData {
    type Model = ServiceDataModel;
    const NAME: &'static str = "anu_registry_service";

    fn schema() -> Schema {
        let schema = Schema::new("One service of the registry in full, with everything it fans out into.")
            .with(Attribute::string("name").required().describe("The service's name."))
            .with(Attribute::string("digest").computed().describe("Digest of what it fans out into."))
            .with(Attribute::single("service", views::service()).computed().describe("Its entry."));
        views::fan_out_attributes().into_iter().fold(schema, Schema::with)
    }

    async fn read(&self, call: &mut Call, config: ServiceDataModel) -> Result<ServiceDataModel, Diagnostics> {
        let loaded = self.current.get()?.registry(call).await?;
        let fan_out = &loaded.fan_out;
        // Core reads a data source only once its configuration is known.
        let name = config.name.into_known().unwrap_or_default();
        let (Some(entry), Some(fanned)) = (fan_out.registry().service(&name), fan_out.service(&name)) else {
            return Err(service::unknown_service(&name, fan_out, &loaded.source).into());
        };
        let selected = Selected { services: vec![(entry, None)] };
        let mut values = views::fan_out(&fan_out.by_service_of(&selected).without_ended(loaded.now)).map_err(bug)?;
        values.insert("name".into(), name.into());
        values.insert("digest".into(), fanned.digest.clone().into());
        values.insert("service".into(), views::service_view(entry, |_| true, |_| true).into_value());
        ServiceDataModel::from_value(Value::Map(values), &Path::root()).map_err(bug)
    }
}
