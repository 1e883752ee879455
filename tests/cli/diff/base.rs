//! The revision of a git repository that a registry is compared with.

use std::process::Command;

use insta::assert_snapshot;

use super::{FILES, after, before, form, pull_request, run};
use crate::{Ended, Shell, example};

/// A git repository in the folder of a shell.
pub struct Repository<'s>(&'s Shell);

impl<'s> Repository<'s> {
    pub fn of(shell: &'s Shell) -> Self {
        let repository = Self(shell);
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository
    }

    /// None of the user's own settings.
    pub fn environment(&self, command: &mut Command) {
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env("PATH", path).env("HOME", self.0.path(".home")).env("GIT_CONFIG_NOSYSTEM", "1");
        for name in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{name}_NAME"), "a").env(format!("GIT_{name}_EMAIL"), "a@example.com");
            command.env(format!("GIT_{name}_DATE"), "2026-11-20T10:00:00Z");
        }
    }

    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(self.0.path("")).env_clear();
        self.environment(&mut command);
        let output = command.output().expect("git runs");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    pub fn commit(&self, name: &str, text: &str) {
        if let Some(folder) = self.0.path(name).parent() {
            std::fs::create_dir_all(folder).expect("a folder");
        }
        self.0.write(name, text);
        self.git(&["add", name]);
        self.git(&["commit", "--quiet", "--message", "a"]);
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        let all: Vec<&str> = ["registry", "diff"].iter().chain(arguments).copied().collect();
        let mut command = self.0.command(&all);
        self.environment(&mut command);
        self.0.ended(&mut command)
    }
}

/// What others have merged since is not a change of the branch.
#[test]
fn a_branch_is_compared_with_the_commit_that_it_began_at() {
    let shell = pull_request();
    let repository = Repository::of(&shell);
    repository.commit("live/registry.json", &before().text());
    let began = repository.git(&["rev-parse", "--short=7", "HEAD"]);
    repository.git(&["checkout", "--quiet", "-b", "branch"]);
    repository.git(&["checkout", "--quiet", "main"]);
    let mut merged = before();
    merged.remove_service("fx-rates");
    repository.commit("live/registry.json", &merged.text());
    repository.git(&["checkout", "--quiet", "branch"]);
    // Neither committed nor staged.
    shell.write("live/registry.json", &after().text());
    let expected = run(&shell, &FILES).quietly();
    let (_, expected) = expected.split_once('\n').expect("lines");
    let ended = repository.run(&["--base", "main", "--registry", "live/registry.json"]).quietly();
    let (first, rest) = ended.split_once('\n').expect("lines");
    assert_eq!(rest, expected);
    assert_eq!(first, format!("`live/registry.json at main ({began})` → `live/registry.json`"));
    assert_eq!(repository.git(&["worktree", "list"]).lines().count(), 1);
    assert_eq!(repository.git(&["status", "--short", "--untracked-files=no"]), "M live/registry.json");
}

/// A program may import any file of its repository, so all of the commit is there, and nothing of it is left over.
#[test]
fn a_program_is_compared_with_all_files_of_the_commit() {
    let shell = pull_request();
    let repository = Repository::of(&shell);
    repository.commit("lib/imported.libsonnet", "{}");
    repository.commit("live/registry.jsonnet", &before().text());
    repository.git(&["config", "core.hooksPath", "hooks"]);
    std::fs::create_dir(shell.path("hooks")).expect("a folder");
    let hook = shell.path("hooks/post-checkout");
    shell.write("hooks/post-checkout", "#!/bin/sh\ntouch ran\n");
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("executable");
    std::fs::create_dir(shell.path("scratch")).expect("a folder");
    shell.write("live/registry.jsonnet", &after().text());
    let mut command = shell.command(&[
        "registry",
        "diff",
        "--base",
        "main",
        "--registry",
        "live/registry.jsonnet",
        "--format",
        "github",
    ]);
    repository.environment(&mut command);
    let output = shell.ended(command.env("TMPDIR", shell.path("scratch"))).quietly();
    assert!(output.starts_with("::error file=live/registry.jsonnet,title=Removal is refused::"), "{output}");
    // A program has other lines than what it compiles to.
    assert!(!output.contains(",line="), "{output}");
    assert_eq!(output.lines().count(), form(&shell, "github").lines().count());
    assert_eq!(shell.names("scratch"), Vec::<String>::new());
    assert!(!shell.path("ran").exists() && !shell.path("live/ran").exists());
    assert_eq!(repository.git(&["worktree", "list"]).lines().count(), 1);
    assert_eq!(repository.git(&["status", "--short", "--untracked-files=no"]), "M live/registry.jsonnet");
}

#[test]
fn a_file_that_the_base_does_not_contain_is_new() {
    let shell = Shell::with(&example());
    let repository = Repository::of(&shell);
    repository.commit("README.md", "# Live\n");
    let ended = repository.run(&["--base", "main"]);
    assert_eq!(ended.code, Some(0));
    let commit = repository.git(&["rev-parse", "--short=7", "HEAD"]);
    assert_snapshot!(ended.stderr.replace(&commit, "COMMIT"), @"
    warning: The registry's file is new
      There is no `registry.json at main (COMMIT)`: everything counts as created.
      anu:not-compared
    ");
    assert_snapshot!(ended.stdout.lines().nth(1).unwrap_or_default(), @"services: 3 created; resources: 15 created");
}

#[test]
fn a_revision_that_cannot_be_compared_with_is_an_error_with_the_next_step() {
    let shell = Shell::with(&example());
    let mut command = shell.command(&["registry", "diff", "--base", "main"]);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("GIT_CEILING_DIRECTORIES", shell.path("").parent().expect("a folder"));
    assert_snapshot!(shell.ended(&mut command), @"
    error: `HERE/registry.json` is not in a git repository
      fatal: not a git repository (or any of the parent directories): .git
      anu:not-found
    (exit code 3)
    ");
    let mut command = shell.command(&["registry", "diff", "--base", "main"]);
    assert_snapshot!(shell.ended(command.env("PATH", "")), @"
    error: Cannot run `git`: No such file or directory (os error 2)
      `--base` reads the registry at another revision with it.
    hint: install git, or name both registries: anu registry diff OLD NEW
      anu:not-found
    (exit code 3)
    ");
    let repository = Repository::of(&shell);
    repository.commit("registry.json", &example().text());
    assert_snapshot!(repository.run(&["--base", "origin/main"]), @"
    error: No revision `origin/main` in the git repository
      fatal: Needed a single revision
    hint: fetch it first, for example: git fetch origin main
      anu:not-found
    (exit code 3)
    ");
    assert_snapshot!(repository.run(&["--base=--output=x"]), @"
    error: No revision `--output=x` in the git repository
      fatal: Needed a single revision
    hint: fetch it first, for example: git fetch origin main
      anu:not-found
    (exit code 3)
    ");
    repository.git(&["checkout", "--quiet", "--orphan", "other"]);
    repository.git(&["commit", "--quiet", "--message", "b"]);
    assert_snapshot!(repository.run(&["--base", "main"]), @"
    error: `main` and HEAD have no common commit here
    hint: fetch the history: git fetch --unshallow (`fetch-depth: 0` of actions/checkout)
      anu:not-found
    (exit code 3)
    ");
    assert_snapshot!(repository.run(&["--base", "main", "--registry", "https://registry.example.com/registry.json"]), @"
    error: `--base` needs a registry in a git repository
      `https://registry.example.com/registry.json` is not a path.
    hint: name both registries: anu registry diff OLD NEW
      anu:command-line
    (exit code 2)
    ");
}
