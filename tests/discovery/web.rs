//! One server, well-behaved and not.

use std::time::{Duration, Instant};

use anu::connect::{Header, Secret};
use anu::discovery::{Failure, Mode, RegistryConfig};

use crate::server::{Reply, Server};
use crate::{Place, REGISTRY, from};

#[tokio::test]
async fn a_document_is_fetched_once_and_then_only_asked_about() {
    let place = Place::new();
    let server = Server::start(|request, _| match request.header("if-none-match") {
        Some("\"v1\"") => Reply::status("304 Not Modified", &[("etag", "\"v1\"")], ""),
        _ => Reply::status("200 OK", &[("etag", "\"v1\"")], REGISTRY),
    })
    .await;
    let url = server.url("/registry.json?signature=hunter2");
    let first = place.read(&url).await.expect("read");
    let second = place.read(&url).await.expect("read");
    assert_eq!(first, second);
    assert_eq!((first.bytes.as_slice(), first.version.as_deref()), (REGISTRY.as_bytes(), Some("\"v1\"")));
    assert_eq!(place.plain(&first.source), "http://127.0.0.1:PORT/registry.json?…");
    let requests = server.requests();
    let conditions: Vec<Option<&str>> = requests.iter().map(|request| request.header("if-none-match")).collect();
    assert_eq!(conditions, [None, Some("\"v1\"")]);
    assert_eq!(requests[0].path, "/registry.json?signature=hunter2");
    assert_eq!(requests[0].header("user-agent"), Some(concat!("terraform-provider-anu/", env!("CARGO_PKG_VERSION"))));
}

#[tokio::test]
async fn every_answer_has_its_own_words() {
    let place = Place::new();
    let server = Server::start(|request, _| match request.path.as_str() {
        "/401" => Reply::status("401 Unauthorized", &[], "who?"),
        "/407" => Reply::status("407 Proxy Authentication Required", &[], ""),
        "/403" => Reply::status("403 Forbidden", &[], "no"),
        "/404" => Reply::status("404 Not Found", &[], "<html>gone fishing</html>"),
        "/410" => Reply::status("410 Gone", &[], ""),
        "/429" => Reply::status("429 Too Many Requests", &[], ""),
        "/429-for-long" => Reply::status("429 Too Many Requests", &[("retry-after", "3600")], ""),
        "/503" => Reply::status("503 Service Unavailable", &[("retry-after", "0")], ""),
        "/418" => Reply::status("418 I'm a teapot", &[], ""),
        "/204" => Reply::status("204 No Content", &[], ""),
        "/304" => Reply::status("304 Not Modified", &[], ""),
        "/empty" => Reply::ok(""),
        "/page" => Reply::status("200 OK", &[("content-type", "text/html")], "<!doctype html><title>Sign in</title>"),
        "/said-too-large" => Reply::ok(vec![b' '; (64 << 10) + 1]),
        // Without a length, it shows only on the way.
        "/too-large" => {
            Reply::Bytes([b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec(), vec![b' '; 1 << 20]].concat())
        }
        "/cut" => Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"services\": [".to_vec()),
        "/reset" => Reply::Reset,
        "/hangs-up" => Reply::Bytes(Vec::new()),
        "/not-http" => Reply::Bytes(b"220 smtp.example.com ESMTP\r\n".to_vec()),
        "/around" => Reply::status("302 Found", &[("location", "/around")], ""),
        "/in-the-clear" => Reply::status("302 Found", &[("location", "http://example.com/registry.json")], ""),
        path => panic!("{path}"),
    })
    .await;
    let refusal = async |path: &str| {
        let text = place.refusal(&server.url(path)).await;
        let text = text.lines().nth(1).unwrap_or_default();
        text.strip_prefix("  source `http://127.0.0.1:PORT").unwrap_or(text).to_owned()
    };
    insta::assert_snapshot!(refusal("/401").await, @"/401`: authentication required (401): set `token`, or check that yours is for this server and has not expired");
    insta::assert_snapshot!(refusal("/407").await, @"/407`: the proxy requires authentication (407): put its user and password into `HTTPS_PROXY`");
    insta::assert_snapshot!(refusal("/403").await, @"/403`: permission denied (403): grant read access to the identity that anu uses, and check the address (some servers send 403 for a missing file)");
    insta::assert_snapshot!(refusal("/404").await, @"/404`: not found (404): check the address");
    insta::assert_snapshot!(refusal("/410").await, @"/410`: not found (410): check the address");
    insta::assert_snapshot!(refusal("/429").await, @"/429`: too many requests (429) on 3 attempts: try again later");
    insta::assert_snapshot!(refusal("/429-for-long").await, @"/429-for-long`: too many requests (429), asks to retry after 1 hour: try again later");
    insta::assert_snapshot!(refusal("/503").await, @"/503`: server error (503) on 3 attempts: try again later, or ask its operators");
    insta::assert_snapshot!(refusal("/418").await, @"/418`: unexpected status 418: check the address");
    insta::assert_snapshot!(refusal("/204").await, @"/204`: unexpected status 204: check the address");
    insta::assert_snapshot!(refusal("/304").await, @"/304`: unexpected status 304: check the address");
    insta::assert_snapshot!(refusal("/empty").await, @"/empty`: the document is empty: publish the registry again");
    insta::assert_snapshot!(refusal("/page").await, @"/page`: the document is a web page (HTML), not a registry: it may be from a proxy or a login page, or the address is that of a page about the file. Check the address with `curl`");
    insta::assert_snapshot!(refusal("/said-too-large").await, @"/said-too-large`: larger than 64 KiB, the limit for a registry (`max_bytes`, `--max-bytes`): check that this is the right file");
    insta::assert_snapshot!(refusal("/too-large").await, @"/too-large`: larger than 64 KiB, the limit for a registry (`max_bytes`, `--max-bytes`): check that this is the right file");
    insta::assert_snapshot!(refusal("/cut").await, @"/cut`: the connection was closed before the response was complete: try again, or check the server and any proxy");
    insta::assert_snapshot!(refusal("/reset").await, @"/reset`: the connection was closed before the response was complete: try again, or check the server and any proxy");
    insta::assert_snapshot!(refusal("/hangs-up").await, @"/hangs-up`: the connection was closed before the response was complete: try again, or check the server and any proxy");
    insta::assert_snapshot!(refusal("/not-http").await, @"/not-http`: the connection was closed before the response was complete: try again, or check the server and any proxy");
    insta::assert_snapshot!(refusal("/around").await, @"/around`: too many redirects (more than 5): check the address");
    insta::assert_snapshot!(refusal("/in-the-clear").await, @"/in-the-clear`: redirect to an unencrypted address refused: use an address that redirects to `https://` only");
    let asked = |path: &str| server.requests().iter().filter(|request| request.path == path).count();
    for (path, times) in [
        ("/401", 1),
        ("/404", 1),
        ("/429", 3),
        ("/429-for-long", 1),
        ("/503", 3),
        ("/cut", 3),
        ("/reset", 3),
        ("/around", 6),
    ] {
        assert_eq!(asked(path), times, "{path}");
    }
}

#[tokio::test]
async fn a_refused_connection_and_a_silent_server() {
    let mut place = Place::new();
    // A port that was free a moment ago.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    insta::assert_snapshot!(place.refusal(&format!("http://{address}/registry.json")).await, @"
    the registry could not be read:
      source `http://127.0.0.1:PORT/registry.json`: `127.0.0.1:PORT` refused the connection: check the port, and that the server is running
    ");
    let silent = Server::start(|_, _| Reply::Silence).await;
    place.limits.total = Duration::from_millis(200);
    let begun = Instant::now();
    insta::assert_snapshot!(place.refusal(&silent.url("/registry.json")).await, @"
    the registry could not be read:
      source `http://127.0.0.1:PORT/registry.json`: no complete response within 200 ms: try again, or check the server
    ");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

/// What loopback cannot show.
#[test]
fn failures_far_away_have_words_too() {
    let host = || "registry.example.com:443".to_owned();
    insta::assert_snapshot!(Failure::Dns { host: "registry.example.com".into() }, @"the name `registry.example.com` is not known to DNS: check its spelling and this machine's network");
    insta::assert_snapshot!(Failure::Unreachable { host: host() }, @"`registry.example.com:443` is unreachable: check the network, and the proxy if there is one (`HTTPS_PROXY`)");
    insta::assert_snapshot!(Failure::ConnectTimeout { host: host(), limit: Duration::from_secs(10) }, @"`registry.example.com:443` did not accept the connection within 10 s: check the network, and the proxy if there is one (`HTTPS_PROXY`)");
    insta::assert_snapshot!(Failure::NoAuthorities { setting: "`ca_certificate`" }, @"this machine has no trusted certificate authorities: install the package `ca-certificates`, or set `ca_certificate`");
    insta::assert_snapshot!(Failure::Disk { reason: "Input/output error (os error 5)".into() }, @"the file cannot be read: Input/output error (os error 5)");
    insta::assert_snapshot!(Failure::Unknown, @"the request failed for an unknown reason. This is a bug in anu; the log at level debug has the details");
}

#[tokio::test]
async fn a_server_that_stumbles_is_asked_again() {
    for trouble in [
        Reply::status("500 Internal Server Error", &[], ""),
        Reply::status("503 Service Unavailable", &[("retry-after", "0")], ""),
        Reply::status("429 Too Many Requests", &[], ""),
        Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"services\": [".to_vec()),
        Reply::Reset,
    ] {
        let place = Place::new();
        let server = Server::start(move |_, nth| if nth < 2 { trouble.clone() } else { Reply::ok(REGISTRY) }).await;
        assert_eq!(place.read(&server.url("/")).await.expect("read").bytes, REGISTRY.as_bytes());
        assert_eq!(server.requests().len(), 3);
    }
}

#[tokio::test]
async fn a_redirect_is_followed() {
    let place = Place::new();
    let server = Server::start(|request, _| match request.path.as_str() {
        "/latest" => Reply::status("307 Temporary Redirect", &[("location", "/v4")], ""),
        _ => Reply::ok(REGISTRY),
    })
    .await;
    let fetched = place.read(&server.url("/latest")).await.expect("read");
    assert_eq!(place.plain(&fetched.source), "http://127.0.0.1:PORT/latest", "where the user said it is");
}

#[tokio::test]
async fn a_packed_document_is_unpacked_within_the_limit() {
    let (small, bomb) = (hex(PACKED), hex(BOMB));
    let place = Place::new();
    let server = Server::start(move |request, _| {
        assert!(request.header("accept-encoding").is_some_and(|value| value.contains("gzip")));
        let body = if request.path == "/bomb" { &bomb } else { &small };
        Reply::status("200 OK", &[("content-encoding", "gzip")], body)
    })
    .await;
    assert_eq!(place.read(&server.url("/")).await.expect("read").bytes, REGISTRY.as_bytes());
    let refusal = place.refusal(&server.url("/bomb")).await;
    assert!(refusal.contains("larger than 64 KiB"), "{refusal}");
}

/// Bytes in hexadecimal.
pub fn hex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16).expect("hex")).collect()
}

/// `printf '{"services": []}' | gzip -9n | xxd -p`
pub const PACKED: &str = "1f8b0800000000000203ab562a4e2d2acb4c4e2d56b252888ead0500a996695f10000000";
/// A mebibyte of spaces.
pub const BOMB: &str = "1f8b0800000000000203edc13101000000c2a02aeb9fd210be4001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000007c06a70203f100001000";

#[tokio::test]
async fn a_token_goes_to_its_own_host_and_nowhere_else() {
    let place = Place::new();
    let stranger = Server::start(|_, _| Reply::ok(REGISTRY)).await;
    let elsewhere = stranger.url("/elsewhere");
    let server = Server::start(move |request, _| match request.path.as_str() {
        "/down" => Reply::status("404 Not Found", &[], ""),
        "/redirect" => Reply::status("302 Found", &[("location", elsewhere.as_str())], ""),
        _ => Reply::ok(REGISTRY),
    })
    .await;
    let mut config = from(&server.url("/down"));
    config.token = Some(Secret::new("hunter2"));
    config.fallbacks = vec![stranger.url("/fallback")];
    place.discover(&config, Mode::Read).await.expect("read from the fallback");
    config.fallbacks = vec![server.url("/mirror")];
    place.discover(&config, Mode::Read).await.expect("read from the fallback");
    config.source = server.url("/redirect").replace("http://", "http://user:hunter3@");
    let (fetched, _) = place.discover(&config, Mode::Read).await.expect("read from elsewhere");
    assert!(!fetched.source.contains("hunter") && !format!("{config:?}").contains("hunter"));
    let shown = |server: &Server| -> Vec<(String, Option<String>)> {
        let requests = server.requests().into_iter();
        requests.map(|request| (request.path.clone(), request.header("authorization").map(str::to_owned))).collect()
    };
    let token = || Some("Bearer hunter2".to_owned());
    assert_eq!(
        shown(&server),
        [
            ("/down".into(), token()),
            ("/down".into(), token()),
            ("/mirror".into(), token()),
            ("/redirect".into(), token())
        ]
    );
    assert_eq!(shown(&stranger), [("/fallback".into(), None), ("/elsewhere".into(), None)]);
}

#[tokio::test]
async fn headers_of_the_user_go_to_the_source_s_own_host_and_no_redirect_carries_them_away() {
    let place = Place::new();
    let stranger = Server::start(|_, _| Reply::ok(REGISTRY)).await;
    let elsewhere = stranger.url("/elsewhere");
    let server = Server::start(move |request, _| match request.path.as_str() {
        "/down" => Reply::status("404 Not Found", &[], ""),
        "/around" => Reply::status("301 Moved Permanently", &[("location", "registry.json")], ""),
        "/redirect" => Reply::status("302 Found", &[("location", elsewhere.as_str())], ""),
        _ => Reply::ok(REGISTRY),
    })
    .await;
    let headers = ["X-Api-Key", "Authorization"].map(|name| Header::new(name, "hunter2").expect("a header"));
    let mut config = RegistryConfig { headers: headers.into(), ..from(&server.url("/around")) };
    place.discover(&config, Mode::Apply).await.expect("a relative redirect");
    config.source = server.url("/redirect");
    place.discover(&config, Mode::Apply).await.expect("read from elsewhere");
    config.source = server.url("/down");
    config.fallbacks = vec![stranger.url("/fallback")];
    place.discover(&config, Mode::Read).await.expect("read from the fallback");
    assert!(!format!("{config:?}").contains("hunter2"));
    let shown = |server: &Server| -> Vec<String> {
        let has = |request: &crate::server::Request, name| request.header(name) == Some("hunter2");
        let requests = server.requests().into_iter();
        requests.map(|it| format!("{} {} {}", it.path, has(&it, "x-api-key"), has(&it, "authorization"))).collect()
    };
    assert_eq!(
        shown(&server),
        ["/around true true", "/registry.json true true", "/redirect true true", "/down true true"]
    );
    assert_eq!(shown(&stranger), ["/elsewhere false false", "/fallback false false"]);
}

#[tokio::test]
async fn the_limit_of_the_size_can_be_set() {
    let place = Place::new();
    let document = format!("{REGISTRY}{}", " ".repeat(70 << 10));
    let server = Server::start({
        let document = document.clone();
        move |_, _| Reply::ok(&document)
    })
    .await;
    place.write("registry.json", &document);
    for source in [server.url("/registry.json"), "registry.json".to_owned()] {
        place.refusal(&source).await;
        let raised = RegistryConfig { max_bytes: Some(document.len() as u64), ..from(&source) };
        assert_eq!(place.discover(&raised, Mode::Apply).await.expect("read").0.bytes.len(), document.len());
        let lowered = RegistryConfig { max_bytes: Some(document.len() as u64 - 1), ..from(&source) };
        let error = place.discover(&lowered, Mode::Apply).await.expect_err("refused").to_string();
        assert!(error.contains("larger than 71695 bytes, the limit for a registry"), "{error}");
    }
}
