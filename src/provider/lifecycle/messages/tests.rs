//! Every message of the lifecycle as a user reads it, for each kind, in one snapshot: what changes here changes what people
//! search for.

use crate::codes;
use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::apply::{Failure, Outcome};
use crate::fanout::removal::{Release, Removals};
use crate::fanout::resource::DeletionPolicy;
use crate::platform::ServerId;
use crate::provider::causes::Causes;
use crate::provider::lifecycle::contents::{not_empty, unknown};
use crate::provider::lifecycle::empty_store::empty_store;
use crate::provider::lifecycle::existing_messages::{
    being_deleted, existing, no_such_project, not_owned, of_another_registry, on_deleted_projects, relabelled,
    role_taken, unlabelled, will_be_recreated, will_be_restored,
};
use crate::provider::lifecycle::failures::{NextStep, incomplete};
use crate::provider::lifecycle::removal_messages::*;
use crate::provider::lifecycle::server_messages;
use crate::provider::lifecycle::wording::{NAMESPACE, PROJECT, PROJECT_IAM, SERVICE};
use crate::registry::names::{IamRole, NamespaceKey, NamespaceName, ProjectId};

fn keys() -> BTreeSet<Key> {
    let namespace: NamespaceKey = "compute/pay".parse().unwrap();
    let project: ProjectId = "gc-pay-prod".parse().unwrap();
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
    let used = Release::UsedBy(vec!["ledger".to_owned(), "fx".to_owned()]);
    let planned = Release::Planned(vec!["ledger".to_owned()]);
    Removals {
        delete: keys(),
        abandon: BTreeSet::from([one("project")]),
        release: [(one("namespace"), used), (one("API"), planned), (one("project"), Release::NotOwner)].into(),
        ..Removals::default()
    }
}

fn service() -> Identity {
    Identity::Service { name: "pay".into(), environments: None }
}

fn outcome() -> Outcome {
    let failure = |verb, kinds: &[&str], error| {
        let keys = kinds.iter().map(|kind| one(kind)).collect();
        Failure { verb, keys, error }
    };
    let text = || "the reason the platform gives".to_owned();
    let what = || "namespace `compute/pay`".to_owned();
    let not_owned = || Error::NotOwned { what: "project `gc-pay-prod`".into(), registry: "acme".into() };
    let contents = (1..=32).map(|n| format!("Pod batch-{n:02}")).collect();
    let principals = ["group:gone@example.com".parse().unwrap()].into();
    let unknown = Error::UnknownPrincipals { what: "project `gc-pay-prod`".into(), principals };
    let detail = "finalizer `example.com/protect` blocks it".to_owned();
    let all_of_it = &["namespace", "quota", "role binding"];
    Outcome {
        failures: vec![
            failure("create", &["project"], not_owned()),
            failure("delete", &["project"], not_owned()),
            failure("delete", all_of_it, Error::NotEmpty { what: what(), contents: vec!["ConfigMap settings".into()] }),
            failure("delete", all_of_it, Error::NotEmpty { what: what(), contents }),
            failure("delete", &["namespace"], Error::PendingDeletion { what: what(), detail }),
            failure("grant", &["IAM member", "IAM member"], Error::Conflict(text())),
            failure("grant", &["IAM member"], unknown),
            failure("grant", &["IAM member"], Error::PermissionDenied(text())),
            failure("enable", &["API"], Error::Unavailable(text().into())),
            failure("enable", &["API"], Error::Unauthenticated(text().into())),
            failure("bind", &["role binding"], Error::Misconfigured(text().into())),
            failure("set", &["quota"], Error::Invalid(text())),
            failure("bind", &["role binding"], Error::NotFound(text())),
            failure("delete", all_of_it, Error::Cancelled),
        ],
        skipped: BTreeSet::from([one("quota")]),
        deferred: BTreeSet::from([one("role binding")]),
        ..Outcome::default()
    }
}

fn of_any_kind(wording: &Wording, identity: &Identity) -> Vec<Diagnostic> {
    let unreadable =
        Diagnostics::from(Diagnostic::new(codes::REGISTRY_NOT_READABLE, "`registry.json` does not exist."));
    let timestamp = |text: &str| text.parse().unwrap();
    let namespace = one("namespace");
    let mut all = Diagnostics::new();
    all.extend([
        another_registry(identity, "acme", "globex", "registry.json"),
        older_registry(identity, timestamp("2026-11-20T10:00:00Z"), timestamp("2026-11-19T10:00:00Z"), "registry.json", "sha256:00"),
        ageless_registry(identity, timestamp("2026-11-20T10:00:00Z"), "registry.json", "sha256:00"),
        from_the_future(identity, "`registry.json` was compiled at `2027-01-01T00:00:00Z` (`metadata.compiledAt`), and this machine's clock says `2026-11-20T10:00:00Z`."),
        replacement_refused(wording, None),
        replacement_refused(wording, Some(identity)),
        in_state_already(wording, identity),
        invalid_state(wording, &"Monitoring".parse::<NamespaceName>().unwrap_err()),
    ]);
    removal_warnings(identity, &removals(), |_| false, &mut all);
    let left = [(one("namespace"), DeletionPolicy::Delete)].into();
    destroy_warnings(identity, &removals(), true, &left, &mut all);
    destroy_warnings(identity, &removals(), false, &BTreeMap::new(), &mut all);
    let as_it_is = |keys: BTreeSet<Key>| keys.into_iter().map(|key| (key, Vec::new())).collect::<BTreeMap<_, _>>();
    all.extend(existing(identity, &as_it_is([namespace.clone()].into()).iter().collect()));
    let mut some = as_it_is(keys());
    some.insert(one("namespace"), vec!["label `tier`: none -> `2`".into()]);
    let without_label = relabelled(&crate::platform::OwnerLabel::Missing, "acme");
    some.insert(one("role binding"), vec!["revoked from `Group:oncall@example.com`".into(), without_label]);
    all.extend(existing(identity, &some.iter().collect()));
    all.push(unlabelled(identity, &[one("quota"), one("role binding")].into()));
    all.extend([
        will_be_recreated(identity, &[(namespace.clone(), "a finalizer blocks it".to_owned())].into()),
        not_owned(wording, &namespace),
        role_taken(&one("role binding"), &"view".parse().unwrap(), &"edit".parse().unwrap()),
        of_another_registry(wording, &namespace, "globex"),
        not_empty(identity, &"compute/pay".parse().unwrap(), vec!["ConfigMap settings".into()]),
        unknown(
            identity,
            &"compute/pay".parse().unwrap(),
            &Error::PermissionDenied(
                "the contents of namespace `compute/pay` cannot be listed, so it is not deleted: no".into(),
            ),
        ),
        being_deleted(&namespace, "finalizer `example.com/protect` blocks it"),
        destroy_without_registry(wording, identity, &unreadable),
        used_since_plan(identity, &removals().release),
        beyond_plan(identity, &keys()),
        update_beyond_plan(identity, &keys()),
        removals_unknown(identity, "name"),
        bad_import_id(wording, "pay/"),
        nothing_to_import(wording, identity),
    ]);
    all.extend(destroy_needs_registry(identity, &unreadable));
    let mut outcome = outcome();
    outcome.failures.truncate(if wording.one_resource { 1 } else { usize::MAX });
    all.extend(incomplete(identity, &outcome, NextStep::Resume, None));
    all.into_iter().collect()
}

#[test]
fn every_message_about_a_service() {
    let (identity, project) = (service(), one("project"));
    let mut all = of_any_kind(&SERVICE, &identity);
    let unreachable = Error::Unavailable("cluster `compute` does not answer: Connection refused".into());
    all.extend([
        still_in_use(&identity, &[(&"gc-pay-prod".parse().unwrap(), vec!["pay".into(), "ledger".into()])].into()),
        will_be_restored(&identity, &[(project.clone(), Vec::new())].into()),
        on_deleted_projects(&identity, &[(project.clone(), "until 2026-12-20".to_owned())].into()),
        will_be_restored(
            &identity,
            &[(project.clone(), vec![format!("IAM member {project}/roles/viewer/domain:example.com")])].into(),
        ),
        no_such_project(&identity, &"gc-pay-prod".parse().unwrap(), true, &[one("IAM member")].into()),
        no_such_project(&identity, &"gc-pay-prod".parse().unwrap(), false, &[one("IAM member")].into()),
        not_owned(&SERVICE, &project),
        being_deleted(&project, "until 2026-12-20"),
        cluster_unreachable(&"compute".parse().unwrap(), &unreachable),
        project_unseen(&"gc-pay-prod".parse().unwrap()),
        empty_store(std::path::Path::new("/builds/estate/anu.db")),
        cannot_read("project `gc-pay-prod`", &Error::Unavailable("the server is busy".into())),
        destroy_registered(&identity),
        two_resources(&SERVICE, &identity),
        registered_again(&identity),
    ]);
    all.extend(incomplete(&identity, &outcome(), NextStep::Finish, None).into_iter().take(1));
    insta::assert_snapshot!(test_text(all));
}

#[test]
fn every_message_about_a_namespace() {
    let identity = Identity::Namespace("compute/pay".parse().unwrap());
    let mut all = of_any_kind(&NAMESPACE, &identity);
    all.push(two_resources(&NAMESPACE, &identity));
    insta::assert_snapshot!(test_text(all));
}

#[test]
fn every_message_about_a_project() {
    let id: ProjectId = "gc-prd-log".parse().unwrap();
    let (identity, key) = (Identity::Project(id.clone()), Key::Project(id.clone()));
    let api = Key::Api(id.clone(), "pubsub.googleapis.com".parse().unwrap());
    let unreadable =
        Diagnostics::from(Diagnostic::new(codes::REGISTRY_NOT_READABLE, "`registry.json` does not exist."));
    let removals = Removals {
        delete: [api.clone()].into(),
        release: [(key.clone(), Release::UsedBy(vec!["pay".into()]))].into(),
        ..Removals::default()
    };
    let mut all = Diagnostics::new();
    all.extend([
        another_registry(&identity, "acme", "globex", "registry.json"),
        replacement_refused(&PROJECT, None),
        replacement_refused(&PROJECT, Some(&identity)),
        in_state_already(&PROJECT, &identity),
        two_resources(&PROJECT, &identity),
        invalid_state(&PROJECT, &"Log".parse::<ProjectId>().unwrap_err()),
    ]);
    removal_warnings(&identity, &removals, |_| false, &mut all);
    destroy_warnings(&identity, &removals, true, &BTreeMap::new(), &mut all);
    all.extend([
        still_in_use(&identity, &[(&id, vec!["pay".into(), "ledger".into()])].into()),
        not_owned(&PROJECT, &key),
        of_another_registry(&PROJECT, &key, "globex"),
        will_be_restored(&identity, &[(key.clone(), Vec::new())].into()),
        being_deleted(&key, "until 2026-12-20"),
        destroy_without_registry(&PROJECT, &identity, &unreadable),
        removals_unknown(&identity, "apis"),
        bad_import_id(&PROJECT, "projects/gc-prd-log"),
        nothing_to_import(&PROJECT, &identity),
    ]);
    let failure = Failure { verb: "enable", keys: vec![api], error: Error::Unavailable("the server is busy".into()) };
    let outcome = Outcome { failures: vec![failure], deferred: [key].into(), ..Outcome::default() };
    all.extend(incomplete(&identity, &outcome, NextStep::Finish, None));
    insta::assert_snapshot!(test_text(all));
}

#[test]
fn every_message_about_project_iam() {
    let id: ProjectId = "gc-prd-log".parse().unwrap();
    let identity = Identity::ProjectIam(id.clone());
    let member = |member: &str| Key::IamMember(id.clone(), "roles/viewer".parse().unwrap(), member.parse().unwrap());
    let (one, other) = (member("user:a@example.com"), member("user:b@example.com until 2027-01-31T00:00:00Z"));
    let unreadable =
        Diagnostics::from(Diagnostic::new(codes::REGISTRY_NOT_READABLE, "`registry.json` does not exist."));
    let removals = Removals {
        delete: [other.clone()].into(),
        release: [(one.clone(), Release::UsedBy(vec!["pay".into()]))].into(),
        ..Removals::default()
    };
    let mut all = Diagnostics::new();
    all.extend([
        replacement_refused(&PROJECT_IAM, Some(&identity)),
        in_state_already(&PROJECT_IAM, &identity),
        two_resources(&PROJECT_IAM, &identity),
        invalid_state(&PROJECT_IAM, &"viewer".parse::<IamRole>().unwrap_err()),
    ]);
    let now = "2027-02-01T00:00:00Z".parse().unwrap();
    removal_warnings(&identity, &removals, |key| key.has_ended(now), &mut all);
    let both = Removals { delete: [one.clone(), other.clone()].into(), ..Removals::default() };
    removal_warnings(&identity, &both, |key| key.has_ended(now), &mut all);
    destroy_warnings(&identity, &removals, true, &BTreeMap::new(), &mut all);
    all.extend(existing(&identity, &[(&one, &Vec::new())].into()));
    all.push(no_such_project(&identity, &id, false, &[one.clone()].into()));
    let by_resource = BTreeMap::from([(&identity, "1 grant".to_owned())]);
    all.extend([
        destroy_without_registry(&PROJECT_IAM, &identity, &unreadable),
        removals_unknown(&identity, "members"),
        used_since_plan(&identity, &removals.release),
        beyond_plan(&identity, &removals.delete),
        bad_import_id(&PROJECT_IAM, "gc-prd-log/roles/viewer"),
        much_is_deleted(&by_resource, "1 grant", 10),
    ]);
    let error = Error::PendingDeletion { what: "project `gc-prd-log`".into(), detail: "until 2026-12-20".into() };
    let failure = Failure { verb: "grant", keys: vec![one], error };
    let outcome = Outcome { failures: vec![failure], deferred: [other].into(), ..Outcome::default() };
    all.extend(incomplete(&identity, &outcome, NextStep::Resume, None));
    insta::assert_snapshot!(test_text(all));
}

/// What a second resource reads where the first one has had the whole text.
#[test]
fn every_message_of_a_cause_in_short() {
    let mut causes = Causes::default();
    let about = |identity: &Identity| -> Diagnostics {
        let mut all = of_any_kind(&SERVICE, identity);
        let server = |text: &str| ServerId::Uid(text.to_owned());
        let (prod, alias) = ("prod".parse().unwrap(), "alias".parse().unwrap());
        all.push(unnamed_registry("registry.json"));
        all.push(server_messages::another_server(identity, &prod, &server("uid-1"), &server("uid-2")));
        all.push(server_messages::two_names(identity, &prod, &alias, &server("uid-1")));
        all.into_iter().filter(|one| one.cause.is_some()).collect()
    };
    let first = about(&service());
    assert_eq!(causes.once(first.clone()), first);
    let second = Identity::Service { name: "ledger".into(), environments: None };
    let short = causes.once(about(&second));
    assert_eq!(short.iter().count(), first.iter().count());
    insta::assert_snapshot!(test_text(short));
}

#[test]
fn counts_name_each_kind_once() {
    assert_eq!(counts(&keys()), "1 project, 1 API, 1 namespace, 1 quota and 2 grants");
    assert_eq!(counts([&one("namespace"), &one("namespace")]), "2 namespaces");
    assert_eq!(counts([&one("project"), &one("quota")]), "1 project and 1 quota");
}

/// Core shows warnings of one title as one, and the others' text is lost.
#[test]
fn two_objects_never_share_a_warning_title() {
    let titles = |name: &str| -> Vec<String> {
        let identity = Identity::Service { name: name.into(), environments: None };
        let all = of_any_kind(&SERVICE, &identity).into_iter().filter(|of| of.severity == Severity::Warning);
        all.map(|of| of.summary).collect()
    };
    let (one, other) = (titles("pay"), titles("ledger"));
    assert!(!one.is_empty() && one.iter().all(|title| !other.contains(title)), "{one:#?}");
}

/// The warnings of the lifecycle about one resource, about the same keys.
fn warnings_about(wording: &Wording, identity: &Identity) -> Vec<String> {
    let warnings = of_any_kind(wording, identity).into_iter().filter(|d| d.severity == Severity::Warning);
    let mut summaries: Vec<String> = warnings.map(|warning| warning.summary).collect();
    let restored = BTreeMap::from([(one("project"), Vec::new())]);
    summaries.push(will_be_restored(identity, &restored).summary);
    summaries
}

/// Core shows warnings of one summary as one, and hides the details of all others.
#[test]
fn no_two_resources_share_the_summary_of_a_warning() {
    let of = |name: &str, environments: Option<&[&str]>| {
        let environments = environments.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        Identity::Service { name: name.into(), environments }
    };
    let identities = [
        of("pay", None),
        of("pay", Some(&["staging"])),
        of("pay", Some(&["production"])),
        of("pay", Some(&["staging", "production"])),
        of("ledger", None),
        Identity::Namespace("compute/pay".parse().unwrap()),
        Identity::Namespace("other/pay".parse().unwrap()),
        Identity::Project("proj-of-pay".parse().unwrap()),
        Identity::Project("proj-of-ledger".parse().unwrap()),
        Identity::ProjectIam("proj-of-pay".parse().unwrap()),
        Identity::ProjectIam("proj-of-ledger".parse().unwrap()),
    ];
    let mut seen: BTreeMap<String, &Identity> = BTreeMap::new();
    let mut walked = 0;
    for identity in &identities {
        let wording = match identity {
            Identity::Service { .. } => &SERVICE,
            Identity::Namespace(_) => &NAMESPACE,
            Identity::Project(_) => &PROJECT,
            Identity::ProjectIam(_) => &PROJECT_IAM,
        };
        for summary in warnings_about(wording, identity) {
            walked += 1;
            let other = seen.insert(summary.clone(), identity);
            assert!(other.is_none_or(|other| other == identity), "{identity} and {other:?} share: {summary}");
        }
    }
    assert!(walked >= 11 * 8, "{walked}");
}

/// With the service, the team or the entry that it comes from, and the grants that wait for it.
#[test]
fn a_principal_that_does_not_exist_is_named_with_its_team() {
    let registry = r#"{"teams": [
        {"type": "Team", "spec": {"name": "core", "email": "Core@example.com"}},
        {"type": "Team", "spec": {"name": "core-on-call", "email": "core@example.com"}},
        {"type": "Team", "spec": {"name": "ops", "email": "ops@example.com"}}],
      "services": [{"type": "Service", "spec": {"name": "pay", "team": "core", "environments": [{"type": "Environment", "spec": {
        "name": "production", "googleProject": "gc-pay-prod", "rbac": {"admins": ["core", "core-on-call", "ops"]}}}]}}]}"#;
    let options = crate::registry::LoadOptions { version: crate::version(), allow_empty: false, name: None };
    let (fan_out, _) = crate::fanout::load(registry.as_bytes(), &options, &Default::default()).unwrap();
    let principals = ["group:core@example.com", "group:ops@example.com", "user:jo@example.com"];
    let key = |member: &str| {
        Key::IamMember("gc-pay-prod".parse().unwrap(), "roles/pubsub.admin".parse().unwrap(), member.parse().unwrap())
    };
    let mut keys: Vec<Key> = principals.iter().copied().map(key).collect();
    keys.push(key("user:jo@example.com until 2027-01-31T00:00:00Z"));
    let error = Error::UnknownPrincipals {
        what: "project `gc-pay-prod`".into(),
        principals: principals.iter().map(|principal| principal.parse().unwrap()).collect(),
    };
    let failures = vec![Failure { verb: "grant", keys, error }];
    let outcome = Outcome { failures, ..Outcome::default() };
    insta::assert_snapshot!(test_text(incomplete(&service(), &outcome, NextStep::Finish, Some(&fan_out))));
}

/// The ownership of a service account of Google is in its description, that of one of Kubernetes in its labels.
#[test]
fn service_accounts_that_are_not_ours() {
    let google = Key::ServiceAccount("gc-pay-prod".parse().unwrap(), "pay-robot".parse().unwrap());
    let kubernetes = Key::KubernetesServiceAccount("compute/pay".parse().unwrap(), "pay".parse().unwrap());
    let mut all = Diagnostics::new();
    for key in [&google, &kubernetes] {
        let error = Error::NotOwned { what: format!("{} `{key}`", key.kind()), registry: "acme".into() };
        let failures = vec![Failure { verb: "delete", keys: vec![key.clone()], error }];
        all.extend(incomplete(&service(), &Outcome { failures, ..Outcome::default() }, NextStep::Finish, None));
        all.extend([not_owned(&SERVICE, key), of_another_registry(&SERVICE, key, "globex")]);
    }
    all.push(unlabelled(&service(), &[kubernetes.clone()].into()));
    insta::assert_snapshot!(test_text(all));
    assert_eq!(counts([&google, &kubernetes]), "1 service account and 1 Kubernetes service account");
}
