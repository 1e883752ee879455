//! A cancelled run ends, whatever a cluster or the login to it is doing. No cluster is needed: servers that never answer are.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anu::connect::Secret;
use anu::connect::kubernetes::{Access, Credentials, Exec};
use anu::platform::Clusters;
use anu::platform::conformance::cancellation::{self, Unresponsive};
use anu::platform::kubernetes::{Kubernetes, Settings};
use anu::registry::names::ClusterName;
use tokio::net::TcpListener;

fn reached_by(url: &str, credentials: Credentials) -> Box<dyn Clusters> {
    let access = Access::Endpoint { url: url.to_owned(), ca_certificate: None, credentials };
    Box::new(Kubernetes::new(Settings { clusters: [("compute".to_owned(), access)].into(), ..Settings::default() }))
}

fn cluster() -> ClusterName {
    "compute".parse().expect("a name")
}

#[tokio::test]
async fn a_server_that_accepts_and_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let connections = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&connections);
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            seen.fetch_add(1, Ordering::SeqCst);
            open.push(stream);
        }
    });
    let unresponsive = Unresponsive {
        waits_for: "a server that accepts and never answers",
        platform: reached_by(&url, Credentials::Token(Secret::new("t"))),
        attempts: Some(Box::new(move || connections.load(Ordering::SeqCst))),
    };
    cancellation::clusters(&unresponsive, &cluster()).await;
}

#[tokio::test]
async fn a_credential_plugin_that_takes_its_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let (plugin, starts) = (folder.path().join("plugin"), folder.path().join("starts"));
    let script = format!("#!/bin/sh\necho started >> '{}'\nexec sleep 60\n", starts.display());
    std::fs::write(&plugin, script).expect("written");
    std::fs::set_permissions(&plugin, std::fs::Permissions::from_mode(0o755)).expect("executable");
    let exec = Exec {
        api_version: None,
        command: plugin.to_string_lossy().into_owned(),
        args: Vec::new(),
        env: BTreeMap::new(),
    };
    let unresponsive = Unresponsive {
        waits_for: "a credential plugin that takes its time",
        platform: reached_by("https://127.0.0.1:1", Credentials::Exec(exec)),
        attempts: Some(Box::new(move || std::fs::read_to_string(&starts).unwrap_or_default().lines().count())),
    };
    cancellation::clusters(&unresponsive, &cluster()).await;
}
