//! Ctrl-C during a plan that waits for another machine or process: the core ends soon, and no process is started any more.
//!
//! ```text
//! cargo test --test acceptance cancellation::a_registry_server_that_never_answers
//! cargo test --test acceptance cancellation::a_credential_plugin_that_takes_its_time
//! ```

use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::support::{Core, Workspace};

/// How soon a core ends after Ctrl-C.
const SOON: Duration = Duration::from_secs(2);
/// How long a plan may take to reach the point where it waits, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A configuration with this provider block.
pub fn main(provider: &str) -> String {
    format!(
        r#"
        terraform {{
          required_providers {{
            anu = {{ source = "anu-registry/anu" }}
          }}
        }}

        provider "anu" {{
          {provider}
        }}

        resource "anu_registry_service" "this" {{
          for_each = toset(["cart", "checkout", "search", "stock"])
          name     = each.key
        }}
        "#
    )
}

/// Four services on one cluster, so that several calls wait for the same thing.
pub fn registry() -> Json {
    let service = |name: &str| {
        json!({"type": "Service", "spec": {"name": name, "team": "shop", "environments": [
            {"type": "Environment", "spec": {
                "name": "production", "rbac": {"admins": ["shop"]},
                "targets": [{"type": "Target", "spec": {"kind": "argo", "cluster": "compute", "namespace": name, "release": name}}],
            }},
        ]}})
    };
    let services = ["cart", "checkout", "search", "stock"].map(service);
    json!({
        "metadata": {"name": "acme"},
        "teams": [{"type": "Team", "spec": {"name": "shop", "email": "shop@example.com"}}],
        "clusters": [{"type": "Cluster", "spec": {"name": "compute"}}],
        "services": services,
    })
}

/// Plans, presses Ctrl-C once `waits` is true, and checks that the core ends soon after.
fn interrupted(workspace: &Workspace, waits: impl Fn() -> bool) {
    let mut running = workspace.start(&["plan", "-input=false"]);
    let started = Instant::now();
    while !waits() {
        assert!(!running.has_ended(), "{}", running.wait());
        assert!(started.elapsed() < PATIENCE, "the plan does not reach the point where it waits");
        std::thread::sleep(Duration::from_millis(5));
    }
    running.signal(libc::SIGINT);
    let interrupted = Instant::now();
    let output = running.wait().failure();
    let took = interrupted.elapsed();
    eprintln!("ended {} ms after Ctrl-C", took.as_millis());
    assert!(took < SOON, "ended {took:?} after Ctrl-C: {output}");
}

on_every_core! {
    fn a_registry_server_that_never_answers(core: &Core) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for mut stream in listener.incoming().flatten() {
                let _ = stream.read(&mut [0; 1024]);
                seen.fetch_add(1, Ordering::SeqCst);
                open.push(stream);
            }
        });
        let provider = format!(r#"registry {{ source = "http://{address}/registry.json" }}
          embedded {{ path = "anu.db" }}"#);
        let workspace = Workspace::with(core, &main(&provider), &registry());
        interrupted(&workspace, || requests.load(Ordering::SeqCst) > 0);
        assert_eq!(requests.load(Ordering::SeqCst), 1, "no request after Ctrl-C");
    }

    fn a_credential_plugin_that_takes_its_time(core: &Core) {
        let provider = r#"registry { source = "registry.json" }
          manage   = ["kubernetes"]
          kubernetes { kubeconfig = "kubeconfig" }"#;
        let workspace = Workspace::with(core, &main(provider), &registry());
        let (plugin, starts) = (workspace.path().join("plugin"), workspace.path().join("starts"));
        workspace.write("plugin", &format!("#!/bin/sh\necho started >> '{}'\nexec sleep 60\n", starts.display()));
        std::fs::set_permissions(&plugin, std::fs::Permissions::from_mode(0o755)).expect("executable");
        workspace.write("kubeconfig", &format!(
            "apiVersion: v1\nkind: Config\n\
             clusters: [{{name: compute, cluster: {{server: 'https://127.0.0.1:1'}}}}]\n\
             contexts: [{{name: compute, context: {{cluster: compute, user: us}}}}]\n\
             users: [{{name: us, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{}', interactiveMode: Never}}}}}}]\n",
            plugin.display()
        ));
        let count = || std::fs::read_to_string(&starts).unwrap_or_default().lines().count();
        interrupted(&workspace, || count() > 0);
        // The core has waited for the end of its providers, so none of them starts anything any more.
        assert_eq!(count(), 1, "one start, and none after Ctrl-C");
    }
}
