//! Terraform's calls. This file is the table; each call is in the file of its group and has no logic: decode the message,
//! call the trait, encode the message.
//!
//! Every error is a diagnostic in a regular response. Terraform shows a gRPC status as "Plugin error", without a resource or
//! a path.

mod absent;
mod answer;
mod catalogue;
mod data_source;
mod function;
mod offer;
mod provider;
mod resource;
mod state;

use tonic::{Request, Response, Status, Streaming};

use super::proto::tfplugin6 as wire;
use answer::{Call, Messages, Subject};

pub(super) use state::Rpc;

/// Writes the whole implementation from the table below: `method(Messages, "Name", subject) => function`.
macro_rules! calls {
    (
        unary { $($method:ident($messages:ident, $name:literal, |$request:ident| $subject:expr) => $call:path;)* }
        streaming { $($streaming:ident($streamed:ident::$message:ident, $stream:ident, $stream_name:literal, |$stream_request:ident| $stream_subject:expr) => $stream_call:path;)* }
        $($rest:tt)*
    ) => {
        #[tonic::async_trait]
        impl wire::provider_server::Provider for Rpc {
            $(
                async fn $method(
                    &self,
                    request: Request<wire::$messages::Request>,
                ) -> Result<Response<wire::$messages::Response>, Status> {
                    let message = request.into_inner();
                    let call = {
                        let $request = &message;
                        Call::new($name, $subject, self.address)
                    };
                    Ok(Response::new(call.answer($call(self, message)).await))
                }
            )*
            $(
                type $stream = Messages<wire::$streamed::$message>;

                async fn $streaming(
                    &self,
                    request: Request<wire::$streamed::Request>,
                ) -> Result<Response<Self::$stream>, Status> {
                    let message = request.into_inner();
                    let call = {
                        let $stream_request = &message;
                        Call::new($stream_name, $stream_subject, self.address)
                    };
                    Ok(Response::new(call.stream($stream_call(message))))
                }
            )*
            $($rest)*
        }
    };
}

calls! {
    unary {
        get_metadata(get_metadata, "GetMetadata", |_request| Subject::None) => offer::metadata;
        get_provider_schema(get_provider_schema, "GetProviderSchema", |_request| Subject::None) => offer::schema;
        get_functions(get_functions, "GetFunctions", |_request| Subject::None) => offer::functions;
        get_resource_identity_schemas(get_resource_identity_schemas, "GetResourceIdentitySchemas", |_request| Subject::None) => offer::identities;

        validate_provider_config(validate_provider_config, "ValidateProviderConfig", |_request| Subject::None) => provider::validate;
        configure_provider(configure_provider, "ConfigureProvider", |_request| Subject::None) => provider::configure;
        stop_provider(stop_provider, "StopProvider", |_request| Subject::None) => provider::stop;

        validate_resource_config(validate_resource_config, "ValidateResourceConfig", |request| Subject::Resource(&request.type_name)) => resource::validate;
        upgrade_resource_state(upgrade_resource_state, "UpgradeResourceState", |request| Subject::Resource(&request.type_name)) => resource::upgrade;
        read_resource(read_resource, "ReadResource", |request| Subject::Resource(&request.type_name)) => resource::read;
        plan_resource_change(plan_resource_change, "PlanResourceChange", |request| Subject::Resource(&request.type_name)) => resource::plan;
        apply_resource_change(apply_resource_change, "ApplyResourceChange", |request| Subject::Resource(&request.type_name)) => resource::apply;
        import_resource_state(import_resource_state, "ImportResourceState", |request| Subject::Resource(&request.type_name)) => resource::import;
        move_resource_state(move_resource_state, "MoveResourceState", |request| Subject::Resource(&request.target_type_name)) => resource::move_state;

        validate_data_resource_config(validate_data_resource_config, "ValidateDataResourceConfig", |request| Subject::DataSource(&request.type_name)) => data_source::validate;
        read_data_source(read_data_source, "ReadDataSource", |request| Subject::DataSource(&request.type_name)) => data_source::read;

        call_function(call_function, "CallFunction", |request| Subject::Function(&request.name)) => function::call;

        upgrade_resource_identity(upgrade_resource_identity, "UpgradeResourceIdentity", |request| Subject::Resource(&request.type_name)) => resource::upgrade_identity;
        generate_resource_config(generate_resource_config, "GenerateResourceConfig", |request| Subject::Resource(&request.type_name)) => resource::generate;
        validate_ephemeral_resource_config(validate_ephemeral_resource_config, "ValidateEphemeralResourceConfig", |request| Subject::Resource(&request.type_name)) => absent::validate_ephemeral;
        open_ephemeral_resource(open_ephemeral_resource, "OpenEphemeralResource", |request| Subject::Resource(&request.type_name)) => absent::open_ephemeral;
        renew_ephemeral_resource(renew_ephemeral_resource, "RenewEphemeralResource", |request| Subject::Resource(&request.type_name)) => absent::renew_ephemeral;
        close_ephemeral_resource(close_ephemeral_resource, "CloseEphemeralResource", |request| Subject::Resource(&request.type_name)) => absent::close_ephemeral;
        validate_list_resource_config(validate_list_resource_config, "ValidateListResourceConfig", |request| Subject::Resource(&request.type_name)) => absent::validate_list;
        plan_action(plan_action, "PlanAction", |request| Subject::Resource(&request.action_type)) => absent::plan_action;
        validate_action_config(validate_action_config, "ValidateActionConfig", |request| Subject::Resource(&request.type_name)) => absent::validate_action;
        validate_state_store_config(validate_state_store, "ValidateStateStoreConfig", |request| Subject::Resource(&request.type_name)) => absent::validate_store;
        configure_state_store(configure_state_store, "ConfigureStateStore", |request| Subject::Resource(&request.type_name)) => absent::configure_store;
        lock_state(lock_state, "LockState", |request| Subject::Resource(&request.type_name)) => absent::lock_state;
        unlock_state(unlock_state, "UnlockState", |request| Subject::Resource(&request.type_name)) => absent::unlock_state;
        get_states(get_states, "GetStates", |request| Subject::Resource(&request.type_name)) => absent::get_states;
        delete_state(delete_state, "DeleteState", |request| Subject::Resource(&request.type_name)) => absent::delete_state;
    }

    streaming {
        list_resource(list_resource::Event, ListResourceStream, "ListResource", |request| Subject::Resource(&request.type_name)) => absent::list;
        invoke_action(invoke_action::Event, InvokeActionStream, "InvokeAction", |request| Subject::Resource(&request.action_type)) => absent::invoke_action;
        read_state_bytes(read_state_bytes::Response, ReadStateBytesStream, "ReadStateBytes", |request| Subject::Resource(&request.type_name)) => absent::read_state_bytes;
    }

    // The one call whose *request* is a stream. Its first message names the subject.
    async fn write_state_bytes(
        &self,
        request: Request<Streaming<wire::write_state_bytes::RequestChunk>>,
    ) -> Result<Response<wire::write_state_bytes::Response>, Status> {
        let call = Call::new("WriteStateBytes", Subject::None, self.address);
        Ok(Response::new(call.answer(absent::write_state_bytes(request.into_inner())).await))
    }
}
