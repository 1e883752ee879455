//! What is read when the source does not answer, and what the user is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use anu::discovery::{Mode, Warning};

use crate::server::{Reply, Server};
use crate::{Place, REGISTRY, from};

/// A server that answers as it is told: 0 well, 1 not at all, 2 with a text cut short.
async fn moody() -> (Server, Arc<AtomicU8>) {
    let mood = Arc::new(AtomicU8::new(0));
    let told = Arc::clone(&mood);
    let server = Server::start(move |_, _| match told.load(Ordering::SeqCst) {
        0 => Reply::status("200 OK", &[("etag", "\"v1\"")], REGISTRY),
        1 => Reply::status("404 Not Found", &[], ""),
        _ => Reply::ok("{\"services\": ["),
    })
    .await;
    (server, mood)
}

fn text(place: &Place, warnings: &[Warning]) -> String {
    let line = |warning: &Warning| format!("Warning: {}\n{}\n{}", warning.code.summary(), warning.detail, warning.code);
    let lines: Vec<String> = warnings.iter().map(line).collect();
    place.plain(&lines.join("\n\n"))
}

#[tokio::test]
async fn a_fallback_serves_reading_and_not_an_apply() {
    let place = Place::new();
    place.write("fallback.json", REGISTRY);
    let mut config = from("missing.json");
    config.fallbacks = vec!["also-missing.json".into(), "fallback.json".into(), "never-tried.json".into()];
    let (fetched, warnings) = place.discover(&config, Mode::Read).await.expect("read");
    assert_eq!((fetched.source.as_str(), fetched.from_fallback, fetched.stale_age), ("fallback.json", true, None));
    insta::assert_snapshot!(text(&place, &warnings), @"
    Warning: Registry read from a fallback
    The registry was read from the fallback `fallback.json`, because these failed:
      source `missing.json`: file not found: check the path (`DIR/missing.json`)
      fallback `also-missing.json`: file not found: check the path (`DIR/also-missing.json`)
    The fallback may be older than the source. An apply does not use it.
    anu:read-from-fallback
    ");
    let error = place.discover(&config, Mode::Apply).await.expect_err("refused");
    insta::assert_snapshot!(place.plain(&error.to_string()), @"
    the registry could not be read:
      source `missing.json`: file not found: check the path (`DIR/missing.json`)
    An apply reads only the source, never an old copy; fallbacks are for reads and plans.
    ");
    config.fallbacks.clear();
    let error = place.discover(&config, Mode::Apply).await.expect_err("refused");
    insta::assert_snapshot!(place.plain(&error.to_string()), @"
    the registry could not be read:
      source `missing.json`: file not found: check the path (`DIR/missing.json`)
    An apply reads only the source, never an old copy.
    ");
}

#[tokio::test]
async fn the_last_good_copy_serves_reading_and_not_an_apply() {
    let place = Place::new();
    let (server, mood) = moody().await;
    let config = from(&server.url("/registry.json"));
    place.discover(&config, Mode::Apply).await.expect("read");
    mood.store(1, Ordering::SeqCst);
    place.clock.advance(Duration::from_secs(3 * 3600 + 59));
    let (fetched, warnings) = place.discover(&config, Mode::Read).await.expect("the copy");
    assert_eq!(fetched.bytes, REGISTRY.as_bytes());
    assert_eq!(fetched.stale_age, Some(Duration::from_secs(3 * 3600 + 59)));
    assert_eq!((fetched.version.as_deref(), fetched.from_fallback), (Some("\"v1\""), false));
    insta::assert_snapshot!(text(&place, &warnings), @"
    Warning: Registry read from the last good copy
    The registry is the copy of `http://127.0.0.1:PORT/registry.json` as it was 3 hours ago, because these failed:
      source `http://127.0.0.1:PORT/registry.json`: not found (404): check the address
    An apply does not use it.
    anu:read-from-last-good-copy
    ");
    place.discover(&config, Mode::Apply).await.expect_err("an apply does not take it");
}

#[tokio::test]
async fn a_fallback_comes_before_the_last_good_copy() {
    let place = Place::new();
    let (server, mood) = moody().await;
    let mut config = from(&server.url("/registry.json"));
    place.discover(&config, Mode::Read).await.expect("read");
    mood.store(1, Ordering::SeqCst);
    config.fallbacks = vec!["fallback.json".into()];
    let (copy, warnings) = place.discover(&config, Mode::Read).await.expect("the copy");
    assert!(copy.stale_age.is_some());
    insta::assert_snapshot!(text(&place, &warnings), @"
    Warning: Registry read from the last good copy
    The registry is the copy of `http://127.0.0.1:PORT/registry.json` as it was less than a minute ago, because these failed:
      source `http://127.0.0.1:PORT/registry.json`: not found (404): check the address
      fallback `fallback.json`: file not found: check the path (`DIR/fallback.json`)
    An apply does not use it.
    anu:read-from-last-good-copy
    ");
    place.write("fallback.json", REGISTRY);
    let (fetched, _) = place.discover(&config, Mode::Read).await.expect("the fallback");
    assert_eq!((fetched.source.as_str(), fetched.stale_age), ("fallback.json", None));
}

#[tokio::test]
async fn a_copy_is_as_new_as_the_last_time_the_source_stood_by_it() {
    let place = Place::new();
    let mood = Arc::new(AtomicU8::new(0));
    let told = Arc::clone(&mood);
    let server =
        Server::start(move |request, _| match (told.load(Ordering::SeqCst), request.header("if-none-match")) {
            (0, None) => Reply::status("200 OK", &[("etag", "\"v1\"")], REGISTRY),
            (0, Some(_)) => Reply::status("304 Not Modified", &[], ""),
            _ => Reply::status("404 Not Found", &[], ""),
        })
        .await;
    let config = from(&server.url("/registry.json"));
    place.discover(&config, Mode::Read).await.expect("200");
    place.clock.advance(Duration::from_secs(86_400));
    place.discover(&config, Mode::Read).await.expect("304");
    mood.store(1, Ordering::SeqCst);
    place.clock.advance(Duration::from_secs(60));
    let (copy, _) = place.discover(&config, Mode::Read).await.expect("the copy");
    assert_eq!(copy.stale_age, Some(Duration::from_secs(60)));
}

#[tokio::test]
async fn a_text_cut_short_does_not_push_out_a_whole_one() {
    let place = Place::new();
    let (server, mood) = moody().await;
    let config = from(&server.url("/registry.json"));
    place.discover(&config, Mode::Read).await.expect("read");
    mood.store(2, Ordering::SeqCst);
    let (cut, _) = place.discover(&config, Mode::Read).await.expect("what the source says, whatever it is worth");
    assert_ne!(cut.bytes, REGISTRY.as_bytes());
    mood.store(1, Ordering::SeqCst);
    let (copy, _) = place.discover(&config, Mode::Read).await.expect("the copy");
    assert_eq!(copy.bytes, REGISTRY.as_bytes());
}

#[tokio::test]
async fn a_copy_that_was_changed_or_is_not_the_pinned_one_is_none() {
    let place = Place::new();
    let (server, mood) = moody().await;
    let mut config = from(&server.url("/registry.json"));
    place.discover(&config, Mode::Read).await.expect("read");
    mood.store(1, Ordering::SeqCst);
    config.sha256 = Some("0".repeat(64));
    place.discover(&config, Mode::Read).await.expect_err("another content is pinned");
    config.sha256 = None;
    place.discover(&config, Mode::Read).await.expect("the copy");
    let cache = place.path().join("cache");
    for entry in std::fs::read_dir(&cache).expect("a folder") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a copy");
        std::fs::write(&path, text.replace("[]", "[{}]")).expect("changed");
    }
    place.discover(&config, Mode::Read).await.expect_err("the copy is damaged");
}

#[cfg(unix)]
#[tokio::test]
async fn copies_are_for_their_owner_and_never_in_the_way() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let (server, _) = moody().await;
    let config = from(&server.url("/registry.json?signature=hunter2"));
    place.discover(&config, Mode::Read).await.expect("read");
    let entries: Vec<_> = std::fs::read_dir(place.path().join("cache")).expect("a folder").collect();
    assert_eq!(entries.len(), 1);
    let path = entries[0].as_ref().expect("an entry").path();
    assert_eq!(std::fs::metadata(&path).expect("metadata").permissions().mode() & 0o777, 0o600);
    assert!(!std::fs::read_to_string(&path).expect("a copy").contains("hunter2"));
    // A file where the folder should be: no copy can be kept, and the registry is read all the same.
    let place = Place::new();
    place.write("cache", "in the way");
    place.discover(&config, Mode::Read).await.expect("read");
}
