//! Workflows that guides show: their form, and the check of others.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::Shell;

/// The blocks in YAML of a page that begin with the path of their file, by that path.
pub fn files(page: &'static str) -> Vec<(&'static str, &'static str)> {
    let blocks = page.split("\n```yaml\n# ").skip(1).map(|rest| rest.split_once("```").expect("the end of a block").0);
    blocks.map(|block| block.split_once('\n').expect("a path")).collect()
}

/// Checks the form of each file, and of workflows for GitHub everything that actionlint knows.
pub fn check(page: &'static str) -> usize {
    let shell = Shell::new();
    std::fs::create_dir_all(shell.path(".github/workflows")).expect("a folder");
    let mut workflows = Vec::new();
    let files = files(page);
    for (name, text) in &files {
        anu::compile::yaml_to_json(name, text).unwrap_or_else(|error| panic!("{error}"));
        if name.starts_with(".github/") {
            shell.write(name, text);
            workflows.push(*name);
        }
    }
    actionlint(&shell, &workflows);
    files.len()
}

fn actionlint(shell: &Shell, workflows: &[&str]) {
    assert!(!workflows.is_empty());
    let install = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/install");
    let installed = Command::new(install).arg("actionlint").output().expect("it starts");
    if !installed.status.success() {
        let why = String::from_utf8_lossy(&installed.stderr).into_owned();
        assert!(std::env::var_os("ANU_TEST_REQUIRE").is_none_or(|value| value != "1"), "ANU_TEST_REQUIRE=1, but {why}");
        eprintln!("skipping actionlint: {why}");
        return;
    }
    let actionlint = String::from_utf8(installed.stdout).expect("a path");
    let mut command = Command::new(actionlint.trim());
    command.args(["-no-color", "-shellcheck", "", "-pyflakes", ""]).args(workflows);
    let output = command.current_dir(shell.path("")).stdin(Stdio::null()).output().expect("actionlint runs");
    let printed = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&printed));
}

/// The lines of the files that run `anu`.
pub fn commands(page: &'static str) -> Vec<&'static str> {
    let lines = files(page).into_iter().flat_map(|(_, text)| text.lines());
    let commands = lines.map(|line| line.trim_start().trim_start_matches("- ").trim_start_matches("run: "));
    commands.filter(|command| command.starts_with("anu ")).collect()
}
