//! Terraform's side of the plugin protocol, for tests: starts a provider binary as core does, and calls it with values.
//!
//! It also supports requests that no released core sends yet (`planned_private`, actions) and invalid ones (a connection
//! without a certificate). Use it with `#[path = "support/plugin_client/mod.rs"] mod plugin_client;`.
#![allow(dead_code, unused_imports, reason = "each test program uses a part")]

mod caller;
mod process;
mod values;

use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anu::plugin::proto::google::protobuf::Empty as WellKnownEmpty;
use anu::plugin::proto::plugin::Empty;
use anu::plugin::proto::plugin::grpc_broker_client::GrpcBrokerClient;
use anu::plugin::proto::plugin::grpc_controller_client::GrpcControllerClient;
use anu::plugin::proto::plugin::grpc_stdio_client::GrpcStdioClient;
use anu::plugin::proto::tfplugin6 as wire;
use anu::plugin::proto::tfplugin6::provider_client::ProviderClient;
use tonic::transport::Channel;

pub use caller::{Caller, Offer, Planned, Stored, wire_apply};
pub use process::{COOKIE, Identity, Io, Process, channel, command};
pub use values::{from_wire, proposed, to_wire, told, type_of};

/// A provider process, connected as Terraform connects. [`Plugin::caller`] makes its calls.
pub struct Plugin {
    pub process: Process,
    pub caller: Caller,
    pub channel: Channel,
    /// From the process's start to its schema.
    pub ready: Duration,
}

impl std::ops::Deref for Plugin {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl Plugin {
    /// Starts a provider with mutual TLS, opens the same streams as Terraform, and requests its schema.
    pub async fn start(mut command: Command) -> Self {
        let identity = Identity::new();
        command.env("PLUGIN_CLIENT_CERT", &identity.pem);
        let began = Instant::now();
        let process = Process::start(command);
        let io = process.connect_tls(Some(&identity)).await.expect("a TLS connection");
        Self::over(process, io, began).await
    }

    /// Over an existing connection.
    pub async fn over(process: Process, io: Box<dyn Io>, began: Instant) -> Self {
        let channel = channel(io).await.expect("a gRPC connection");
        // As in Terraform; both remain open without messages.
        let broker = GrpcBrokerClient::new(channel.clone()).start_stream(tokio_stream::pending()).await;
        let stdio = GrpcStdioClient::new(channel.clone()).stream_stdio(WellKnownEmpty {}).await;
        let (mut broker, mut stdio) = (broker.expect("a stream").into_inner(), stdio.expect("a stream").into_inner());
        tokio::spawn(async move { while let Ok(Some(_)) = broker.message().await {} });
        tokio::spawn(async move { while let Ok(Some(_)) = stdio.message().await {} });
        let mut client = ProviderClient::new(channel.clone())
            .max_decoding_message_size(i32::MAX as usize)
            .max_encoding_message_size(i32::MAX as usize);
        let sent = client.get_provider_schema(wire::get_provider_schema::Request {}).await.expect("a schema");
        let ready = began.elapsed();
        let request = wire::get_resource_identity_schemas::Request {};
        let identities = client.get_resource_identity_schemas(request).await.expect("identities").into_inner();
        let offer = Offer::new(sent.into_inner(), &identities.identity_schemas);
        let caller = Caller { client, offer: Arc::new(offer) };
        Self { process, caller, channel, ready }
    }

    /// Requests the shutdown and waits for it, with Terraform's timeout.
    pub async fn shutdown(&mut self) -> Option<(ExitStatus, Duration)> {
        GrpcControllerClient::new(self.channel.clone()).shutdown(Empty {}).await.expect("an answer");
        self.process.wait(Duration::from_secs(2)).await
    }
}
