//! Bad arguments, and what is said of them.

use std::fmt::Write as _;

use serde_json::json;

use super::*;
use crate::sdk::{Attr, Field, from_json};

fn config(attributes: serde_json::Value) -> NamespaceModel {
    let value = from_json(&attributes, &super::super::schema::schema().ty()).unwrap();
    NamespaceModel::from_value(value, &Path::root()).unwrap()
}

#[test]
fn good_arguments() {
    let good = config(json!({
        "cluster": "compute-banking",
        "name": "monitoring",
        "labels": {"team": "platform", "service": "prometheus", "pod-security.kubernetes.io/enforce": "restricted", "empty": ""},
        "annotations": {"example.com/note": "anything at all: ✓", "managed-by": "somebody"},
        "quota": {"requests.cpu": "1500m", "requests.memory": "32Gi", "pods": "2e1", "count/jobs.batch": "5"},
        "role_binding": [
            {"name": "platform:operators", "role": "edit", "subjects": ["Group:platform@example.com", "ServiceAccount:ci/deployer"]},
            {"name": "auditors", "role": "view", "subjects": ["User:auditor"]},
        ],
    }));
    assert_eq!(check(&good), Ok(()));
    assert_eq!(check(&config(json!({"cluster": "c", "name": "n"}))), Ok(()));
}

#[test]
fn what_is_not_known_yet_passes() {
    let mut some = config(
        json!({"cluster": "c", "name": "n", "labels": {"a": "b"}, "role_binding": [{"name": "x", "role": "view", "subjects": ["User:a"]}]}),
    );
    some.name = Attr::Unknown;
    some.quota = Attr::Unknown;
    some.labels = Attr::Known([("a".to_owned(), Attr::Unknown)].into());
    some.role_binding = Attr::Known(vec![Attr::Unknown]);
    assert_eq!(check(&some), Ok(()));
    some.labels = Attr::Known([("managed-by".to_owned(), Attr::Unknown)].into());
    assert!(check(&some).is_err(), "a key is known before its value");
}

#[test]
fn every_bad_argument_is_named() {
    let mut all = String::new();
    for (case, arguments) in [
        ("names", json!({"cluster": "-compute", "name": "Monitoring"})),
        (
            "labels",
            json!({"labels": {"managed-by": "me", "anu-registry": "mine", "kubernetes.io/metadata.name": "x", "-tier": "1", "tier": "a b", "none": null}}),
        ),
        ("annotations", json!({"annotations": {"no te": "x", "none": null}})),
        (
            "quota",
            json!({"quota": {"request.cpu": "1", "requests.memory": "32GB", "pods": "1.5", "limits.cpu": "-1", "limits.memory": null}}),
        ),
        (
            "names of bindings",
            json!({"role_binding": [
                {"name": "a/b", "role": "view", "subjects": ["User:a"]},
                {"name": "twice", "role": "view", "subjects": ["User:a"]},
                {"name": "twice", "role": "edit", "subjects": ["User:a"]},
            ]}),
        ),
        ("no subjects", json!({"role_binding": [{"name": "viewers", "role": "view", "subjects": []}]})),
        (
            "subjects",
            json!({"role_binding": [{"name": "viewers", "role": "a role", "subjects": ["group:x", "Group:", "ServiceAccount:ci", null, "User:a", "User:a"]}]}),
        ),
    ] {
        let mut arguments = arguments;
        for name in ["cluster", "name"] {
            arguments.as_object_mut().unwrap().entry(name).or_insert(json!("x"));
        }
        writeln!(all, "== {case}").unwrap();
        for wrong in &check(&config(arguments)).expect_err(case) {
            writeln!(all, "{:?}: {} ({})\n{}", wrong.severity, wrong.summary, wrong.path, wrong.text()).unwrap();
        }
    }
    insta::assert_snapshot!(all);
}
