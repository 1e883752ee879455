//! What this provider has none of: ephemeral resources, lists, actions, state stores, identities, generated
//! configuration. Core asks only for what our schema names, so each of these calls means that core's copy of the schema is
//! another version's, and is answered so.

use futures_util::stream;
use tonic::Streaming;

use super::super::proto::tfplugin6 as wire;
use super::super::to_wire;
use super::catalogue::unknown;
use super::{Answer, Answers, Rpc};
use crate::sdk::{Diagnostic, Diagnostics};

macro_rules! none {
    ($($function:ident($messages:ident.$field:ident): $kind:literal;)*) => {$(
        pub(super) async fn $function(
            _: &Rpc,
            request: wire::$messages::Request,
        ) -> Result<wire::$messages::Response, Diagnostics> {
            Err(unknown($kind, &request.$field).into())
        }
    )*};
}

none! {
    validate_ephemeral(validate_ephemeral_resource_config.type_name): "ephemeral resource";
    open_ephemeral(open_ephemeral_resource.type_name): "ephemeral resource";
    renew_ephemeral(renew_ephemeral_resource.type_name): "ephemeral resource";
    close_ephemeral(close_ephemeral_resource.type_name): "ephemeral resource";
    validate_list(validate_list_resource_config.type_name): "list resource";
    plan_action(plan_action.action_type): "action";
    validate_action(validate_action_config.type_name): "action";
    validate_store(validate_state_store.type_name): "state store";
    configure_store(configure_state_store.type_name): "state store";
    lock_state(lock_state.type_name): "state store";
    unlock_state(unlock_state.type_name): "state store";
    get_states(get_states.type_name): "state store";
    delete_state(delete_state.type_name): "state store";
    upgrade_identity(upgrade_resource_identity.type_name): "resource identity";
    generate_config(generate_resource_config.type_name): "generated configuration for the resource type";
}

/// A stream of one answer.
fn once<T: Send + 'static>(answer: T) -> Answers<T> {
    Box::pin(stream::iter([Ok(answer)]))
}

fn told(diagnostic: Diagnostic) -> Vec<wire::Diagnostic> {
    to_wire::diagnostics(diagnostic.into())
}

pub(super) fn list(request: &wire::list_resource::Request) -> Answers<wire::list_resource::Event> {
    let diagnostic = told(unknown("list resource", &request.type_name));
    once(wire::list_resource::Event { diagnostic, ..Default::default() })
}

pub(super) fn invoke_action(request: &wire::invoke_action::Request) -> Answers<wire::invoke_action::Event> {
    use wire::invoke_action::event::{Completed, Type};
    let diagnostics = told(unknown("action", &request.action_type));
    once(wire::invoke_action::Event { r#type: Some(Type::Completed(Completed { diagnostics })) })
}

pub(super) fn read_state_bytes(request: &wire::read_state_bytes::Request) -> Answers<wire::read_state_bytes::Response> {
    let diagnostics = told(unknown("state store", &request.type_name));
    once(wire::read_state_bytes::Response { diagnostics, ..Default::default() })
}

pub(super) async fn write_state_bytes(
    mut chunks: Streaming<wire::write_state_bytes::RequestChunk>,
) -> wire::write_state_bytes::Response {
    // Only the first chunk names the store. Without one there is no name to give.
    let first = chunks.message().await.ok().flatten().and_then(|chunk| chunk.meta);
    let name = first.map(|meta| meta.type_name).unwrap_or_default();
    Answer::failed(unknown("state store", &name).into())
}
