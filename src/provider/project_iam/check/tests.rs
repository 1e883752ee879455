//! Bad arguments, and what is said of them.

use std::fmt::Write as _;

use serde_json::json;

use super::*;
use crate::sdk::{Attr, Field, from_json};

fn config(attributes: serde_json::Value) -> ProjectIamModel {
    let value = from_json(&attributes, &super::super::schema::schema().ty()).unwrap();
    ProjectIamModel::from_value(value, &Path::root()).unwrap()
}

#[test]
fn good_arguments() {
    let good = config(json!({
        "project_id": "gc-prd-logging-7f3a",
        "members": {
            "roles/logging.viewer": ["group:a@example.com", "user:A@Example.com", "serviceAccount:ci@gc-prd-ci.iam.gserviceaccount.com"],
            "projects/gc-prd-logging-7f3a/roles/custom": ["principalSet://iam.googleapis.com/locations/global/workforcePools/acme/group/x"],
            "roles/logging.admin": ["group:a@example.com until 2027-01-31T00:00:00Z", "group:a@example.com"],
        },
    }));
    assert_eq!(check(&good), Ok(()));
    assert_eq!(check(&config(json!({"project_id": "abcdef", "members": {}}))), Ok(()));
    // A group with two ends is one group.
    let groups = (0..126)
        .flat_map(|number| ["1", "2"].map(|day| format!("group:{number}@example.com until 2027-01-0{day}T00:00:00Z")));
    let groups = json!({"project_id": "abcdef", "members": {"roles/browser": groups.collect::<Vec<_>>()}});
    assert_eq!(check(&config(groups)), Ok(()));
    let most = (1..=20).map(|day| format!("user:a@example.com until 2027-01-{day:02}T00:00:00Z"));
    let most: Vec<String> = most.chain(["user:a@example.com".to_owned()]).collect();
    assert_eq!(check(&config(json!({"project_id": "abcdef", "members": {"roles/browser": most}}))), Ok(()));
}

#[test]
fn what_is_not_known_yet_passes() {
    let mut some = config(json!({"project_id": "abcdef", "members": {"roles/viewer": ["user:a@example.com"]}}));
    some.project_id = Attr::Unknown;
    some.members = Attr::Known([("roles/viewer".to_owned(), Attr::Known(vec![Attr::Unknown, Attr::Unknown]))].into());
    assert_eq!(check(&some), Ok(()));
    some.members = Attr::Known([("roles/viewer".to_owned(), Attr::Unknown)].into());
    assert_eq!(check(&some), Ok(()));
    some.members = Attr::Known([("viewer".to_owned(), Attr::Unknown)].into());
    assert!(check(&some).is_err(), "a role is known before its members");
    some.members = Attr::Unknown;
    assert_eq!(check(&some), Ok(()));
}

#[test]
fn every_bad_argument_is_named() {
    let mut all = String::new();
    let many = |kind: &str, number: usize| -> Vec<String> {
        (0..number).map(|number| format!("{kind}:{number}@example.com")).collect()
    };
    let until = |day: usize| {
        format!("user:{}@example.com until 2027-01-{day:02}T00:00:00Z", if day.is_multiple_of(2) { "a" } else { "A" })
    };
    for (case, arguments) in [
        (
            "names",
            json!({"project_id": "Gc-prd", "members": {"viewer": ["user:a@example.com"], "": ["user:a@example.com"]}}),
        ),
        (
            "members",
            json!({"members": {"roles/viewer": [
                "a@example.com", "", "Group:a@example.com", "domain:example.com", "allUsers", "deleted:user:a@example.com?uid=1",
                "user:a@example.com until 2027-01-31", "user:a@example.com  until 2027-01-31T00:00:00Z",
            ]}}),
        ),
        ("basic role", json!({"members": {"roles/viewer": ["user:a@example.com until 2027-01-31T00:00:00Z"]}})),
        ("no members", json!({"members": {"roles/viewer": []}})),
        (
            "twice",
            json!({"members": {"roles/browser": ["user:a@example.com", "user:A@example.com", "user:a@example.com until 2027-01-31T00:00:00Z"]}}),
        ),
        ("too many ends", json!({"members": {"roles/browser": (1..=21).map(until).collect::<Vec<_>>()}})),
        ("too many", json!({"members": {"roles/viewer": many("user", 1500), "roles/browser": ["user:a@example.com"]}})),
        ("too many groups", json!({"members": {"roles/viewer": many("group", 251)}})),
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
