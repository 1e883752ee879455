//! `anu kubectl`: the place is the service's, the rest is kubectl's.

use insta::assert_snapshot;

use super::quickstart;
use crate::{Ended, Shell};

/// Runs `anu kubectl` with a program of that name on PATH that prints its arguments and ends with 7.
fn kubectl(shell: &Shell, arguments: &[&str]) -> Ended {
    shell.script("kubectl", "printf '<%s>' \"$@\"; cat; exit 7");
    let mut command = shell.line_command(&format!("printf input | anu kubectl {}", arguments.join(" ")));
    command.env("HOME", shell.path("home"));
    shell.ended(&mut command)
}

#[test]
fn kubectl_gets_the_place_of_the_service_and_replaces_the_process() {
    let shell = quickstart();
    let ended = kubectl(&shell, &["ledger", "-e", "production", "--", "get", "pods", "-o", "json", "--", "-n"]);
    assert_eq!(ended.code, Some(7), "kubectl's exit code: {ended}");
    assert_eq!(
        ended.stdout, "<--context><compute-banking><--namespace><ledger><get><pods><-o><json><--><-n>input",
        "kubectl's arguments and input"
    );
    assert!(ended.notes.ends_with(
        "note: production of `ledger` is kubectl --context compute-banking --namespace ledger get pods -o json -- -n\n"
    ));
    // The context of gcloud, and one that is given. The only environment need not be named.
    let place = |arguments: &[&str]| kubectl(&shell, arguments).stdout;
    assert_eq!(
        place(&["catalog", "--", "get", "pods"]),
        "<--context><gke_gc-prd-compute-shop_europe-west1_compute-shop><--namespace><catalog><get><pods>input"
    );
    assert_eq!(
        place(&["catalog", "--context", "compute-shop=mine", "--", "get", "pods"]),
        "<--context><mine><--namespace><catalog><get><pods>input"
    );
    let printed =
        shell.line("HOME=home anu kubectl ledger -e production --print -- get pods -l 'app in (a, b)'").quietly();
    assert_eq!(printed, "kubectl --context compute-banking --namespace ledger get pods -l 'app in (a, b)'\n");
}

#[test]
fn what_is_missing_or_decided_is_said_and_kubectl_not_started() {
    let shell = quickstart();
    let mut answers = String::new();
    for arguments in [
        &["ledger", "--", "get", "pods"][..],
        &["ledger", "-e", "prod", "--", "get", "pods"],
        &["ledger", "-e", "staging", "--", "get", "pods"],
        &["warehouse", "--", "get", "pods"],
        &["event-relay", "-e", "production", "--", "get", "pods"],
        &["event-relay", "-e", "production", "--cluster", "compute-west", "--", "get", "pods"],
        &["ledger", "-e", "production", "--", "get", "pods", "-n", "other"],
        &["ledger", "-e", "production", "--", "get", "pods", "-nother"],
        &["ledger", "-e", "production", "--", "get", "pods", "--namespace=other"],
        &["ledger", "-e", "production", "--", "--context", "other", "get", "pods"],
        &["ledger", "-e", "production", "--", "get", "pods", "-shttps://other.example.com"],
        &["ledger", "-e", "production", "--", "get", "pods", "--kubeconfig", "other"],
        &["ledger", "-e", "production", "--context", "compute-bankng=mine", "--", "get", "pods"],
        &["ledger", "-e", "production"],
    ] {
        let ended = kubectl(&shell, arguments);
        assert!([Some(2), Some(3)].contains(&ended.code), "{arguments:?}: {ended}");
        answers.push_str(&format!("$ anu kubectl {}\n{ended}\n\n", arguments.join(" ")));
    }
    assert_snapshot!(answers);
}

#[test]
fn a_plugin_is_a_verb() {
    let shell = quickstart();
    let plugin = include_str!("../../../examples/plugins/anu-oncall");
    assert!(plugin.lines().count() <= 12, "a plugin is ten lines");
    shell.script("anu-oncall", plugin);
    assert_eq!(shell.line("anu oncall ledger").quietly(), "ledger: team core-banking, channel ledger-alerts\n");
    shell.script("anu-args", "printf '<%s>' \"$@\"; exit 9");
    let ended = shell.line("anu args --help -- x 'y z'");
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(9), "<--help><--><x><y z>"),
        "all arguments are the plugin's"
    );
    // A verb of anu is never a plugin.
    shell.script("anu-service", "echo mine");
    assert!(!shell.line("anu service list").quietly().contains("mine"));
    let mut answers = String::new();
    for verb in ["servise", "nothing", "../bin/anu-args", "''"] {
        let ended = shell.line(&format!("anu {verb}"));
        assert_eq!(ended.code, Some(2), "{ended}");
        answers.push_str(&format!("$ anu {verb}\n{ended}\n\n"));
    }
    assert_snapshot!(answers);
}
