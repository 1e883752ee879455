//! Access that ends: `expires` of an entry of an access list.

use std::collections::BTreeMap;

use anu::fanout::Settings;
use anu::registry::{AccessLevel, Permissions, Row, clock_warnings};

use crate::{environment, fan_out, report, report_with, service, settings};

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

#[test]
fn access_that_has_ended_is_a_warning_and_so_is_an_end_in_the_distant_future() {
    let document = environment(
        r#""googleProject": "gc-prd-ledger", "rbac": {"operators": ["core-banking",
            {"principal": "user:x@example.com", "reason": "incident `42`", "expires": "2027-01-31T01:00:00+01:00"},
            {"principal": "user:y@example.com", "expires": "2027-01-31T00:00:01Z"},
            {"principal": "user:z@example.com", "reason": "audit", "expires": "2207-01-31T00:00:00Z"}],
          "admins": [{"principal": "group:ops@example.com", "expires": "2026-01-31T00:00:00Z"}]}"#,
    );
    assert_eq!(report(&document), "", "a registry by itself has no time");
    let registry = fan_out(&document).registry().clone();
    let at = |now: &str| {
        let warnings = clock_warnings(&registry, now.parse().expect("a time"));
        warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(at("2027-01-31T00:00:00Z"));
    assert_eq!(clock_warnings(&registry, "2200-01-01T00:00:00Z".parse().expect("a time")).len(), 3);
}

#[test]
fn a_basic_role_cannot_expire() {
    let document = environment(&format!(
        r#""googleProject": "gc-prd-ledger", "rbac": {{"viewers": ["core-banking", {TIMED}], "operators": [{TIMED}]}}"#
    ));
    let mut permissions = Permissions::default();
    let row = Row { viewers: vec!["roles/viewer".parse().expect("a role")], ..Row::default() };
    permissions.google.insert("*", row).expect("a key");
    let with = Settings { permissions: Some(permissions), ..settings() };
    insta::assert_snapshot!(report_with(&document, &with));
}

/// Services that share a project, with these entries of their operators.
fn sharing(entries: &[(&str, &str)]) -> String {
    let services = entries.iter().map(|(name, operators)| {
        format!(
            r#"{{"type": "Service", "spec": {{"name": "{name}", "team": "core-banking", "googleServices": ["pubsub.googleapis.com"], "environments": [
                {{"type": "Environment", "spec": {{"name": "production", "googleProject": "gc-prd-rain", "rbac": {{"viewers": ["core-banking"], "operators": [{operators}]}}}}}}]}}}}"#
        )
    });
    let (owner, others) = entries.split_first().expect("an owner");
    let others: Vec<String> = others.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    format!(
        r#"{{"projects": [{{"type": "Project", "spec": {{"id": "gc-prd-rain", "owner": "{}", "sharedWith": [{}]}}}}], "services": [{}]}}"#,
        owner.0,
        others.join(", "),
        services.collect::<Vec<_>>().join(", ")
    )
}

#[test]
fn an_expiry_without_effect_is_a_warning() {
    let plain = r#"{"principal": "user:X@example.com"}"#;
    insta::assert_snapshot!(report(&sharing(&[("ledger", plain), ("rain", TIMED)])));
    let later = r#"{"principal": "user:x@example.com", "expires": "2027-02-28T00:00:00Z"}"#;
    assert_eq!(report(&sharing(&[("ledger", later), ("rain", TIMED)])), "", "two ends are two members");
    // Only the roles of a level that has them all count.
    let admin = environment(&format!(
        r#""googleProject": "gc-prd-ledger", "rbac": {{"viewers": ["core-banking", {plain}], "admins": [{TIMED}]}}"#
    ));
    assert_eq!(report(&admin), "");
    let keys = fan_out(&sharing(&[("ledger", later), ("rain", TIMED)]));
    let members = |service: &str| -> BTreeMap<String, Vec<String>> {
        let resources = &keys.service(service).expect("a service").resources;
        let grants = resources.iam.values().flatten();
        grants.map(|(role, members)| (role.to_string(), members.iter().map(ToString::to_string).collect())).collect()
    };
    assert_eq!(members("rain")["roles/pubsub.editor"], ["user:x@example.com until 2027-01-31T00:00:00Z"]);
    assert_eq!(members("ledger")["roles/pubsub.editor"], ["user:x@example.com until 2027-02-28T00:00:00Z"]);
}

#[test]
fn a_principal_has_a_limit_of_expiries_for_one_role() {
    let services: Vec<(String, String)> = (1..=21)
        .map(|day| {
            let entry = format!(r#"{{"principal": "user:x@example.com", "expires": "2027-01-{day:02}T00:00:00Z"}}"#);
            (format!("service-{day}"), entry)
        })
        .collect();
    let services: Vec<(&str, &str)> = services.iter().map(|(name, entry)| (name.as_str(), entry.as_str())).collect();
    assert_eq!(report(&sharing(&services[..20])), "");
    insta::assert_snapshot!(report(&sharing(&services)));
}

/// Every occurrence counts, so each end of one principal does.
#[test]
fn each_end_counts_as_a_principal_of_the_project() {
    let roles: Vec<String> = (0..100).map(|n| format!("roles/pubsub.role{n:03}")).collect();
    let mut permissions = Permissions::default();
    let row = |level: AccessLevel| match level {
        AccessLevel::Operators => roles.iter().map(|role| role.parse().expect("a role")).collect(),
        _ => Vec::new(),
    };
    permissions
        .google
        .insert("pubsub.googleapis.com", Row { operators: row(AccessLevel::Operators), ..Row::default() })
        .expect("a key");
    let with = Settings { permissions: Some(permissions), ..settings() };
    let entry =
        |day: usize| format!(r#"{{"principal": "user:x@example.com", "expires": "2027-01-{day:02}T00:00:00Z"}}"#);
    let services: Vec<(String, String)> = (1..=16).map(|day| (format!("service-{day}"), entry(day))).collect();
    let services: Vec<(&str, &str)> = services.iter().map(|(name, entry)| (name.as_str(), entry.as_str())).collect();
    let errors = |document: &str| {
        let all = report_with(document, &with);
        all.split("error: ")
            .filter(|text| text.starts_with("Project has too many"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(errors(&sharing(&services[..15])), Vec::<String>::new());
    insta::assert_snapshot!(errors(&sharing(&services)).join(""));
}
