//! `anu demo`: the README's first command.

use std::path::Path;
use std::time::{Duration, Instant};

use insta::assert_snapshot;

use crate::support::{Core, Output, Running, Workspace, repository};

fn start(workspace: &Workspace, arguments: &[&str]) -> Running {
    let mut all = vec!["demo"];
    all.extend(arguments);
    Running::start(workspace.command(Path::new(env!("CARGO_BIN_EXE_anu")), &all))
}

fn demo(workspace: &Workspace, core: &Core) -> Output {
    start(workspace, &["--core", &core.path.to_string_lossy()]).wait()
}

/// Processes that work in a folder. Only Linux tells; elsewhere there seem to be none.
fn working_in(folder: &Path) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter(|process| std::fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder)))
        .map(|process| std::fs::read_to_string(process.path().join("comm")).unwrap_or_default())
        .collect()
}

/// The output of a demo without what differs between two runs: times, numbers of projects, versions and folders.
fn comparable(text: &str, folder: &str) -> String {
    let text = text.replace(folder, "FOLDER");
    let lines = text.trim().lines().map(|line| match line.split_once("  (number ") {
        Some((project, _)) => format!("{project}  (number N)"),
        None if line.starts_with('(') && line.ends_with(" s)") => "(TIME)".to_owned(),
        None if line.contains("provisioned by Terraform") => "TITLE".to_owned(),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

on_every_core! {
    fn provisions_shows_and_continues(core: &Core) {
        let mut workspace = Workspace::new(core);
        // The user's own settings, none of which may reach the core.
        workspace.set("TF_CLI_ARGS_plan", "-destroy");
        workspace.set("TF_DATA_DIR", "/nonexistent");
        let output = demo(&workspace, core).success();
        let text = output.text();
        for expected in [
            "plan -detailed-exitcode",
            "12 to add, 0 to change, 0 to destroy",
            "No changes.",
            "What was created",
            "├── gc-prd-make-it-prod-1eb1  (number ",
            "roles/pubsub.admin: group:banking-integrations-team@example.com",
            "What to try next",
            "$ cd anu-demo",
        ] {
            assert!(text.contains(expected), "no `{expected}` in:\n{text}");
        }
        assert!(!output.stdout.contains('\u{1b}') && !output.stderr.contains('\u{1b}'), "colours without a terminal");
        assert!(text.lines().count() < 300, "{text}");
        assert_eq!(text.matches(" will be created").count(), 1, "one resource of the plan: {text}");

        if core.name == "terraform" {
            let recorded = std::fs::read_to_string(repository().join("docs/images/demo.txt")).expect("the recording");
            let now = output.stdout.replace(&core.path.display().to_string(), "terraform");
            let now = comparable(&now, &workspace.path().display().to_string());
            assert_eq!(comparable(&recorded, "/home/you"), now, "record it again: docs/images/record-demo, then `cargo run --bin anu -- docs`");
        }

        // What to try next, pasted into a shell.
        let next = text.split("What to try next").nth(1).expect("the end");
        let commands: Vec<&str> = next.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
        assert_eq!(commands.len(), 2 + 3 * 3);
        let pasted = Running::start(workspace.command(Path::new("bash"), &["-c", &format!("unset TF_DATA_DIR TF_CLI_ARGS_plan\n{}", commands.join("\n"))])).wait().success().text();
        for expected in [
            "0 to add, 1 to change, 0 to destroy",
            "Service `ledger`: deletion of 1 project is refused",
            "Unknown team",
            "Unknown cluster",
        ] {
            assert!(pasted.contains(expected), "no `{expected}` in:\n{pasted}");
        }

        // All of it, again with an edit of the user's in between.
        let registry = workspace.path().join("anu-demo/registry.json");
        let edited = std::fs::read_to_string(&registry).expect("the registry").replacen(
            "\"pubsub.googleapis.com\"",
            "\"pubsub.googleapis.com\", \"storage.googleapis.com\"",
            1,
        );
        std::fs::write(&registry, &edited).expect("the registry");
        let text = demo(&workspace, core).success().text();
        assert!(text.contains("Continuing an earlier demo"), "{text}");
        assert!(text.contains("0 to add, 1 to change, 0 to destroy"), "{text}");
        assert_eq!(std::fs::read_to_string(&registry).expect("the registry"), edited);
        assert_eq!(working_in(workspace.path()), Vec::<String>::new());

        // And with one that is refused.
        std::fs::write(&registry, "{}").expect("the registry");
        let output = demo(&workspace, core);
        assert_eq!(output.code, 1);
        let last: Vec<&str> = output.stderr.lines().rev().take(4).collect();
        let last = last.into_iter().rev().collect::<Vec<_>>().join("\n");
        assert_snapshot!(last.replace(&core.path.display().to_string(), "CORE"), @r"
        error: `CORE plan` ended with exit code 1
          Its output above has the reason.
        hint: correct it and run the demo again, or start over with `rm -r anu-demo`
          anu:demo-failed
        ");
    }

    fn ctrl_c_ends_everything_in_good_order(core: &Core) {
        let mut workspace = Workspace::new(core);
        workspace.set("ANU_EMBEDDED_FAULTS", "delay=300ms");
        let running = start(&workspace, &["--core", &core.path.to_string_lossy()]);
        // The first write: the apply is under way.
        let started = Instant::now();
        let store = workspace.path().join("anu-demo/anu.db");
        while !store.is_file() {
            assert!(started.elapsed() < Duration::from_secs(120), "no apply after two minutes");
            std::thread::sleep(Duration::from_millis(20));
        }
        running.signal(libc::SIGINT);
        let output = running.wait();
        assert_eq!(output.code, 130, "{output}");
        assert!(output.stderr.ends_with("error: Demo was cancelled\nhint: run the demo again: it continues in the same folder\n  anu:cancelled\n"), "{output}");
        assert_eq!(working_in(workspace.path()), Vec::<String>::new());

        workspace.unset("ANU_EMBEDDED_FAULTS");
        demo(&workspace, core).success();
    }
}

#[test]
fn without_a_core_the_error_names_what_is_missing() {
    let core = Core { name: "none", path: "none".into(), version: String::new() };
    let mut workspace = Workspace::new(&core);
    workspace.set("PATH", "/nonexistent");
    let output = start(&workspace, &[]).wait();
    assert_eq!(output.code, 3);
    assert_snapshot!(output.text(), @r"
    error: Neither `terraform` nor `tofu` found on PATH
      The demo runs the real program.
    hint: install one (https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install), or name one with --core PATH
      anu:not-found
    ");
    let output = start(&workspace, &["--core", "./mine"]).wait();
    assert_eq!(output.code, 3);
    assert_snapshot!(output.text(), @r"
    error: Program `./mine` not found
      The demo runs the real program.
    hint: install one (https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install), or name one with --core PATH
      anu:not-found
    ");
    let made: Vec<_> = std::fs::read_dir(workspace.path()).expect("the folder").collect();
    assert!(made.is_empty(), "{made:?}");
}
