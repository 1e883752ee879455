//! A proxy in front of real clusters that simulates busy servers and bad networks.
//!
//! It serves plain HTTP on the loopback interface, and forwards requests to the real cluster as the provider's user. So the
//! responses are real, and so are the effects of requests whose response is lost.
#![allow(dead_code, reason = "not every test binary says every word")]

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kube::Client;
use kube::client::Body;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The handling of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The cluster receives it and responds.
    Through,
    /// The same after this delay.
    Slow(Duration),
    /// The proxy responds, and the cluster does not receive it.
    Refused {
        /// The status code.
        code: u16,
        /// Kubernetes' reason.
        reason: &'static str,
        /// `Retry-After`, in seconds.
        retry_after: Option<u32>,
    },
    /// The connection is reset before the cluster receives it.
    Lost,
    /// The cluster executes it, and the connection is reset before the response.
    Unanswered,
    /// The cluster executes it, and the connection ends in the middle of the response.
    Torn,
    /// The response is not one of an API server.
    Garbage,
    /// There is no response, and the cluster does not receive it. [`Proxy::held`] returns it.
    Held,
    /// The same after the cluster has executed it.
    HeldAfter,
}

/// A request of the provider.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The number of earlier requests to all clusters.
    pub number: usize,
    /// The cluster's name.
    pub cluster: String,
    pub method: Method,
    /// With its query.
    pub path: String,
    /// The bearer token.
    pub token: Option<String>,
}

impl Scope {
    /// Whether it is a write.
    pub fn writes(&self) -> bool {
        self.method != Method::GET
    }
}

type Judge = Box<dyn FnMut(&Scope) -> Fate + Send>;

struct Inner {
    judge: Mutex<Judge>,
    count: AtomicUsize,
    asked: Mutex<Vec<Scope>>,
    answers: Mutex<Vec<Bytes>>,
    held: Mutex<Sender<Scope>>,
}

/// The proxy of a few clusters. Ends when dropped.
pub struct Proxy {
    inner: Arc<Inner>,
    ports: Vec<Port>,
    held: Receiver<Scope>,
}

/// Where one cluster is reached.
struct Port {
    cluster: String,
    client: Client,
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Port {
    fn serve(cluster: String, client: Client, listener: TcpListener, inner: &Arc<Inner>) -> Self {
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(serve(listener, cluster.clone(), client.clone(), Arc::clone(inner)));
        Self { cluster, client, address, server }
    }
}

impl Proxy {
    /// Before these clusters, by their names.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start(clusters: Vec<(String, Client)>) -> Self {
        let (sender, held) = channel();
        let inner = Arc::new(Inner {
            judge: Mutex::new(Box::new(|_| Fate::Through)),
            count: AtomicUsize::new(0),
            asked: Mutex::default(),
            answers: Mutex::default(),
            held: Mutex::new(sender),
        });
        let mut ports = Vec::new();
        for (cluster, client) in clusters {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            ports.push(Port::serve(cluster, client, listener, &inner));
        }
        Self { inner, ports, held }
    }

    /// Makes a cluster unreachable: connections to its address are refused.
    pub async fn stop(&mut self, cluster: &str) {
        let server = &mut self.port(cluster).server;
        server.abort();
        let _ = server.await; // its listener is closed by then
    }

    /// Makes it reachable again, at the same address.
    pub async fn start_again(&mut self, cluster: &str) {
        let inner = Arc::clone(&self.inner);
        let port = self.port(cluster);
        let listener = TcpListener::bind(port.address).await.expect("the same port");
        *port = Port::serve(port.cluster.clone(), port.client.clone(), listener, &inner);
    }

    #[track_caller]
    fn port(&mut self, cluster: &str) -> &mut Port {
        self.ports.iter_mut().find(|port| port.cluster == cluster).expect("a cluster of the proxy")
    }

    /// Sets the handling of further requests, and restarts their count.
    pub fn judge(&self, judge: impl FnMut(&Scope) -> Fate + Send + 'static) {
        *lock(&self.inner.judge) = Box::new(judge);
        self.inner.count.store(0, Ordering::SeqCst);
        lock(&self.inner.asked).clear();
        lock(&self.inner.answers).clear();
        while self.held.try_recv().is_ok() {}
    }

    /// The requests since the call of [`judge`](Self::judge).
    pub fn asked(&self) -> Vec<Scope> {
        lock(&self.inner.asked).clone()
    }

    /// The bodies of the clusters' responses since then.
    pub fn answers(&self) -> Vec<Bytes> {
        lock(&self.inner.answers).clone()
    }

    /// The next request without a response ([`Fate::Held`]), if there is one within this time.
    pub fn held(&self, within: Duration) -> Option<Scope> {
        self.held.recv_timeout(within).ok()
    }

    /// A kubeconfig with one context for each cluster, under its name, whose user is `user` in YAML (`{token: t}`).
    pub fn kubeconfig(&self, user: &str) -> String {
        let (mut clusters, mut contexts) = (String::new(), String::new());
        for Port { cluster: name, address, .. } in &self.ports {
            let _ = writeln!(clusters, "- {{name: {name}, cluster: {{server: 'http://{address}'}}}}");
            let _ = writeln!(contexts, "- {{name: {name}, context: {{cluster: {name}, user: user}}}}");
        }
        let users = format!("- {{name: user, user: {user}}}\n");
        format!("apiVersion: v1\nkind: Config\nclusters:\n{clusters}contexts:\n{contexts}users:\n{users}")
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        for port in &self.ports {
            port.server.abort();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, cluster: String, client: Client, inner: Arc<Inner>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, cluster.clone(), client.clone(), Arc::clone(&inner)));
    }
}

/// One connection, until its end or until the handling of a request resets it.
async fn connection(stream: TcpStream, cluster: String, client: Client, inner: Arc<Inner>) {
    let _ = stream.set_nodelay(true);
    let _ = stream.set_zero_linger();
    let answer = service_fn(|request| answer(request, &cluster, &client, &inner));
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}

async fn answer(
    request: Request<Incoming>,
    cluster: &str,
    client: &Client,
    inner: &Inner,
) -> io::Result<Response<Frames>> {
    let (mut parts, body) = request.into_parts();
    let asked = Scope {
        number: inner.count.fetch_add(1, Ordering::SeqCst),
        cluster: cluster.to_owned(),
        method: parts.method.clone(),
        path: parts.uri.to_string(),
        token: token(&parts.headers),
    };
    let fate = (lock(&inner.judge))(&asked);
    lock(&inner.asked).push(asked.clone());
    for name in [header::HOST, header::AUTHORIZATION] {
        parts.headers.remove(name);
    }
    let through = || async {
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let answer = client.send(Request::from_parts(parts, Body::from(body))).await.map_err(io::Error::other)?;
        let (mut head, body) = answer.into_parts();
        let body = body.collect_bytes().await.map_err(io::Error::other)?;
        lock(&inner.answers).push(body.clone());
        // The whole body is sent at once.
        head.headers.remove(header::TRANSFER_ENCODING);
        head.headers.insert(header::CONTENT_LENGTH, body.len().into());
        io::Result::Ok((head, body))
    };
    let whole = |(head, body)| Response::from_parts(head, Frames(vec![Ok(Frame::data(body))]));
    let lost = || Err(io::Error::other("lost"));
    match fate {
        Fate::Through => through().await.map(whole),
        Fate::Slow(time) => {
            tokio::time::sleep(time).await;
            through().await.map(whole)
        }
        Fate::Refused { code, reason, retry_after } => Ok(refused(code, reason, retry_after)),
        Fate::Lost => lost(),
        Fate::Unanswered => {
            through().await?;
            lost()
        }
        Fate::Torn => {
            // The header still has the full length.
            let (head, body) = through().await?;
            let half = Ok(Frame::data(body.slice(..body.len() / 2)));
            Ok(Response::from_parts(head, Frames(vec![Err(io::Error::other("torn")), half])))
        }
        Fate::Garbage => Ok(Response::new(Frames::of("<html>Welcome to the proxy</html>".to_owned()))),
        Fate::Held | Fate::HeldAfter => {
            if fate == Fate::HeldAfter {
                through().await?;
            }
            let _ = lock(&inner.held).send(asked);
            std::future::pending().await
        }
    }
}

fn token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    Some(value.strip_prefix("Bearer ")?.to_owned())
}

/// A `Status` response as an API server sends it.
fn refused(code: u16, reason: &str, retry_after: Option<u32>) -> Response<Frames> {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code, "reason": reason,
        "message": format!("the proxy says {code}"),
        "details": {"retryAfterSeconds": retry_after.unwrap_or_default()},
    });
    let mut answer = Response::new(Frames::of(status.to_string()));
    *answer.status_mut() = StatusCode::from_u16(code).expect("a status code");
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(seconds) = retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    answer
}

/// A body: its frames, from the last to the first.
struct Frames(Vec<io::Result<Frame<Bytes>>>);

impl Frames {
    fn of(text: String) -> Self {
        Self(vec![Ok(Frame::data(text.into()))])
    }
}

impl hyper::body::Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.0.pop())
    }
}
