//! Schemas, functions and capabilities.

use std::sync::Arc;

use super::super::proto::tfplugin6 as wire;
use super::super::to_wire;
use super::Rpc;
use crate::sdk::{Diagnostics, Resource};

/// The optional capabilities of this provider.
const CAPABILITIES: wire::ServerCapabilities = wire::ServerCapabilities {
    // A destroy must be refused at plan, before anything is changed.
    plan_destroy: true,
    // No call depends on GetProviderSchema, so core may use its copy from another process.
    get_provider_schema_optional: true,
    // Our message for an unsupported move has a next step.
    move_resource_state: true,
    // Core's own has literals that are out of date after the next change of the registry.
    generate_resource_config: true,
};

pub(super) async fn metadata(
    rpc: &Rpc,
    _: wire::get_metadata::Request,
) -> Result<wire::get_metadata::Response, Diagnostics> {
    use wire::get_metadata::{DataSourceMetadata, FunctionMetadata, ResourceMetadata, Response};
    let provider = &rpc.provider;
    let resources = provider.resources().iter().map(|item| ResourceMetadata { type_name: item.name().to_owned() });
    let data = provider.data_sources().iter().map(|item| DataSourceMetadata { type_name: item.name().to_owned() });
    let functions = provider.functions().iter().map(|item| FunctionMetadata { name: item.name().to_owned() });
    Ok(Response {
        server_capabilities: Some(CAPABILITIES),
        resources: resources.collect(),
        data_sources: data.collect(),
        functions: functions.collect(),
        ..Default::default()
    })
}

pub(super) async fn schema(
    rpc: &Rpc,
    _: wire::get_provider_schema::Request,
) -> Result<wire::get_provider_schema::Response, Diagnostics> {
    let provider = &rpc.provider;
    let resources = provider.resources().iter().map(|item| (item.name().to_owned(), to_wire::schema(item.schema())));
    let data = provider.data_sources().iter().map(|item| (item.name().to_owned(), to_wire::schema(item.schema())));
    Ok(wire::get_provider_schema::Response {
        provider: Some(to_wire::schema(&rpc.block().0)),
        server_capabilities: Some(CAPABILITIES),
        resource_schemas: resources.collect(),
        data_source_schemas: data.collect(),
        functions: all_functions(rpc),
        ..Default::default()
    })
}

pub(super) async fn functions(
    rpc: &Rpc,
    _: wire::get_functions::Request,
) -> Result<wire::get_functions::Response, Diagnostics> {
    Ok(wire::get_functions::Response { functions: all_functions(rpc), ..Default::default() })
}

fn all_functions(rpc: &Rpc) -> std::collections::BTreeMap<String, wire::Function> {
    let functions = rpc.provider.functions().iter();
    functions.map(|item| (item.name().to_owned(), to_wire::function(&item.signature()))).collect()
}

/// The identities of those resources that have one.
pub(super) async fn identities(
    rpc: &Rpc,
    _: wire::get_resource_identity_schemas::Request,
) -> Result<wire::get_resource_identity_schemas::Response, Diagnostics> {
    let schema = |item: &Arc<dyn Resource>| Some((item.name().to_owned(), to_wire::identity(item.identity()?)));
    let identity_schemas = rpc.provider.resources().iter().filter_map(schema).collect();
    Ok(wire::get_resource_identity_schemas::Response { identity_schemas, ..Default::default() })
}
