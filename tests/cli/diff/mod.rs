//! `anu registry diff`: its forms, its exit codes, and the revision of a git repository that it compares with.

mod base;
mod forms;

use std::process::Stdio;

use insta::assert_snapshot;
use serde_json::Value as Json;

pub use base::Repository;

use crate::document::{Access, Document, Environment, Grantee, Project, Service, Target, teams};
use crate::{Ended, Shell};

fn run(shell: &Shell, arguments: &[&str]) -> Ended {
    let all: Vec<&str> = ["registry", "diff"].iter().chain(arguments).copied().collect();
    shell.run(&all)
}

/// The registry of `examples/quickstart`, in which one person may view the production of the ledger.
fn before() -> Document {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/quickstart/registry.json");
    let mut registry = Document::parse(&std::fs::read_to_string(path).expect("a registry"));
    registry.service_mut("ledger").environments[1].rbac.viewers.push(jane());
    registry
}

fn jane() -> Grantee {
    Grantee::Principal { principal: "user:jane@example.com".to_owned(), reason: "on call".to_owned(), expires: None }
}

/// A pull request: a team takes a service, a namespace has another name, a service is added, and one person becomes admin.
fn after() -> Document {
    let mut registry = before();
    let ledger = &mut registry.service_mut("ledger").environments[1].rbac;
    ledger.viewers.pop();
    ledger.admins.push(jane());
    let checkout = registry.service_mut("checkout");
    checkout.team = "logistics".to_owned();
    checkout.environments[0].rbac.admins = teams(&["logistics"]);
    registry.service_mut("label-printer").environments[0].targets[0].namespace = "labels".to_owned();
    registry.projects.push(
        Project {
            id: "gc-prd-returns-prod-11aa".to_owned(),
            parent: Some("folders/100200300500".to_owned()),
            ..Project::default()
        }
        .into(),
    );
    let production = Environment {
        name: "production".to_owned(),
        google_project: Some("gc-prd-returns-prod-11aa".to_owned()),
        rbac: Access { viewers: teams(&["shop"]), admins: teams(&["logistics"]), ..Access::default() },
        targets: vec![Target::of("argo", "compute-shop", "returns", "returns").into()],
        ..Environment::default()
    };
    registry.services.push(
        Service {
            name: "returns".to_owned(),
            team: "logistics".to_owned(),
            google_services: ["pubsub.googleapis.com".to_owned()].into(),
            environments: vec![production.into()],
            ..Service::default()
        }
        .into(),
    );
    registry
}

/// `old.json` and `new.json`, indented so that each entry has lines of its own.
fn two(old: &Json, new: &Json) -> Shell {
    let shell = Shell::new();
    shell.write("old.json", &serde_json::to_string_pretty(old).expect("JSON"));
    shell.write("new.json", &serde_json::to_string_pretty(new).expect("JSON"));
    shell
}

fn pull_request() -> Shell {
    two(&before().json(), &after().json())
}

const FILES: [&str; 2] = ["old.json", "new.json"];

fn form(shell: &Shell, format: &str) -> String {
    run(shell, &[&FILES[..], &["--format", format]].concat()).quietly()
}

#[test]
fn a_difference_is_a_failure_only_if_asked_for() {
    let shell = pull_request();
    assert_eq!(run(&shell, &FILES).code, Some(0));
    let ended = run(&shell, &[&FILES[..], &["--exit-code"]].concat());
    assert_eq!(ended.stdout, run(&shell, &FILES).stdout);
    assert_snapshot!(ended.stderr, @"
    error: The registries differ
      `--exit-code` makes a difference a failure.
      anu:registries-differ
    ");
    assert_eq!(ended.code, Some(1));
}

#[test]
fn the_registry_after_is_the_one_that_other_verbs_read() {
    let shell = pull_request();
    std::fs::copy(shell.path("new.json"), shell.path("registry.json")).expect("copied");
    let expected = run(&shell, &FILES).quietly().replace("new.json", "registry.json");
    assert_eq!(run(&shell, &["old.json"]).quietly(), expected);
    assert_eq!(run(&shell, &["old.json", "--registry", "registry.json"]).quietly(), expected);
}

#[test]
fn wrong_command_lines() {
    let shell = pull_request();
    assert_snapshot!(run(&shell, &[]), @"
    error: the following required arguments were not provided:
      <OLD>

    Usage: anu registry diff <OLD> [NEW]

    For more information, try '--help'.
    (exit code 2)
    ");
    assert_snapshot!(run(&shell, &["old.json", "new.json", "--registry", "new.json"]), @"
    error: the argument '[NEW]' cannot be used with '--registry <SOURCE>'

    Usage: anu registry diff <OLD> <NEW>

    For more information, try '--help'.
    (exit code 2)
    ");
    assert_snapshot!(run(&shell, &["old.json", "--base", "main"]), @"
    error: the argument '[OLD]' cannot be used with '--base <REVISION>'

    Usage: anu registry diff <OLD> [NEW]

    For more information, try '--help'.
    (exit code 2)
    ");
    assert_snapshot!(run(&shell, &["ftp://acme/registry.json", "new.json"]), @"
    error: `OLD` is not a valid source
      `ftp:` is not a source anu can read: write a path (`registry.json`), `file:///absolute/path/registry.json`, `https://example.com/registry.json`, an object in a bucket (`gs://bucket/registry.json`, `s3://…`, `az://…`) or a ConfigMap (`configmap://namespace/name`)
      anu:command-line
    (exit code 2)
    ");
    assert_snapshot!(run(&shell, &["none.json", "new.json"]), @"
    error: Registry is not readable
      source `none.json`: file not found: check the path (`HERE/none.json`)
      anu:registry-not-readable
    (exit code 3)
    ");
    assert_snapshot!(run(&shell, &["old.json"]), @"
    error: No registry found
      None is named, and these places have none:
        the variable `ANU_REGISTRY`: not set
        the folder `HERE`: no `registry.jsonnet`, `registry.yaml`, `registry.yml`, `registry.json`
        no folder above it, because it is not in a git repository
        `configmap://anu-system/service-registry`: this process is not a pod
    hint: name the registry: --registry SOURCE, a path, `file://…`, `https://…`, `gs://…`, `s3://…`, `az://…` or `configmap://…`
      anu:not-found
    (exit code 3)
    ");
    assert_snapshot!(run(&shell, &["old.json", "new.json", "--short"]), @"
    error: `--short` needs `--format markdown`
      The other forms have no limit.
      anu:command-line
    (exit code 2)
    ");
}

#[test]
fn a_registry_with_errors_is_not_compared_and_only_the_new_one_has_warnings() {
    let mut bad = before();
    bad.services[0].team = "bankng".to_owned();
    let shell = two(&bad.json(), &before().json());
    assert_snapshot!(run(&shell, &FILES), @"
    error: Unknown team
      in `old.json:330:9`, at `/services/0/spec/team`, service `make-it-rain`
      The team `bankng` of service `make-it-rain` is not in `teams`. Add it to the list, or use a team from the list.
      anu:unknown-team
    error: The registry in `old.json` has 1 error
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    (exit code 1)
    ");
    let mut warned = before();
    warned.services[3].google_services = ["pubsub.googleapis.com".to_owned()].into();
    let shell = two(&warned.json(), &before().json());
    assert_eq!(run(&shell, &FILES).stderr, "");
    let shell = two(&before().json(), &warned.json());
    assert!(run(&shell, &FILES).stderr.starts_with("warning: Google services have no effect\n"));
}

#[test]
fn the_summary_of_a_job_is_appended() {
    let shell = pull_request();
    shell.write("summary.md", "# Before\n");
    let mut command = shell.command(&["registry", "diff", "old.json", "new.json", "--format", "github"]);
    command.env("CI", "true").env("GITHUB_STEP_SUMMARY", shell.path("summary.md"));
    command.env("GITHUB_OUTPUT", shell.path("outputs"));
    let output = command.output().expect("anu runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), form(&shell, "github"));
    assert_eq!(shell.read("summary.md"), format!("# Before\n{}", form(&shell, "markdown")));
    let report: Json = serde_json::from_str(&form(&shell, "json")).expect("JSON");
    let digest = report["digest"].as_str().expect("a digest");
    assert_eq!(shell.read("outputs"), format!("changed=true\nimpact={digest}\n"));
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let shell = pull_request();
    for format in ["text", "markdown", "json", "github", "sarif"] {
        let mut command = shell.command(&["registry", "diff", "old.json", "new.json", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("anu runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""), "{format}");
    }
}

/// What the help shows can be typed.
#[test]
fn the_examples_of_the_help_run() {
    let help = Shell::new().run(&["registry", "diff", "--help"]).quietly();
    let (_, examples) = help.split_once("Examples:\n").expect("examples");
    let lines: Vec<&str> = examples.lines().map(str::trim).filter(|line| line.starts_with("anu ")).collect();
    assert_eq!(lines.len(), 5);
    let shell = pull_request();
    let repository = Repository::of(&shell);
    repository.commit("registry.json", &before().text());
    repository.git(&["branch", "origin/main"]);
    shell.write("registry.json", &after().text());
    for line in lines.iter().filter(|line| !line.contains("https://")) {
        let words: Vec<&str> = line.split(['>', '|']).next().unwrap_or_default().split_whitespace().skip(1).collect();
        let mut command = shell.command(&words);
        repository.environment(&mut command);
        let output = command.output().expect("anu runs");
        let expected = if line.contains("--exit-code") { 1 } else { 0 };
        assert_eq!(output.status.code(), Some(expected), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!output.stdout.is_empty(), "{line}");
    }
}
