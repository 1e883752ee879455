//! `anu registry compile`, and verbs that read a registry written in Jsonnet.

use insta::assert_snapshot;

use crate::diff::Repository;
use crate::{Ended, Shell};

fn compile(shell: &Shell, arguments: &[&str]) -> Ended {
    shell.run(&[&["registry", "compile"], arguments].concat())
}

const REGISTRY: &str = "(import 'anu/registry.libsonnet').new('acme')";

#[test]
fn the_document_is_printed_or_written_as_a_whole() {
    let shell = Shell::new();
    shell.write("registry.jsonnet", REGISTRY);
    let document = compile(&shell, &[]).quietly();
    assert_snapshot!(document, @r#"
    {
       "metadata": {
          "name": "acme"
       },
       "services": [ ]
    }
    "#);
    assert_eq!(compile(&shell, &["-e", REGISTRY]).quietly(), document);
    assert_eq!(compile(&shell, &["--to", "out/registry.json"]).quietly(), "");
    assert_eq!(shell.read("out/registry.json"), document);
    shell.write("registry.jsonnet", "error 'not finished'");
    assert_eq!(compile(&shell, &["--to", "out/registry.json"]).code, Some(1));
    assert_eq!(shell.read("out/registry.json"), document, "a failure leaves the file as it is");
    assert_eq!(shell.names("out"), ["registry.json"]);
}

#[test]
fn what_fails_says_why() {
    let shell = Shell::new();
    let mistakes: &[&[&str]] = &[
        &[],
        &["-e", "{"],
        &["-e", "1", "--to", ".."],
        &["-e", "1", "-V", "missing"],
        &["-e", "1", "-V", "a=1", "-V", "a=2"],
        &["-e", "1", "-V", "a=1", "--ext-code", "a=2"],
        &["-e", "1", "--ext-code", "a=)"],
        &["-e", "1", "-A", "a=1"],
        &["-e", "function(a) a", "-A", "a=1", "--tla-code", "a=2"],
        &["-e", "function(a) a", "--tla-code", "a=1 +"],
        &["-e", "function(a) a"],
        &["-e", "1", "--max-time", "soon"],
        &["-e", "1", "registry.jsonnet"],
    ];
    let mut texts = String::new();
    for arguments in mistakes {
        let ended = compile(&shell, arguments);
        assert!(ended.code != Some(0) && ended.stdout.is_empty(), "{ended}");
        texts.push_str(&format!("$ anu registry compile {}\n{ended}\n\n", arguments.join(" ")));
    }
    assert_snapshot!(texts);
}

#[test]
fn variables_have_the_names_of_jsonnet() {
    let mut shell = Shell::new();
    shell.set("FROM_ENVIRONMENT", "yes");
    let program = "function(a, b) [a, b, std.extVar('c'), std.extVar('d'), std.extVar('FROM_ENVIRONMENT')]";
    let arguments = [
        "-e",
        program,
        "-A",
        "a=1",
        "--tla-code",
        "b=1+1",
        "-V",
        "c=3",
        "--ext-code",
        "d=2+2",
        "-V",
        "FROM_ENVIRONMENT",
    ];
    let values: serde_json::Value = serde_json::from_str(&compile(&shell, &arguments).quietly()).unwrap();
    assert_eq!(values, serde_json::json!(["1", 2, "3", 4, "yes"]));
}

#[test]
fn other_verbs_compile_their_source() {
    let shell = Shell::new();
    let program = "local registry = import 'anu/registry.libsonnet';\n\
        registry.new('acme') + registry.mixin.withServices(registry.service.new(std.extVar('service'))\n\
        + registry.service.mixin.withEnvironments(registry.environment.new('production')\n\
        + registry.environment.mixin.withTargets(registry.target.helm.new('compute', 'ledger'))))";
    shell.write("registry.jsonnet", program);
    let run = |arguments: &[&str]| {
        shell.run(&[&["registry", "manifests", "--registry", "registry.jsonnet"], arguments].concat())
    };
    let manifests = run(&["-V", "service=ledger"]).stdout;
    assert!(manifests.contains("kind: Namespace") && manifests.contains("service: ledger"), "{manifests}");
    let hash = "0".repeat(64);
    let mistakes = [vec![], vec!["-V", "service=Ledger"], vec!["-V", "service=ledger", "--sha256", &hash]];
    assert_snapshot!(mistakes.map(|arguments| run(&arguments).to_string()).join("\n\n"));
}

/// The files of the commit are compiled, and not those of now.
#[test]
fn a_program_is_compared_with_the_files_of_another_revision() {
    let shell = Shell::new();
    let service = |team: &str| {
        format!("(import 'anu/registry.libsonnet').service.new('ledger') + {{ spec+: {{ team: '{team}' }} }}")
    };
    let repository = Repository::of(&shell);
    repository.commit("ledger.jsonnet", &service("core"));
    repository.commit("registry.jsonnet", &format!("{REGISTRY} + {{ services: [import 'ledger.jsonnet'] }}"));
    shell.write("ledger.jsonnet", &service("banking"));
    let ended = repository.run(&["--base", "main", "--registry", "registry.jsonnet"]);
    assert!(ended.stdout.contains("core") && ended.stdout.contains("banking"), "{ended}");
}

/// A library of the repository is that of the revision too, and one outside of it is the same for both.
#[test]
fn a_library_is_of_the_same_revision_as_the_program() {
    let shell = Shell::new();
    let repository = Repository::of(&shell);
    let kit = |team: &str| {
        format!(
            "{{ ledger: (import 'anu/registry.libsonnet').service.new('ledger') + {{ spec+: {{ team: '{team}' }} }} }}"
        )
    };
    let outside = tempfile::tempdir().expect("a folder");
    std::fs::write(outside.path().join("more.libsonnet"), "{}").expect("written");
    repository.commit("lib/kit.libsonnet", &kit("core"));
    let services = "services: [(import 'kit.libsonnet').ledger + import 'more.libsonnet']";
    repository.commit("registry.jsonnet", &format!("{REGISTRY} + {{ {services} }}"));
    shell.write("lib/kit.libsonnet", &kit("banking"));
    let more = outside.path().to_str().expect("text");
    let all = ["--base", "main", "--registry", "registry.jsonnet", "--jpath", "lib", "--jpath", more];
    let ended = repository.run(&all);
    assert!(ended.stdout.contains("core") && ended.stdout.contains("banking"), "{ended}");
}

#[test]
fn problems_of_a_yaml_registry_have_lines() {
    let shell = Shell::new();
    let registry = "\
metadata: {name: acme}
teams:
  - {type: Team, spec: {name: core, email: core@example.com}}
services:
  - type: Service
    spec:
      name: ledger
      team: corr
";
    shell.write("registry.yaml", registry);
    let ended = shell.run(&["registry", "manifests", "--registry", "registry.yaml"]);
    assert_snapshot!(ended, @"
    error: Unknown team
      in `registry.yaml:8:7`, at `/services/0/spec/team`, service `ledger`
      The team `corr` of service `ledger` is not in `teams`. Did you mean `core`?
      anu:unknown-team
    error: The registry in `registry.yaml` has 1 error
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    (exit code 1)
    ");
    shell.write("registry.yaml", &registry.replace("team: corr", "team: core\n      team: shop"));
    assert_snapshot!(shell.run(&["registry", "manifests", "--registry", "registry.yaml"]), @"
    error: `registry.yaml` does not compile
      Duplicate key `team`: it is in line 8 too
      --> registry.yaml:9:7
      |
    9 |       team: shop
      |       ^
      anu:registry-not-compiled
    (exit code 1)
    ");
    shell.write("registry.yaml", &registry.replace("corr", "core"));
    let document = compile(&shell, &["registry.yaml"]).quietly();
    assert!(document.contains("\"ledger\""), "{document}");
}
