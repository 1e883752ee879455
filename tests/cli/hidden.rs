//! No output of the command line contains a control or format character of its arguments, files or registry.

use anu::printable::is_hidden;
use serde_json::json;

use crate::{Ended, Shell, example};

/// An escape sequence, a line that looks like an error, and one of each kind of hidden character.
const HIDDEN: &str = "x\u{1b}[31m\nerror: FORGED\r\u{9b}\u{7f}\u{202e}\u{200b}\u{feff}\u{2028}x";

#[track_caller]
fn is_printable(what: &str, ended: &Ended) {
    for text in [&ended.stdout, &ended.stderr] {
        assert!(!text.contains(|c: char| c != '\n' && is_hidden(c)), "{what}: {text:?}");
        assert!(!text.lines().any(|line| line.starts_with("error: FORGED")), "{what}: {text}");
    }
}

/// The options of a verb that have a value, as its help lists them.
fn options(verb: &[&str]) -> Vec<String> {
    let help = Shell::new().run(&[verb, &["--help"]].concat()).quietly();
    let lines = help.lines().map(str::trim).filter(|line| line.starts_with('-')); // `--jpath <DIR>`, `-J, --jpath <DIR>`
    let names = lines.filter_map(|line| line.split_once("--")?.1.split_once(" <"));
    names.map(|(name, _)| format!("--{name}")).collect()
}

#[test]
fn no_argument_reaches_the_terminal_as_it_is() {
    let mut count = 0;
    let verbs: [&[&str]; 14] = [
        &["registry"],
        &["registry", "manifests"],
        &["registry", "diff"],
        &["registry", "compile"],
        &["registry", "validate"],
        &["registry", "publish"],
        &["registry", "fmt"],
        &["registry", "schema"],
        &["demo"],
        &["service", "where"],
        &["service", "list"],
        &["access", "can"],
        &["explain"],
        &["kubectl"],
    ];
    for verb in verbs {
        for option in options(verb) {
            let all = [verb, &[option.as_str(), HIDDEN]].concat();
            let ended = Shell::of_example().run(&all);
            is_printable(&option, &ended);
            count += 1;
        }
        for wrong in [&[HIDDEN][..], &["--format", HIDDEN], &[&format!("--{HIDDEN}")]] {
            let ended = Shell::of_example().run(&[verb, wrong].concat());
            is_printable("a wrong argument", &ended);
            // `registry diff` and `registry compile` take it for the name of a file, others for a name of the registry.
            assert!([Some(2), Some(3)].contains(&ended.code), "{ended}");
            count += 1;
        }
    }
    is_printable("a wrong verb", &Shell::new().run(&[HIDDEN]));
    assert_eq!(count, 396, "options with a value, and wrong arguments");
}

#[test]
fn no_file_name_or_content_reaches_the_terminal_as_it_is() {
    let (shell, folder) = (Shell::of_example(), format!("{HIDDEN}out"));
    // A file whose name has hidden characters: unreadable, not a registry, with problems, and with manifests.
    let manifests = |source: &str| shell.run(&["registry", "manifests", "--registry", source, "--dir", &folder]);
    is_printable("no file", &manifests(HIDDEN));
    for (content, code) in [
        (HIDDEN.to_owned(), 1),
        (json!({"services": [{"type": HIDDEN, "spec": {"name": HIDDEN, HIDDEN: 1}}]}).to_string(), 1),
        (example().text(), 0),
    ] {
        shell.write(HIDDEN, &content);
        let ended = manifests(HIDDEN);
        is_printable("a file", &ended);
        assert_eq!(ended.code, Some(code), "{ended}");
        std::fs::remove_file(shell.path(HIDDEN)).expect("removed");
    }
    let mut json = manifests_json(&shell, &folder);
    is_printable("a report for programs", &json);
    let report: serde_json::Value = serde_json::from_str(&json.quietly()).expect("JSON");
    assert_eq!(report["files"][0]["path"], format!("{folder}/compute-banking.yaml"), "the value is the same");
    // Values of the registry in a stream of manifests.
    let mut registry = example().json();
    registry["namespaces"] = json!([{"type": "Namespace", "spec": {
        "cluster": "compute-shop", "name": "checkout", "annotations": {"note": "x\u{1b}[31m\u{202e}\u{200b}\u{feff}\r\n\u{2028}y"}
    }}]);
    shell.registry(&registry);
    json = shell.run(&["registry", "manifests", "--cluster", "compute-shop"]);
    is_printable("a stream of manifests", &json);
}

fn manifests_json(shell: &Shell, folder: &str) -> Ended {
    shell.run(&["registry", "manifests", "--dir", folder, "--format", "json"])
}

#[test]
fn problems_are_capped_and_counted() {
    let services: Vec<_> =
        (0..120).map(|i| json!({"type": "Service", "spec": {"name": format!("Wrong {i}"), "team": "a"}})).collect();
    let shell = Shell::with(&json!({"services": services}));
    let ended = shell.run(&["registry", "manifests", "--cluster", "c"]);
    assert_eq!(ended.stderr.matches("error: Invalid name").count(), 50);
    let (_, rest) = ended.stderr.split_once("error: More problems").expect("a count");
    insta::assert_snapshot!(format!("error: More problems{rest}"), @"
    error: More problems
      The registry in `registry.json` has 70 more errors like these.
      anu:more-errors
    error: The registry in `registry.json` has 120 errors
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    ");
    let fine: Vec<_> = (0..60).map(|i| json!({"type": "Service", "spec": {"name": format!("s{i}")}})).collect();
    shell.registry(&json!({"services": fine}));
    let ended = shell.run(&["registry", "manifests", "--cluster", "c"]);
    assert_eq!(ended.stderr.matches("warning: Service has no team").count(), 50);
    let (_, rest) = ended.stderr.split_once("warning: More problems").expect("a count");
    insta::assert_snapshot!(format!("warning: More problems{rest}"), @"
    warning: More problems
      The registry in `registry.json` has 10 more warnings like these.
      anu:more-warnings
    error: 1 name is not in the registry in `registry.json`
      The registry has no cluster `c`.
      anu:command-line
    ");
}
