//! Features that this provider does not have: ephemeral resources, lists, actions, state stores. Core calls only what is in the
//! schema, so each of these calls means that core has the schema of another version. The response reports this.

use futures_util::{Stream, stream};
use tonic::Streaming;

use super::super::proto::tfplugin6 as wire;
use super::Rpc;
use super::catalogue::unknown;
use crate::sdk::Diagnostics;

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
}

macro_rules! none_to_stream {
    ($($function:ident($messages:ident.$field:ident) -> $message:ident: $kind:literal;)*) => {$(
        pub(super) fn $function(
            request: wire::$messages::Request,
        ) -> impl Stream<Item = Result<wire::$messages::$message, Diagnostics>> {
            stream::iter([Err(unknown($kind, &request.$field).into())])
        }
    )*};
}

none_to_stream! {
    list(list_resource.type_name) -> Event: "list resource";
    invoke_action(invoke_action.action_type) -> Event: "action";
    read_state_bytes(read_state_bytes.type_name) -> Response: "state store";
}

pub(super) async fn write_state_bytes(
    mut chunks: Streaming<wire::write_state_bytes::RequestChunk>,
) -> Result<wire::write_state_bytes::Response, Diagnostics> {
    // Only the first chunk has the store's name. Without a chunk there is no name.
    let first = chunks.message().await.ok().flatten().and_then(|chunk| chunk.meta);
    let name = first.map(|meta| meta.type_name).unwrap_or_default();
    Err(unknown("state store", &name).into())
}
