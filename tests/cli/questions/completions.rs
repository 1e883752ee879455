//! Completions: the script of each shell, and the candidates that bash gets.

use super::quickstart;
use crate::Shell;

/// What bash offers after these words. The last one is what is being typed.
fn offered(shell: &Shell, words: &[&str]) -> Vec<String> {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let line = format!(
        "set +u; source <(anu completions bash); COMP_WORDS=(anu {}); COMP_CWORD={}; COMP_TYPE=9; _clap_complete_anu anu {}; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        quoted.join(" "),
        words.len(),
        quoted.last().expect("a word")
    );
    shell.line(&line).quietly().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_the_names_of_the_registry() {
    let shell = quickstart();
    for (words, expected) in [
        (&["service", "where", "l"][..], &["label-printer", "ledger"][..]),
        (&["service", "show", "make"], &["make-it-rain"]),
        (&["service", "where", "ledger", "-e", ""], &["production", "staging"]),
        (&["service", "list", "--cluster", "compute-s"], &["compute-shop", "compute-staging"]),
        (&["team", "show", "core"], &["core-banking"]),
        (&["project", "show", "gc-prd-ledger"], &["gc-prd-ledger-prod-a41f", "gc-prd-ledger-stag-5c0d"]),
        (&["access", "who", "led"], &["ledger"]),
        (&["explain", "unknown-te"], &["unknown-team"]),
        (&["ser"], &["service"]),
    ] {
        let mut candidates = offered(&shell, words);
        candidates.sort();
        assert_eq!(candidates, expected, "{words:?}");
    }
}

#[test]
fn without_a_readable_registry_nothing_is_offered_and_nothing_printed() {
    let shell = Shell::new();
    let names = |shell: &Shell| offered(shell, &["service", "show", "l"]);
    assert_eq!(names(&shell), [""]);
    shell.write("registry.json", "{");
    assert_eq!(names(&shell), [""]);
    // Half a registry is better than none: it is not checked here.
    shell.write("registry.json", r#"{"services": [{"spec": {"name": "ledger", "team": 1}}, 2, {"spec": {}}]}"#);
    assert_eq!(names(&shell), ["ledger"]);
}

#[test]
fn each_shell_has_a_script_that_calls_anu() {
    let shell = Shell::new();
    for (name, part) in [
        ("bash", "complete -o"),
        ("zsh", "#compdef anu"),
        ("fish", "complete --keep-order"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let script = shell.run(&["completions", name]).quietly();
        assert!(script.contains("ANU_COMPLETE") && script.contains(part), "{name}: {script}");
    }
    let mut unknown = shell.command(&["service", "list"]);
    unknown.env("ANU_COMPLETE", "tcsh");
    assert_eq!(shell.ended(&mut unknown).quietly(), "", "a shell that is not known gets nothing");
}
