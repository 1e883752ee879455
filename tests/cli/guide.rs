//! `docs/guides/reviewing-changes.md`: what it shows is what the commands print, and what it lists is complete.

use std::collections::BTreeSet;
use std::process::Command;

use anu::fanout::impact::{Kind, RULES, Severity};
use serde_json::Value as Json;

use crate::Shell;
use crate::diff::Repository;

const GUIDE: &str = include_str!("../../docs/guides/reviewing-changes.md");

/// The blocks of a language, in order.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    GUIDE.split(&fence).skip(1).map(|rest| rest.split_once("```").expect("the end of a block").0).collect()
}

/// The repository that the guide describes, with the change in the working copy.
fn repository(shell: &Shell) -> Repository<'_> {
    let repository = Repository::of(shell);
    let [before, after] = blocks("json")[..] else { panic!("two registries") };
    repository.commit("registry.json", before);
    repository.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    shell.write("registry.json", after);
    repository
}

/// Runs a line of the guide in a shell that finds `anu`.
fn run(repository: &Repository<'_>, shell: &Shell, line: &str) -> String {
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(shell.path(""));
    repository.environment(&mut command);
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_anu")).parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", folder.display()));
    for name in ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] {
        command.env(name, "main");
    }
    command.env("CI", "true").env("GITHUB_STEP_SUMMARY", shell.path("summary.md"));
    shell.ended(&mut command).quietly()
}

#[test]
fn the_change_has_the_output_that_is_shown() {
    let shell = Shell::new();
    let repository = repository(&shell);
    let commit = repository.git(&["rev-parse", "--short=7", "HEAD"]);
    let output = run(&repository, &shell, blocks("shell")[0]).replace(&commit, "4f2c91e");
    assert_eq!(blocks("text")[0], output, "correct docs/guides/reviewing-changes.md");
}

#[test]
fn the_commands_of_the_workflows_run() {
    let shell = Shell::new();
    let repository = repository(&shell);
    let mut count = 0;
    for line in blocks("yaml").iter().flat_map(|block| block.lines()) {
        let command = line.trim_start().trim_start_matches("- ").trim_start_matches("run: ");
        if command.starts_with("anu ") {
            run(&repository, &shell, command);
            count += 1;
        }
    }
    assert_eq!(count, 3);
    let markdown = run(&repository, &shell, "anu registry diff --base main --format markdown");
    for file in ["comment.md", "registry.md", "summary.md"] {
        assert_eq!(shell.read(file).replace("origin/main", "main"), markdown, "{file}");
    }
}

#[test]
fn every_finding_is_explained() {
    let (_, rest) = GUIDE.split_once("## Findings\n").expect("a section");
    let (table, _) = rest.split_once("\n## ").expect("its end");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")).map(|row| {
        let mut cells = row.split('|').map(str::trim);
        let code = cells.next().unwrap_or_default().trim_end_matches('`').to_owned();
        (code, cells.next().unwrap_or_default().to_owned())
    });
    let expected = RULES.iter().map(|rule| {
        let severity = match rule.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
        };
        (rule.code.to_owned(), severity.to_owned())
    });
    assert_eq!(rows.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

/// The fields of the largest snapshot, and the kinds.
#[test]
fn every_field_of_the_json_is_documented() {
    fn fields(value: &Json, found: &mut BTreeSet<String>) {
        match value {
            Json::Object(entries) => entries.iter().for_each(|(key, value)| {
                found.insert(key.clone());
                fields(value, found);
            }),
            Json::Array(items) => items.iter().for_each(|item| fields(item, found)),
            _ => {}
        }
    }
    let snapshot = include_str!("diff/snapshots/cli__diff__forms__a_pull_request_as_json.snap");
    let (_, json) = snapshot.split_once("---\n").and_then(|(_, rest)| rest.split_once("---\n")).expect("a snapshot");
    let mut found = BTreeSet::new();
    fields(&serde_json::from_str(json).expect("JSON"), &mut found);
    found.extend(
        Kind::ALL.iter().map(|kind| serde_json::to_value(kind).expect("JSON").as_str().expect("text").to_owned()),
    );
    let (_, section) = GUIDE.split_once("## JSON\n").expect("a section");
    let missing: Vec<&String> = found.iter().filter(|field| !section.contains(&format!("`{field}`"))).collect();
    assert_eq!(missing, Vec::<&String>::new());
}
