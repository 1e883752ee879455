//! Data sources.

use super::super::proto::tfplugin6 as wire;
use super::super::{from_wire, to_wire};
use super::Rpc;
use crate::sdk::Diagnostics;

pub(super) async fn validate(
    rpc: &Rpc,
    request: wire::validate_data_resource_config::Request,
) -> Result<wire::validate_data_resource_config::Response, Diagnostics> {
    let entry = rpc.data_source(&request.type_name)?;
    let config = from_wire::value(request.config, entry.ty())?;
    let diagnostics = entry.item.validate(rpc.work.token(), config).await;
    Ok(wire::validate_data_resource_config::Response { diagnostics: to_wire::diagnostics(diagnostics) })
}

pub(super) async fn read(
    rpc: &Rpc,
    request: wire::read_data_source::Request,
) -> Result<wire::read_data_source::Response, Diagnostics> {
    let entry = rpc.data_source(&request.type_name)?;
    let config = from_wire::value(request.config, entry.ty())?;
    let mut answer = entry.item.read(rpc.work.token(), config).await;
    let state = to_wire::state(answer.state.as_ref(), entry.ty(), &mut answer.diagnostics);
    Ok(wire::read_data_source::Response {
        state,
        diagnostics: to_wire::diagnostics(answer.diagnostics),
        deferred: None,
    })
}
