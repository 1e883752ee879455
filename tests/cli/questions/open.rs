//! `anu open`: the links of a service, its environment and its cluster.

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use serde_json::json;

use crate::Shell;

/// A registry with links at each place, one of which replaces another, and one without a value.
fn linked() -> Shell {
    let target = |cluster: &str, namespace: &str| json!({"type": "Target", "spec": {"cluster": cluster, "namespace": namespace, "release": "ledger-1"}});
    let environment = |name: &str, links: serde_json::Value, targets: serde_json::Value| {
        let admins = if targets == json!([]) { json!([]) } else { json!(["core"]) };
        let spec = json!({"name": name, "links": links, "rbac": {"admins": admins}, "targets": targets});
        json!({"type": "Environment", "spec": spec})
    };
    Shell::with(&json!({
        "teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}],
        "clusters": [{"type": "Cluster", "spec": {"name": "west", "links": {
            "logs": "https://logs.example.com/{cluster}/{namespace}",
            "dashboard": "https://grafana.example.com/d/cluster?var-cluster={cluster}"
        }}}, {"type": "Cluster", "spec": {"name": "east"}}],
        "services": [{"type": "Service", "spec": {
            "name": "ledger", "team": "core",
            "links": {"dashboard": "https://grafana.example.com/d/service?var-service={service}&var-env={environment}", "runbook": "https://wiki.example.com/{service}", "bill": "https://bill.example.com/{project}"},
            "environments": [
                environment("production", json!({"runbook": "https://wiki.example.com/{service}/{environment}/{release}"}), json!([target("west", "ledger")])),
                environment("staging", json!({}), json!([target("west", "ledger-staging"), target("east", "ledger-staging")])),
                environment("batch", json!({}), json!([])),
            ]
        }}]
    }))
}

#[test]
fn a_link_is_of_the_nearest_entry_and_has_the_names_of_the_place() {
    let shell = linked();
    let mut answers = String::new();
    for arguments in [
        &["open", "ledger", "-e", "production"][..],
        &["open", "ledger", "-e", "staging", "--cluster", "east"],
        &["open", "ledger", "-e", "batch"],
        &["open", "ledger", "-e", "production", "runbook"],
        &["open", "ledger", "-e", "production", "dashboard", "--print"],
        &["open", "ledger", "-e", "staging", "logs"],
        &["open", "ledger", "-e", "production", "dashbord"],
        &["open", "ledger", "-e", "production", "bill"],
        &["open", "ledger"],
    ] {
        answers.push_str(&format!("$ anu {}\n{}\n\n", arguments.join(" "), shell.run(arguments)));
    }
    assert_snapshot!(answers);
}

#[test]
fn the_address_is_opened_where_there_is_a_screen() {
    let shell = linked();
    shell.script("xdg-open", "printf '%s' \"$1\" > opened.part; mv opened.part opened");
    let open = "anu open ledger -e production runbook";
    let address = "https://wiki.example.com/ledger/production/ledger-1";
    assert_eq!(
        shell.line(&format!("{open} && DISPLAY=:1 {open} --print")).quietly(),
        format!("{address}\n{address}\n")
    );
    assert!(!shell.path("opened").exists(), "without a screen, and with --print, nothing is opened");
    assert_eq!(shell.line(&format!("DISPLAY=:1 {open}")).quietly(), format!("{address}\n"));
    let started = Instant::now();
    while !shell.path("opened").exists() {
        assert!(started.elapsed() < Duration::from_secs(20), "not opened");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(shell.read("opened"), address);
}

#[test]
fn a_link_that_is_none_is_a_problem_of_the_registry() {
    let shell = linked();
    let registry = shell.read("registry.json").replace("{cluster}/{namespace}", "{cluster}/{name_space}");
    shell.write(
        "registry.json",
        &registry.replace("\"runbook\":\"https://wiki.example.com/{service}\"", "\"runbook\":7"),
    );
    assert_snapshot!(shell.run(&["registry", "validate"]));
}
