//! The life of the process: listen, print the address, serve, and end in time.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;

use super::accept::{OpenConnections, incoming};
use super::go_plugin::GoPlugin;
use super::panics;
use super::proto::grpc::health::v1::health_server::HealthServer;
use super::proto::plugin::grpc_broker_server::GrpcBrokerServer;
use super::proto::plugin::grpc_controller_server::GrpcControllerServer;
use super::proto::plugin::grpc_stdio_server::GrpcStdioServer;
use super::proto::tfplugin6::provider_server::ProviderServer;
use super::rpc::Rpc;
use super::socket::Socket;
use super::work::Work;

/// The limit of HashiCorp's Go servers. tonic's default of 4 MiB would refuse larger states.
const LARGEST_MESSAGE: usize = 256 << 20;
/// go-plugin's client kills the process two seconds after the shutdown request.
const GRACE: Duration = Duration::from_millis(1500);
/// The limit for sending a response after its call has ended. It is shorter if the client disconnects.
const LAST_ANSWER: Duration = Duration::from_millis(250);
/// The interval of checks whether the parent process still exists.
const ORPHAN_CHECK: Duration = Duration::from_secs(5);
/// The exit code that shells report for a process ended by SIGTERM.
const TERMINATED: u8 = 128 + 15;

/// The owner of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Terraform started it and ends it.
    Client,
    /// A user started it with `--debug`; it ends on Ctrl-C.
    Person,
}

/// The configuration of the server.
pub(super) struct Plan {
    pub rpc: Rpc,
    pub socket: Socket,
    pub tls: Option<TlsAcceptor>,
    /// The text for stdout, printed once the socket accepts connections.
    pub announcement: String,
    pub owner: Owner,
}

/// Serves until a shutdown or a signal.
pub(super) fn run(plan: Plan) -> io::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // A provider mostly waits, and several of them run in parallel with Terraform.
        .worker_threads(2)
        .thread_name(panics::WORKER)
        .enable_all()
        .build()?;
    let code = runtime.block_on(serve(plan));
    // The end does not wait for blocking work: it is safe to kill at any moment.
    runtime.shutdown_background();
    code
}

#[allow(clippy::disallowed_methods, reason = "no run to cancel: it waits for the last calls of the process")]
async fn serve(plan: Plan) -> io::Result<ExitCode> {
    let Plan { rpc, socket, tls, announcement, owner } = plan;
    let mut ends = Ends::listen(owner)?;
    let work = rpc.work();
    let end = CancellationToken::new();
    let open = OpenConnections::default();
    let Socket { listener, address: _, folder } = socket;
    let connections = incoming(listener, tls, open.clone(), end.clone())?;

    let shell = GoPlugin { end: end.clone() };
    let provider =
        ProviderServer::new(rpc).max_decoding_message_size(LARGEST_MESSAGE).max_encoding_message_size(LARGEST_MESSAGE);
    let server = Server::builder()
        // Go's default. With a limit StopProvider would wait for the calls that it cancels.
        .max_concurrent_streams(u32::MAX)
        // By default large states are sent in blocks of 64 KiB, each with a wait for the client.
        .initial_stream_window_size(4 << 20)
        .initial_connection_window_size(16 << 20)
        .add_service(provider)
        .add_service(GrpcControllerServer::new(shell.clone()))
        .add_service(GrpcBrokerServer::new(shell.clone()))
        .add_service(GrpcStdioServer::new(shell.clone()))
        .add_service(HealthServer::new(shell))
        .serve_with_incoming_shutdown(connections, end.clone().cancelled_owned());
    tokio::pin!(server);

    let mut stdout = io::stdout().lock();
    stdout.write_all(announcement.as_bytes())?;
    stdout.flush()?;
    drop(stdout);

    let code = tokio::select! {
        served = &mut server => {
            served.map_err(io::Error::other)?;
            return Ok(ExitCode::SUCCESS);
        }
        () = end.cancelled() => ExitCode::SUCCESS,
        code = ends.next() => code,
        () = orphaned(owner, &open) => ExitCode::SUCCESS,
    };
    // Removed at once, so that no client connects to a process that ends.
    drop(folder);
    wind_up(&work, &end);
    tokio::select! {
        _ = &mut server => {}
        () = idle() => tracing::debug!("ending while the client is still connected"),
        () = tokio::time::sleep(GRACE) => tracing::warn!("ending with calls still in flight"),
    }
    Ok(code)
}

/// Resolves once no call is in flight and the last response had time to be sent.
#[allow(clippy::disallowed_methods, reason = "no run to cancel: it waits for the last calls of the process")]
async fn idle() {
    while panics::under_way() > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(LAST_ANSWER).await;
}

fn wind_up(work: &Arc<Work>, end: &CancellationToken) {
    work.stop();
    end.cancel();
}

/// The signals.
struct Ends {
    interrupt: Signal,
    terminate: Signal,
    owner: Owner,
}

impl Ends {
    /// Installed before the address is printed, because Ctrl-C reaches the whole process group at any moment. A handler and not
    /// SIG_IGN, because credential plugins would inherit that.
    fn listen(owner: Owner) -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())?, owner })
    }

    /// Waits for a signal that ends this process, and returns the exit code.
    async fn next(&mut self) -> ExitCode {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return ExitCode::from(TERMINATED),
                _ = self.interrupt.recv() => match self.owner {
                    // Terraform receives it as well and sends StopProvider.
                    Owner::Client => tracing::debug!("interrupt ignored: Terraform handles it"),
                    Owner::Person => return ExitCode::SUCCESS,
                },
            }
        }
    }
}

/// Resolves once the parent process has ended and no client is connected: a killed Terraform sends no shutdown, and this
/// process must not remain.
async fn orphaned(owner: Owner, open: &OpenConnections) {
    let parent = std::os::unix::process::parent_id();
    let mut clock = tokio::time::interval(ORPHAN_CHECK);
    loop {
        clock.tick().await;
        if owner == Owner::Client && open.count() == 0 && std::os::unix::process::parent_id() != parent {
            tracing::warn!("Terraform has ended without a shutdown");
            return;
        }
    }
}
