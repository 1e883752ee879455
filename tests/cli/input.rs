//! A registry on standard input, for every verb.

use insta::assert_snapshot;
use serde_json::Value as Json;

use crate::{Shell, example};

const YAML: &str = "metadata: {name: acme}\nservices:\n  - type: Service\n    spec: {name: ledger, team: core}\n";
const JSONNET: &str =
    "(import 'acme.libsonnet') + { services: [{ type: 'Service', spec: { name: 'ledger', team: 'core' } }] }";

fn value(text: &str) -> Json {
    serde_json::from_str(text).expect("JSON")
}

fn shell() -> Shell {
    let shell = Shell::new();
    shell.write("acme.libsonnet", "{ metadata: { name: 'acme' } }");
    shell
}

#[test]
fn every_verb_reads_it_in_each_format() {
    let shell = shell();
    let json = example().text();
    let verbs: [&[&str]; 4] = [
        &["registry", "--registry", "-"],
        &["registry", "manifests", "--registry", "-", "--cluster", "compute-shop"],
        &["registry", "diff", "-", "other.json"],
        &["registry", "diff", "other.json", "-"],
    ];
    shell.write("other.json", &json);
    for verb in verbs {
        let printed = shell.piped(verb, &json).quietly();
        // JSON is YAML and Jsonnet too.
        for format in ["json", "yaml", "jsonnet"] {
            let ended = shell.piped(&[verb, &["--input-format", format]].concat(), &json).quietly();
            match serde_json::from_str::<Json>(&printed) {
                Ok(printed) => assert_eq!(value(&ended), printed, "{format}: Jsonnet sorts keys"),
                Err(_) => assert_eq!(ended, printed, "{verb:?} {format}"),
            }
        }
    }
    let print = &["registry", "--registry", "-"][..];
    let printed = shell.piped(print, YAML).quietly();
    for (verb, text) in
        [(&[print, &["--input-format", "jsonnet"]].concat()[..], JSONNET), (&["registry", "compile", "-"], JSONNET)]
    {
        assert_eq!(value(&shell.piped(verb, text).quietly()), value(&printed), "{verb:?}");
    }
}

#[test]
fn its_problems_are_told_as_those_of_a_file() {
    let shell = shell();
    let manifests: &[&str] = &["registry", "manifests", "--registry", "-"];
    let mut texts = String::new();
    for (options, text) in [
        (&[][..], YAML.replace("core}", "core, teams: 1}").as_str()),
        (&[], "{\"services\": ["),
        (&[], "services: [\n"),
        (&[], " \n"),
        (&["--input-format", "jsonnet"], "{ services: [error 'not finished'] }"),
        (&["--input-format", "jsonnet"], &format!("{{ teams: [] }} + {JSONNET}")),
        (&["--input-format", "toml"], YAML),
        (&["--minisign", "RWQHBwcHBwcHB+pKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"], YAML),
        (&["--sha256", &"0".repeat(64)], YAML),
    ] {
        let ended = shell.piped(&[manifests, options].concat(), text);
        assert!(ended.code != Some(0) && ended.stdout.is_empty(), "{ended}");
        texts.push_str(&format!("$ anu registry manifests --registry - {}\n{ended}\n\n", options.join(" ")));
    }
    for arguments in [&["diff", "-", "-"][..], &["diff", "--base", "main", "--registry", "-"], &["compile", "-"]] {
        let ended = shell.piped(&[&["registry"], arguments].concat(), "{ services: }");
        texts.push_str(&format!("$ anu registry {}\n{ended}\n\n", arguments.join(" ")));
    }
    let ended = Shell::of_example().run(&["registry", "--input-format", "yaml"]);
    texts.push_str(&format!("$ anu registry --input-format yaml\n{ended}\n"));
    assert_snapshot!(texts);
}
