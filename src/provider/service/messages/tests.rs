//! Every message as a user reads it, in one snapshot: what changes here changes what people search for.

use std::fmt::Write as _;

use std::collections::BTreeSet;

use super::*;
use crate::apply::{Failure, Outcome};
use crate::fanout::Settings;
use crate::fanout::resource::Key;
use crate::platform::Error;
use crate::provider::common::ManagedObject;
use crate::provider::common::messages::*;
use crate::registry::LoadOptions;
use crate::sdk::Severity;

fn keys() -> BTreeSet<Key> {
    let namespace: crate::registry::names::NamespaceKey = "compute/pay".parse().unwrap();
    let project: crate::registry::names::ProjectId = "gc-pay-prod".parse().unwrap();
    let member = "group:pay-team@example.com".parse().unwrap();
    BTreeSet::from([
        Key::Project(project.clone()),
        Key::Api(project.clone(), "pubsub.googleapis.com".parse().unwrap()),
        Key::IamMember(project, "roles/pubsub.admin".parse().unwrap(), member),
        Key::Namespace(namespace.clone()),
        Key::Quota(namespace.clone()),
        Key::RoleBinding(namespace, "anu:pay:prod:admins:admin".into()),
    ])
}

fn one(kind: &str) -> Key {
    keys().into_iter().find(|key| key.kind() == kind).unwrap()
}

fn removals() -> Removals {
    let release = BTreeMap::from([(one("namespace"), vec!["ledger".to_owned(), "fx".to_owned()])]);
    Removals {
        delete: keys(),
        abandon: BTreeSet::from([one("project")]),
        release,
        refused: BTreeSet::from([one("project"), one("namespace")]),
    }
}

fn fan_out() -> FanOut {
    let text = r#"{"services": [{"type": "Service", "spec": {"name": "make-it-rain", "environments": []}}]}"#;
    let options = LoadOptions { version: crate::version(), allow_empty: false };
    crate::fanout::load(text.as_bytes(), &options, &Settings::default()).unwrap().0
}

fn outcome() -> Outcome {
    let failure = |verb, kind: &str, error| Failure { verb, keys: vec![one(kind)], error };
    let text = || "the reason the platform gives".to_owned();
    let (what, detail) =
        (|| "namespace `compute/pay`".to_owned(), || "finalizer `example.com/hold` blocks it".to_owned());
    Outcome {
        failures: vec![
            failure(
                "create",
                "project",
                Error::NotOwned { what: "project `gc-pay-prod`".into(), registry: "acme".into() },
            ),
            failure(
                "delete",
                "namespace",
                Error::NotEmpty { what: what(), contents: vec!["ConfigMap settings".into()] },
            ),
            failure(
                "delete",
                "namespace",
                Error::NotEmpty { what: what(), contents: (1..=32).map(|n| format!("Pod batch-{n:02}")).collect() },
            ),
            failure("delete", "namespace", Error::PendingDeletion { what: what(), detail: detail() }),
            failure("grant", "IAM member", Error::Conflict(text())),
            failure("grant", "IAM member", Error::PermissionDenied(text())),
            failure("enable", "API", Error::Unavailable(text())),
            failure("set", "quota", Error::Invalid(text())),
            failure("bind", "role binding", Error::NotFound(text())),
            failure("bind", "role binding", Error::Cancelled),
        ],
        skipped: BTreeSet::from([one("quota")]),
        deferred: BTreeSet::from([one("role binding")]),
        ..Outcome::default()
    }
}

#[test]
fn every_message() {
    let mut all = Diagnostics::new();
    let who = ManagedObject::Service("pay");
    all.extend([
        replacement_refused(None),
        replacement_refused(Some(&"pay".to_owned())),
        exists_already("pay"),
        unknown_service("make-it-rian", &fan_out(), "registry.json"),
        unknown_environment("pay", "stagin", ["production", "staging"].into_iter(), "registry.json"),
        unknown_environment("pay", "staging", [].into_iter(), "registry.json"),
        registry_changed("pay", "sha256:aaaa", "sha256:bbbb"),
        another_registry(who, "acme", "globex", "registry.json"),
        older_registry(
            who,
            "2026-11-20T10:00:00Z".parse().unwrap(),
            "2026-11-19T10:00:00Z".parse().unwrap(),
            "registry.json",
        ),
        removal_refused("pay", &removals()),
        still_in_use("pay", &BTreeMap::from([(&"gc-pay-prod".parse().unwrap(), vec!["pay".into(), "ledger".into()])])),
    ]);
    removal_warnings(who, &removals(), &mut all);
    destroy_warnings(who, &removals(), &mut all);
    let unreadable = Diagnostics::from(Diagnostic::error("Registry cannot be read", "`registry.json` does not exist."));
    all.extend(already_there(who, &keys()));
    all.extend([
        will_be_restored(who, &BTreeSet::from([one("project")])),
        not_owned(who, &one("project")),
        another_registrys(who, &one("namespace"), "globex"),
        being_deleted(&one("project"), "until 2026-12-20"),
        being_deleted(&one("namespace"), "finalizer `example.com/hold` blocks it"),
        not_looked_at(
            &"compute".parse().unwrap(),
            &Error::Unavailable("cluster `compute` does not answer: Connection refused".into()),
        ),
        will_be_made_anew(who, &BTreeMap::from([(one("namespace"), "its finalizer holds it".to_owned())])),
        cannot_look("project `gc-pay-prod`", &Error::Unavailable("the server is busy".into())),
        destroy_registered("pay"),
        destroy_without_registry("pay", &unreadable),
        registered_again("pay"),
        asked_again(who, &removals().release),
        beyond_plan(who, &keys()),
        bad_import_id("pay/"),
        nothing_to_import("pay"),
    ]);
    all.extend(removal_without_registry(who, unreadable));
    all.extend(not_done(who, &outcome(), NextStep::Resume));
    all.extend(not_done(who, &outcome(), NextStep::Finish).into_iter().take(1));

    let mut text = String::new();
    for diagnostic in &all {
        let kind = if diagnostic.severity == Severity::Error { "Error" } else { "Warning" };
        let place = if diagnostic.path.is_root() { String::new() } else { format!(" ({})", diagnostic.path) };
        let Diagnostic { summary, detail, .. } = diagnostic;
        writeln!(text, "{kind}: {summary}{place}\n\n{detail}\n\n----").unwrap();
    }
    insta::assert_snapshot!(text);
}
