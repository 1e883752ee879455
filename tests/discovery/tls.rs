//! A server with a certificate of its own making.

use std::sync::Arc;

use anu::discovery::Mode;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::TlsAcceptor;

use crate::server::{Reply, Server};
use crate::{Place, REGISTRY, from};

/// An authority of a company's own, as PEM, and a server certificate it signed for these names.
pub fn company(names: &[&str], expired: bool) -> (String, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::new()).expect("params");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let mut params =
        CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).expect("params");
    if expired {
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        params.not_before = rcgen::date_time_ymd(2019, 1, 1);
    }
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, &authority).expect("signed");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
        )
        .expect("a certificate");
    (authority.pem(), TlsAcceptor::from(Arc::new(config)))
}

async fn serve(names: &[&str], expired: bool) -> (String, Server, String) {
    let (authority, tls) = company(names, expired);
    let server = Server::start_tls(tls, |request, _| match request.path.as_str() {
        "/down-the-stairs" => Reply::status("302 Found", &[("location", "http://127.0.0.1:1/")], ""),
        _ => Reply::ok(REGISTRY),
    })
    .await;
    let url = server.url("/registry.json").replace("http://", "https://");
    (authority, server, url)
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_when_told() {
    let place = Place::new();
    let (authority, _server, url) = serve(&["127.0.0.1"], false).await;
    insta::assert_snapshot!(place.refusal(&url).await, @"
    the registry could not be read:
      source `https://127.0.0.1:PORT/registry.json`: the certificate of `127.0.0.1` is not signed by an authority this machine trusts: if it is your company's own, give that authority's certificate as `ca_certificate`
    ");
    let mut config = from(&url);
    config.ca_certificate = Some(authority);
    let (fetched, _) = place.discover(&config, Mode::Apply).await.expect("trusted");
    assert_eq!(fetched.bytes, REGISTRY.as_bytes());
    config.source = url.replace("registry.json", "down-the-stairs");
    let error = place.discover(&config, Mode::Apply).await.expect_err("in the clear");
    insta::assert_snapshot!(place.plain(&error.to_string()), @"
    the registry could not be read:
      source `https://127.0.0.1:PORT/down-the-stairs`: redirect to an unencrypted address refused: use an address that redirects to `https://` only
    An apply reads only the source, never an old copy.
    ");
}

#[tokio::test]
async fn a_bad_certificate_says_what_is_bad_about_it() {
    let place = Place::new();
    let (authority, _server, url) = serve(&["registry.example.com"], false).await;
    let mut config = from(&url);
    config.ca_certificate = Some(authority);
    let error = place.discover(&config, Mode::Read).await.expect_err("another name");
    insta::assert_snapshot!(place.plain(&error.to_string()), @"
    the registry could not be read:
      source `https://127.0.0.1:PORT/registry.json`: the certificate of `127.0.0.1` is for another host name: use a name that the certificate contains, or have it issued for this one
    ");
    let (authority, _server, url) = serve(&["127.0.0.1"], true).await;
    let mut config = from(&url);
    config.ca_certificate = Some(authority);
    let error = place.discover(&config, Mode::Read).await.expect_err("expired");
    insta::assert_snapshot!(place.plain(&error.to_string()), @"
    the registry could not be read:
      source `https://127.0.0.1:PORT/registry.json`: the certificate of `127.0.0.1` has expired: the operator of the server must renew it
    ");
    for text in ["", "-----BEGIN CERTIFICATE-----\nhello\n-----END CERTIFICATE-----\n"] {
        config.ca_certificate = Some(text.into());
        let error = place.discover(&config, Mode::Read).await.expect_err("no certificate");
        insta::allow_duplicates! {
            insta::assert_snapshot!(place.plain(&error.to_string()), @"
            the registry could not be read:
              source `https://127.0.0.1:PORT/registry.json`: `ca_certificate` contains no valid certificate: it must be PEM text that starts with `-----BEGIN CERTIFICATE-----`
            ");
        }
    }
}

#[tokio::test]
async fn a_server_without_tls_is_no_https_server() {
    let place = Place::new();
    let server = Server::start(|_, _| Reply::ok(REGISTRY)).await;
    let url = server.url("/registry.json").replace("http://", "https://");
    insta::assert_snapshot!(place.refusal(&url).await, @"
    the registry could not be read:
      source `https://127.0.0.1:PORT/registry.json`: `127.0.0.1:PORT` does not speak TLS correctly: check that the port is one for `https://`
    ");
}

/// A machine without certificate authorities, as small containers are: this test again in a process that is told so.
/// (Other systems keep theirs where no variable can hide them.)
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_machine_without_authorities_says_what_to_install() {
    const CHILD: &str = "ANU_TEST_NO_AUTHORITIES";
    let place = Place::new();
    if std::env::var_os(CHILD).is_some() {
        insta::assert_snapshot!(place.refusal("https://127.0.0.1:1/registry.json").await, @"
        the registry could not be read:
          source `https://127.0.0.1:PORT/registry.json`: this machine has no trusted certificate authorities: install the package `ca-certificates`, or set `ca_certificate`
        ");
        return;
    }
    place.write("none.pem", "");
    let child = std::process::Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "tls::a_machine_without_authorities_says_what_to_install", "--nocapture"])
        .env(CHILD, "1")
        .env("SSL_CERT_FILE", place.path().join("none.pem"))
        .env_remove("SSL_CERT_DIR")
        .output()
        .expect("a child");
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
}
