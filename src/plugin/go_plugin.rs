//! The services that go-plugin requires besides the provider's: shutdown, two streams without messages, health.

use std::pin::Pin;

use futures_util::Stream;
use futures_util::stream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::proto::google::protobuf::Empty as WellKnownEmpty;
use super::proto::grpc::health::v1::health_check_response::ServingStatus;
use super::proto::grpc::health::v1::health_server::Health;
use super::proto::grpc::health::v1::{HealthCheckRequest, HealthCheckResponse};
use super::proto::plugin::grpc_broker_server::GrpcBroker;
use super::proto::plugin::grpc_controller_server::GrpcController;
use super::proto::plugin::grpc_stdio_server::GrpcStdio;
use super::proto::plugin::{ConnInfo, Empty, StdioData};

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// All four services. They share the token that ends the process.
#[derive(Debug, Clone)]
pub(super) struct GoPlugin {
    pub end: CancellationToken,
}

impl GoPlugin {
    /// A stream without messages. It ends with the process, so that an open stream does not delay the end.
    fn silence<T: Send + 'static>(&self) -> Answers<T> {
        let end = self.end.clone();
        Box::pin(stream::unfold(end, |end| async move {
            end.cancelled().await;
            None
        }))
    }
}

#[tonic::async_trait]
impl GrpcController for GoPlugin {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        tracing::debug!("shutdown requested");
        self.end.cancel();
        Ok(Response::new(Empty {}))
    }
}

#[tonic::async_trait]
impl GrpcBroker for GoPlugin {
    type StartStreamStream = Answers<ConnInfo>;

    async fn start_stream(&self, _: Request<Streaming<ConnInfo>>) -> Result<Response<Self::StartStreamStream>, Status> {
        Ok(Response::new(self.silence()))
    }
}

#[tonic::async_trait]
impl GrpcStdio for GoPlugin {
    type StreamStdioStream = Answers<StdioData>;

    async fn stream_stdio(&self, _: Request<WellKnownEmpty>) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(self.silence()))
    }
}

#[tonic::async_trait]
impl Health for GoPlugin {
    type WatchStream = Answers<HealthCheckResponse>;

    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        match health(&request.get_ref().service) {
            ServingStatus::ServiceUnknown => Err(Status::not_found("unknown service")),
            status => Ok(Response::new(HealthCheckResponse { status: status.into() })),
        }
    }

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        use futures_util::StreamExt as _;
        let now = HealthCheckResponse { status: health(&request.get_ref().service).into() };
        Ok(Response::new(Box::pin(stream::iter([Ok(now)]).chain(self.silence()))))
    }
}

/// The health of a service by name; the empty name is the whole server.
fn health(service: &str) -> ServingStatus {
    match service {
        "" | "plugin" => ServingStatus::Serving,
        _ => ServingStatus::ServiceUnknown,
    }
}
