//! Which registry is read if none is named, and what is said about it.

use std::process::Command;

use insta::assert_snapshot;

use crate::{Ended, Shell, example};

/// A repository with folders.
fn repository() -> Shell {
    let shell = Shell::new();
    for folder in ["repository/.git", "repository/teams/core"] {
        std::fs::create_dir_all(shell.path(folder)).expect("a folder");
    }
    shell
}

/// Runs a verb that reads a registry in a folder.
fn run_in(shell: &Shell, folder: &str, set: &[(&str, &str)]) -> Ended {
    let mut command: Command = shell.command(&["registry", "manifests", "--cluster", "compute-shop"]);
    shell.ended(command.current_dir(shell.path(folder)).envs(set.iter().copied()))
}

#[track_caller]
fn found(ended: &Ended) -> &str {
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended}");
    assert!(ended.stdout.contains("compute-shop"), "{ended}");
    &ended.notes
}

#[test]
fn the_nearest_registry_up_to_the_root_of_the_repository_is_read() {
    let (shell, text) = (repository(), example().text());
    let here = "repository/teams/core";
    shell.write("registry.json", &text); // outside the repository
    assert_snapshot!(run_in(&shell, here, &[]), @"
    error: No registry found
      None is named, and these places have none:
        the variable `ANU_REGISTRY`: not set
        the folder `HERE/repository/teams/core`: no `registry.jsonnet`, `registry.yaml`, `registry.yml`, `registry.json`
        the folder `HERE/repository/teams`: none of these
        the folder `HERE/repository` (the root of the repository): none of these
        `configmap://anu-system/service-registry`: this process is not a pod
    hint: name the registry: --registry SOURCE, a path, `file://…`, `https://…`, `gs://…`, `s3://…`, `az://…` or `configmap://…`
      anu:not-found
    (exit code 3)
    ");
    for (file, note) in [
        ("repository/registry.json", "note: Reading `../../registry.json`, found in a folder above this one\n"),
        ("repository/teams/registry.yaml", "note: Reading `../registry.yaml`, found in a folder above this one\n"),
        ("repository/teams/core/registry.jsonnet", "note: Reading `registry.jsonnet`, found in this folder\n"),
    ] {
        shell.write(file, &text); // JSON is YAML and Jsonnet too
        assert_eq!(found(&run_in(&shell, here, &[])), note);
    }
    shell.write("repository/teams/core/registry.yml", &text);
    assert_snapshot!(run_in(&shell, here, &[]), @"
    error: Several registries found: `registry.jsonnet`, `registry.yml`
      None is named, and only one in a folder could be meant.
    hint: name the registry: --registry registry.jsonnet, or set the variable `ANU_REGISTRY`
      anu:command-line
    (exit code 2)
    ");
}

#[test]
fn without_a_repository_only_the_working_folder_is_searched() {
    let shell = Shell::of_example();
    std::fs::create_dir(shell.path("below")).expect("a folder");
    assert_eq!(found(&run_in(&shell, "", &[])), "note: Reading `registry.json`, found in this folder\n");
    assert_snapshot!(run_in(&shell, "below", &[]), @"
    error: No registry found
      None is named, and these places have none:
        the variable `ANU_REGISTRY`: not set
        the folder `HERE/below`: no `registry.jsonnet`, `registry.yaml`, `registry.yml`, `registry.json`
        no folder above it, because it is not in a git repository
        `configmap://anu-system/service-registry`: this process is not a pod
    hint: name the registry: --registry SOURCE, a path, `file://…`, `https://…`, `gs://…`, `s3://…`, `az://…` or `configmap://…`
      anu:not-found
    (exit code 3)
    ");
    // A link that leads nowhere is what the user meant.
    std::os::unix::fs::symlink("nowhere.json", shell.path("below/registry.json")).expect("a link");
    assert_snapshot!(run_in(&shell, "below", &[]), @"
    error: Registry is not readable
      source `registry.json`: file not found: check the path (`HERE/below/registry.json`)
      anu:registry-not-readable
    (exit code 3)
    ");
}

#[test]
fn the_variable_comes_before_the_folders_and_an_option_before_both() {
    let shell = Shell::of_example();
    shell.write("other.json", &shell.read("registry.json"));
    let note = "note: Reading `other.json`, which the variable `ANU_REGISTRY` names\n";
    assert_eq!(found(&run_in(&shell, "", &[("ANU_REGISTRY", "other.json")])), note);
    assert_eq!(
        found(&run_in(&shell, "", &[("ANU_REGISTRY", " ")])),
        "note: Reading `registry.json`, found in this folder\n"
    );
    let mut named =
        shell.command(&["registry", "manifests", "--cluster", "compute-shop", "--registry", "registry.json"]);
    assert_eq!(found(&shell.ended(named.env("ANU_REGISTRY", "none.json"))), "");
    let secret = run_in(&shell, "", &[("ANU_REGISTRY", "https://me:hunter2@127.0.0.1:1/registry.json?token=hunter2")]);
    assert!(secret.code == Some(3) && !format!("{}{secret}", secret.notes).contains("hunter2"), "{secret}");
    assert_eq!(
        secret.notes,
        "note: Reading `https://127.0.0.1:1/registry.json?…`, which the variable `ANU_REGISTRY` names\n"
    );
    assert_snapshot!(run_in(&shell, "", &[("ANU_REGISTRY", "ftp://acme/registry.json")]), @"
    error: `ANU_REGISTRY` is not a valid source
      `ftp:` is not a source anu can read: write a path (`registry.json`), `file:///absolute/path/registry.json`, `https://example.com/registry.json`, an object in a bucket (`gs://bucket/registry.json`, `s3://…`, `az://…`) or a ConfigMap (`configmap://namespace/name`)
      anu:command-line
    (exit code 2)
    ");
}

#[test]
fn compile_searches_for_a_program() {
    let shell = repository();
    let compile = |folder: &str| {
        let mut command = shell.command(&["registry", "compile"]);
        shell.ended(command.current_dir(shell.path(folder)).env("ANU_REGISTRY", "https://127.0.0.1:1/registry.json"))
    };
    shell.write("repository/registry.json", "{}");
    assert_snapshot!(compile("repository"), @"
    error: No program found
      None is named, and these places have none:
        the folder `HERE/repository` (the root of the repository): no `registry.jsonnet`, `registry.yaml`, `registry.yml`
    hint: name the file: anu registry compile FILE
      anu:not-found
    (exit code 3)
    ");
    shell.write("repository/registry.jsonnet", "{ services: [] }");
    let ended = compile("repository/teams");
    assert_eq!(ended.notes, "note: Reading `../registry.jsonnet`, found in a folder above this one\n");
    assert!(ended.quietly().contains("services"));
    shell.write("repository/registry.yaml", "services: []");
    assert_snapshot!(compile("repository/teams"), @"
    error: Several programs found: `../registry.jsonnet`, `../registry.yaml`
      None is named, and only one in a folder could be meant.
    hint: name the file: anu registry compile ../registry.jsonnet
      anu:command-line
    (exit code 2)
    ");
}

/// The registry that is compared with another revision is found in the same way.
#[test]
fn a_comparison_searches_too() {
    let shell = Shell::of_example();
    let ended = shell.run(&["registry", "diff", "registry.json"]);
    assert_eq!(ended.notes, "note: Reading `registry.json`, found in this folder\n");
    assert_snapshot!(ended.quietly(), @"
    `registry.json` → `registry.json`
    no difference
    ");
}
