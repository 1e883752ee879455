//! Every place a policy can stand, every kind of sharing, owner or not: what of it decides over a removal.

use super::*;
use crate::fanout::resource::{NamespaceSettings, ProjectSettings, RoleBinding, Scope};

const NAMESPACE: &str = "compute/pay";
const PROJECT: &str = "proj-of-pay";

/// A namespace with a role binding, and a project with an API and a member.
fn managed(policy: DeletionPolicy, shared: bool) -> ResourceSet {
    let namespace: crate::registry::names::NamespaceKey = NAMESPACE.parse().unwrap();
    let project: crate::registry::names::ProjectId = PROJECT.parse().unwrap();
    let settings = NamespaceSettings { labels: BTreeMap::new(), annotations: BTreeMap::new() };
    let subjects = ["Group:a@example.com".to_owned()].into();
    let binding = RoleBinding { role: "view".parse().unwrap(), subjects };
    let mut resources = ResourceSet::default();
    resources.namespaces.insert(namespace.clone(), Scope { settings, shared, deletion_policy: policy });
    resources.role_bindings.entry(namespace).or_default().insert("b".into(), binding);
    let settings =
        ProjectSettings { display_name: PROJECT.into(), parent: None, billing_account: None, labels: BTreeMap::new() };
    resources.projects.insert(project.clone(), Scope { settings, shared, deletion_policy: policy });
    resources.apis.entry(project.clone()).or_default().insert("pubsub.googleapis.com".parse().unwrap());
    let role = "roles/pubsub.viewer".parse().unwrap();
    resources.iam.entry(project).or_default().insert(role, ["group:a@example.com".parse().unwrap()].into());
    resources
}

fn texts(keys: &BTreeSet<Key>) -> Vec<String> {
    keys.iter().map(|key| format!("{} {key}", key.kind())).collect()
}

const EVERYTHING: [&str; 5] = [
    "project proj-of-pay",
    "API proj-of-pay/pubsub.googleapis.com",
    "IAM member proj-of-pay/roles/pubsub.viewer/group:a@example.com",
    "namespace compute/pay",
    "role binding compute/pay/b",
];

fn unused(_: &Key) -> Option<Release> {
    None
}

fn nothing(_: &Key) -> Option<DeletionPolicy> {
    None
}

#[test]
fn the_owners_policy_applies_to_projects_and_namespaces_and_what_is_in_them() {
    for policy in DeletionPolicy::ALL {
        let managed = managed(policy, false);
        let removals = Removals::decide(&managed, &managed.keys(), unused, nothing);
        let (deleted, abandoned, refused) =
            (texts(&removals.delete), texts(&removals.abandon), texts(&removals.refused));
        match policy {
            DeletionPolicy::Prevent => {
                assert_eq!(refused, [EVERYTHING[0], EVERYTHING[3]]);
                assert!(deleted.is_empty() && abandoned.is_empty());
            }
            DeletionPolicy::Abandon => assert_eq!((abandoned, deleted), (EVERYTHING.map(String::from).into(), vec![])),
            _ => assert_eq!((deleted, abandoned), (EVERYTHING.map(String::from).into(), vec![])),
        }
        let contents = if policy == DeletionPolicy::DeleteWithContents { 2 } else { 0 };
        assert_eq!(removals.with_contents.len(), contents);
        assert!(removals.release.is_empty());
    }
}

#[test]
fn a_service_that_is_not_the_owner_deletes_only_its_grants_whatever_the_policy() {
    for policy in DeletionPolicy::ALL {
        let managed = managed(policy, true);
        let removals = Removals::decide(&managed, &managed.keys(), unused, nothing);
        assert_eq!(texts(&removals.delete), [EVERYTHING[2], EVERYTHING[4]], "{policy}");
        let released: BTreeSet<Key> = removals.release.keys().cloned().collect();
        assert_eq!(texts(&released), [EVERYTHING[0], EVERYTHING[1], EVERYTHING[3]], "{policy}");
        assert!(removals.release.values().all(|why| *why == Release::NotOwner));
        assert!(removals.abandon.is_empty() && removals.refused.is_empty());
    }
}

#[test]
fn what_its_owner_has_left_to_its_last_user_is_deleted_with_the_owners_policy() {
    for policy in [DeletionPolicy::Delete, DeletionPolicy::DeleteWithContents] {
        // The policy that the state of the last user has does not count.
        let managed = managed(DeletionPolicy::Prevent, true);
        let removals = Removals::decide(&managed, &managed.keys(), unused, |_| Some(policy));
        assert_eq!(texts(&removals.delete), EVERYTHING);
        assert_eq!(removals.with_contents.is_empty(), policy == DeletionPolicy::Delete);
    }
}

#[test]
fn what_others_use_is_released_and_the_services_own_grants_in_it_are_deleted() {
    let used = |key: &Key| (key.scope() == *key).then(|| Release::UsedBy(vec!["ledger".to_owned()]));
    for (policy, shared) in DeletionPolicy::ALL.into_iter().flat_map(|policy| [(policy, false), (policy, true)]) {
        let managed = managed(policy, shared);
        let removals = Removals::decide(&managed, &managed.keys(), used, |_| Some(DeletionPolicy::DeleteWithContents));
        assert!(removals.release.values().all(|why| *why == Release::UsedBy(vec!["ledger".to_owned()])));
        assert_eq!(removals.release.len(), 2);
        assert_eq!(texts(&removals.delete), [EVERYTHING[1], EVERYTHING[2], EVERYTHING[4]]);
        assert!(removals.refused.is_empty() && removals.with_contents.is_empty());
    }
}
