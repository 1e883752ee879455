//! `anu doctor`: each check, and what mends it.

use insta::assert_snapshot;

use super::quickstart;
use crate::{Ended, Shell};

/// Runs it where PATH has only these programs, and no credentials.
fn doctor(shell: &Shell, arguments: &[&str]) -> Ended {
    let mut command = shell.command(&[&["doctor"], arguments].concat());
    command.env("HOME", shell.path("home")).env("PATH", shell.path("bin"));
    // Google's library would ask a metadata server for credentials: there is none on this port.
    command
        .env("GCE_METADATA_HOST", "127.0.0.1:1")
        .env("GOOGLE_APPLICATION_CREDENTIALS", shell.path("no-credentials.json"));
    shell.ended(&mut command)
}

fn text(ended: &Ended) -> String {
    // The age of the quickstart grows.
    let lines = ended.stdout.lines().map(|line| match line.split_once("registry's age: ") {
        Some((before, rest)) => {
            format!("{before}registry's age: … {}", rest.split_once('(').map_or("", |(_, rest)| rest))
        }
        None => line.to_owned(),
    });
    format!("{}\n{}(exit code {:?})", lines.collect::<Vec<_>>().join("\n"), ended.stderr, ended.code)
}

#[test]
fn what_is_missing_is_a_warning_and_what_does_not_work_a_failure() {
    let shell = quickstart();
    std::fs::create_dir_all(shell.path("bin")).expect("a folder");
    let nothing = doctor(&shell, &[]);
    assert_snapshot!("nothing_installed", text(&nothing));
    shell.script("terraform", r#"echo '{"terraform_version": "1.11.4"}'"#);
    shell.script("git", "echo git version 2.51.0");
    shell.script("kubectl", "exit 1");
    assert_snapshot!("a_broken_kubectl", text(&doctor(&shell, &[])));
    shell.write("registry.json", "{");
    assert_snapshot!("a_broken_registry", text(&doctor(&shell, &[])));
    let empty = Shell::new();
    std::fs::create_dir_all(empty.path("bin")).expect("a folder");
    assert_snapshot!("no_registry", text(&doctor(&empty, &[])));
}

#[test]
fn its_result_is_for_programs_too() {
    let shell = quickstart();
    std::fs::create_dir_all(shell.path("bin")).expect("a folder");
    let ended = doctor(&shell, &["-o", "json"]);
    let found: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let checks = found["checks"].as_array().expect("a list");
    assert!(
        checks.iter().all(|check| ["ok", "warning", "failed"].contains(&check["state"].as_str().expect("a state")))
    );
    assert!(checks.iter().all(|check| check["state"] == "ok" || check["remedy"].is_string()), "{found:#}");
}
