//! A place that refuses access ends the search; one that fails in another way does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anu::discovery::{DiscoveryError, Mode, RegistryConfig, Verify};

use crate::server::{Reply, Server};
use crate::signer::Signer;
use crate::{Place, REGISTRY, from};

/// What each answer means, in place of the document that was read before.
const ANSWERS: [(&str, bool); 12] = [
    ("401 Unauthorized", true),
    ("403 Forbidden", true),
    ("400 Bad Request", false),
    ("402 Payment Required", false),
    ("404 Not Found", false),
    // Of the proxy, not of the place.
    ("407 Proxy Authentication Required", false),
    ("410 Gone", false),
    ("429 Too Many Requests", false),
    ("451 Unavailable For Legal Reasons", false),
    ("500 Internal Server Error", false),
    ("503 Service Unavailable", false),
    // A login page has the status of a document.
    ("200 OK", false),
];

#[tokio::test]
async fn a_place_that_refuses_access_ends_the_search() {
    for (status, ends) in ANSWERS {
        let place = Place::new();
        let broken = Arc::new(AtomicBool::new(false));
        let is_broken = Arc::clone(&broken);
        let server = Server::start(move |request, _| {
            if is_broken.load(Ordering::SeqCst) && request.path == "/registry.json" {
                Reply::status(status, &[], "<!doctype html><title>Sign in</title>")
            } else {
                Reply::ok(REGISTRY)
            }
        })
        .await;
        let mut config = from(&server.url("/registry.json"));
        place.discover(&config, Mode::Apply).await.expect("read, so that there is a last good copy");
        broken.store(true, Ordering::SeqCst);

        let copy = place.discover(&config, Mode::Read).await;
        config.fallbacks = vec![server.url("/mirror.json"), server.url("/other.json")];
        let fallback = place.discover(&config, Mode::Read).await;
        let apply = place.discover(&config, Mode::Apply).await.expect_err(status);
        let mirrored = server.requests().iter().any(|request| request.path != "/registry.json");
        assert_eq!(mirrored, !ends, "{status}");
        if ends {
            let copy = copy.expect_err(status);
            let DiscoveryError::NotAllowed { attempts } = &copy else { panic!("{status}: {copy}") };
            assert_eq!(attempts.len(), 1);
            assert_eq!(fallback.expect_err(status), copy);
            assert_eq!(apply, copy);
        } else {
            assert!(copy.expect(status).0.stale_age.is_some());
            assert!(fallback.expect(status).0.from_fallback);
            assert!(matches!(apply, DiscoveryError::Nowhere { .. }), "{status}: {apply}");
        }
    }
}

#[tokio::test]
async fn every_place_before_the_one_that_refuses_is_told() {
    let place = Place::new();
    let server = Server::start(|request, _| match request.path.as_str() {
        "/registry.json" => Reply::status("404 Not Found", &[], ""),
        "/mirror.json" => Reply::status("403 Forbidden", &[], ""),
        _ => Reply::ok(REGISTRY),
    })
    .await;
    let mut config = from(&server.url("/registry.json"));
    config.fallbacks = vec!["missing.json".into(), server.url("/mirror.json"), server.url("/other.json")];
    let error = place.discover(&config, Mode::Read).await.expect_err("refused");
    insta::assert_snapshot!(place.plain(&error.to_string()), @"
    access to the registry was refused:
      source `http://127.0.0.1:PORT/registry.json`: not found (404): check the address
      fallback `missing.json`: file not found: check the path (`DIR/missing.json`)
      fallback `http://127.0.0.1:PORT/mirror.json`: permission denied (403): grant read access to the identity that anu uses, and check the address (some servers send 403 for a missing file)
    No other place is read after one that refuses access, and no last good copy: if access was withdrawn, a copy would hide that.
    ");
    assert!(!server.requests().iter().any(|request| request.path == "/other.json"));
}

#[tokio::test]
async fn a_signature_that_must_not_be_read_ends_the_search_too() {
    let (place, ours) = (Place::new(), Signer::new(1));
    let signature = ours.sign(REGISTRY, "registry:acme");
    let broken = Arc::new(AtomicBool::new(false));
    let is_broken = Arc::clone(&broken);
    let server = Server::start(move |request, _| match request.path.as_str() {
        "/registry.json.minisig" if is_broken.load(Ordering::SeqCst) => Reply::status("401 Unauthorized", &[], ""),
        path if path.ends_with(".minisig") => Reply::ok(&signature),
        // Changed, so that the signature of the copy is not enough.
        "/registry.json" if is_broken.load(Ordering::SeqCst) => Reply::ok(format!("{REGISTRY}\n")),
        _ => Reply::ok(REGISTRY),
    })
    .await;
    let minisign = vec![ours.public_key().parse().expect("a key")];
    let mut config = RegistryConfig {
        verify: Some(Verify { minisign, trusted_comment: Vec::new() }),
        ..from(&server.url("/registry.json"))
    };
    config.fallbacks = vec![server.url("/mirror.json")];
    place.discover(&config, Mode::Read).await.expect("read, so that there is a last good copy");
    broken.store(true, Ordering::SeqCst);
    let error = place.discover(&config, Mode::Read).await.expect_err("refused");
    insta::assert_snapshot!(place.plain(&error.to_string()), @"
    access to the registry was refused:
      source `http://127.0.0.1:PORT/registry.json`: the signature `http://127.0.0.1:PORT/registry.json.minisig` could not be read: authentication required (401): set `token`, or check that yours is for this server and has not expired
    No other place is read after one that refuses access, and no last good copy: if access was withdrawn, a copy would hide that.
    ");
    assert_eq!(place.discover(&config, Mode::Apply).await.expect_err("refused"), error);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_must_not_be_read_ends_the_search_too() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.write("registry.json", REGISTRY);
    place.write("copy.json", REGISTRY);
    let path = place.path().join("registry.json");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).expect("set");
    if std::fs::read(&path).is_ok() {
        eprintln!("skipped: this user may read any file (root); run the tests as another user to see it");
        return;
    }
    let mut config = from("registry.json");
    config.fallbacks = vec!["copy.json".into()];
    let error = place.discover(&config, Mode::Read).await.expect_err("refused");
    insta::assert_snapshot!(place.plain(&error.to_string()), @"
    access to the registry was refused:
      source `registry.json`: permission denied: give this user read permission for the file
    No other place is read after one that refuses access, and no last good copy: if access was withdrawn, a copy would hide that.
    ");
}
