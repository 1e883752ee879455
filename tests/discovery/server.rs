//! A web server small enough to misbehave on demand.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a client asked.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// `name: value`, names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// What it gets.
#[derive(Debug, Clone)]
pub enum Reply {
    /// These bytes, then the end of the connection.
    Bytes(Vec<u8>),
    /// These bytes, and nothing more, ever.
    Slow(Vec<u8>),
    /// Nothing, ever.
    Silence,
    /// A reset.
    Reset,
}

impl Reply {
    pub fn status(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        Self::Bytes([head.as_bytes(), b"\r\n", body].concat())
    }

    pub fn ok(body: impl AsRef<[u8]>) -> Self {
        Self::status("200 OK", &[], body)
    }
}

/// Listens on a port of its own until it is dropped.
pub struct Server {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Handler = dyn Fn(&Request, usize) -> Reply + Send + Sync;

impl Server {
    /// `handler` gets each request, and how many came before it.
    pub async fn start(handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(None, handler).await
    }

    /// The same behind TLS.
    pub async fn start_tls(
        tls: tokio_rustls::TlsAcceptor,
        handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::listen(Some(tls), handler).await
    }

    async fn listen(
        tls: Option<tokio_rustls::TlsAcceptor>,
        handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let handler: Arc<Handler> = Arc::new(handler);
        let seen = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, handler, seen) = (tls.clone(), Arc::clone(&handler), Arc::clone(&seen));
                tokio::spawn(async move {
                    match tls {
                        None => serve_plain(stream, &*handler, &seen).await,
                        // A client that does not trust us hangs up here.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &*handler, &seen).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, requests, task }
    }

    /// Returns when the port is closed.
    pub async fn stop(&mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic").clone()
    }
}

async fn serve_plain(mut stream: TcpStream, handler: &Handler, seen: &Mutex<Vec<Request>>) {
    let Some(reply) = answer(&mut stream, handler, seen).await else { return };
    if matches!(reply, Reply::Reset) {
        // With nothing to linger for, closing is a reset.
        let _ = stream.set_zero_linger();
        return;
    }
    send(&mut stream, reply).await;
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, handler: &Handler, seen: &Mutex<Vec<Request>>) {
    if let Some(reply) = answer(&mut stream, handler, seen).await {
        send(&mut stream, reply).await;
    }
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), reply: Reply) {
    match reply {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Reply::Slow(bytes) => {
            let _ = stream.write_all(&bytes).await;
            std::future::pending().await
        }
        Reply::Silence => std::future::pending().await,
        Reply::Reset => {}
    }
}

async fn answer(stream: &mut (impl AsyncRead + Unpin), handler: &Handler, seen: &Mutex<Vec<Request>>) -> Option<Reply> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
        if head == [22] {
            // The greeting of a TLS client: answered as web servers without TLS do.
            return Some(Reply::status("400 Bad Request", &[], "what?"));
        }
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let (method, path) = lines.next()?.rsplit_once(' ')?.0.split_once(' ')?;
    let (method, path) = (method.to_owned(), path.to_owned());
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut request = Request { method, path, headers, body: Vec::new() };
    if let Some(length) = request.header("content-length").and_then(|length| length.parse().ok()) {
        request.body = vec![0; length];
        stream.read_exact(&mut request.body).await.ok()?;
    }
    let nth = {
        let mut seen = seen.lock().expect("no panic");
        seen.push(request.clone());
        seen.len() - 1
    };
    Some(handler(&request, nth))
}
