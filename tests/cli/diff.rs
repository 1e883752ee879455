//! `anu registry diff`: its forms, its exit codes, and the revision of a git repository that it compares with.

use std::process::{Command, Stdio};

use anu::printable::is_hidden;
use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::document::{Access, Document, Environment, Grantee, Project, Service, Target, teams};
use crate::{Ended, Shell, estate, example};

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
fn a_pull_request_as_text() {
    let shell = pull_request();
    assert_snapshot!(run(&shell, &FILES).quietly());
    assert_eq!(form(&shell, "text"), run(&shell, &FILES).quietly());
}

#[test]
fn a_pull_request_as_markdown() {
    let shell = pull_request();
    assert_snapshot!(form(&shell, "markdown"));
    let short = run(&shell, &["old.json", "new.json", "--format", "markdown", "--short"]).quietly();
    assert_eq!(short, form(&shell, "markdown"), "it fits");
}

#[test]
fn a_pull_request_as_json() {
    assert_snapshot!(form(&pull_request(), "json"));
}

#[test]
fn a_pull_request_as_sarif() {
    let log: Json = serde_json::from_str(&form(&pull_request(), "sarif")).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let driver = &log["runs"][0]["tool"]["driver"];
    let rules = driver["rules"].as_array().expect("rules");
    for result in log["runs"][0]["results"].as_array().expect("results") {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    assert_snapshot!(serde_json::to_string_pretty(&log["runs"][0]["results"]).expect("JSON"));
}

#[test]
fn a_pull_request_as_annotations() {
    assert_snapshot!(form(&pull_request(), "github"), @"
    ::error file=new.json,line=782,title=Removal is refused::service `label-printer`: environment `production`: namespace `compute-shop/label-printer`: its deletion policy is `prevent`, so the plan is refused. To remove it, first apply a registry in which the policy is `delete`.
    ::warning file=new.json,line=380,title=Wider access::service `ledger`: environment `production`: `user:jane@example.com` is granted `admins`, before `viewers`.
    ::warning file=new.json,line=600,title=New access::service `checkout`: environment `production`: `group:logistics-team@example.com` (team `logistics`) is granted `admins`.
    ::notice title=Registry::services: 1 created, 3 changed; resources: 15 created, 4 changed, 8 removed (5.3 %25)
    ");
}

#[test]
fn two_runs_and_two_orders_of_the_documents_have_the_same_impact() {
    let reversed = |mut document: Document| {
        document.services.reverse();
        document.projects.reverse();
        document.teams.reverse();
        for service in &mut document.services {
            service.environments.reverse();
        }
        document.json()
    };
    let digest = |shell: &Shell| serde_json::from_str::<Json>(&form(shell, "json")).expect("JSON");
    let without_pointers = |mut report: Json| {
        for list in ["findings", "access", "lastAdmins"] {
            for entry in report[list].as_array_mut().expect("a list") {
                entry.as_object_mut().expect("an entry").remove("pointer");
            }
        }
        for key in ["old", "new"] {
            report.as_object_mut().expect("a report").remove(key);
        }
        report
    };
    let one = digest(&pull_request());
    assert_eq!(one, digest(&pull_request()));
    let other = digest(&two(&reversed(before()), &reversed(after())));
    assert_eq!(without_pointers(one), without_pointers(other));
}

#[test]
fn no_difference_is_one_line() {
    let shell = two(&before().json(), &before().json());
    assert_snapshot!(run(&shell, &[&FILES[..], &["--exit-code"]].concat()).quietly(), @"
    `old.json` → `new.json`
    no difference
    ");
    assert_snapshot!(form(&shell, "markdown"), @"
    ### Registry: no difference
    `old.json` → `new.json`
    ");
    assert_snapshot!(form(&shell, "github"), @"::notice title=Registry::no difference");
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
    assert_snapshot!(run(&shell, &["gs://acme/registry.json", "new.json"]), @"
    error: `OLD` is not a valid source
      `gs:` is not a source anu can read: write a path (`registry.json`), `file:///absolute/path/registry.json` or `https://example.com/registry.json`
    (exit code 2)
    ");
    assert_snapshot!(run(&shell, &["none.json", "new.json"]), @"
    error: Registry source is not readable
      source `none.json`: file not found: check the path (`HERE/none.json`)
    (exit code 3)
    ");
    assert_snapshot!(run(&shell, &["old.json"]), @"
    error: `registry.json` not found in the current folder
      It is the registry that is read if none is named.
    hint: name the registry: --registry SOURCE, a path, `file://…` or `https://…`
    (exit code 3)
    ");
    assert_snapshot!(run(&shell, &["old.json", "new.json", "--short"]), @"
    error: `--short` needs `--format markdown`
      The other forms have no limit.
    (exit code 2)
    ");
    assert_snapshot!(run(&shell, &["old.json", "new.json", "--job-summary"]), @"
    error: `GITHUB_STEP_SUMMARY` is not set
      It names the file that `--job-summary` appends to. GitHub Actions sets it.
    hint: leave `--job-summary` out, or set the variable to a file
    (exit code 3)
    ");
}

#[test]
fn a_registry_with_errors_is_not_compared_and_only_the_new_one_has_warnings() {
    let mut bad = before();
    bad.services[0].team = "bankng".to_owned();
    let shell = two(&bad.json(), &before().json());
    assert_snapshot!(run(&shell, &FILES), @"
    error: Unknown team
      at `/services/0/spec/team`, service `make-it-rain`
      The team `bankng` of service `make-it-rain` is not in `teams`. Add it to the list, or use a team from the list.
    error: The registry in `old.json` has 1 error
      Nothing was written. Correct the errors and run the command again.
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
    let mut command =
        shell.command(&["registry", "diff", "old.json", "new.json", "--format", "github", "--job-summary"]);
    command.env("GITHUB_STEP_SUMMARY", shell.path("summary.md"));
    let output = command.output().expect("anu runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), form(&shell, "github"));
    assert_eq!(shell.read("summary.md"), format!("# Before\n{}", form(&shell, "markdown")));
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

/// Whatever a pull request contains stays in its code: no link, mention, HTML, row of a table or command of a workflow.
#[test]
fn names_of_a_pull_request_are_only_names() {
    const HOSTILE: &str =
        "x](https://evil.example) @octocat <img src=x> | b | `c` \\| # \u{202e}y\n\n::error::forged\n## z";
    let (mut old, mut new) = (before().json(), before().json());
    for (document, suffix) in [(&mut old, "1"), (&mut new, "2")] {
        let text = format!("{HOSTILE}{suffix}");
        let spec = &mut document["services"][0]["spec"];
        spec["repository"] = json!(text);
        spec["alertsChannel"] = json!(text);
        spec[format!("x-{HOSTILE}")] = json!({HOSTILE: text});
        document["namespaces"][0]["spec"]["annotations"] = json!({"note": text});
        document[format!("x-{HOSTILE}")] = json!([suffix]);
    }
    let shell = two(&old, &new);
    let markdown = form(&shell, "markdown");
    assert!(markdown.contains("octocat"), "{markdown}");
    for line in markdown.lines() {
        let words = without_code(line);
        for mark in ["octocat", "evil", "img", "forged", "::"] {
            assert!(!words.contains(mark), "{mark}: {line}");
        }
        if line.starts_with('|') {
            let cells = line.matches('|').count() - 1;
            assert!([1, 4, 5, 6].contains(&cells), "{cells}: {line}");
            assert!(!line.contains("\\|"), "{line}");
        }
    }
    for format in ["text", "markdown", "json", "github", "sarif"] {
        let text = form(&shell, format);
        assert!(!text.contains(|c: char| c != '\n' && is_hidden(c)), "{format}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::error::forged")), "{format}: {text}");
    }
    assert!(form(&shell, "github").lines().all(|line| line.starts_with("::")));
}

/// A line of Markdown without its code.
fn without_code(line: &str) -> String {
    let mut words = String::new();
    let mut rest = line;
    loop {
        let next = ["`", "<code>"].into_iter().filter_map(|open| Some((rest.find(open)?, open))).min();
        let Some((at, open)) = next else { return words + rest };
        words.push_str(&rest[..at]);
        let close = if open == "`" { "`" } else { "</code>" };
        let inside = &rest[at + open.len()..];
        let end = inside.find(close).unwrap_or_else(|| panic!("code without an end: {line}"));
        if open == "<code>" {
            let plain = |c: char| c.is_ascii_alphanumeric() || "&#;".contains(c);
            assert!(inside[..end].chars().all(plain), "{}", &inside[..end]);
        }
        rest = &inside[end + close.len()..];
    }
}

/// 500 services of which every one changes.
#[test]
fn a_comment_has_a_limit_and_says_what_it_leaves_out() {
    let old = estate::registry(500);
    let new = old.replace("\"team-00", "\"crew-00").replace("gc-prd-ci.iam", "gc-prd-cd.iam");
    let shell = Shell::new();
    shell.write("old.json", &old);
    shell.write("new.json", &new);
    let short = run(&shell, &["old.json", "new.json", "--format", "markdown", "--short"]).quietly();
    assert!((40_000..=60_000).contains(&short.len()), "{} bytes", short.len());
    assert!(short.contains("rows left out, for their size."), "{short}");
    assert!(short.contains("services left out, for their size."), "{short}");
    let annotations = form(&shell, "github");
    assert!(annotations.lines().count() <= 31, "{annotations}");
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
        command.env("GITHUB_STEP_SUMMARY", shell.path("summary.md"));
        let output = command.output().expect("anu runs");
        let expected = if line.contains("--exit-code") { 1 } else { 0 };
        assert_eq!(output.status.code(), Some(expected), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!output.stdout.is_empty(), "{line}");
    }
}

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
    (exit code 3)
    ");
    let mut command = shell.command(&["registry", "diff", "--base", "main"]);
    assert_snapshot!(shell.ended(command.env("PATH", "")), @"
    error: Cannot run `git`: No such file or directory (os error 2)
      `--base` reads the registry at another revision with it.
    hint: install git, or name both registries: anu registry diff OLD NEW
    (exit code 3)
    ");
    let repository = Repository::of(&shell);
    repository.commit("registry.json", &example().text());
    assert_snapshot!(repository.run(&["--base", "origin/main"]), @"
    error: No revision `origin/main` in the git repository
      fatal: Needed a single revision
    hint: fetch it first, for example: git fetch origin main
    (exit code 3)
    ");
    assert_snapshot!(repository.run(&["--base=--output=x"]), @"
    error: No revision `--output=x` in the git repository
      fatal: Needed a single revision
    hint: fetch it first, for example: git fetch origin main
    (exit code 3)
    ");
    repository.git(&["checkout", "--quiet", "--orphan", "other"]);
    repository.git(&["commit", "--quiet", "--message", "b"]);
    assert_snapshot!(repository.run(&["--base", "main"]), @"
    error: `main` and HEAD have no common commit here
    hint: fetch the history: git fetch --unshallow (`fetch-depth: 0` of actions/checkout)
    (exit code 3)
    ");
    assert_snapshot!(repository.run(&["--base", "main", "--registry", "https://registry.example.com/registry.json"]), @"
    error: `--base` needs a registry in a git repository
      `https://registry.example.com/registry.json` is not a path.
    hint: name both registries: anu registry diff OLD NEW
    (exit code 2)
    ");
}
