//! Questions that the command line answers from the registry: services, teams, projects, clusters, access, reasons.

mod completions;
mod doctor;
mod examples;
mod guide;
mod keys;
mod kubectl;
mod open;
mod repository;
mod terminal;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::{Ended, Shell};

/// A folder with the registry of the quickstart, and a kubeconfig with a context for two of its clusters.
fn quickstart() -> Shell {
    let shell = Shell::new();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/quickstart/registry.json");
    shell.write("registry.json", &std::fs::read_to_string(path).expect("a registry"));
    let context = |name: &str| format!("- name: {name}\n  context: {{cluster: c, user: u}}\n");
    let contexts = [context("compute-banking"), context("gke_gc-prd-compute-shop_europe-west1_compute-shop")].concat();
    let text = format!("apiVersion: v1\nkind: Config\nclusters: []\nusers: []\ncontexts:\n{contexts}");
    std::fs::create_dir_all(shell.path("home/.kube")).expect("a folder");
    shell.write("home/.kube/config", &text);
    shell
}

/// Runs a command with that kubeconfig.
fn ask(shell: &Shell, arguments: &[&str]) -> Ended {
    let mut command = shell.command(arguments);
    command.env("HOME", shell.path("home"));
    shell.ended(&mut command)
}

/// Every question, with the verb of its schema.
const QUESTIONS: [(&str, &[&str]); 18] = [
    ("service list", &["service", "list"]),
    ("service list", &["service", "list", "--team", "core-banking", "-e", "production"]),
    ("service show", &["service", "show", "make-it-rain"]),
    ("service where", &["service", "where", "make-it-rain", "-e", "production"]),
    ("service where", &["service", "where", "event-relay", "--context", "compute-shop=shop"]),
    ("team list", &["team", "list"]),
    ("team show", &["team", "show", "logistics"]),
    ("project list", &["project", "list"]),
    ("project show", &["project", "show", "gc-prd-ledger-prod-a41f"]),
    ("cluster list", &["cluster", "list"]),
    ("access who", &["access", "who", "ledger", "-e", "production"]),
    ("access who", &["access", "who", "gc-prd-catalog-legacy"]),
    ("access who", &["access", "who", "compute-shop/catalog"]),
    ("access can", &["access", "can", "group:auditors@example.com"]),
    ("access can", &["access", "can", "logistics"]),
    ("open", &["open", "make-it-rain", "-e", "production"]),
    ("explain KEY", &["explain", "compute-shop/catalog"]),
    ("explain CODE", &["explain", "anu:unknown-team"]),
];

#[test]
fn every_question_has_an_answer_for_people() {
    let shell = quickstart();
    let mut answers = String::new();
    for (_, arguments) in QUESTIONS {
        let answer = ask(&shell, arguments).quietly();
        answers.push_str(&format!("$ anu {}\n{answer}\n", arguments.join(" ")));
    }
    assert_snapshot!(answers);
}

/// What programs read is what `docs/answers.schema.json` describes: nothing else, and all that it requires. The referee is the validator
/// of another project.
#[test]
fn every_question_has_an_answer_for_programs() {
    let Some(validator) = crate::store_server::tools::installed("jsonschema", "tests of JSON results") else { return };
    let schema: Json = serde_json::from_str(include_str!("../../../docs/answers.schema.json")).expect("JSON");
    let shell = quickstart();
    let (mut asked, mut answers) = (BTreeSet::new(), Vec::new());
    for (verb, arguments) in QUESTIONS {
        let json = ask(&shell, &[arguments, &["-o", "json"]].concat()).quietly();
        let long = ask(&shell, &[arguments, &["--output", "json"]].concat()).quietly();
        assert_eq!(long, json, "--output is --format");
        let answer: Json = serde_json::from_str(&json).expect("JSON");
        answers.push(json!({"verb": verb, "answer": answer}));
        asked.insert(verb);
    }
    let verbs: BTreeSet<&str> =
        schema["properties"].as_object().expect("an object").keys().map(String::as_str).collect();
    let verbs: BTreeSet<&str> = verbs.into_iter().filter(|verb| *verb != "doctor").collect(); // doctor.rs asks it
    assert_eq!(asked, verbs, "each verb of the schema is asked");
    let wrong = json!({"verb": "service show", "answer": {"service": "ledger"}});
    for (case, expected) in [(answers, ""), (vec![wrong], "'pointer' is a required property")] {
        shell.write("answers.json", &json!({"schema": schema, "answers": case}).to_string());
        let mut command = Command::new("python3");
        command.args(["-c", VALIDATE]).arg(shell.path("answers.json")).env("PYTHONPATH", &validator);
        let output = command.output().expect("python3 runs");
        let found = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(if expected.is_empty() { found.is_empty() } else { found.contains(expected) }, "{found}");
    }
}

/// Validates each answer by the schema of its verb, in which no object has a property that it does not name.
const VALIDATE: &str = "
import json, sys
from jsonschema import Draft202012Validator

def strict(value):
    if isinstance(value, dict):
        if 'properties' in value:
            value.setdefault('additionalProperties', False)
        for each in value.values():
            strict(each)
    elif isinstance(value, list):
        for each in value:
            strict(each)

data = json.load(open(sys.argv[1]))
schema = data['schema']
Draft202012Validator.check_schema(schema)
strict(schema)
for case in data['answers']:
    only = dict(schema, properties={'answer': schema['properties'][case['verb']]}, required=['answer'])
    for error in Draft202012Validator(only).iter_errors({'answer': case['answer']}):
        print(case['verb'], error.json_path, error.message)
";

#[test]
fn json_of_a_place() {
    let shell = quickstart();
    assert_snapshot!(ask(&shell, &["service", "where", "make-it-rain", "-e", "production", "-o", "json"]).quietly());
}

/// Service accounts, role bindings and access of several levels, which the quickstart has not all.
#[test]
fn a_place_with_everything() {
    let shell = Shell::new();
    shell.write("registry.json", include_str!("../../../examples/registries/complete.json"));
    let places = ["catalog", "search"].map(|service| shell.run(&["service", "where", service]).quietly());
    assert_snapshot!(places.join("\n"));
}

#[test]
fn json_of_grants() {
    let shell = quickstart();
    assert_snapshot!(ask(&shell, &["access", "can", "group:auditors@example.com", "-o", "json"]).quietly());
}

#[test]
fn names_that_the_registry_does_not_have() {
    let shell = quickstart();
    let mut answers = String::new();
    for arguments in [
        &["service", "show", "lodger"][..],
        &["service", "where", "ledger", "-e", "prod"],
        &["service", "where", "ledger", "-e", "productoin"],
        &["service", "list", "--team", "core-bankng", "--cluster", "compute"],
        &["team", "show", "core-bankin"],
        &["project", "show", "gc-prd-ledger-prod-a41e"],
        &["access", "who", "lodger"],
        &["access", "who", "compute-shop/catalg"],
        &["access", "who", "gc-prd-ledger-prod-a41e"],
        &["access", "who", "gc-prd-ledger-prod-a41f", "-e", "production"],
        &["access", "can", "core-bankng"],
        &["access", "can", "jane@example.com"],
        &["access", "can", "group:not an address"],
        &["explain", "gc-prd-ledger-prod-a41f/roles/cloudsql.viewer/group:auditor@example.com"],
        &["explain", "nowhere/at/all"],
        &["explain", "anu:unknown-teem"],
        &["service", "where", "ledger", "--context", "compute-shop"],
        &["service", "where", "ledger", "--context", "compute-shp=mine"],
        &["cluster", "list", "--context", "compute-shp=mine"],
    ] {
        let ended = ask(&shell, arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended}");
        answers.push_str(&format!("$ anu {}\n{ended}\n\n", arguments.join(" ")));
    }
    assert_snapshot!(answers);
}

#[test]
fn what_has_no_answer_is_said_in_a_note() {
    let shell = quickstart();
    for (arguments, note) in [
        (
            &["access", "can", "user:jane@example.com"][..],
            "note: The registry grants nothing to `user:jane@example.com`\n",
        ),
        (
            &["service", "list", "--team", "shop", "-e", "staging", "--cluster", "compute-banking"],
            "note: No service matches all filters\n",
        ),
    ] {
        let ended = ask(&shell, arguments);
        assert!(ended.notes.ends_with(note), "{}", ended.notes);
        assert_eq!(ended.quietly(), "", "{arguments:?}");
    }
}

#[test]
fn warnings_of_the_registry_are_counted_and_errors_are_shown() {
    let shell = quickstart();
    let text = shell.read("registry.json");
    shell.write("registry.json", &text.replace("\"requests.cpu\": \"64\"", "\"count/podz\": \"64\""));
    let ended = ask(&shell, &["service", "show", "make-it-rain"]);
    assert!(ended.notes.contains("The registry has 1 warning: `anu registry validate` shows them"), "{}", ended.notes);
    ended.quietly();
    shell.write("registry.json", &text.replace("\"team\": \"core-banking\"", "\"team\": \"core-bankng\""));
    let ended = ask(&shell, &["service", "show", "make-it-rain"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.contains("Did you mean `core-banking`?") && ended.stderr.contains("anu:unknown-team"),
        "{ended}"
    );
}

#[test]
fn a_kubeconfig_that_cannot_be_read_is_said_and_the_question_answered() {
    let shell = quickstart();
    shell.write("home/.kube/config", "contexts: [");
    let ended = ask(&shell, &["cluster", "list"]);
    assert!(
        ended.notes.contains("The kubeconfig cannot be read, so no context is shown: it is not a kubeconfig"),
        "{}",
        ended.notes
    );
    assert!(ended.quietly().contains("compute-banking"));
}
