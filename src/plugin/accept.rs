//! From a listening socket to authenticated connections for the gRPC server.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::transport::server::Connected;

use super::socket::Listener;

/// The limit for a TLS handshake. Terraform connects from the same machine and needs milliseconds.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Any byte stream.
trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// The number of open connections.
#[derive(Debug, Clone, Default)]
pub(super) struct OpenConnections(Arc<AtomicUsize>);

impl OpenConnections {
    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// One connection, after its TLS handshake if TLS is enabled.
pub(super) struct Connection {
    io: Box<dyn Io>,
    open: OpenConnections,
    closed: Option<DropGuard>,
}

impl Connection {
    fn new(io: Box<dyn Io>, open: &OpenConnections) -> Self {
        open.0.fetch_add(1, Ordering::Relaxed);
        Self { io, open: open.clone(), closed: None }
    }

    /// Cancels this when it is closed.
    pub(super) fn ending(mut self, token: CancellationToken) -> Self {
        self.closed = Some(token.drop_guard());
        self
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.open.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Accepts connections until `end`. Each handshake is a separate task, so that a slow one delays no other.
#[allow(clippy::disallowed_methods, reason = "no run to cancel: connections belong to the process")]
pub(super) fn incoming(
    listener: Listener,
    tls: Option<TlsAcceptor>,
    open: OpenConnections,
    end: CancellationToken,
) -> io::Result<ReceiverStream<io::Result<Connection>>> {
    let listener = AsyncListener::new(listener)?;
    let (sender, receiver) = mpsc::channel(16);
    tokio::spawn(async move {
        while let Some(accepted) = end.run_until_cancelled(listener.accept()).await {
            match accepted {
                Ok(io) => {
                    let (tls, open, sender) = (tls.clone(), open.clone(), sender.clone());
                    tokio::spawn(async move {
                        if let Some(io) = secure(io, tls).await {
                            // Fails only if the server has ended.
                            let _ = sender.send(Ok(Connection::new(io, &open))).await;
                        }
                    });
                }
                Err(error) => {
                    // Usually no file descriptors are left. They become free when a connection is closed.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    });
    Ok(ReceiverStream::new(receiver))
}

/// Performs the TLS handshake if TLS is enabled.
async fn secure(io: Box<dyn Io>, tls: Option<TlsAcceptor>) -> Option<Box<dyn Io>> {
    let Some(tls) = tls else { return Some(io) };
    match tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(io)).await {
        Ok(Ok(secured)) => Some(Box::new(secured)),
        Ok(Err(error)) => {
            tracing::warn!(%error, "connection refused: it did not present the client's certificate");
            None
        }
        Err(_) => {
            tracing::warn!("connection refused: the TLS handshake timed out");
            None
        }
    }
}

enum AsyncListener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl AsyncListener {
    fn new(listener: Listener) -> io::Result<Self> {
        match listener {
            Listener::Unix(listener) => {
                listener.set_nonblocking(true)?;
                UnixListener::from_std(listener).map(Self::Unix)
            }
            Listener::Tcp(listener) => {
                listener.set_nonblocking(true)?;
                TcpListener::from_std(listener).map(Self::Tcp)
            }
        }
    }

    async fn accept(&self) -> io::Result<Box<dyn Io>> {
        match self {
            Self::Unix(listener) => Ok(Box::new(listener.accept().await?.0)),
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                // Without this a small response waits for the client's acknowledgement.
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) -> Self::ConnectInfo {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
