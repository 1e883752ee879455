//! The service is that of the git repository, if none is named.

use std::process::Command;

use insta::assert_snapshot;

use super::{ask, quickstart};
use crate::Shell;

fn git(shell: &Shell, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(shell.path("")).args(arguments);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    let output = command.output().expect("git runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Asks without a name, with `git` on PATH.
fn nameless(shell: &Shell, arguments: &[&str]) -> crate::Ended {
    let mut command = shell.command(arguments);
    command.env("HOME", shell.path("home")).env("PATH", std::env::var("PATH").unwrap_or_default());
    shell.ended(&mut command)
}

#[test]
fn a_service_is_found_by_its_repository_and_the_note_says_so() {
    let shell = quickstart();
    git(&shell, &["init", "--quiet"]);
    git(&shell, &["remote", "add", "origin", "https://me:secret@github.com/Example/ledger.git"]);
    let named = ask(&shell, &["service", "where", "ledger"]).quietly();
    let found = nameless(&shell, &["service", "where"]);
    assert!(
        found.notes.ends_with("note: Service `ledger`, whose repository this is (`github.com/example/ledger`)\n"),
        "{}",
        found.notes
    );
    assert!(!found.notes.contains("secret"));
    assert_eq!(found.quietly(), named);
    let grants = nameless(&shell, &["access", "who", "-e", "production"]).quietly();
    assert_eq!(grants, ask(&shell, &["access", "who", "ledger", "-e", "production"]).quietly());
}

#[test]
fn without_one_service_the_name_is_missing() {
    let shell = quickstart();
    let mut answers = String::new();
    let mut add = |what: &str, shell: &Shell| {
        let ended = nameless(shell, &["service", "show"]);
        assert_eq!(ended.code, Some(2), "{ended}");
        answers.push_str(&format!("{what}:\n{ended}\n\n"));
    };
    add("no repository", &shell);
    git(&shell, &["init", "--quiet"]);
    add("no remote", &shell);
    git(&shell, &["remote", "add", "origin", "git@github.com:example/unknown.git"]);
    add("no service", &shell);
    git(&shell, &["remote", "rename", "origin", "mine"]);
    git(&shell, &["remote", "add", "theirs", "git@github.com:example/ledger.git"]);
    add("several remotes", &shell);
    git(&shell, &["remote", "remove", "mine"]);
    let registry = shell.read("registry.json").replace("example/statements", "example/ledger");
    shell.write("registry.json", &registry);
    add("several services", &shell);
    assert_snapshot!(answers);
}
