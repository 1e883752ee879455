//! Rules for Kubernetes service accounts.

use std::collections::BTreeSet;

use super::cluster_helpers::{find, fresh, make, not_owned, settings, view};
use super::fixture::{
    Ability, ClusterFixture, adopting, cancelled, ctx, labels, name, other_owner, ownership, recorded, renamed,
};
use crate::fanout::resource::{ACTS_AS, Labels};
use crate::platform::{Clusters, Error, KubernetesServiceAccountView, OwnerLabel, OwnershipPolicy, Result};
use crate::registry::names::{KubernetesServiceAccountName, NamespaceKey};

const ONE: &str = "one@gc-conf.iam.gserviceaccount.com";
const TWO: &str = "two@gc-conf.iam.gserviceaccount.com";

super::fixture::rules!(Clusters, ClusterFixture:
    a_kubernetes_service_account_is_set_exactly,
    many_kubernetes_service_accounts_are_read_at_once,
    what_others_set_of_a_kubernetes_service_account_stays,
    a_kubernetes_service_account_of_others_is_not_ours,
    another_registrys_kubernetes_service_account_is_never_adopted,
    a_recorded_kubernetes_service_account_is_labelled_again_and_not_deleted_without_label,
    a_kubernetes_service_account_with_an_earlier_name_is_labelled_again,
    without_its_namespace_there_is_no_kubernetes_service_account,
    a_kubernetes_service_account_of_ours_is_deleted_with_its_namespace,
    a_kubernetes_service_account_of_others_keeps_its_namespace,
    a_cancelled_run_changes_no_kubernetes_service_account,
);

fn web() -> KubernetesServiceAccountName {
    name("web")
}

async fn put(platform: &dyn Clusters, key: &NamespaceKey, address: &str, ownership: &OwnershipPolicy) -> Result<()> {
    platform.put_kubernetes_service_account(&ctx(), key, &web(), address, ownership).await
}

async fn delete(platform: &dyn Clusters, key: &NamespaceKey, ownership: &OwnershipPolicy) -> Result<()> {
    platform.delete_kubernetes_service_account(&ctx(), key, &web(), ownership).await
}

/// The account `web` of a namespace.
async fn account(platform: &dyn Clusters, key: &NamespaceKey) -> Option<KubernetesServiceAccountView> {
    let namespaces = BTreeSet::from([key.namespace.clone()]);
    let found = platform.read_kubernetes_service_accounts(&ctx(), &key.cluster, &namespaces).await;
    let mut found = found.unwrap_or_else(|error| panic!("`{key}` could not be read: {error}"));
    found.remove(&key.namespace)?.remove(&web())
}

fn ours(address: &str, ownership: &OwnershipPolicy) -> Option<KubernetesServiceAccountView> {
    let owner = OwnerLabel::Registry(ownership.registry.clone());
    Some(KubernetesServiceAccountView { google_service_account: Some(address.to_owned()), owner })
}

async fn a_kubernetes_service_account_is_set_exactly(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Ability {
    let key = make(platform, fixture).await;
    assert_eq!(account(platform, &key).await, None);
    for address in [ONE, ONE, TWO] {
        assert_eq!(put(platform, &key, address, &ownership()).await, Ok(()));
        assert_eq!(account(platform, &key).await, ours(address, &ownership()));
    }
    for _ in 0..2 {
        assert_eq!(delete(platform, &key, &ownership()).await, Ok(()));
        assert_eq!(account(platform, &key).await, None);
    }
    Ok(())
}

async fn many_kubernetes_service_accounts_are_read_at_once(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let mut desired = BTreeSet::from([fixture.fresh_namespace()]);
    for number in 0..6 {
        let key = make(platform, fixture).await;
        match number % 2 {
            0 => assert_eq!(put(platform, &key, ONE, &ownership()).await, Ok(())),
            _ => fixture.foreign_kubernetes_service_account(&key, &web(), &Labels::new(), &Labels::new()).await?,
        }
        desired.insert(key.namespace);
    }
    let unasked = make(platform, fixture).await;
    assert_eq!(put(platform, &unasked, ONE, &ownership()).await, Ok(()));
    let [here, there] = fixture.clusters();
    let found = platform.read_kubernetes_service_accounts(&ctx(), &here, &desired).await;
    let found = found.unwrap_or_else(|error| panic!("{error}"));
    let accounts: Vec<_> = found.values().filter_map(|accounts| accounts.get(&web())).collect();
    assert_eq!((accounts.len(), accounts.iter().filter(|view| view.owner != OwnerLabel::Missing).count()), (6, 3));
    assert!(!found.contains_key(&unasked.namespace));
    // The same names on another cluster are other namespaces.
    let elsewhere = platform.read_kubernetes_service_accounts(&ctx(), &there, &desired).await;
    assert_eq!(elsewhere.map(|found| found.len()), Ok(0));
    let none = platform.read_kubernetes_service_accounts(&ctx(), &here, &BTreeSet::new()).await;
    assert_eq!(none.map(|found| found.len()), Ok(0));
    Ok(())
}

async fn what_others_set_of_a_kubernetes_service_account_stays(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = make(platform, fixture).await;
    let theirs = labels([("example.com/note", "theirs"), (ACTS_AS, TWO)]);
    fixture.foreign_kubernetes_service_account(&key, &web(), &labels([("app", "web")]), &theirs).await?;
    assert_eq!(put(platform, &key, ONE, &adopting()).await, Ok(()));
    assert_eq!(account(platform, &key).await, ours(ONE, &ownership()));
    let mut expected = theirs;
    expected.insert(ACTS_AS.to_owned(), ONE.to_owned());
    assert_eq!(fixture.kubernetes_service_account_annotations(&key, &web()).await?, expected);
    Ok(())
}

async fn a_kubernetes_service_account_of_others_is_not_ours(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = make(platform, fixture).await;
    fixture.foreign_kubernetes_service_account(&key, &web(), &Labels::new(), &Labels::new()).await?;
    let before = account(platform, &key).await;
    assert_eq!(before, Some(KubernetesServiceAccountView { google_service_account: None, owner: OwnerLabel::Missing }));
    not_owned(put(platform, &key, ONE, &ownership()).await);
    for ownership in [ownership(), adopting(), recorded()] {
        not_owned(delete(platform, &key, &ownership).await);
    }
    assert_eq!(account(platform, &key).await, before, "what is refused is not changed");
    assert_eq!(put(platform, &key, ONE, &adopting()).await, Ok(()));
    assert_eq!(delete(platform, &key, &ownership()).await, Ok(()), "what was adopted is ours");
    Ok(())
}

async fn another_registrys_kubernetes_service_account_is_never_adopted(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = make(platform, fixture).await;
    fixture.foreign_kubernetes_service_account(&key, &web(), &other_owner(), &labels([(ACTS_AS, TWO)])).await?;
    let before = account(platform, &key).await;
    for ownership in [ownership(), adopting(), recorded()] {
        not_owned(put(platform, &key, ONE, &ownership).await);
        not_owned(delete(platform, &key, &ownership).await);
    }
    assert_eq!(account(platform, &key).await, before);
    Ok(())
}

/// Pods may use it, and others may have created it again: unlike a grant, it is not deleted because the state records it.
async fn a_recorded_kubernetes_service_account_is_labelled_again_and_not_deleted_without_label(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = make(platform, fixture).await;
    fixture.foreign_kubernetes_service_account(&key, &web(), &Labels::new(), &labels([(ACTS_AS, ONE)])).await?;
    not_owned(delete(platform, &key, &recorded()).await);
    assert_eq!(put(platform, &key, ONE, &recorded()).await, Ok(()), "only the label is missing");
    assert_eq!(account(platform, &key).await, ours(ONE, &ownership()));
    Ok(())
}

async fn a_kubernetes_service_account_with_an_earlier_name_is_labelled_again(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = make(platform, fixture).await;
    for policy in [ownership(), renamed()] {
        assert_eq!(put(platform, &key, ONE, &policy).await, Ok(()));
        assert_eq!(account(platform, &key).await, ours(ONE, &policy));
    }
    // What another registry has adopted is no longer ours.
    not_owned(delete(platform, &key, &ownership()).await);
    assert_eq!(delete(platform, &key, &renamed()).await, Ok(()));
    Ok(())
}

async fn without_its_namespace_there_is_no_kubernetes_service_account(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    const FINALIZER: &str = "example.com/block";
    let key = fresh(fixture);
    let missing = put(platform, &key, ONE, &ownership()).await;
    assert!(matches!(missing, Err(Error::NotFound(_))), "{missing:?}");
    assert_eq!(delete(platform, &key, &ownership()).await, Ok(()), "no such namespace is success");
    assert_eq!(account(platform, &key).await, None);
    let key = make(platform, fixture).await;
    fixture.set_finalizer(&key, FINALIZER, true).await?;
    let blocked = platform.delete_namespace(&ctx(), &key, false, &ownership()).await;
    assert!(matches!(blocked, Err(Error::PendingDeletion { .. })), "{blocked:?}");
    match put(platform, &key, ONE, &ownership()).await {
        Err(Error::PendingDeletion { detail, .. }) => assert!(detail.contains(FINALIZER), "{detail}"),
        outcome => panic!("the namespace is being deleted: {outcome:?}"),
    }
    fixture.set_finalizer(&key, FINALIZER, false).await?;
    Ok(())
}

async fn a_kubernetes_service_account_of_ours_is_deleted_with_its_namespace(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = make(platform, fixture).await;
    assert_eq!(put(platform, &key, ONE, &ownership()).await, Ok(()));
    assert_eq!(platform.delete_namespace(&ctx(), &key, false, &ownership()).await, Ok(()));
    assert_eq!(find(platform, &key).await, None);
    assert_eq!(platform.ensure_namespace(&ctx(), &key, &settings(), &ownership()).await, Ok(()));
    assert_eq!(account(platform, &key).await, None, "nothing of the deleted one remains");
    Ok(())
}

async fn a_kubernetes_service_account_of_others_keeps_its_namespace(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = make(platform, fixture).await;
    fixture.foreign_kubernetes_service_account(&key, &web(), &Labels::new(), &Labels::new()).await?;
    match platform.delete_namespace(&ctx(), &key, false, &ownership()).await {
        Err(Error::NotEmpty { contents, .. }) => assert_eq!(contents, ["ServiceAccount web"]),
        outcome => panic!("a namespace with an account of others was not refused: {outcome:?}"),
    }
    assert!(view(platform, &key).await.owner.is(&ownership().registry));
    Ok(())
}

async fn a_cancelled_run_changes_no_kubernetes_service_account(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = make(platform, fixture).await;
    assert_eq!(put(platform, &key, ONE, &ownership()).await, Ok(()));
    let (stopped, ownership, names) = (cancelled(), ownership(), BTreeSet::from([key.namespace.clone()]));
    for outcome in [
        platform.read_kubernetes_service_accounts(&stopped, &key.cluster, &names).await.map(drop),
        platform.put_kubernetes_service_account(&stopped, &key, &web(), TWO, &ownership).await,
        platform.delete_kubernetes_service_account(&stopped, &key, &web(), &ownership).await,
    ] {
        assert_eq!(outcome, Err(Error::Cancelled));
    }
    assert_eq!(account(platform, &key).await, ours(ONE, &ownership));
    Ok(())
}
