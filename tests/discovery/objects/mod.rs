//! Registries in buckets, on real servers.

mod forms;
mod guide;
mod identity;
mod states;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use anu::connect::Environment;

use crate::Place;
use crate::server::{Reply, Request, Server};
use crate::store_server::{AZURE_ACCOUNT, AZURE_KEY, Kind, Response, StoreServer, request};

/// A bucket of its own on a real server, and a folder to read it from.
pub struct Bucket {
    kind: Kind,
    pub server: &'static StoreServer,
    pub name: String,
    pub place: Place,
}

impl Bucket {
    pub fn new(kind: Kind) -> Option<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let server = StoreServer::shared(kind)?;
        let name = format!("bucket-{}", COUNT.fetch_add(1, Ordering::SeqCst));
        server.create_bucket(&name);
        let place = Place { environment: environment(kind, &format!("http://{}", server.address)), ..Place::new() };
        Some(Self { kind, server, name, place })
    }

    fn put(&self, key: &str, bytes: impl AsRef<[u8]>) {
        self.server.put(&self.name, key, bytes);
    }

    /// The address of an object.
    pub fn url(&self, key: &str) -> String {
        match self.kind {
            Kind::Gs => format!("gs://{}/{key}", self.name),
            Kind::S3 => format!("s3://{}/{key}", self.name),
            Kind::Az => format!("az://{}/{key}?account={AZURE_ACCOUNT}", self.name),
        }
    }

    /// A proxy in front of the server, through which it is read from now on.
    pub async fn front(&mut self) -> Front {
        let front = Front::start(self.kind, self.server).await;
        self.place.environment = environment(self.kind, &front.server.url(""));
        front
    }

    /// Without what differs from run to run.
    pub fn plain(&self, text: &str) -> String {
        self.place.plain(text).replace(&self.name, "BUCKET").replace(AZURE_ACCOUNT, "ACCOUNT")
    }
}

/// The variables with which a store is read from this address.
fn environment(kind: Kind, address: &str) -> Environment {
    match kind {
        Kind::Gs => Environment::of([("STORAGE_EMULATOR_HOST", address)]),
        Kind::S3 => Environment::of([
            ("AWS_ENDPOINT_URL_S3", address),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ]),
        Kind::Az => {
            let address = format!("{address}/{AZURE_ACCOUNT}");
            Environment::of([("AZURE_STORAGE_ENDPOINT", address.as_str()), ("AZURE_STORAGE_ACCOUNT_KEY", AZURE_KEY)])
        }
    }
}

/// What a proxy does with a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// The server responds.
    Through,
    /// The proxy responds.
    Status(&'static str, &'static [(&'static str, &'static str)], &'static str),
    /// There is no response.
    Silence,
    /// The connection ends in the middle of the server's response.
    Cut,
    /// The server's response, with this `Content-Encoding`.
    Encoded(&'static str),
    /// This body, packed with gzip.
    Packed(Vec<u8>),
    /// The server receives the first such request, and its response is lost.
    Lost,
}

/// A proxy in front of a server.
pub struct Front {
    server: Server,
    fate: Arc<Mutex<Fate>>,
    /// Of each response: its status and the length of its body.
    responses: Arc<Mutex<Vec<(u16, usize)>>>,
}

impl Front {
    async fn start(kind: Kind, store: &'static StoreServer) -> Self {
        let (fate, responses) = (Arc::new(Mutex::new(Fate::Through)), Arc::<Mutex<Vec<_>>>::default());
        let (judge, seen) = (Arc::clone(&fate), Arc::clone(&responses));
        let server = Server::start(move |request, _| {
            let fate = judge.lock().expect("no panic").clone();
            if let Fate::Status(status, headers, body) = fate {
                return Reply::status(status, headers, body);
            }
            if let Fate::Packed(body) = fate {
                return Reply::status("200 OK", &[("content-encoding", "gzip"), DATE, ("etag", "\"packed\"")], body);
            }
            if fate == Fate::Silence {
                return Reply::Silence;
            }
            let Response { status, head, body } = forwarded(kind, store, request);
            seen.lock().expect("no panic").push((status, body.len()));
            if fate == Fate::Lost {
                *judge.lock().expect("no panic") = Fate::Through;
                return Reply::Reset;
            }
            let bytes = match fate {
                Fate::Cut => [head.as_bytes(), &body[..body.len() / 2]].concat(),
                Fate::Encoded(encoding) => {
                    let head = head.replacen("\r\n", &format!("\r\ncontent-encoding: {encoding}\r\n"), 1);
                    [head.as_bytes(), &body].concat()
                }
                _ => [head.as_bytes(), &body].concat(),
            };
            Reply::Bytes(bytes)
        })
        .await;
        Self { server, fate, responses }
    }

    /// From now on, its port refuses connections.
    pub async fn go_down(mut self) {
        self.server.stop().await;
    }

    pub fn set(&self, fate: Fate) {
        *self.fate.lock().expect("no panic") = fate;
    }

    /// The responses since the last call.
    fn responses(&self) -> Vec<(u16, usize)> {
        std::mem::take(&mut *self.responses.lock().expect("no panic"))
    }
}

/// A header that stores always send.
const DATE: (&str, &str) = ("last-modified", "Fri, 15 Jan 2027 08:00:00 GMT");

/// The response of the real server. fake-gcs-server ignores the condition of a read, which Google's does not.
fn forwarded(kind: Kind, store: &StoreServer, from: &Request) -> Response {
    let headers: Vec<(&str, &str)> = from
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| !["host", "connection", "content-length"].contains(name))
        .collect();
    let response = request(store.address, &from.method, &from.path, &headers, &from.body).expect("a response");
    let known = from.header("if-none-match").filter(|_| kind == Kind::Gs);
    match known {
        Some(known) if response.header("etag").is_some_and(|etag| etag == known) => Response {
            status: 304,
            head: "HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n".into(),
            body: Vec::new(),
        },
        _ => response,
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gs => "gs",
            Self::S3 => "s3",
            Self::Az => "az",
        })
    }
}
