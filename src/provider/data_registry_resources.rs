//! `data "anu_registry_resources"`: the fan-out as data, for those who keep Google's and Kubernetes' own providers.

use async_trait::async_trait;

use super::Current;
use super::selection::{self, SelectBlock};
use super::views::{self, FanOutView};
use crate::fanout::FanOut;
use crate::sdk::{Attr, Call, DataSourceType, Diagnostics, Field, Schema, Value};

crate::model! {
    pub struct ResourcesModel {
        select: Attr<SelectBlock>,
        projects: Value,
        enabled_apis: Value,
        iam_members: Value,
        namespaces: Value,
        quotas: Value,
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
            "What a selection of services fans out into, as data: for modules that make the resources with Google's and \
             Kubernetes' own providers. Each kind is `map(service => map(resource key => entry))`; keys that several \
             services ask for stand under `_shared`.\n\nUse one module instance per service with `for_each` over that \
             service's own entries: this is the shape that stays linear in Terraform core (see \
             `examples/module-per-service`).",
        )
        .with(selection::attribute());
        views::fan_out_attributes().into_iter().fold(schema, Schema::with)
    }

    async fn read(&self, call: &mut Call, config: ResourcesModel) -> Result<ResourcesModel, Diagnostics> {
        let loaded = self.current.get()?.registry(call).await?;
        let picks = selection::select(&loaded, &config.select)?;
        let view = of(&loaded.fan_out, &picks);
        let select = config.select;
        let mut values = Value::object(view.into_values());
        if let Value::Map(map) = &mut values {
            map.insert("select".into(), select.into_value());
        }
        ResourcesModel::from_value(values, &crate::sdk::Path::root())
            .map_err(|error| crate::sdk::Diagnostic::bug(error.to_string()).into())
    }
}

/// The fan-out of some services and environments.
pub(super) fn of(fan_out: &FanOut, picks: &[selection::Pick<'_>]) -> FanOutView {
    let parts: Vec<_> = picks
        .iter()
        .filter_map(|(service, environments)| {
            let whole = fan_out.service(service.name.as_str())?;
            let (asks, routes) = match environments {
                None => (whole.asks.clone(), whole.alert_routes.clone()),
                Some(inside) => (
                    fan_out.select(service.name.as_str(), inside),
                    whole.alert_routes.iter().filter(|route| inside.contains(&route.environment)).cloned().collect(),
                ),
            };
            Some((&service.name, asks, routes))
        })
        .collect();
    FanOutView::of(fan_out, parts.iter().map(|(name, asks, routes)| (*name, asks, routes.as_slice())))
}
