//! The help of each verb: every example in it is run.

use std::process::Command;

use super::quickstart;
use crate::Shell;

/// Verbs that answer questions.
const VERBS: [&str; 19] = [
    "service",
    "service list",
    "service show",
    "service where",
    "team",
    "team list",
    "team show",
    "project",
    "project list",
    "project show",
    "cluster",
    "cluster list",
    "access",
    "access who",
    "access can",
    "explain",
    "kubectl",
    "open",
    "man",
];

/// The lines of the examples of a verb.
fn examples(shell: &Shell, verb: &str) -> Vec<String> {
    let arguments: Vec<&str> = verb.split(' ').chain(["--help"]).collect();
    let help = shell.run(&arguments).quietly();
    let examples = help.split_once("Examples:\n").map(|(_, rest)| rest.to_owned()).unwrap_or_default();
    examples.lines().map(str::trim).filter(|line| line.starts_with("anu ")).map(str::to_owned).collect()
}

#[test]
fn each_example_runs_on_the_quickstart() {
    let shell = quickstart();
    let git = |arguments: &[&str]| {
        let status = Command::new("git").arg("-C").arg(shell.path("")).args(arguments).status().expect("git runs");
        assert!(status.success(), "{arguments:?}");
    };
    git(&["init", "--quiet"]);
    git(&["remote", "add", "origin", "git@github.com:example/make-it-rain.git"]);
    shell.script("kubectl", "echo kubectl \"$@\"");
    let contexts = shell.read("home/.kube/config") + "- name: compute-staging\n  context: {cluster: c, user: u}\n";
    shell.write("home/.kube/config", &contexts);
    let has_jq = Command::new("jq").arg("--version").output().is_ok();
    let mut run = 0;
    for verb in VERBS {
        for example in examples(&shell, verb) {
            let line = if has_jq { example.as_str() } else { example.split(" | ").next().unwrap_or_default() };
            let answer = shell.line(&format!("export HOME=\"$PWD/home\"; {line}")).quietly();
            assert!(!answer.trim().is_empty(), "{example}: no answer");
            run += 1;
        }
    }
    assert!(run >= 30, "{run} examples");
}

/// A page of the manual is one that `man` can show.
#[test]
fn each_manual_page_is_well_formed() {
    let shell = Shell::new();
    shell.run(&["man", "pages"]).quietly();
    let pages = shell.names("pages");
    assert!(pages.contains(&"anu.1".to_owned()) && pages.contains(&"anu-service-where.1".to_owned()), "{pages:?}");
    for name in &pages {
        let page = shell.read(&format!("pages/{name}"));
        for part in [".TH ", ".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION"] {
            assert!(page.contains(part), "{name}: no {part}");
        }
    }
    let Ok(checked) = Command::new("groff")
        .args(["-Kutf8", "-man", "-ww", "-z"])
        .args(pages.iter().map(|name| shell.path(&format!("pages/{name}"))))
        .output()
    else {
        return; // where groff is installed, it is the referee
    };
    assert_eq!(String::from_utf8_lossy(&checked.stderr), "", "groff has no warning");
}
