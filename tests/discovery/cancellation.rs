//! A cancelled run connects to no server, and ends within 2 s, wherever it waits.

use std::time::{Duration, Instant};

use anu::connect::RequestContext;
use anu::discovery::{DiscoveryError, Limits, Mode, RegistryConfig};

use crate::server::{Reply, Server};
use crate::{Place, REGISTRY, from};

/// How soon a run ends once it is cancelled.
const SOON: Duration = Duration::from_secs(2);

/// A place with the limits that users have: none of them may be what ends a cancelled run.
fn place() -> Place {
    Place { limits: Limits::default(), ..Place::new() }
}

/// Reads, cancels once `waits` is true, and checks that this ends it.
async fn cancelled_once(place: &Place, config: &RegistryConfig, waits: impl Fn() -> bool) {
    let ctx = RequestContext::default();
    let cancel = async {
        while !waits() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        ctx.cancel.cancel();
        Instant::now()
    };
    let (read, cancelled) = futures_util::future::join(place.discover_in(&ctx, config, Mode::Read), cancel).await;
    assert_eq!(read.expect_err("cancelled"), DiscoveryError::Cancelled);
    assert!(cancelled.elapsed() < SOON, "ended after {:?}", cancelled.elapsed());
}

/// The server's first answer, while the client waits for more.
async fn cancelled_after_one_request(reply: Reply) {
    let (place, server) = (place(), Server::start(move |_, _| reply.clone()).await);
    let mut config = from(&server.url("/registry.json"));
    config.fallbacks = vec![server.url("/fallback.json"), "fallback.json".to_owned()];
    place.write("fallback.json", REGISTRY);
    cancelled_once(&place, &config, || !server.requests().is_empty()).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let paths: Vec<String> = server.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(paths, ["/registry.json"], "no other place is tried, and none again");
}

#[tokio::test]
async fn a_run_that_is_cancelled_already_connects_to_no_server() {
    let (place, server) = (place(), Server::start(|_, _| Reply::ok(REGISTRY)).await);
    let ctx = RequestContext::default();
    ctx.cancel.cancel();
    let read = place.discover_in(&ctx, &from(&server.url("/registry.json")), Mode::Read).await;
    assert_eq!(read.expect_err("cancelled"), DiscoveryError::Cancelled);
    assert_eq!(server.requests().len(), 0);
    assert!(!place.path().join("cache").exists());
}

#[tokio::test]
async fn a_server_that_accepts_and_never_answers_is_given_up() {
    cancelled_after_one_request(Reply::Silence).await;
}

#[tokio::test]
async fn a_body_that_does_not_end_is_given_up() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"services\": [";
    cancelled_after_one_request(Reply::Slow(head.to_vec())).await;
}

#[tokio::test]
async fn a_pause_before_another_attempt_is_given_up() {
    cancelled_after_one_request(Reply::status("503 Service Unavailable", &[("retry-after", "9")], "")).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_without_a_writer_is_given_up() {
    let place = place();
    let pipe = place.path().join("registry.json");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let began = Instant::now();
    cancelled_once(&place, &from("registry.json"), || began.elapsed() > Duration::from_millis(50)).await;
    // The thread that opens it waits on: a writer lets this test's runtime end.
    std::fs::OpenOptions::new().write(true).open(&pipe).expect("a reader is there");
}

#[tokio::test]
async fn an_object_that_does_not_come_is_given_up() {
    let server = Server::start(|_, _| Reply::Silence).await;
    let address = server.url("");
    let environment = anu::connect::Environment::of([
        ("STORAGE_EMULATOR_HOST", address.as_str()),
        ("AWS_ENDPOINT_URL", address.as_str()),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AZURE_STORAGE_ENDPOINT", address.as_str()),
        ("AZURE_STORAGE_SAS_TOKEN", "sig=hunter3"),
    ]);
    let place = Place { environment, ..place() };
    for (nth, source) in
        ["gs://bucket/r.json", "s3://bucket/r.json", "az://container/r.json?account=acme"].iter().enumerate()
    {
        let mut config = from(source);
        config.fallbacks = vec!["fallback.json".to_owned()];
        place.write("fallback.json", REGISTRY);
        cancelled_once(&place, &config, || server.requests().len() == nth + 1).await;
    }
}
