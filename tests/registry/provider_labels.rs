//! `labels` of the provider block: the rules of what has them.

use anu::fanout::{Manage, Settings};

use crate::{document, environment, report_with, settings};

/// A project that anu creates, and a namespace.
const TARGET: &str = r#""rbac": {"admins": ["core-banking"]}, "targets": [{"type": "Target", "spec": {"kind": "helm", "cluster": "compute", "namespace": "ledger"}}]"#;

fn with_project(document: &str) -> String {
    format!(r#"{{"projects": [{{"type": "Project", "spec": {{"id": "gc-prd-ledger"}}}}], {}"#, &document[1..])
}

#[test]
fn bad_labels_in_the_provider_block() {
    let labels = [("Tier", "1"), ("team", "x"), ("cost", "ok")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    let settings = Settings { labels: labels.into(), ..settings() };
    let both = environment(&format!(r#""googleProject": "gc-prd-ledger", {TARGET}"#));
    insta::assert_snapshot!(report_with(&with_project(&both), &settings), @"
    error: Invalid label
      In `labels` of the provider block: `Tier` is not a label key for a Google project: 1 to 63 lowercase letters, digits, `_` and `-`, starting with a letter. Project `gc-prd-ledger` would have this label. A label of namespaces alone belongs in `labels` of the entries under `namespaces`.
      anu:bad-label
    error: Reserved label
      In `labels` of the provider block: The label `team` is reserved: anu sets it on the objects that it creates. Choose another key. Namespace `compute/ledger` would have this label. A label of projects alone belongs in `labels` of the entries under `projects`.
      anu:reserved-label
    ");
}

/// A label of the provider block must fit what has it: a project that anu creates, a namespace, or both.
#[test]
fn labels_of_the_provider_block_follow_the_rules_of_what_has_them() {
    let google = environment(r#""googleProject": "gc-prd-ledger""#);
    let kubernetes = environment(TARGET);
    let both = environment(&format!(r#""googleProject": "gc-prd-ledger", {TARGET}"#));
    let (created, none) = (with_project(&both), document(""));
    // Each document with each `manage`: whether something has Google's rules, and whether something has those of Kubernetes.
    let cases = [
        (&created, Manage::default(), true, true),
        (&created, Manage { google: false, ..Manage::default() }, false, true),
        (&created, Manage { kubernetes: false, ..Manage::default() }, true, false),
        (&both, Manage::default(), false, true), // a project that exists already has no labels of anu
        (&kubernetes, Manage::default(), false, true),
        (&with_project(&kubernetes), Manage::default(), false, true), // no service uses the project
        (&with_project(&google), Manage::default(), true, false),
        (&google, Manage::default(), false, false),
        (&none, Manage::default(), false, false),
    ];
    // Each label, and whether it fits Google's rules and those of Kubernetes.
    let labels = [
        ("tier", "2", true, true),
        ("cloud-platform.justice.gov.uk/business-unit", "HMPPS", false, true),
        ("Tier", "Two.5", false, true),
        ("größe", "groß", true, false),
        ("team", "core", true, false),
        ("pod-security.kubernetes.io/enforce", "strict", false, false),
        ("managed-by", "me", false, false),
        ("no good", "x", false, false),
    ];
    for (document, manage, by_google, by_kubernetes) in cases {
        for (key, value, fits_google, fits_kubernetes) in labels {
            let given = [(key.to_owned(), value.to_owned())].into();
            let report = report_with(document, &Settings { manage, labels: given, ..settings() });
            let fits = match (by_google, by_kubernetes) {
                (false, false) => fits_google || fits_kubernetes,
                _ => (fits_google || !by_google) && (fits_kubernetes || !by_kubernetes),
            };
            assert_eq!(!report.contains("error:"), fits, "{key}={value}, {manage:?}: {report}\n{document}");
        }
    }
}

#[test]
fn a_label_of_the_provider_block_that_does_not_fit_names_what_would_have_it() {
    let both = with_project(&environment(&format!(r#""googleProject": "gc-prd-ledger", {TARGET}"#)));
    let refused = |document: &str, manage: Manage, labels: &[(&str, &str)]| {
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        report_with(document, &Settings { manage, labels, ..settings() })
    };
    let labels = [("example.com/unit", "HMPPS"), ("größe", "groß"), ("a b", "x")];
    insta::assert_snapshot!(refused(&both, Manage::default(), &labels), @"
    error: Invalid label
      In `labels` of the provider block: `a b` is not a label key for a Google project: 1 to 63 lowercase letters, digits, `_` and `-`, starting with a letter. Project `gc-prd-ledger` would have this label.
      anu:bad-label
    error: Invalid label
      In `labels` of the provider block: `example.com/unit` is not a label key for a Google project: 1 to 63 lowercase letters, digits, `_` and `-`, starting with a letter. Project `gc-prd-ledger` would have this label. A label of namespaces alone belongs in `labels` of the entries under `namespaces`.
      anu:bad-label
    error: Invalid label
      In `labels` of the provider block: `größe` is not a Kubernetes key: `NAME` or `DOMAIN/NAME`, the name of 1 to 63 letters, digits, `-`, `_` and `.` with a letter or digit at both ends. Namespace `compute/ledger` would have this label. A label of projects alone belongs in `labels` of the entries under `projects`.
      anu:bad-label
    ");
    let kubernetes = Manage { google: false, ..Manage::default() };
    insta::assert_snapshot!(refused(&both, kubernetes, &labels), @"
    error: Invalid label
      In `labels` of the provider block: `a b` is not a Kubernetes key: `NAME` or `DOMAIN/NAME`, the name of 1 to 63 letters, digits, `-`, `_` and `.` with a letter or digit at both ends. Namespace `compute/ledger` would have this label.
      anu:bad-label
    error: Invalid label
      In `labels` of the provider block: `größe` is not a Kubernetes key: `NAME` or `DOMAIN/NAME`, the name of 1 to 63 letters, digits, `-`, `_` and `.` with a letter or digit at both ends. Namespace `compute/ledger` would have this label.
      anu:bad-label
    ");
    let google = Manage { kubernetes: false, ..Manage::default() };
    let many: Vec<String> = (0..62).map(|n| format!("label-{n:02}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|key| (key.as_str(), "x")).collect();
    insta::assert_snapshot!(refused(&both, google, &many), @"
    error: Invalid label
      In `labels` of the provider block: There are 62 labels. A Google project has at most 64, and 3 of them are anu's own. Project `gc-prd-ledger` has these labels.
      anu:bad-label
    ");
    assert_eq!(refused(&both, kubernetes, &many), "");
}
