//! Client authentication: one certificate is accepted, and no other.

use std::time::Duration;

use anu::plugin::proto::tfplugin6 as wire;
use anu::plugin::proto::tfplugin6::provider_client::ProviderClient;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::plugin_client::{Identity, Io, Plugin, Process, channel};
use crate::provider;

fn started(identity: &Identity) -> Process {
    let mut command = provider();
    command.env("PLUGIN_CLIENT_CERT", &identity.pem);
    Process::start(command)
}

/// Whether a call over a connection has a response.
async fn answered(io: std::io::Result<Box<dyn Io>>) -> bool {
    let Ok(io) = io else { return false };
    let Ok(channel) = channel(io).await else { return false };
    ProviderClient::new(channel).get_metadata(wire::get_metadata::Request {}).await.is_ok()
}

#[tokio::test]
async fn only_the_announced_certificate_is_accepted() {
    let identity = Identity::new();
    let process = started(&identity);
    assert!(!answered(process.connect_tls(None).await).await, "without a certificate");
    assert!(!answered(process.connect_tls(Some(&Identity::new())).await).await, "with another certificate");
    assert!(!answered(Ok(process.connect().await)).await, "without TLS");
    assert!(answered(process.connect_tls(Some(&identity)).await).await, "with the right one, after all these");
}

#[tokio::test]
async fn the_certificate_without_its_key_is_refused() {
    let identity = Identity::new();
    let process = started(&identity);
    let thief = identity.with_another_key();
    assert!(!answered(process.connect_tls(Some(&thief)).await).await);
}

#[tokio::test]
async fn plaintext_is_refused() {
    let process = started(&Identity::new());
    let mut io = process.connect().await;
    io.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.expect("written");
    let mut heard = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), io.read_to_end(&mut heard)).await.expect("hung up");
    // At most one TLS alert.
    assert!(heard.len() <= 7, "{heard:?}");
}

#[tokio::test]
async fn a_silent_connection_delays_no_other() {
    let identity = Identity::new();
    let process = started(&identity);
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(process.connect().await);
    }
    let answer = tokio::time::timeout(Duration::from_secs(2), async {
        answered(process.connect_tls(Some(&identity)).await).await
    });
    assert!(answer.await.expect("in time"));
}

#[tokio::test]
async fn without_a_client_certificate_tls_is_disabled() {
    let process = Process::start(provider());
    let io = process.connect().await;
    let plugin = Plugin::over(process, io, std::time::Instant::now()).await;
    assert!(plugin.offer.resources.contains_key("test_thing"));
}
