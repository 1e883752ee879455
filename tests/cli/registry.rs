//! What all verbs of `anu registry` share: reading the registry, and reporting what is wrong with it.

use insta::{assert_snapshot, with_settings};
use serde_json::json;

use crate::document::Project;
use crate::server::{Reply, Server};
use crate::{Ended, Shell, example};

fn run(shell: &Shell, arguments: &[&str]) -> Ended {
    let all: Vec<&str> =
        ["registry", "manifests", "--cluster", "compute-shop"].iter().chain(arguments).copied().collect();
    shell.run(&all)
}

#[test]
fn the_registry_is_read_from_the_named_source() {
    let shell = Shell::of_example();
    let expected = run(&shell, &[]).quietly();
    std::fs::rename(shell.path("registry.json"), shell.path("other.json")).expect("renamed");
    let url = format!("file://{}", shell.path("other.json").display());
    for source in ["other.json", "./other.json", &url] {
        assert_eq!(run(&shell, &["--registry", source]).quietly(), expected, "{source}");
    }
    assert_snapshot!(run(&shell, &["--registry", "another.json"]), @"
    error: Registry is not readable
      source `another.json`: file not found: check the path (`HERE/another.json`)
      anu:registry-not-readable
    (exit code 3)
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registry_is_fetched_with_the_token_of_the_environment() {
    let document = example().text();
    let server = Server::start(move |request, _| match request.header("authorization") {
        Some("Bearer open-sesame") => Reply::ok(&document),
        _ => Reply::status("401 Unauthorized", &[], ""),
    })
    .await;
    let mut shell = Shell::new();
    let address = format!("http://{}/registry.json", server.address);
    with_settings!({filters => [(r"127\.0\.0\.1:\d+", "SERVER")]}, {
        assert_snapshot!(run(&shell, &["--registry", &address]), @"
        error: Registry access refused
          source `http://SERVER/registry.json`: authentication required (401): set the variable `ANU_REGISTRY_TOKEN`, or check that yours is for this server and has not expired
          No copy of it is read, which would hide that access was withdrawn.
          anu:registry-access-refused
        (exit code 3)
        ");
    });
    shell.set("ANU_REGISTRY_TOKEN", "open\nsesame");
    assert_snapshot!(run(&shell, &["--registry", &address]), @"
    error: the variable `ANU_REGISTRY_TOKEN` is not a token
      A token has no spaces and no line breaks. The value is not shown.
      anu:command-line
    (exit code 2)
    ");
    shell.set("ANU_REGISTRY_TOKEN", "open-sesame\n"); // as a file has it
    let good = run(&shell, &["--registry", &address]).quietly();
    assert_eq!(good, run(&Shell::of_example(), &[]).quietly());

    // There is a last good copy now. It is not used, because other tools apply the result.
    drop(server);
    let ended = run(&shell, &["--registry", &address]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{ended}");
}

#[test]
fn the_registry_is_the_one_that_is_pinned() {
    let shell = Shell::new();
    shell.write("registry.json", "{}");
    assert_snapshot!(run(&shell, &["--sha256", "abc"]), @"
    error: `--sha256` is not a SHA-256
      It must have 64 hexadecimal digits, as `sha256sum registry.json` prints them.
      anu:command-line
    (exit code 2)
    ");
    assert_snapshot!(run(&shell, &["--sha256", &"0".repeat(64)]), @"
    error: Registry is not readable
      source `registry.json`: its SHA-256 is `44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a`, and `--sha256` requires `0000000000000000000000000000000000000000000000000000000000000000`: to accept the new content, change `--sha256`
      anu:registry-not-readable
    (exit code 3)
    ");
}

#[test]
fn an_invalid_source_is_refused() {
    let shell = Shell::new();
    assert_snapshot!(run(&shell, &["--registry", ""]), @"
    error: `--registry` is not a valid source
      the value is empty: write a path (`registry.json`), `file:///absolute/path/registry.json`, `https://example.com/registry.json`, an object in a bucket (`gs://bucket/registry.json`, `s3://…`, `az://…`) or a ConfigMap (`configmap://namespace/name`)
      anu:command-line
    (exit code 2)
    ");
    assert_snapshot!(run(&shell, &["--registry", "ftp://acme/registry.json"]), @"
    error: `--registry` is not a valid source
      `ftp:` is not a source anu can read: write a path (`registry.json`), `file:///absolute/path/registry.json`, `https://example.com/registry.json`, an object in a bucket (`gs://bucket/registry.json`, `s3://…`, `az://…`) or a ConfigMap (`configmap://namespace/name`)
      anu:command-line
    (exit code 2)
    ");
    assert_snapshot!(run(&shell, &["--registry", "http://registry.example.com/registry.json"]), @"
    error: `--registry` is not a valid source
      `http://registry.example.com/registry.json` is not encrypted: use `https://` (`http://` is permitted only for servers on this machine)
      anu:command-line
    (exit code 2)
    ");
    assert_snapshot!(run(&shell, &["--registry", "registry.json", "--ca-certificate", "none.pem"]), @"
    error: Cannot read `none.pem`: No such file or directory (os error 2)
      anu:file-not-accessible
    (exit code 1)
    ");
    shell.write("empty.pem", "");
    assert_snapshot!(run(&shell, &["--registry", "https://127.0.0.1:1/registry.json", "--ca-certificate", "empty.pem"]), @"
    error: Registry is not readable
      source `https://127.0.0.1:1/registry.json`: `--ca-certificate` contains no valid certificate: it must be PEM text that starts with `-----BEGIN CERTIFICATE-----`
      anu:registry-not-readable
    (exit code 3)
    ");
}

#[test]
fn every_problem_is_reported_with_warnings_and_nothing_is_written() {
    let mut registry = example();
    registry.services[0].team = "bankng".to_owned();
    registry.services[1].extra.insert("alertChannel".to_owned(), json!("catalog"));
    registry.services[1].google_services.insert("pubsub.googleapis.com".to_owned());
    registry.services[2].environments[0].targets[0].cluster = "compute-stagin".to_owned();
    let shell = Shell::with(&registry);
    assert_snapshot!(run(&shell, &[]), @"
    error: Unknown team
      in `registry.json:1:752`, at `/services/0/spec/team`, service `ledger`
      The team `bankng` of service `ledger` is not in `teams`. Did you mean `banking`?
      anu:unknown-team
    error: Unknown field
      in `registry.json:1:1463`, at `/services/1/spec/alertChannel`, service `catalog`
      The field `alertChannel` is unknown and has no effect. Did you mean `alertsChannel`?
      anu:misspelt-field
    warning: Google services have no effect
      in `registry.json:1:1488`, at `/services/1/spec/googleServices`, service `catalog`
      Service `catalog` has `googleServices`, and none of its environments has a `googleProject`, so no API is enabled and no IAM role is granted. Add `googleProject` to an environment, or remove `googleServices`.
      anu:google-services-without-effect
    error: Unknown cluster
      in `registry.json:1:2030`, at `/services/2/spec/environments/0/spec/targets/0/spec/cluster`, service `search`, environment `staging`
      The cluster `compute-stagin` is not in `clusters`. Did you mean `compute-staging`?
      anu:unknown-cluster
    error: The registry in `registry.json` has 3 errors
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    (exit code 1)
    ");
    let ended = shell.run(&["registry", "manifests", "--dir", "clusters"]);
    assert_eq!((ended.code, shell.path("clusters").exists()), (Some(1), false), "{ended}");
    shell.write("registry.json", "{\"services\": [");
    assert_snapshot!(run(&shell, &[]), @"
    error: Registry is not valid JSON
      The document ends in the middle of a value, at line 1, column 14, after 14 bytes. It is truncated: write or fetch it again.
      anu:not-json
    error: The registry in `registry.json` has 1 error
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    (exit code 1)
    ");
}

#[test]
fn warnings_go_to_standard_error() {
    let mut registry = example();
    registry.services[2].google_services.insert("pubsub.googleapis.com".to_owned());
    let shell = Shell::with(&registry);
    let ended = run(&shell, &[]);
    assert_eq!(ended.code, Some(0));
    assert_eq!(ended.stdout, run(&Shell::of_example(), &[]).quietly());
    assert_snapshot!(ended.stderr, @"
    warning: Google services have no effect
      in `registry.json:1:1795`, at `/services/2/spec/googleServices`, service `search`
      Service `search` has `googleServices`, and none of its environments has a `googleProject`, so no API is enabled and no IAM role is granted. Add `googleProject` to an environment, or remove `googleServices`.
      anu:google-services-without-effect
    ");
}

#[test]
fn a_registry_without_services_is_refused_unless_accepted() {
    let shell = Shell::with(
        &json!({"metadata": {"name": "acme"}, "clusters": [{"type": "Cluster", "spec": {"name": "compute-shop"}}], "services": []}),
    );
    assert_snapshot!(run(&shell, &[]), @"
    error: Registry has no services
      in `registry.json:1:92`, at `/services`
      `services` is empty. An apply of a registry without services would remove every service. If that is intended, set `allow_empty`.
      anu:no-services
    error: The registry in `registry.json` has 1 error
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    (exit code 1)
    ");
    assert_snapshot!(run(&shell, &["--allow-empty"]), @"
    # Written by `anu registry manifests`: change the registry instead.
    # Registry `acme`, cluster `compute-shop`.
    warning: Nothing to apply
      `registry.json` has nothing on `compute-shop`.
      anu:nothing-to-write
    (exit code 0)
    ");
}

#[test]
fn the_settings_of_the_provider_block_are_options() {
    let mut registry = example().json();
    registry["teams"][1]["spec"].as_object_mut().expect("a team").remove("email");
    let shell = Shell::with(&registry);
    shell.write("permissions.json", &json!({"kubernetes": {"operators": "shop-operator"}}).to_string());
    let options = [
        "--member-template",
        "group:{team}@example.org",
        "--label",
        "stage=blue",
        "--label",
        "cost=1",
        "--permissions",
        "permissions.json",
        "--reserved-namespace",
        "none",
        "--parent",
        "folders/1",
        "--billing-account",
        "000000-AAAAAA-000000",
        "--allowed-parent",
        "folders/1",
    ];
    let text = run(&shell, &options).quietly();
    for expected in
        ["\n    cost: \"1\"\n", "\n    stage: blue\n", "\n  name: shop@example.org\n", "\n  name: shop-operator\n"]
    {
        assert!(text.contains(expected), "no {expected:?} in {text}");
    }
    assert!(!text.contains("name: edit"), "{text}");
    assert_snapshot!(run(&shell, &[]), @"
    error: Team has no group
      in `registry.json:1:1257`, at `/services/1/spec/environments/0/spec/rbac/operators/0`, service `catalog`, environment `production`
      The team `shop` has access here, and its group is unknown. Add an `email` to `/teams/1`, or set `member_template` in the provider block, for example `group:{team}-team@example.com`.
      anu:unresolved-team
    error: The registry in `registry.json` has 1 error
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    (exit code 1)
    ");
}

#[test]
fn the_fences_are_enforced() {
    let mut registry = example();
    registry.services[2].environments[0].google_project = Some("gc-prd-search".to_owned());
    registry.services[2].google_services = ["pubsub.googleapis.com".to_owned()].into();
    let shell = Shell::with(&registry);
    let options = [
        "--forbidden-role",
        "edit",
        "--reserved-namespace",
        "cat*",
        "--allowed-project",
        "gc-stag-*",
        "--allowed-parent",
        "folders/1",
    ];
    assert_snapshot!(run(&shell, &options), @"
    error: Forbidden role
      The role `edit` of `operators` in the built-in row `kubernetes` is forbidden: it matches `edit` in `fences.forbidden_roles` of the provider block. Use a narrower role.
      anu:forbidden-role
    error: Reserved namespace
      in `registry.json:1:559`, at `/namespaces/0/spec/name`
      The namespace `catalog` is reserved: it matches `cat*` in `fences.reserved_namespaces` of the provider block. Choose another namespace.
      anu:reserved-namespace
    error: Reserved namespace
      in `registry.json:1:1689`, at `/services/1/spec/environments/0/spec/targets/0/spec/namespace`, service `catalog`, environment `production`
      The namespace `catalog` is reserved: it matches `cat*` in `fences.reserved_namespaces` of the provider block. Choose another namespace.
      anu:reserved-namespace
    error: Project is not allowed
      in `registry.json:1:1901`, at `/services/2/spec/environments/0/spec/googleProject`, service `search`, environment `staging`
      The project `gc-prd-search` is not allowed by `fences.allowed_projects` in the provider block: `gc-stag-*`. Correct the id, or ask the maintainer of the provider block to change `fences.allowed_projects`.
      anu:project-not-allowed
    error: Reserved namespace
      in `registry.json:1:2291`, at `/services/2/spec/environments/1/spec/targets/0/spec/namespace`, service `search`, environment `production`
      The namespace `catalog` is reserved: it matches `cat*` in `fences.reserved_namespaces` of the provider block. Choose another namespace.
      anu:reserved-namespace
    error: The registry in `registry.json` has 5 errors
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    (exit code 1)
    ");
}

#[test]
fn a_label_follows_the_rules_of_what_is_managed() {
    let mut document = example();
    let id = "gc-prd-catalog".to_owned();
    document.service_mut("catalog").environments[0].google_project = Some(id.clone());
    document.projects = vec![Project { id, owner: Some("catalog".to_owned()), ..Project::default() }.into()];
    let label = "example.com/unit=HMPPS";
    let created = Shell::with(&document);
    assert_snapshot!(run(&created, &["--label", label]), @"
    error: Invalid label
      In `labels` of the provider block: `example.com/unit` is not a label key for a Google project: 1 to 63 lowercase letters, digits, `_` and `-`, starting with a letter. Project `gc-prd-catalog` would have this label. A label of namespaces alone belongs in `labels` of the entries under `namespaces`.
      anu:bad-label
    error: The registry in `registry.json` has 1 error
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    (exit code 1)
    ");
    assert_snapshot!(run(&created, &["--manage", "gogle"]), @"
    error: invalid value 'gogle' for '--manage <KIND>'
      [possible values: google, kubernetes]

      tip: a similar value exists: 'google'

    For more information, try '--help'.
    (exit code 2)
    ");
    let namespaces_alone = run(&created, &["--label", label, "--manage", "kubernetes"]).quietly();
    assert!(namespaces_alone.contains("    example.com/unit: HMPPS\n"), "{namespaces_alone}");
    // Without a project there are Kubernetes' rules alone.
    let without = run(&Shell::of_example(), &["--label", label]).quietly();
    assert!(without.contains("    example.com/unit: HMPPS\n"), "{without}");
}

#[test]
fn invalid_options_are_refused() {
    let shell = Shell::of_example();
    assert_snapshot!(run(&shell, &["--label", "tier"]), @r"
    error: invalid value 'tier' for '--label <KEY=VALUE>': a label has the form KEY=VALUE

    For more information, try '--help'.
    (exit code 2)
    ");
    assert_snapshot!(run(&shell, &["--label", "team=x", "--member-template", "group:all@example.com"]), @"
    error: Reserved label
      In `labels` of the provider block: The label `team` is reserved: anu sets it on the objects that it creates. Choose another key. Namespace `compute-staging/ledger` would have this label.
      anu:reserved-label
    error: Invalid member template
      `group:all@example.com` is not a `member_template`. It does not contain `{team}`, the placeholder for the team's name, so all teams would have the same principal. Example: `group:{team}-team@example.com`.
      anu:bad-member-template
    error: The registry in `registry.json` has 2 errors
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    (exit code 1)
    ");
    assert_snapshot!(run(&shell, &["--parent", "1234"]), @r"
    error: invalid value '1234' for '--parent <PARENT>': `1234` is not a parent: `folders/NUMBER` or `organizations/NUMBER`

    For more information, try '--help'.
    (exit code 2)
    ");
    assert_snapshot!(run(&shell, &["--permissions", "none.json"]), @"
    error: Cannot read `none.json`: No such file or directory (os error 2)
      anu:file-not-accessible
    (exit code 1)
    ");
    let table = json!({"google": {"pubsub": {"viewers": ["pubsub.viewer"]}}, "kubernetes": {"operator": "edit"}});
    shell.write("table.json", &table.to_string());
    assert_snapshot!(run(&shell, &["--permissions", "table.json"]), @"
    error: Invalid name
      at `/google/pubsub`
      `pubsub` is not a Google service: a lowercase DNS name such as `pubsub.googleapis.com`. Write `pubsub.googleapis.com`.
      anu:bad-name
    error: Invalid name
      at `/google/pubsub/viewers/0`
      `pubsub.viewer` is not an IAM role: `roles/NAME`, `projects/PROJECT/roles/NAME` or `organizations/NUMBER/roles/NAME`.
      anu:bad-name
    error: Unknown field
      at `/kubernetes/operator`
      `operator` is not a field of `permissions.kubernetes`, and would have no effect. Fields: `viewers`, `operators`, `admins`. Did you mean `operators`?
      anu:undefined-field
    error: The permissions table in `table.json` has 3 errors
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    (exit code 1)
    ");
    shell.write("table.json", "[]");
    assert_snapshot!(run(&shell, &["--permissions", "table.json"]), @"
    error: Wrong JSON type
      The document is an array. It must be an object.
      anu:wrong-type
    error: The permissions table in `table.json` has 1 error
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    (exit code 1)
    ");
    shell.write("table.json", "{\"builtin\": 1, \"builtin\": 2}");
    assert_snapshot!(run(&shell, &["--permissions", "table.json"]), @"
    error: Duplicate key
      at `/builtin`
      `builtin` is a duplicate in the same object at line 1, column 17. JSON parsers use either the first or the last value, so the meaning is ambiguous. Remove one of them.
      anu:duplicate-key
    error: The permissions table in `table.json` has 1 error
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    (exit code 1)
    ");
    shell.write("table.json", "{");
    assert_snapshot!(run(&shell, &["--permissions", "table.json"]), @"
    error: Registry is not valid JSON
      The document ends in the middle of a value, at line 1, column 1, after 1 bytes. It is truncated: write or fetch it again.
      anu:not-json
    error: The permissions table in `table.json` has 1 error
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    (exit code 1)
    ");
}

/// Every object carries the registry's name, so manifests need one.
#[test]
fn an_unnamed_registry_is_refused_unless_named() {
    let mut registry = example().json();
    registry["metadata"].as_object_mut().expect("metadata").remove("name");
    let shell = Shell::with(&registry);
    assert_snapshot!(run(&shell, &["--cluster", "compute-shop"]), @r#"
    error: The registry in `registry.json` has no name
      Every object carries the name of its registry, which tells it from the objects of other registries.
    hint: add `"metadata": {"name": "NAME"}` to the registry, or give the name: --registry-name NAME
      anu:unnamed-registry
    (exit code 1)
    "#);
    let named = run(&shell, &["--cluster", "compute-shop", "--registry-name", "acme"]);
    assert_eq!(named.stdout, run(&Shell::of_example(), &["--cluster", "compute-shop"]).quietly());
    assert_snapshot!(run(&Shell::of_example(), &["--registry-name", "globex"]), @"
    error: Registry has another name
      in `registry.json:1:14`, at `/metadata/name`
      The document is of registry `acme`, and the configured name (`name` in the provider's `registry` block, `--registry-name` on the command line) is `globex`. Remove the configured name, or read the registry of that name.
      anu:another-name
    error: The registry in `registry.json` has 1 error
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    (exit code 1)
    ");
}
