//! What the rules for namespaces, quotas and role bindings share.

use std::collections::BTreeSet;

use super::fixture::{ClusterFixture, ctx, labels, name, ownership};
use crate::fanout::resource::{NamespaceSettings, Quota, RoleBinding};
use crate::platform::{Clusters, Error, NamespaceView, OwnerLabel, QuotaView};
use crate::registry::names::NamespaceKey;
use crate::registry::quota::kept_quota;

pub(super) fn settings() -> NamespaceSettings {
    NamespaceSettings {
        labels: labels([("team", "banking"), ("tier", "1")]),
        annotations: labels([("cnrm.cloud.google.com/project-id", "gc-prd-ledger")]),
    }
}

pub(super) fn fresh(fixture: &dyn ClusterFixture) -> NamespaceKey {
    let [cluster, _] = fixture.clusters();
    NamespaceKey { cluster, namespace: fixture.fresh_namespace() }
}

pub(super) async fn make(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> NamespaceKey {
    let key = fresh(fixture);
    let made = platform.ensure_namespace(&ctx(), &key, &settings(), &ownership()).await;
    made.unwrap_or_else(|error| panic!("a namespace could not be created: {error}"));
    key
}

pub(super) async fn find(platform: &dyn Clusters, key: &NamespaceKey) -> Option<NamespaceView> {
    let desired = BTreeSet::from([key.namespace.clone()]);
    let found = platform.read_namespaces(&ctx(), &key.cluster, &desired).await;
    found.unwrap_or_else(|error| panic!("`{key}` could not be read: {error}")).remove(&key.namespace)
}

pub(super) async fn view(platform: &dyn Clusters, key: &NamespaceKey) -> NamespaceView {
    find(platform, key).await.unwrap_or_else(|| panic!("`{key}` should be there"))
}

/// The view without its etag, which a platform may change for its own reasons (a quota's status, a controller's label).
pub(super) async fn still(platform: &dyn Clusters, key: &NamespaceKey) -> NamespaceView {
    NamespaceView { etag: String::new(), ..view(platform, key).await }
}

/// A namespace with this in it is not deleted without its contents, and a plan is told the same.
pub(super) async fn kept(platform: &dyn Clusters, key: &NamespaceKey, holding: &str) {
    let before = still(platform, key).await;
    let listed = platform.foreign_objects(&ctx(), key, &ownership()).await;
    match platform.delete_namespace(&ctx(), key, false, &ownership()).await {
        Err(Error::NotEmpty { contents, .. }) => {
            assert_eq!(listed.as_ref(), Ok(&contents), "a plan is told what the deletion says");
            assert!(contents.iter().any(|line| line.contains(holding)), "`{holding}` is not in {contents:?}");
        }
        outcome => panic!("a namespace with `{holding}` was not refused: {outcome:?}"),
    }
    assert_eq!(still(platform, key).await, before);
    assert_eq!(platform.delete_namespace(&ctx(), key, true, &ownership()).await, Ok(()));
    assert_eq!(find(platform, key).await, None);
}

pub(super) fn binding(role: &str, subjects: &[&str]) -> RoleBinding {
    RoleBinding { role: name(role), subjects: subjects.iter().map(|&subject| subject.to_owned()).collect() }
}

pub(super) fn quota(cpu: &str) -> Quota {
    labels([("requests.cpu", cpu), ("requests.memory", "8Gi")])
}

/// Quotas that follow each other on one namespace. No platform keeps the last as it is written.
pub(super) fn quotas() -> [Quota; 5] {
    let odd = labels([("cpu", "0.035714286"), ("memory", "33.3333Gi"), ("limits.memory", "8Ei"), ("pods", "2e1")]);
    [quota("4"), quota("4"), labels([("requests.cpu", "8")]), odd.clone(), odd]
}

/// The quota with these limits as every platform keeps it.
pub(super) fn our_quota(limits: Quota) -> QuotaView {
    QuotaView { limits: kept_quota(&limits), owner: OwnerLabel::Registry(ownership().registry) }
}

pub(super) fn not_owned(outcome: Result<(), Error>) {
    assert!(matches!(outcome, Err(Error::NotOwned { .. })), "{outcome:?}");
}
