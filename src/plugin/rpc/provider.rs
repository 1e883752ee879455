//! The provider block, and stopping.

use super::super::proto::tfplugin6 as wire;
use super::super::{from_wire, to_wire};
use super::Rpc;
use crate::sdk::{self, Call, Configure, Diagnostics};

pub(super) async fn validate(
    rpc: &Rpc,
    request: wire::validate_provider_config::Request,
) -> Result<wire::validate_provider_config::Response, Diagnostics> {
    let (schema, ty) = rpc.block();
    let config = from_wire::value(request.config, ty)?;
    let mut diagnostics = sdk::validate(schema, &config);
    diagnostics.extend(rpc.provider.validate(config).await);
    Ok(wire::validate_provider_config::Response { diagnostics: to_wire::diagnostics(diagnostics) })
}

pub(super) async fn configure(
    rpc: &Rpc,
    request: wire::configure_provider::Request,
) -> Result<wire::configure_provider::Response, Diagnostics> {
    let config = from_wire::value(request.config, &rpc.block().1)?;
    rpc.work.begin_run();
    let mut call = Call::new(rpc.work.token());
    rpc.provider.configure(&mut call, Configure { config, terraform_version: request.terraform_version }).await;
    Ok(wire::configure_provider::Response { diagnostics: to_wire::diagnostics(call.diagnostics) })
}

/// Cancels the calls in flight and continues to serve: these calls have a response, and others follow.
pub(super) async fn stop(
    rpc: &Rpc,
    _: wire::stop_provider::Request,
) -> Result<wire::stop_provider::Response, Diagnostics> {
    tracing::info!("stop requested: cancelling the calls in flight");
    rpc.work.stop();
    Ok(wire::stop_provider::Response::default())
}
