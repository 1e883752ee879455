//! Bad arguments, and what is said of them.

use std::fmt::Write as _;

use serde_json::json;

use super::*;
use crate::sdk::{Attr, Field, from_json};

fn config(attributes: serde_json::Value) -> ProjectModel {
    let value = from_json(&attributes, &super::super::schema::schema().ty()).unwrap();
    ProjectModel::from_value(value, &Path::root()).unwrap()
}

#[test]
fn good_arguments() {
    let good = config(json!({
        "project_id": "gc-prd-logging-7f3a",
        "display_name": "logging 'production'!",
        "parent": "folders/1234",
        "billing_account": "000000-AAAAAA-000000",
        "labels": {"tier": "2", "größe": "", "team": "platform"},
        "apis": ["logging.googleapis.com", "pubsub.googleapis.com"],
    }));
    assert_eq!(check(&good), Ok(()));
    assert_eq!(check(&config(json!({"project_id": "abcdef"}))), Ok(()));
    let empty = config(json!({"project_id": "abcdef", "labels": {}, "apis": []}));
    assert_eq!(check(&empty), Ok(()));
}

#[test]
fn what_is_not_known_yet_passes() {
    let mut some = config(json!({"project_id": "abcdef", "labels": {"a": "b"}}));
    for attribute in [&mut some.project_id, &mut some.display_name, &mut some.parent, &mut some.billing_account] {
        *attribute = Attr::Unknown;
    }
    some.apis = Attr::Known(vec![Attr::Unknown, Attr::Unknown]);
    some.labels = Attr::Known([("a".to_owned(), Attr::Unknown)].into());
    assert_eq!(check(&some), Ok(()));
    some.labels = Attr::Known([("managed-by".to_owned(), Attr::Unknown)].into());
    assert!(check(&some).is_err(), "a key is known before its value");
}

#[test]
fn every_bad_argument_is_named() {
    let mut all = String::new();
    let many: serde_json::Map<_, _> = (0..62).map(|number| (format!("label-{number}"), json!("x"))).collect();
    for (case, arguments) in [
        (
            "names",
            json!({"project_id": "Gc-prd", "display_name": "log", "parent": "1234", "billing_account": "000000"}),
        ),
        ("empty", json!({"project_id": "", "display_name": "", "parent": "", "billing_account": "", "apis": [""]})),
        ("a domain", json!({"project_id": "example.com:shop"})),
        ("prefix", json!({"billing_account": "billingAccounts/000000-AAAAAA-000000", "parent": "projects/1"})),
        (
            "labels",
            json!({"labels": {"managed-by": "me", "anu-registry": "mine", "anu-deletion": "delete", "Tier": "1", "tier": "A b"}}),
        ),
        ("too many labels", json!({"labels": many})),
        (
            "apis",
            json!({"apis": ["pubsub", "https://pubsub.googleapis.com", "redis.googleapis.com", "redis.googleapis.com"]}),
        ),
    ] {
        let mut arguments = arguments;
        arguments.as_object_mut().unwrap().entry("project_id").or_insert(json!("gc-prd-log"));
        writeln!(all, "== {case}").unwrap();
        for wrong in &check(&config(arguments)).expect_err(case) {
            writeln!(all, "{:?}: {} ({})\n{}", wrong.severity, wrong.summary, wrong.path, wrong.text()).unwrap();
        }
    }
    insta::assert_snapshot!(all);
}
