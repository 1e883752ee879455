//! `anu registry manifests`: the files and streams that it writes.

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::document::{Access, Document, Environment, Service, Target, teams};
use crate::{Ended, Shell, example};

fn run(shell: &Shell, arguments: &[&str]) -> Ended {
    let all: Vec<&str> = ["registry", "manifests"].iter().chain(arguments).copied().collect();
    shell.run(&all)
}

/// One service on one cluster.
fn small() -> Document {
    let production = Environment {
        name: "production".to_owned(),
        rbac: Access { admins: teams(&["banking"]), ..Access::default() },
        targets: vec![Target::of("argo", "main", "ledger", "ledger").into()],
        ..Environment::default()
    };
    let ledger = Service {
        name: "ledger".to_owned(),
        team: "banking".to_owned(),
        environments: vec![production.into()],
        ..Service::default()
    };
    Document { services: vec![ledger.into()], ..Document::named("acme").with_teams(&["banking"]) }
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
    assert_snapshot!(run(&shell, &[]), @"
    error: Several clusters: choose one with `--cluster`, or write files with `--dir`
      The clusters are `compute-banking`, `compute-shop`, `compute-staging`.
      anu:command-line
    (exit code 2)
    ");
    let ended =
        run(&shell, &["--cluster", "compute-shop", "--cluster", "compute-banking", "--cluster", "compute-shop"]);
    assert_snapshot!(ended, @"
    error: Several clusters: choose one with `--cluster`, or write files with `--dir`
      The clusters are `compute-banking`, `compute-shop`.
      anu:command-line
    (exit code 2)
    ");
}

#[test]
fn unknown_names_are_listed_with_the_nearest() {
    let shell = Shell::of_example();
    let names = ["--cluster", "compute-shopp", "--cluster", "a b", "--service", "Ledger", "--service", "ghost"];
    assert_snapshot!(run(&shell, &names), @"
    error: 4 names are not in the registry in `registry.json`
      The registry has no service `Ledger`. Did you mean `ledger`?
      The registry has no service `ghost`.
      The registry has no cluster `compute-shopp`. Did you mean `compute-shop`?
      The registry has no cluster `a b`.
      anu:command-line
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
    // On two clusters, and on neither a resource of another service.
    assert_snapshot!(run(&shell, &["--service", "search", "--dir", "search"]).quietly(), @r"
    wrote search/compute-shop.yaml (1 namespace, 0 quotas, 1 role binding)
    wrote search/compute-staging.yaml (1 namespace, 0 quotas, 1 role binding)
    ");
    assert_snapshot!(run(&shell, &["--service", "search", "--cluster", "compute-banking"]), @"
    # Written by `anu registry manifests`: change the registry instead.
    # Registry `acme`, cluster `compute-banking`, only `search`.
    warning: Nothing to apply
      In `registry.json`, `search` has nothing on `compute-banking`.
      anu:nothing-to-write
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

/// A document with every list reversed.
fn reversed(value: &Json) -> Json {
    match value {
        Json::Array(items) => items.iter().rev().map(reversed).collect(),
        Json::Object(fields) => {
            Json::Object(fields.iter().map(|(key, value)| (key.clone(), reversed(value))).collect())
        }
        other => other.clone(),
    }
}

#[test]
fn the_same_registry_in_any_order_gives_the_same_bytes() {
    let mut registry = example();
    let (one, other) = (Shell::with(&registry), Shell::with(&reversed(&registry.json())));
    assert_ne!(one.read("registry.json"), other.read("registry.json"));
    // Revision and time are not in the files: every file would change with every change.
    registry.metadata.revision = Some("0000000".to_owned());
    registry.metadata.compiled_at = Some("2026-11-21T00:00:00Z".to_owned());
    registry.services.swap(0, 2);
    let third = Shell::with(&registry);
    for shell in [&one, &other, &third] {
        run(shell, &["--dir", "clusters"]).quietly();
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
    assert_snapshot!(run(&shell, &["--dir", "to/clusters"]).quietly(), @r"
    wrote to/clusters/compute-banking.yaml (1 namespace, 1 quota, 2 role bindings)
    wrote to/clusters/compute-shop.yaml (1 namespace, 1 quota, 3 role bindings)
    wrote to/clusters/compute-staging.yaml (2 namespaces, 1 quota, 3 role bindings)
    ");
    shell.write("to/clusters/README.md", "mine");
    assert_snapshot!(run(&shell, &["--dir", "to/clusters", "--cluster", "compute-shop"]).quietly(), @r"
    unchanged: to/clusters/compute-shop.yaml (1 namespace, 1 quota, 3 role bindings)
    ");

    // The last service of a cluster is removed, and then the cluster.
    let mut registry = example();
    registry.services[0].environments.pop();
    shell.registry(&registry);
    assert_snapshot!(run(&shell, &["--dir", "to/clusters"]).quietly(), @r"
    wrote to/clusters/compute-banking.yaml (0 namespaces, 0 quotas, 0 role bindings)
    unchanged: to/clusters/compute-shop.yaml (1 namespace, 1 quota, 3 role bindings)
    unchanged: to/clusters/compute-staging.yaml (2 namespaces, 1 quota, 3 role bindings)
    ");
    assert_snapshot!(shell.read("to/clusters/compute-banking.yaml"), @r"
    # Written by `anu registry manifests`: change the registry instead.
    # Registry `acme`, cluster `compute-banking`.
    ");
    registry.clusters.remove(0);
    shell.registry(&registry);
    assert_snapshot!(run(&shell, &["--dir", "to/clusters"]), @"
    unchanged: to/clusters/compute-shop.yaml (1 namespace, 1 quota, 3 role bindings)
    unchanged: to/clusters/compute-staging.yaml (2 namespaces, 1 quota, 3 role bindings)
    warning: `to/clusters/compute-banking.yaml` is left over
      The registry does not contain this cluster. A tool that applies this folder still applies the file. Delete it if the cluster no longer exists.
      anu:file-left-over
    (exit code 0)
    ");
    let names = ["README.md", "compute-banking.yaml", "compute-shop.yaml", "compute-staging.yaml"];
    assert_eq!(shell.names("to/clusters"), names);
    assert_eq!(shell.read("to/clusters/README.md"), "mine");
}

#[test]
fn files_that_the_same_command_did_not_write_are_not_replaced() {
    let shell = Shell::of_example();
    run(&shell, &["--dir", "clusters"]).quietly();
    let whole = shell.read("clusters/compute-shop.yaml");
    // Part of a cluster in place of all of it.
    assert_snapshot!(run(&shell, &["--dir", "clusters", "--service", "search"]), @"
    error: Refusing to overwrite files that the same command did not write
      Only files that `anu registry manifests` wrote for the same registry, cluster and services are replaced. These begin with another text: `clusters/compute-shop.yaml`, `clusters/compute-staging.yaml`.
    hint: write to another folder, or delete the files first
      anu:not-overwritten
    (exit code 1)
    ");
    // Another registry.
    let mut registry = example();
    registry.metadata.name = "other".to_owned();
    shell.registry(&registry);
    assert_eq!(run(&shell, &["--dir", "clusters"]).code, Some(1));
    assert_eq!(shell.read("clusters/compute-shop.yaml"), whole);
    // The user's own.
    std::fs::create_dir(shell.path("mine")).expect("a folder");
    shell.write("mine/compute-shop.yaml", "mine\n");
    assert_eq!(run(&shell, &["--dir", "mine"]).code, Some(1));
    assert_eq!(shell.names("mine"), ["compute-shop.yaml"]);
}

#[test]
fn an_error_of_writing_is_reported() {
    let shell = Shell::of_example();
    shell.write("clusters", "a file");
    assert_snapshot!(run(&shell, &["--dir", "clusters"]), @"
    error: Cannot create the folder `clusters`: File exists (os error 17)
      anu:file-not-accessible
    (exit code 1)
    ");
    // On a full disk a part of a stream must not pass for the whole.
    #[cfg(target_os = "linux")]
    {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("/dev/full");
        let mut command =
            shell.command(&["registry", "manifests", "--cluster", "compute-shop", "--registry", "registry.json"]);
        let output = command.stdout(full).output().expect("anu runs");
        assert_eq!(output.status.code(), Some(1));
        assert_snapshot!(String::from_utf8_lossy(&output.stderr), @"
        error: Cannot write to standard output: No space left on device (os error 28)
          anu:file-not-accessible
        ");
    }
}

#[test]
fn a_registry_without_clusters_has_nothing_to_write() {
    let registry = json!({"metadata": {"name": "acme"}, "services": [{"type": "Service", "spec": {"name": "ledger", "team": "banking"}}]});
    let shell = Shell::with(&registry);
    assert_snapshot!(run(&shell, &[]), @"
    warning: Nothing to write
      `registry.json` has nothing on any cluster.
      anu:nothing-to-write
    (exit code 0)
    ");
}

#[test]
fn the_written_files_are_reported_as_json() {
    let shell = Shell::of_example();
    run(&shell, &["--dir", "clusters", "--cluster", "compute-shop"]).quietly();
    shell.write("clusters/gone.yaml", &shell.read("clusters/compute-shop.yaml"));
    let ended = run(&shell, &["--dir", "clusters", "--format", "json"]);
    assert_snapshot!(ended, @r#"
    {
      "files": [
        {
          "cluster": "compute-banking",
          "path": "clusters/compute-banking.yaml",
          "changed": true,
          "namespaces": 1,
          "quotas": 1,
          "service_accounts": 0,
          "role_bindings": 2
        },
        {
          "cluster": "compute-shop",
          "path": "clusters/compute-shop.yaml",
          "changed": false,
          "namespaces": 1,
          "quotas": 1,
          "service_accounts": 0,
          "role_bindings": 3
        },
        {
          "cluster": "compute-staging",
          "path": "clusters/compute-staging.yaml",
          "changed": true,
          "namespaces": 2,
          "quotas": 1,
          "service_accounts": 0,
          "role_bindings": 3
        }
      ],
      "left_over": [
        "clusters/gone.yaml"
      ]
    }
    warning: `clusters/gone.yaml` is left over
      The registry does not contain this cluster. A tool that applies this folder still applies the file. Delete it if the cluster no longer exists.
      anu:file-left-over
    (exit code 0)
    "#);
}

#[test]
fn a_stream_is_not_json() {
    let ended = run(&Shell::of_example(), &["--cluster", "compute-shop", "--format", "json"]);
    assert_snapshot!(ended, @"
    error: `--format json` needs `--dir DIR`
      It reports the files that were written. Without a folder the result is a stream of YAML.
      anu:command-line
    (exit code 2)
    ");
    let ended = run(&Shell::of_example(), &["--format", "clusters"]);
    assert_snapshot!(ended, @r"
    error: invalid value 'clusters' for '--format <FORMAT>'
      [possible values: text, json]

    For more information, try '--help'.
    (exit code 2)
    ");
}
