//! Who uses what in a fan-out, why, and what an owner's change means for others.

use anu::fanout::FanOut;
use anu::fanout::resource::Key;
use anu::registry::names::{NamespaceKey, ProjectId};

use crate::fan_out::ACME;
use crate::{estate, fan_out};

#[test]
fn shared_resources_follow_their_owner() {
    let fan_out = fan_out(ACME);
    let rain = &fan_out.service("make-it-rain").expect("a service").resources;
    let ledger = &fan_out.service("ledger").expect("a service").resources;
    let project: ProjectId = "gc-prd-rain".parse().expect("an id");
    let namespace: NamespaceKey = "c1/rain".parse().expect("a key");
    assert!(!rain.projects[&project].shared && ledger.projects[&project].shared);
    assert!(!rain.namespaces[&namespace].shared && ledger.namespaces[&namespace].shared);
    // If another user creates the resource first, it uses the settings of the owner.
    assert_eq!(rain.projects[&project].settings, ledger.projects[&project].settings);
    assert_eq!(rain.namespaces[&namespace].settings, ledger.namespaces[&namespace].settings);
    assert!(rain.quotas.contains_key(&namespace) && ledger.quotas.is_empty());
}

#[test]
fn users_and_reasons() {
    let fan_out = fan_out(ACME);
    let mut lines = Vec::new();
    let keys: std::collections::BTreeSet<Key> =
        fan_out.services().flat_map(|(_, service)| service.resources.keys()).collect();
    for key in &keys {
        let users: Vec<&str> = fan_out.users_of(key).into_iter().map(AsRef::as_ref).collect();
        lines.push(format!("{} {key}: {}", key.kind(), users.join(", ")));
        for origin in fan_out.explain(key) {
            lines.push(format!("  {}/{} {}", origin.service, origin.environment, origin.pointer));
        }
        assert!(!fan_out.explain(key).is_empty());
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    project gc-prd-rain: make-it-rain, ledger
      make-it-rain/production /services/0/spec/environments/0/spec/googleProject
      ledger/production /services/1/spec/environments/0/spec/googleProject
    API gc-prd-rain/pubsub.googleapis.com: make-it-rain, ledger
      make-it-rain/production /services/0/spec/googleServices/0
      ledger/production /services/1/spec/googleServices/0
    IAM member gc-prd-rain/roles/pubsub.admin/group:banking-integrations@example.com: make-it-rain
      make-it-rain/production /services/0/spec/environments/0/spec/rbac/admins/0
    IAM member gc-prd-rain/roles/pubsub.editor/principalSet://iam.googleapis.com/x/core: make-it-rain, ledger
      make-it-rain/production /services/0/spec/environments/0/spec/rbac/operators/0
      ledger/production /services/1/spec/environments/0/spec/rbac/operators/0
    IAM member gc-prd-rain/roles/pubsub.editor/serviceAccount:deployer@gc-prd-ci.iam.gserviceaccount.com: make-it-rain
      make-it-rain/production /services/0/spec/environments/0/spec/rbac/operators/1
    namespace c1/rain: make-it-rain, ledger
      make-it-rain/production /services/0/spec/environments/0/spec/targets/0
      ledger/production /services/1/spec/environments/0/spec/targets/0
    quota c1/rain: make-it-rain
      make-it-rain/production /services/0/spec/environments/0/spec/quota
    role binding c1/rain/anu:ledger:production:operators:edit: ledger
      ledger/production /services/1/spec/environments/0/spec/rbac/operators/0
    role binding c1/rain/anu:make-it-rain:production:admins:admin: make-it-rain
      make-it-rain/production /services/0/spec/environments/0/spec/rbac/admins/0
    role binding c1/rain/anu:make-it-rain:production:operators:edit: make-it-rain
      make-it-rain/production /services/0/spec/environments/0/spec/rbac/operators/0
      make-it-rain/production /services/0/spec/environments/0/spec/rbac/operators/1
    ");
    let unused = Key::Project("gc-prd-unused".parse().expect("an id"));
    assert!(fan_out.users_of(&unused).is_empty() && fan_out.explain(&unused).is_empty());
    let other = Key::Api("gc-prd-rain".parse().expect("an id"), "run.googleapis.com".parse().expect("a service"));
    assert!(fan_out.users_of(&other).is_empty());
}

#[test]
fn users_match_the_resources_of_every_service() {
    let fan_out = fan_out(&estate::registry(120));
    for (name, service) in fan_out.services() {
        for key in service.resources.keys() {
            assert!(service.resources.contains(&key));
            let users = fan_out.users_of(&key);
            let expected = fan_out.services().filter(|(_, other)| other.resources.contains(&key)).count();
            assert!(users.contains(&name) && expected == users.len(), "{key}");
            assert_eq!(fan_out.is_shared(&key), users.len() > 1);
        }
    }
}

/// The owner's labels are not in the digests of other users.
#[test]
fn an_owners_change_does_not_change_the_sharers_digest() {
    let digest = |document: &str, name: &str| fan_out(document).service(name).expect("a service").digest.clone();
    let edited = ACME.replace(r#""mesh": "on""#, r#""mesh": "off""#).replace(r#""tier": "2""#, r#""tier": "3""#);
    assert_eq!(digest(ACME, "ledger"), digest(&edited, "ledger"));
    assert_ne!(digest(ACME, "make-it-rain"), digest(&edited, "make-it-rain"));
}

/// A new user of what a service owns is in the owner's digest, and in that of no other user.
#[test]
fn a_new_user_is_shown_to_the_owner_only() {
    let users = |document: &str| -> Vec<String> {
        let fan_out = fan_out(document);
        let shared_with = &fan_out.service("make-it-rain").expect("a service").shared_with;
        shared_with.iter().map(|(key, users)| format!("{key}: {users:?}")).collect()
    };
    let alone =
        ACME.replace(r#""googleProject": "gc-prd-rain", "rbac": {"operators": ["core-banking"]}"#, r#""rbac": {}"#);
    assert_eq!(users(&alone), [r#"c1/rain: [ServiceName("ledger")]"#]);
    assert_eq!(users(ACME), [r#"c1/rain: [ServiceName("ledger")]"#, r#"gc-prd-rain: [ServiceName("ledger")]"#]);
    let (before, after) = (fan_out(&alone), fan_out(ACME));
    let digest = |fan_out: &FanOut| fan_out.service("make-it-rain").expect("a service").digest.clone();
    assert_ne!(digest(&before), digest(&after));
    assert!(after.service("ledger").expect("a service").shared_with.is_empty());
    // Access to a project that exists without anu is granted as well.
    let existing = ACME.replace(
        r#""owner": "make-it-rain", "sharedWith": ["ledger"]"#,
        r#""existing": true, "owner": "make-it-rain", "sharedWith": ["ledger"]"#,
    );
    assert_eq!(users(&existing).len(), 2);
}
