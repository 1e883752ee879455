//! Every state of a file and of a document on a web server, and the text that a user reads. Those of objects are in
//! `objects::states`, those of ConfigMaps in `tests/kubernetes`.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anu::discovery::{DiscoveryError, Fetched, Mode, RegistryConfig, Verify, Warning};

use crate::server::{Reply, Server};
use crate::signer::Signer;
use crate::tls::company;
use crate::web::{BOMB, hex};
use crate::{Place, REGISTRY, from};

/// What came of a reading, for people.
pub fn told(outcome: Result<(Fetched, Vec<Warning>), DiscoveryError>) -> String {
    match outcome {
        Ok((fetched, warnings)) => {
            let found = format!("{} bytes from {}", fetched.bytes.len(), fetched.source);
            warnings
                .iter()
                .fold(found, |text, warning| format!("{text}\n{}\n{}", warning.code.summary(), warning.detail))
        }
        Err(error) => error.to_string(),
    }
}

fn signed(config: RegistryConfig, signer: &Signer) -> RegistryConfig {
    let minisign = vec![signer.public_key().parse().expect("a key")];
    RegistryConfig { verify: Some(Verify { minisign, trusted_comment: Vec::new() }), ..config }
}

#[tokio::test]
async fn every_state_of_a_file_has_its_text() {
    let place = Place { limits: anu::discovery::Limits { size: 64, ..Place::new().limits }, ..Place::new() };
    let mut table = String::new();
    let config = from("registry.json");
    let mut tell = async |state: &str, config: &RegistryConfig| {
        let text = told(place.discover(config, Mode::Apply).await);
        let _ = writeln!(table, "## {state}\n{}\n", place.plain(&text));
    };
    tell("missing", &config).await;
    tell("missing folder", &from("none/registry.json")).await;
    place.write("registry.json", REGISTRY);
    tell("first read", &config).await;
    tell("unchanged", &config).await;
    place.write("registry.json", r#"{"services": [], "more": {}}"#);
    tell("changed", &config).await;
    place.write("registry.json", REGISTRY);
    tell("wrong digest", &RegistryConfig { sha256: Some("0".repeat(64)), ..config.clone() }).await;
    let (ours, theirs) = (Signer::new(1), Signer::new(2));
    tell("no signature", &signed(config.clone(), &ours)).await;
    place.write("registry.json.minisig", theirs.sign(REGISTRY, "registry:acme"));
    tell("wrong signature", &signed(config.clone(), &ours)).await;
    place.write("registry.json.minisig", ours.sign(REGISTRY, "registry:acme"));
    tell("right signature", &signed(config.clone(), &ours)).await;
    place.write("large.json", " ".repeat(65));
    tell("oversize", &from("large.json")).await;
    place.write("bomb.json.gz", hex(BOMB));
    tell("oversize when decompressed", &from("bomb.json.gz")).await;
    place.write("cut.json.gz", &hex(BOMB)[..20]);
    tell("cut off", &from("cut.json.gz")).await;
    place.write("plain.json.gz", REGISTRY);
    tell("wrong encoding", &from("plain.json.gz")).await;
    tell("a folder", &from(".")).await;
    let path = place.path().join("registry.json");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).expect("permissions");
    // The superuser reads every file.
    if std::fs::read(&path).is_err() {
        let text = told(place.discover(&config, Mode::Apply).await);
        assert!(text.contains("permission denied"), "{text}");
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn every_state_of_a_web_server_has_its_text() {
    let mut place = Place::new();
    place.limits.size = 256;
    let (authority, tls) = company(&["127.0.0.1"], false);
    let ok = |body: &str| Reply::status("200 OK", &[("etag", &format!("\"{}\"", body.len()))], body);
    let fate = Arc::new(Mutex::new(Reply::status("404 Not Found", &[], "")));
    let signature = Arc::new(Mutex::new(Reply::status("404 Not Found", &[], "")));
    let (judge, beside) = (Arc::clone(&fate), Arc::clone(&signature));
    let mut server = Server::start_tls(tls, move |request, _| {
        let wanted = if request.path.ends_with(".minisig") { &beside } else { &judge };
        let reply = wanted.lock().expect("no panic").clone();
        let Reply::Bytes(bytes) = &reply else { return reply };
        let etag = request.header("if-none-match").map(|etag| format!("etag: {etag}\r\n"));
        match etag {
            Some(etag) if bytes.windows(etag.len()).any(|part| part == etag.as_bytes()) => {
                Reply::status("304 Not Modified", &[], "")
            }
            _ => reply,
        }
    })
    .await;
    let url = server.url("/registry.json").replace("http://", "https://");
    let config = RegistryConfig { ca_certificate: Some(authority), ..from(&url) };
    let mut table = String::new();
    let mut tell = |state: &str, place: &Place, text: String| {
        let _ = writeln!(table, "## {state}\n{}\n", place.plain(&text));
    };
    let set = |reply| *fate.lock().expect("no panic") = reply;

    tell("missing", &place, told(place.discover(&config, Mode::Read).await));
    set(ok(REGISTRY));
    let first = place.discover(&config, Mode::Read).await;
    tell("first read", &place, told(first.clone()));
    let again = place.discover(&config, Mode::Read).await;
    assert_eq!(again, first);
    let last = server.requests().pop().expect("a request");
    assert_eq!(last.header("if-none-match"), Some("\"16\""), "and so 304, without a body");
    tell("unchanged", &place, told(again));
    set(ok(r#"{"services": [], "more": {}}"#));
    tell("changed", &place, told(place.discover(&config, Mode::Read).await));

    // A last good copy would answer for what follows.
    let fresh = |of: &Place| Place { limits: of.limits.clone(), ..Place::new() };
    place = fresh(&place);
    set(ok(REGISTRY));
    let pinned = RegistryConfig { sha256: Some("0".repeat(64)), ..config.clone() };
    tell("wrong digest", &place, told(place.discover(&pinned, Mode::Read).await));
    let (ours, theirs) = (Signer::new(1), Signer::new(2));
    let ours_only = signed(config.clone(), &ours);
    tell("no signature", &place, told(place.discover(&ours_only, Mode::Read).await));
    *signature.lock().expect("no panic") = Reply::ok(theirs.sign(REGISTRY, "registry:acme"));
    tell("wrong signature", &place, told(place.discover(&ours_only, Mode::Read).await));
    *signature.lock().expect("no panic") = Reply::ok(ours.sign(REGISTRY, "registry:acme"));
    tell("right signature", &place, told(place.discover(&ours_only, Mode::Read).await));
    place = fresh(&place);
    let cut =
        Reply::Bytes(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 100\r\n\r\n{\"services\"".to_vec());
    for (state, reply) in [
        ("not authenticated", Reply::status("401 Unauthorized", &[], "who?")),
        ("forbidden", Reply::status("403 Forbidden", &[], "no")),
        ("busy", Reply::status("503 Service Unavailable", &[], "")),
        ("cut off", cut),
        ("oversize", ok(&" ".repeat(257))),
        ("oversize when decompressed", Reply::status("200 OK", &[("content-encoding", "gzip")], hex(BOMB))),
        ("wrong encoding", Reply::status("200 OK", &[("content-encoding", "br")], b"\x0b\x07\x80{}\x03")),
        ("a login page", ok("<html>Log in</html>")),
        ("redirected to plain http", Reply::status("302 Found", &[("location", "http://example.com/")], "")),
    ] {
        set(reply);
        place = fresh(&place);
        tell(state, &place, told(place.discover(&config, Mode::Read).await));
    }
    set(Reply::Silence);
    place = fresh(&place);
    place.limits.total = Duration::from_millis(200);
    tell("slow", &place, told(place.discover(&config, Mode::Read).await));
    place.limits.total = Duration::from_secs(10);

    set(ok(REGISTRY));
    let with_copy = fresh(&place);
    assert!(with_copy.discover(&config, Mode::Read).await.is_ok());
    set(Reply::status("503 Service Unavailable", &[], ""));
    tell("busy with a last good copy", &with_copy, told(with_copy.discover(&config, Mode::Read).await));
    set(Reply::status("403 Forbidden", &[], ""));
    tell("forbidden with a last good copy", &with_copy, told(with_copy.discover(&config, Mode::Read).await));
    server.stop().await;
    place = fresh(&place);
    tell("down", &place, told(place.discover(&config, Mode::Read).await));
    tell("down with a last good copy", &with_copy, told(with_copy.discover(&config, Mode::Read).await));
    tell("down, to apply", &with_copy, told(with_copy.discover(&config, Mode::Apply).await));
    insta::assert_snapshot!(table);
}
