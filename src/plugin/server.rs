//! The life of the process: listen, print the address, serve, and end in time.

use std::io::{self, Write as _};
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures_util::{Stream, StreamExt as _, stream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;

use super::accept::{Connection, OpenConnections, incoming};
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

/// Who answers a connection.
pub(super) enum Service {
    /// One provider answers all of them: Terraform opens one connection to the process that it has started.
    Shared(Box<Rpc>),
    /// Each has a provider of its own. To a process that a user has started, Terraform opens a connection for each provider block of a run,
    /// and one provider can have one configuration only.
    Apart(Box<dyn Fn() -> Rpc + Send>),
}

/// The configuration of the server.
pub(super) struct Plan {
    pub service: Service,
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
    let Plan { service, socket, tls, announcement, owner } = plan;
    let mut ends = Ends::listen(owner)?;
    let works = Works::default();
    let end = CancellationToken::new();
    let open = OpenConnections::default();
    let Socket { listener, address: _, folder } = socket;
    let connections = incoming(listener, tls, open.clone(), end.clone())?;

    let server: Pin<Box<dyn Future<Output = io::Result<()>> + Send>> = match service {
        Service::Shared(rpc) => {
            works.add(&rpc);
            Box::pin(answer(*rpc, connections, end.clone(), end.clone()))
        }
        Service::Apart(rpc) => Box::pin(apart(rpc, connections, works.clone(), end.clone())),
    };
    tokio::pin!(server);

    let mut stdout = io::stdout().lock();
    stdout.write_all(announcement.as_bytes())?;
    stdout.flush()?;
    drop(stdout);

    let code = tokio::select! {
        served = &mut server => {
            served?;
            return Ok(ExitCode::SUCCESS);
        }
        () = end.cancelled() => ExitCode::SUCCESS,
        code = ends.next() => code,
        () = orphaned(owner, &open) => ExitCode::SUCCESS,
    };
    // Removed at once, so that no client connects to a process that ends.
    drop(folder);
    works.stop();
    end.cancel();
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

/// Answers connections with one provider, until `done`. A client's shutdown ends the process.
async fn answer(
    rpc: Rpc,
    connections: impl Stream<Item = io::Result<Connection>> + Send,
    done: CancellationToken,
    end: CancellationToken,
) -> io::Result<()> {
    let shell = GoPlugin { end };
    let provider =
        ProviderServer::new(rpc).max_decoding_message_size(LARGEST_MESSAGE).max_encoding_message_size(LARGEST_MESSAGE);
    let served = Server::builder()
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
        .serve_with_incoming_shutdown(connections, done.cancelled_owned());
    served.await.map_err(io::Error::other)
}

/// Answers each connection with a provider of its own.
async fn apart(
    rpc: Box<dyn Fn() -> Rpc + Send>,
    mut connections: ReceiverStream<io::Result<Connection>>,
    works: Works,
    end: CancellationToken,
) -> io::Result<()> {
    let mut served = JoinSet::new();
    while let Some(Some(connection)) = end.run_until_cancelled(connections.next()).await {
        let rpc = rpc();
        works.add(&rpc);
        let done = end.child_token();
        let connection = connection?.ending(done.clone());
        // A server whose connections end would close this one.
        let connections = stream::iter([Ok(connection)]).chain(stream::pending());
        served.spawn(answer(rpc, connections, done, end.clone()));
        while served.try_join_next().is_some() {}
    }
    while served.join_next().await.is_some() {}
    Ok(())
}

/// The calls in flight of all providers.
#[derive(Clone, Default)]
struct Works(Arc<Mutex<Vec<Weak<Work>>>>);

impl Works {
    fn add(&self, rpc: &Rpc) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|work| work.strong_count() > 0);
        all.push(Arc::downgrade(&rpc.work()));
    }

    fn stop(&self) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for work in all.iter().filter_map(Weak::upgrade) {
            work.stop();
        }
    }
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
