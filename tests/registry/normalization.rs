//! The forms of Unicode text: what a registry means does not depend on them.

use anu::fanout::{Fences, Pattern, Settings};

use crate::{fan_out_with, report, report_with, settings};

/// A registry with text in every kind of place that may have any: `é` stands for the letter in some form.
const DOCUMENT: &str = r#"{
    "metadata": {"name": "acme"},
    "teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com", "principals": {"kubernetes": "github:équipe"}}}],
    "projects": [{"type": "Project", "spec": {"id": "acme-prod-1", "owner": "ledger", "labels": {"équipe": "bébé"}}}],
    "namespaces": [{"type": "Namespace", "spec": {"cluster": "c", "name": "ledger", "owner": "ledger", "annotations": {"note": "café"}}}],
    "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "équipe": {"é": "é"}, "googleServices": ["pubsub.googleapis.com"], "environments": [
        {"type": "Environment", "spec": {"name": "prod", "googleProject": "acme-prod-1", "rbac": {"viewers": [], "admins": ["core"], "operators": [
            {"principal": "principalSet://iam.googleapis.com/locations/global/workforcePools/acme/group/équipe", "reason": "été"}
        ]}, "targets": [{"type": "Target", "spec": {"kind": "argo", "cluster": "c", "namespace": "ledger", "release": "ledger"}}]}}]}}],
    "écoles": ["é"]
}"#;

/// Ways to write the letter in JSON.
const FORMS: [&str; 4] = ["\u{e9}", "e\u{301}", "e\\u0301", "\\u00e9"];

#[test]
fn every_form_of_a_text_is_the_same_registry_with_the_same_resources() {
    let meaning = |form: &str| {
        let fan_out = fan_out_with(&DOCUMENT.replace('é', form), &settings());
        let view = serde_json::to_string(&fan_out.by_service()).expect("JSON");
        (
            fan_out.registry().digest().to_owned(),
            fan_out.digests().map(|(_, digest)| digest.to_owned()).collect::<Vec<_>>(),
            view,
        )
    };
    let composed = meaning(FORMS[0]);
    assert_eq!(composed.2.matches("\u{e9}").count(), 8, "{}", composed.2);
    for form in FORMS {
        assert_eq!(meaning(form), composed, "{form}");
    }
}

#[test]
fn keys_that_differ_in_form_are_duplicates() {
    let document = DOCUMENT.replace("\"écoles\"", "\"e\u{301}coles\": 1, \"écoles\"");
    insta::assert_snapshot!(report(&document), @"
    error: Duplicate key
      at `/écoles`
      `écoles` is a duplicate in the same object at line 10, column 21. JSON parsers use either the first or the last value, so the meaning is ambiguous. Remove one of them.
      anu:duplicate-key
    ");
}

/// U+1FEF is another form of the backtick.
#[test]
fn text_is_checked_in_the_form_that_it_gets() {
    let document = DOCUMENT.replace("github:équipe", "github:\u{1fef}");
    insta::assert_snapshot!(report(&document), @"
    error: Invalid principal
      at `/teams/0/spec/principals/kubernetes`
      `github:'` is not a valid name of a Kubernetes group. It contains a backtick. Write the group's name as it is in the cluster.
      anu:bad-principal
    ");
}

#[test]
fn patterns_of_the_provider_block_match_every_form() {
    for form in ["\u{e9}", "e\u{301}"] {
        let mut fences = Fences::default();
        fences.forbidden_principals.added.push(Pattern::new(format!("principalSet:*/group/{form}quipe")));
        let report = report_with(&DOCUMENT.replace('é', "e\u{301}"), &Settings { fences, ..settings() });
        assert!(report.contains("error: Forbidden principal"), "{report}");
    }
}
