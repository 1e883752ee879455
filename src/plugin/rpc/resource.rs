//! Managed resources, in the order in which Terraform calls.

use super::super::proto::tfplugin6 as wire;
use super::super::{from_wire, to_wire};
use super::Rpc;
use crate::sdk::{
    ApplyRequest, Call, Diagnostics, ImportTarget, MoveRequest, PlanRequest, ReadRequest, UpgradeRequest, from_json,
};

pub(super) async fn validate(
    rpc: &Rpc,
    request: wire::validate_resource_config::Request,
) -> Result<wire::validate_resource_config::Response, Diagnostics> {
    let entry = rpc.resource(&request.type_name)?;
    let config = from_wire::value(request.config, entry.ty())?;
    let diagnostics = entry.item.validate(rpc.work.token(), config).await;
    Ok(wire::validate_resource_config::Response { diagnostics: to_wire::diagnostics(diagnostics) })
}

pub(super) async fn upgrade(
    rpc: &Rpc,
    request: wire::upgrade_resource_state::Request,
) -> Result<wire::upgrade_resource_state::Response, Diagnostics> {
    let entry = rpc.resource(&request.type_name)?;
    let state = from_wire::raw_state(request.raw_state)?;
    let mut answer = entry.item.upgrade(UpgradeRequest { version: request.version, state }).await;
    let upgraded_state = to_wire::state(answer.state.as_ref(), entry.ty(), &mut answer.diagnostics);
    Ok(wire::upgrade_resource_state::Response { upgraded_state, diagnostics: to_wire::diagnostics(answer.diagnostics) })
}

pub(super) async fn read(
    rpc: &Rpc,
    request: wire::read_resource::Request,
) -> Result<wire::read_resource::Response, Diagnostics> {
    let entry = rpc.resource(&request.type_name)?;
    let state = from_wire::value(request.current_state, entry.ty())?;
    let call = call(rpc, &request.private, &[])?;
    let mut answer = entry.item.read(ReadRequest { state, call }).await;
    let new_state = to_wire::state(answer.state.as_ref(), entry.ty(), &mut answer.diagnostics);
    Ok(wire::read_resource::Response {
        new_state,
        new_identity: entry.identity(answer.identity.as_ref()),
        private: answer.private.to_bytes(),
        diagnostics: to_wire::diagnostics(answer.diagnostics),
        ..Default::default()
    })
}

pub(super) async fn plan(
    rpc: &Rpc,
    request: wire::plan_resource_change::Request,
) -> Result<wire::plan_resource_change::Response, Diagnostics> {
    let entry = rpc.resource(&request.type_name)?;
    let prior = from_wire::value(request.prior_state, entry.ty())?;
    let proposed = from_wire::value(request.proposed_new_state, entry.ty())?;
    let config = from_wire::value(request.config, entry.ty())?;
    let stores_planned_private = request.client_capabilities.is_some_and(|core| core.store_planned_private);
    let call = call(rpc, &request.prior_private, &request.planned_private)?;
    let call = Call { stores_planned_private, ..call };
    let mut answer = entry.item.plan(PlanRequest { prior, proposed, config, call }).await;
    let planned_state = to_wire::state(answer.planned.as_ref(), entry.ty(), &mut answer.diagnostics);
    Ok(wire::plan_resource_change::Response {
        planned_state,
        planned_identity: entry.identity(answer.identity.as_ref()),
        requires_replace: answer.requires_replace.iter().map(to_wire::path).collect(),
        planned_private: answer.private.to_bytes(),
        diagnostics: to_wire::diagnostics(answer.diagnostics),
        ..Default::default()
    })
}

pub(super) async fn apply(
    rpc: &Rpc,
    request: wire::apply_resource_change::Request,
) -> Result<wire::apply_resource_change::Response, Diagnostics> {
    let entry = rpc.resource(&request.type_name)?;
    let prior = from_wire::value(request.prior_state, entry.ty())?;
    let planned = from_wire::value(request.planned_state, entry.ty())?;
    let config = from_wire::value(request.config, entry.ty())?;
    let call = call(rpc, &request.planned_private, &[])?;
    let mut answer = entry.item.apply(ApplyRequest { prior, planned, config, call }).await;
    let new_state = to_wire::state(answer.state.as_ref(), entry.ty(), &mut answer.diagnostics);
    Ok(wire::apply_resource_change::Response {
        new_state,
        new_identity: entry.identity(answer.identity.as_ref()),
        private: answer.private.to_bytes(),
        diagnostics: to_wire::diagnostics(answer.diagnostics),
        ..Default::default()
    })
}

pub(super) async fn import(
    rpc: &Rpc,
    request: wire::import_resource_state::Request,
) -> Result<wire::import_resource_state::Response, Diagnostics> {
    let entry = rpc.resource(&request.type_name)?;
    let target = match request.identity.and_then(|identity| identity.identity_data) {
        Some(identity) => ImportTarget::Identity(from_wire::value(Some(identity), entry.identity_ty()?)?),
        None => ImportTarget::Id(request.id),
    };
    let mut answer = entry.item.import(rpc.work.token(), target).await;
    let state = to_wire::state(answer.state.as_ref(), entry.ty(), &mut answer.diagnostics);
    let imported = state.map(|state| wire::import_resource_state::ImportedResource {
        type_name: request.type_name,
        state: Some(state),
        private: answer.private.to_bytes(),
        identity: entry.identity(answer.identity.as_ref()),
    });
    Ok(wire::import_resource_state::Response {
        imported_resources: imported.into_iter().collect(),
        diagnostics: to_wire::diagnostics(answer.diagnostics),
        deferred: None,
    })
}

pub(super) async fn move_state(
    rpc: &Rpc,
    request: wire::move_resource_state::Request,
) -> Result<wire::move_resource_state::Response, Diagnostics> {
    let entry = rpc.resource(&request.target_type_name)?;
    let moved = MoveRequest {
        source_provider: request.source_provider_address,
        source_type: request.source_type_name,
        source_version: request.source_schema_version,
        state: from_wire::raw_state(request.source_state)?,
        private: request.source_private,
    };
    let mut answer = entry.item.move_state(moved).await;
    let target_state = to_wire::state(answer.state.as_ref(), entry.ty(), &mut answer.diagnostics);
    Ok(wire::move_resource_state::Response {
        target_state,
        target_private: answer.private.to_bytes(),
        diagnostics: to_wire::diagnostics(answer.diagnostics),
        target_identity: None,
    })
}

/// Identities have had one version only: its attributes stay as they are.
pub(super) async fn upgrade_identity(
    rpc: &Rpc,
    request: wire::upgrade_resource_identity::Request,
) -> Result<wire::upgrade_resource_identity::Response, Diagnostics> {
    let entry = rpc.resource(&request.type_name)?;
    let ty = entry.identity_ty()?;
    let identity =
        from_json(&from_wire::raw_identity(request.raw_identity)?, ty).map_err(from_wire::unreadable_identity)?;
    let diagnostics = Vec::new();
    Ok(wire::upgrade_resource_identity::Response { upgraded_identity: entry.identity(Some(&identity)), diagnostics })
}

/// Without a state (Terraform 1.14.0 sends none) core writes a configuration without values.
pub(super) async fn generate(
    rpc: &Rpc,
    request: wire::generate_resource_config::Request,
) -> Result<wire::generate_resource_config::Response, Diagnostics> {
    let entry = rpc.resource(&request.type_name)?;
    let answer = entry.item.generate(from_wire::value(request.state, entry.ty())?);
    let config = answer.state.as_ref().map(|config| to_wire::value(config, entry.ty()));
    Ok(wire::generate_resource_config::Response { config, diagnostics: to_wire::diagnostics(answer.diagnostics) })
}

/// The input of a call besides its values.
fn call(rpc: &Rpc, private: &[u8], planned_private: &[u8]) -> Result<Call, Diagnostics> {
    let planned_private = if planned_private.is_empty() { None } else { Some(from_wire::private(planned_private)?) };
    Ok(Call { private: from_wire::private(private)?, planned_private, ..Call::new(rpc.work.token()) })
}
