//! Registries in buckets, on real servers.

use std::sync::atomic::{AtomicUsize, Ordering};

use anu::connect::Environment;

use crate::server::{Reply, Request, Server};
use crate::store_server::{Kind, StoreServer, request};
use crate::{Place, REGISTRY};

/// A bucket of its own on a real server, and a proxy in front of it that behaves as a test wants.
struct Bucket {
    server: &'static StoreServer,
    name: String,
    place: Place,
}

impl Bucket {
    fn new() -> Option<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let server = StoreServer::shared(Kind::Gs)?;
        let name = format!("bucket-{}", COUNT.fetch_add(1, Ordering::SeqCst));
        server.create_bucket(&name);
        let mut bucket = Self { server, name, place: Place::new() };
        bucket.reach(&format!("http://{}", server.address));
        Some(bucket)
    }

    /// Reads from this server.
    fn reach(&mut self, address: &str) {
        self.place.environment = Environment::of([("STORAGE_EMULATOR_HOST", address)]);
    }

    fn url(&self, key: &str) -> String {
        format!("gs://{}/{key}", self.name)
    }
}

/// The response of the real server to a request of the client, with the condition that the real server ignores.
fn forwarded(server: &StoreServer, from: &Request) -> Reply {
    let headers: Vec<(&str, &str)> = from
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| !["host", "connection", "content-length"].contains(name))
        .collect();
    let response = request(server.address, &from.method, &from.path, &headers, &from.body).expect("a response");
    let etag = |head: &str| head.lines().find_map(|line| line.to_lowercase().strip_prefix("etag: ").map(str::to_owned));
    if from.header("if-none-match").is_some() && from.header("if-none-match").map(str::to_owned) == etag(&response.head) {
        return Reply::status("304 Not Modified", &[], "");
    }
    Reply::Bytes([response.head.as_bytes(), &response.body].concat())
}

#[tokio::test]
async fn an_object_is_fetched_once_and_then_only_compared() {
    let Some(mut bucket) = Bucket::new() else { return };
    bucket.server.put(&bucket.name, "registry.json", REGISTRY);
    let (url, server) = (bucket.url("registry.json"), bucket.server);
    let front = Server::start(move |request, _| forwarded(server, request)).await;
    bucket.reach(&front.url(""));
    let first = bucket.place.read(&url).await.expect("read");
    let second = bucket.place.read(&url).await.expect("read");
    assert_eq!(first, second);
    assert_eq!((first.bytes.as_slice(), first.source.as_str()), (REGISTRY.as_bytes(), url.as_str()));
    assert!(first.version.is_some());
    let requests = front.requests();
    let conditions: Vec<Option<&str>> = requests.iter().map(|request| request.header("if-none-match")).collect();
    assert_eq!(conditions, [None, first.version.as_deref()]);
    assert!(requests.iter().all(|request| request.header("authorization").is_none()), "no identity for a simulator");
    bucket.server.put(&bucket.name, "registry.json", r#"{"services": [], "more": 1}"#);
    let third = bucket.place.read(&url).await.expect("read");
    assert_ne!(third.bytes, first.bytes);
}
