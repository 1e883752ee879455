//! Access that ends: `expires` of an entry of an access list.

use crate::{environment, fan_out, report, service};

fn entry(expires: &str) -> String {
    environment(&format!(
        r#""googleProject": "gc-prd-ledger", "rbac": {{"operators": ["core-banking", {{"principal": "user:x@example.com", "reason": "incident 42", {expires}}}]}}"#
    ))
}

#[test]
fn a_timestamp_is_checked_where_it_is_written() {
    for good in ["2027-01-31T00:00:00Z", "2027-01-31T01:00:00+01:00", "2027-01-31T00:00:00.000Z"] {
        assert_eq!(report(&entry(&format!("\"expires\": \"{good}\""))), "");
    }
    let bad = [
        "\"2027-01-31\"",
        "\"2027-01-31T00:00:00\"",
        "\"2027-01-31T00:00:00.5Z\"",
        "\"next week\"",
        "1801267200",
        "[]",
    ];
    let all = bad.map(|bad| report(&entry(&format!("\"expires\": {bad}")))).join("\n");
    insta::assert_snapshot!(all);
    assert_eq!(report(&entry("\"expires\": null")), "", "null is a missing value");
}

#[test]
fn a_misspelt_field_is_an_error() {
    let all = ["expire", "expiry", "expiresAt", "until"]
        .map(|field| report(&entry(&format!("\"{field}\": \"2027-01-31T00:00:00Z\""))))
        .join("\n");
    insta::assert_snapshot!(all);
}

const TIMED: &str = r#"{"principal": "user:x@example.com", "expires": "2027-01-31T00:00:00Z"}"#;

#[test]
fn access_in_kubernetes_cannot_expire() {
    let target = r#""targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "ledger"}}]"#;
    let both = environment(&format!(
        r#""googleProject": "gc-prd-ledger", "rbac": {{"viewers": ["core-banking"], "operators": ["core-banking", {TIMED}]}}, {target}"#
    ));
    let one = environment(&format!(r#""rbac": {{"admins": ["core-banking", {TIMED}]}}, {target}"#));
    insta::assert_snapshot!([report(&both), report(&one)].join("\n"));
}

/// What the message says to do: a second environment of the service with the same project and without targets.
#[test]
fn an_environment_without_targets_grants_on_google_only() {
    let document = service(&format!(
        r#""googleServices": ["pubsub.googleapis.com"], "environments": [
            {{"type": "Environment", "spec": {{"name": "production", "googleProject": "gc-prd-ledger", "rbac": {{"admins": ["core-banking"]}},
                "targets": [{{"type": "Target", "spec": {{"cluster": "c1", "namespace": "ledger"}}}}]}}}},
            {{"type": "Environment", "spec": {{"name": "production-incidents", "googleProject": "gc-prd-ledger", "rbac": {{"admins": ["core-banking", {TIMED}]}}}}}}]"#
    ));
    assert_eq!(report(&document), "");
    let keys: Vec<String> = fan_out(&document)
        .service("ledger")
        .expect("a service")
        .resources
        .keys()
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(keys.join("\n"));
}

#[test]
fn one_principal_has_one_expiry_in_a_list() {
    let list = |entries: &str| {
        report(&environment(&format!(
            r#""googleProject": "gc-prd-ledger", "rbac": {{"viewers": ["core-banking", {entries}]}}"#
        )))
    };
    assert_eq!(list(&format!("{TIMED}, {TIMED}")), "");
    let plain = r#"{"principal": "user:X@Example.com"}"#;
    let later = r#"{"principal": "user:x@example.com", "expires": "2027-02-28T00:00:00Z"}"#;
    insta::assert_snapshot!(
        [
            list(&format!("{TIMED}, {plain}")),
            list(&format!("{plain}, {TIMED}, {later}")),
            list(&format!("{TIMED}, {later}"))
        ]
        .join("\n")
    );
}

/// One digest for every spelling of a moment, another one for another moment; that of a document without `expires` is unchanged.
#[test]
fn the_digest_is_of_the_moment() {
    let digest = |expires: &str| {
        let document = service(&format!(
            r#""googleServices": ["pubsub.googleapis.com"], "environments": [{{"type": "Environment", "spec": {{"name": "production", "googleProject": "gc-prd-ledger", "rbac": {{"admins": ["core-banking", {{"principal": "user:x@example.com"{expires}}}]}}}}}}]"#
        ));
        fan_out(&document).service("ledger").expect("a service").digest.clone()
    };
    let of = digest(r#", "expires": "2027-01-31T00:00:00Z""#);
    assert_eq!(digest(r#", "expires": "2027-01-31T01:00:00+01:00""#), of);
    assert_ne!(digest(r#", "expires": "2027-01-31T00:00:01Z""#), of);
    assert_ne!(digest(""), of);
    assert_eq!(digest(""), digest(r#", "expires": null"#));
}
