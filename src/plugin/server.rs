//! The life of the process: listen, say where, serve, and end in time.

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

/// As HashiCorp's Go servers: tonic's own 4 MiB would refuse larger states.
const LARGEST_MESSAGE: usize = 256 << 20;
/// go-plugin's client waits two seconds after asking for the end, then kills.
const GRACE: Duration = Duration::from_millis(1500);
/// How long an answer takes to leave, at the most, once its call is done. A client that hangs up makes it shorter.
const LAST_ANSWER: Duration = Duration::from_millis(250);
/// How often to look whether whoever started us is still there.
const ORPHAN_CHECK: Duration = Duration::from_secs(5);
/// What shells report for a process that SIGTERM ended.
const TERMINATED: u8 = 128 + 15;

/// Whose process this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Terraform started it and ends it.
    Client,
    /// A person did, with `--debug`; it ends on Ctrl-C.
    Person,
}

/// Everything that has to be settled before the first connection.
pub(super) struct Plan {
    pub rpc: Rpc,
    pub socket: Socket,
    pub tls: Option<TlsAcceptor>,
    /// What goes to stdout once the socket accepts.
    pub announcement: String,
    pub owner: Owner,
}

/// Serves until told to end.
pub(super) fn run(plan: Plan) -> io::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // A provider waits far more than it computes, and several of them run beside Terraform.
        .worker_threads(2)
        .thread_name(panics::WORKER)
        .enable_all()
        .build()?;
    let code = runtime.block_on(serve(plan));
    // Work that is still blocking a thread does not hold the process up: it is safe to kill at any moment.
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
        // Go's default. A limit would make StopProvider queue behind the very calls it is to stop.
        .max_concurrent_streams(u32::MAX)
        // Large states otherwise go 64 KiB at a time, each waiting for the other side.
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
    // Gone at once, so that nobody connects to a process that ends.
    drop(folder);
    wind_up(&work, &end);
    tokio::select! {
        _ = &mut server => {}
        () = idle() => tracing::debug!("ending beside a client that does not hang up"),
        () = tokio::time::sleep(GRACE) => tracing::warn!("ending with calls still in flight"),
    }
    Ok(code)
}

/// Resolves once no call is under way and the last answer has had time to leave.
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
    /// Listens from before the announcement: Ctrl-C reaches the whole process group at any moment. A handler, not
    /// SIG_IGN, because that would be inherited by the programs that credential plugins start.
    fn listen(owner: Owner) -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())?, owner })
    }

    /// Waits for a signal that ends this process, and gives the code to end with.
    async fn next(&mut self) -> ExitCode {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return ExitCode::from(TERMINATED),
                _ = self.interrupt.recv() => match self.owner {
                    // Terraform has it too, and tells us by StopProvider what it makes of it.
                    Owner::Client => tracing::debug!("leaving an interrupt to Terraform"),
                    Owner::Person => return ExitCode::SUCCESS,
                },
            }
        }
    }
}

/// Resolves once whoever started us is gone and nobody is connected: a killed Terraform cannot ask for the end, and
/// nothing should be left behind.
async fn orphaned(owner: Owner, open: &OpenConnections) {
    let parent = std::os::unix::process::parent_id();
    let mut clock = tokio::time::interval(ORPHAN_CHECK);
    loop {
        clock.tick().await;
        if owner == Owner::Client && open.count() == 0 && std::os::unix::process::parent_id() != parent {
            tracing::warn!("Terraform is gone without a word");
            return;
        }
    }
}
