//! The fences hold for `anu_namespace` as for the registry: every default, in every argument where such a name can be written.

use std::collections::BTreeMap;

use anu::fanout::{FORBIDDEN_ROLES, GUARDED_METADATA, RESERVED_NAMESPACES};
use anu::sdk::Value;

use crate::fake_core::State;
use crate::fixture::{Fixture, text};
use crate::generator::{Company, environment};

const ADDRESS: &str = "anu_namespace.monitoring";

/// A name that a pattern matches.
fn example(pattern: &str) -> String {
    let (start, rest) = pattern.strip_prefix('*').map_or(("", pattern), |rest| ("x.", rest.trim_start_matches('.')));
    format!("{start}{}", rest.replace('*', "x"))
}

fn texts(key: &str, value: &str) -> Value {
    Value::Map([(key.to_owned(), Value::from(value))].into())
}

/// What is set beside the cluster: the arguments, each with a value that may be refused.
fn configuration(attribute: &str, value: Value) -> Value {
    let Value::Map(mut all) = Value::object([
        ("cluster", Value::from("compute-a")),
        ("name", Value::from("monitoring")),
        ("deletion_policy", Value::from("delete")),
    ]) else {
        panic!("a configuration")
    };
    all.insert(attribute.to_owned(), value);
    Value::Map(all)
}

fn binding(role: &str, subject: &str) -> Value {
    let subjects = Value::List(vec![Value::from(subject)]);
    let name = Value::from("x");
    Value::List(vec![Value::object([("name", name), ("role", Value::from(role)), ("subjects", subjects)])])
}

/// Every argument with a forbidden value, and a word of the error.
fn forbidden() -> Vec<(&'static str, Value, &'static str)> {
    let mut all = Vec::new();
    for role in FORBIDDEN_ROLES.iter().filter(|role| !role.contains('/')).map(|role| example(role)) {
        for role in [role.to_uppercase(), role] {
            all.push(("role_binding", binding(&role, "Group:a@example.com"), "Forbidden "));
        }
    }
    for name in RESERVED_NAMESPACES {
        all.push(("name", Value::from(example(name)), "is reserved"));
    }
    for key in GUARDED_METADATA {
        for attribute in ["labels", "annotations"] {
            all.push((attribute, texts(&example(key), "x"), "is not allowed"));
        }
    }
    for subject in [
        "Group:system:masters",
        "Group:SYSTEM:authenticated",
        "User:system:anonymous",
        "User:system:serviceaccount:kube-system:default",
        "Group:allUsers",
        "User:allAuthenticatedUsers",
        "Group:principalSet://goog/public:all",
        "User:a@gmail.com",
        "Group:team@example.com.evil.org",
    ] {
        all.push(("role_binding", binding("view", subject), "Forbidden "));
    }
    for subject in [
        "Group:a\u{200b}@example.com",
        "Group:a@example.com ",
        "Group: a",
        "User:p\u{430}y@example.com",
        "Group:p\u{430}yments",
        "User:\u{202e}a",
        "ServiceAccount:ci/depl\u{43e}yer",
    ] {
        all.push(("role_binding", binding("view", subject), "Invalid name"));
    }
    all.push(("quota", texts("count/pods", "101"), "is too large"));
    all.push(("quota", Value::Null, "is missing"));
    all.push(("quota", texts("requests.cpu", "1"), "is missing"));
    all
}

#[tokio::test]
async fn no_argument_passes_a_fence() {
    let company = Company::default().with("pay", Some("delete"), &[environment("production", "", &[], &["team-1"])]);
    let mut fixture = Fixture::new(&company.document());
    let all = forbidden();
    let count = all.len();
    for (attribute, value, word) in all {
        let fences = |limit: bool| {
            let domains = Value::List(vec![Value::from("example.com")]);
            let max = if limit { texts("pods", "100") } else { Value::Null };
            Value::object([("allowed_email_domains", domains), ("max_quota", max)])
        };
        fixture.provider = BTreeMap::from([("fences".to_owned(), fences(attribute == "quota"))]);
        fixture.others = BTreeMap::from([(ADDRESS.to_owned(), configuration(attribute, value.clone()))]);
        match fixture.plan(&State::default()).await {
            Ok(_) => panic!("{attribute} {value:?} is accepted"),
            Err(errors) => assert!(text(&errors).contains(word), "{attribute} {value:?}: {}", text(&errors)),
        }
    }
    assert_eq!(count, 113, "forbidden values in arguments");
}
