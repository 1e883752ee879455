//! `docs/guides/asking-the-registry.md`: its commands run, and print what it shows.

use std::process::Command;

use super::quickstart;

const GUIDE: &str = include_str!("../../../docs/guides/asking-the-registry.md");

#[test]
fn each_command_prints_what_the_guide_shows() {
    let shell = quickstart();
    std::fs::remove_dir_all(shell.path("home")).expect("no kubeconfig");
    let has_jq = Command::new("jq").arg("--version").output().is_ok();
    let mut shown = 0;
    let mut blocks = GUIDE.split("```").skip(1).step_by(2).peekable();
    while let Some(block) = blocks.next() {
        let Some(command) = block.strip_prefix("shell\n") else { continue };
        if !has_jq && command.contains("jq ") {
            continue;
        }
        let output = shell.line(command).quietly();
        if let Some(expected) = blocks.peek().and_then(|block| block.strip_prefix("text\n")) {
            assert_eq!(output, expected, "correct docs/guides/asking-the-registry.md: {command}");
            shown += 1;
        }
    }
    assert_eq!(shown, 6);
    // The commands of the table.
    let mut run = 0;
    for row in GUIDE.lines().filter(|line| line.starts_with("| ")) {
        for command in row.split('`').filter(|text| text.starts_with("anu ")) {
            assert!(!shell.line(command).quietly().is_empty(), "{command}");
            run += 1;
        }
    }
    assert_eq!(run, 7);
}
