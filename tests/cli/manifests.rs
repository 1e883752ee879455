//! `anu registry manifests`: what is written, and where.

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::{Ended, Shell, example};

fn run(shell: &Shell, arguments: &[&str]) -> Ended {
    let all: Vec<&str> = ["registry", "manifests"].iter().chain(arguments).copied().collect();
    shell.run(&all)
}

/// One service on one cluster.
fn small() -> Json {
    let target = json!({"kind": "argo", "cluster": "main", "namespace": "ledger", "release": "ledger"});
    let environment = json!({
        "name": "production",
        "rbac": {"admins": ["banking"]},
        "targets": [{"type": "Target", "spec": target}],
    });
    let service = json!({
        "name": "ledger",
        "team": "banking",
        "environments": [{"type": "Environment", "spec": environment}],
    });
    json!({
        "teams": [{"type": "Team", "spec": {"name": "banking", "email": "banking@example.com"}}],
        "services": [{"type": "Service", "spec": service}],
    })
}

#[test]
fn of_compute_banking() {
    assert_snapshot!(run(&Shell::of_example(), &["--cluster", "compute-banking"]).quietly());
}

#[test]
fn of_compute_shop() {
    assert_snapshot!(run(&Shell::of_example(), &["--cluster", "compute-shop"]).quietly());
}

#[test]
fn of_compute_staging() {
    assert_snapshot!(run(&Shell::of_example(), &["--cluster", "compute-staging"]).quietly());
}

#[test]
fn the_only_cluster_need_not_be_named() {
    let shell = Shell::with(&small());
    assert_eq!(run(&shell, &[]).quietly(), run(&shell, &["--cluster", "main"]).quietly());
}

#[test]
fn several_clusters_are_not_one_stream() {
    let shell = Shell::of_example();
    assert_snapshot!(run(&shell, &[]), @r"
    error: What goes to different clusters does not go into one stream
      The clusters are `compute-banking`, `compute-shop`, `compute-staging`.
    hint: name one with --cluster NAME, or write a file for each with --output DIR
    (exit code 2)
    ");
    let ended =
        run(&shell, &["--cluster", "compute-shop", "--cluster", "compute-banking", "--cluster", "compute-shop"]);
    assert_snapshot!(ended, @r"
    error: What goes to different clusters does not go into one stream
      The clusters are `compute-banking`, `compute-shop`.
    hint: name one with --cluster NAME, or write a file for each with --output DIR
    (exit code 2)
    ");
}

#[test]
fn names_that_there_are_not() {
    let shell = Shell::of_example();
    let names = ["--cluster", "compute-shopp", "--cluster", "a b", "--service", "Ledger", "--service", "ghost"];
    assert_snapshot!(run(&shell, &names), @r"
    error: There is nothing of that name in `registry.json`
      `Ledger` is not a service of the registry. Did you mean `ledger`?
      `ghost` is not a service of the registry.
      `compute-shopp` is not a cluster of the registry. Did you mean `compute-shop`?
      `a b` is not a cluster of the registry.
    (exit code 2)
    ");
}

#[test]
fn a_service_has_its_shared_namespace_and_its_own_bindings() {
    let shell = Shell::of_example();
    assert_snapshot!(run(&shell, &["--service", "search", "--cluster", "compute-shop"]).quietly(), @r#"
    # Written by `anu registry manifests`: change the registry instead.
    # Registry `acme`, cluster `compute-shop`, only `search`.
    ---
    apiVersion: v1
    kind: Namespace
    metadata:
      labels:
        anu-registry: acme
        environment: production
        managed-by: anu
        service: catalog
        team: shop
        tier: "2"
      name: catalog
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      labels:
        anu-registry: acme
        managed-by: anu
      name: anu:search:production:operators:edit
      namespace: catalog
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: edit
    subjects:
    - apiGroup: rbac.authorization.k8s.io
      kind: Group
      name: shop-team@example.com
    "#);
    // On two clusters, and on neither is anything of another service.
    assert_snapshot!(run(&shell, &["--service", "search", "--output", "search"]).quietly(), @r"
    wrote search/compute-shop.yaml (1 namespace, 0 quotas, 1 role binding)
    wrote search/compute-staging.yaml (1 namespace, 0 quotas, 1 role binding)
    ");
    assert_snapshot!(run(&shell, &["--service", "search", "--cluster", "compute-banking"]), @r"
    # Written by `anu registry manifests`: change the registry instead.
    # Registry `acme`, cluster `compute-banking`, only `search`.
    warning: Nothing to apply
      In `registry.json`, `search` has nothing on `compute-banking`.
    (exit code 0)
    ");
}

#[test]
fn a_service_and_the_rest_are_the_whole() {
    let shell = Shell::of_example();
    let documents = |arguments: &[&str]| -> Vec<String> {
        let all: Vec<&str> = ["--cluster", "compute-shop"].iter().chain(arguments).copied().collect();
        run(&shell, &all).quietly().split("---\n").skip(1).map(str::to_owned).collect()
    };
    let all = documents(&[]);
    let mut parts = documents(&["--service", "search"]);
    parts.extend(documents(&["--service", "catalog", "--service", "ledger"]));
    assert!(all.iter().all(|document| parts.contains(document)), "{parts:#?}");
    assert!(parts.iter().all(|document| all.contains(document)), "{parts:#?}");
}

/// Turns every list of a document around.
fn turned(value: &Json) -> Json {
    match value {
        Json::Array(items) => items.iter().rev().map(turned).collect(),
        Json::Object(fields) => Json::Object(fields.iter().map(|(key, value)| (key.clone(), turned(value))).collect()),
        other => other.clone(),
    }
}

#[test]
fn the_same_registry_in_any_order_gives_the_same_bytes() {
    let mut registry = example();
    let (one, other) = (Shell::with(&registry), Shell::with(&turned(&registry)));
    assert_ne!(one.read("registry.json"), other.read("registry.json"));
    // Nor do revision and time show, with which everything would change whenever anything does.
    registry["metadata"]["revision"] = json!("0000000");
    registry["metadata"]["compiledAt"] = json!("2027-01-01T00:00:00Z");
    registry["services"].as_array_mut().expect("services").swap(0, 2);
    let third = Shell::with(&registry);
    for shell in [&one, &other, &third] {
        run(shell, &["--output", "clusters"]).quietly();
        assert_eq!(shell.names("clusters"), ["compute-banking.yaml", "compute-shop.yaml", "compute-staging.yaml"]);
        for name in shell.names("clusters") {
            assert_eq!(shell.read(&format!("clusters/{name}")), one.read(&format!("clusters/{name}")), "{name}");
        }
    }
    let printed = run(&one, &["--cluster", "compute-shop"]).quietly();
    assert_eq!(printed, one.read("clusters/compute-shop.yaml"));
}

#[test]
fn files_are_written_once_and_nothing_else_is_touched() {
    let shell = Shell::of_example();
    assert_snapshot!(run(&shell, &["--output", "to/clusters"]).quietly(), @r"
    wrote to/clusters/compute-banking.yaml (1 namespace, 1 quota, 2 role bindings)
    wrote to/clusters/compute-shop.yaml (1 namespace, 1 quota, 3 role bindings)
    wrote to/clusters/compute-staging.yaml (2 namespaces, 1 quota, 3 role bindings)
    ");
    shell.write("to/clusters/README.md", "mine");
    assert_snapshot!(run(&shell, &["--output", "to/clusters", "--cluster", "compute-shop"]).quietly(), @r"
    unchanged: to/clusters/compute-shop.yaml (1 namespace, 1 quota, 3 role bindings)
    ");

    // The last service of a cluster leaves, and then the cluster.
    let mut registry = example();
    let environments = registry["services"][0]["spec"]["environments"].as_array_mut().expect("environments");
    environments.pop();
    shell.write("registry.json", &registry.to_string());
    assert_snapshot!(run(&shell, &["--output", "to/clusters"]).quietly(), @r"
    wrote to/clusters/compute-banking.yaml (0 namespaces, 0 quotas, 0 role bindings)
    unchanged: to/clusters/compute-shop.yaml (1 namespace, 1 quota, 3 role bindings)
    unchanged: to/clusters/compute-staging.yaml (2 namespaces, 1 quota, 3 role bindings)
    ");
    assert_snapshot!(shell.read("to/clusters/compute-banking.yaml"), @r"
    # Written by `anu registry manifests`: change the registry instead.
    # Registry `acme`, cluster `compute-banking`.
    ");
    registry["clusters"].as_array_mut().expect("clusters").remove(0);
    shell.write("registry.json", &registry.to_string());
    assert_snapshot!(run(&shell, &["--output", "to/clusters"]), @r"
    unchanged: to/clusters/compute-shop.yaml (1 namespace, 1 quota, 3 role bindings)
    unchanged: to/clusters/compute-staging.yaml (2 namespaces, 1 quota, 3 role bindings)
    warning: `to/clusters/compute-banking.yaml` is left over
      The registry has no such cluster, and whoever applies this folder goes on applying that file. Remove it if the cluster is gone.
    (exit code 0)
    ");
    let names = ["README.md", "compute-banking.yaml", "compute-shop.yaml", "compute-staging.yaml"];
    assert_eq!(shell.names("to/clusters"), names);
    assert_eq!(shell.read("to/clusters/README.md"), "mine");
}

#[test]
fn files_of_another_origin_are_not_replaced() {
    let shell = Shell::of_example();
    run(&shell, &["--output", "clusters"]).quietly();
    let whole = shell.read("clusters/compute-shop.yaml");
    // Part of a cluster in place of all of it.
    assert_snapshot!(run(&shell, &["--output", "clusters", "--service", "search"]), @r"
    error: Files of another origin are in the way
      What `anu registry manifests` wrote for the same registry, cluster and services is replaced, and nothing else. That is not what these begin with: `clusters/compute-shop.yaml`, `clusters/compute-staging.yaml`.
    hint: write to another folder, or remove them first
    (exit code 1)
    ");
    // Another registry.
    let mut registry = example();
    registry["metadata"]["name"] = json!("other");
    shell.write("registry.json", &registry.to_string());
    assert_eq!(run(&shell, &["--output", "clusters"]).code, Some(1));
    assert_eq!(shell.read("clusters/compute-shop.yaml"), whole);
    // Somebody's own.
    std::fs::create_dir(shell.path("mine")).expect("a folder");
    shell.write("mine/compute-shop.yaml", "mine\n");
    assert_eq!(run(&shell, &["--output", "mine"]).code, Some(1));
    assert_eq!(shell.names("mine"), ["compute-shop.yaml"]);
}

#[test]
fn what_cannot_be_written_is_told() {
    let shell = Shell::of_example();
    shell.write("clusters", "a file");
    assert_snapshot!(run(&shell, &["--output", "clusters"]), @r"
    error: Could not make the folder `clusters`: File exists (os error 17)
    (exit code 1)
    ");
    // A full disk must not pass for a whole stream.
    #[cfg(target_os = "linux")]
    {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("/dev/full");
        let mut command = shell.command(&["registry", "manifests", "--cluster", "compute-shop"]);
        let output = command.stdout(full).output().expect("anu runs");
        assert_eq!(output.status.code(), Some(1));
        assert_snapshot!(String::from_utf8_lossy(&output.stderr), @r"
        error: Could not write to standard output: No space left on device (os error 28)
        ");
    }
}

#[test]
fn a_registry_without_clusters_has_nothing_to_write() {
    let registry = json!({"services": [{"type": "Service", "spec": {"name": "ledger", "team": "banking"}}]});
    let shell = Shell::with(&registry);
    assert_snapshot!(run(&shell, &[]), @r"
    warning: Nothing to write
      `registry.json` has nothing on any cluster.
    (exit code 0)
    ");
}
