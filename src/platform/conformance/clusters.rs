//! Rules for namespaces, quotas and role bindings.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::cluster_helpers::{
    self, binding, find, fresh, kept, make, not_owned, our_quota, quota, settings, still, view,
};
use super::fixture::{
    Ability, ClusterFixture, adopting, cancelled, ctx, labels, name, other_owner, ownership, recorded, renamed,
};
use crate::fanout::resource::{Labels, NamespaceSettings};
use crate::platform::{
    Clusters, Error, Lifecycle, NamespaceKeys, NamespaceView, OwnerLabel, OwnershipPolicy, QuotaView, ServerId,
};
use crate::registry::DeletionPolicy;
use crate::registry::names::NamespaceKey;
use crate::registry::owner_label::{leave_to_last_user, left_to_last_user};

super::fixture::rules!(Clusters, ClusterFixture:
    a_cluster_is_its_api_server,
    many_namespaces_are_read_at_once,
    a_snapshot_has_every_namespace_and_what_is_ours,
    a_created_namespace_has_the_ownership_label,
    creating_it_again_changes_nothing,
    a_namespace_without_ownership_label_is_not_ours,
    a_namespace_without_ownership_label_is_adopted_on_request,
    another_registrys_namespace_is_never_adopted,
    an_update_changes_our_keys_only,
    every_change_of_settings_removes_the_deletion_label,
    a_missing_namespace_is_not_found_and_its_deletion_succeeds,
    a_quota_is_set_exactly,
    a_quota_of_others_is_not_ours,
    a_role_binding_is_set_exactly,
    a_role_bindings_role_never_changes,
    a_role_binding_of_others_is_not_ours,
    what_is_recorded_is_ours_without_its_label,
    what_carries_an_earlier_name_is_labelled_again,
    concurrent_role_bindings_all_exist,
    a_namespace_of_ours_is_deleted_with_what_is_ours,
    a_namespace_with_objects_of_others_is_not_deleted,
    a_finalizer_blocks_a_deletion,
    a_cancelled_run_does_nothing,
);

async fn a_cluster_is_its_api_server(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Ability {
    let [here, there] = fixture.clusters();
    let server = platform.server(&ctx(), &here).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(matches!(server, ServerId::Uid(_)), "{server}");
    assert_eq!(platform.server(&ctx(), &here).await, Ok(server.clone()));
    let seen = platform.cluster_snapshot(&ctx(), &here, &ownership().registry).await;
    assert_eq!(seen.map(|seen| seen.server), Ok(server.clone()), "a snapshot has it too");
    assert_ne!(platform.server(&ctx(), &there).await, Ok(server));
    Ok(())
}

async fn many_namespaces_are_read_at_once(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Ability {
    let [here, there] = fixture.clusters();
    let mut desired = BTreeSet::from([fixture.fresh_namespace()]);
    let mut made = BTreeSet::new();
    for _ in 0..12 {
        made.insert(make(platform, fixture).await.namespace);
    }
    let unasked = make(platform, fixture).await.namespace;
    desired.extend(made.iter().cloned());
    let found = platform.read_namespaces(&ctx(), &here, &desired).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(found.keys().cloned().collect::<BTreeSet<_>>(), made, "those that exist, and not `{unasked}`");
    // The same names on another cluster are other namespaces.
    assert_eq!(platform.read_namespaces(&ctx(), &there, &desired).await, Ok(BTreeMap::new()));
    assert_eq!(platform.read_namespaces(&ctx(), &here, &BTreeSet::new()).await, Ok(BTreeMap::new()));
    Ok(())
}

async fn a_snapshot_has_every_namespace_and_what_is_ours(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let ours = make(platform, fixture).await;
    let viewers = binding("view", &["Group:one"]);
    assert_eq!(platform.put_quota(&ctx(), &ours, &quota("4"), &ownership()).await, Ok(()));
    assert_eq!(platform.put_role_binding(&ctx(), &ours, "viewers", &viewers, &ownership()).await, Ok(()));
    fixture.foreign_role_binding(&ours, "theirs", &other_owner(), &viewers).await?;
    let theirs = fresh(fixture);
    fixture.foreign_namespace(&theirs, &labels([("team", "another")])).await?;
    let seen = platform
        .cluster_snapshot(&ctx(), &ours.cluster, &ownership().registry)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let seen = seen.namespaces;
    let (ours, theirs) = (&seen[&ours.namespace], &seen[&theirs.namespace]);
    assert!(ours.owner.is(&ownership().registry) && theirs.owner == OwnerLabel::Missing);
    assert_eq!(ours.quota, Some(our_quota(quota("4"))));
    assert_eq!(ours.role_bindings.keys().collect::<Vec<_>>(), ["viewers"], "others' bindings are no part of a plan");
    let [_, there] = fixture.clusters();
    let elsewhere = platform
        .cluster_snapshot(&ctx(), &there, &ownership().registry)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(
        !elsewhere.namespaces.values().any(|view| view.owner.is(&ownership().registry)),
        "the other cluster has none of ours"
    );
    Ok(())
}

async fn a_created_namespace_has_the_ownership_label(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Ability {
    let key = make(platform, fixture).await;
    let made = view(platform, &key).await;
    assert!(made.satisfies(&settings()), "{made:?}");
    assert_eq!((&made.lifecycle, &made.owner), (&Lifecycle::Active, &OwnerLabel::Registry(ownership().registry)));
    assert_eq!((&made.quota, &made.role_bindings), (&None, &BTreeMap::new()));
    Ok(())
}

async fn creating_it_again_changes_nothing(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Ability {
    let key = make(platform, fixture).await;
    let made = view(platform, &key).await;
    assert_eq!(platform.ensure_namespace(&ctx(), &key, &settings(), &ownership()).await, Ok(()));
    assert_eq!(view(platform, &key).await, made);
    let updated = platform.update_namespace(&ctx(), &key, &settings(), &NamespaceKeys::default(), &ownership()).await;
    assert_eq!(updated, Ok(()));
    assert_eq!(view(platform, &key).await, made);
    Ok(())
}

async fn refused(platform: &dyn Clusters, key: &NamespaceKey, ownership: &OwnershipPolicy) {
    not_owned(platform.ensure_namespace(&ctx(), key, &settings(), ownership).await);
    not_owned(platform.update_namespace(&ctx(), key, &settings(), &NamespaceKeys::default(), ownership).await);
    for with_contents in [false, true] {
        not_owned(platform.delete_namespace(&ctx(), key, with_contents, ownership).await);
    }
}

async fn a_namespace_without_ownership_label_is_not_ours(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = fresh(fixture);
    fixture.foreign_namespace(&key, &labels([("team", "another")])).await?;
    let before = still(platform, &key).await;
    assert_eq!(before.owner, OwnerLabel::Missing);
    refused(platform, &key, &ownership()).await;
    not_owned(platform.delete_namespace(&ctx(), &key, true, &adopting()).await);
    assert_eq!(still(platform, &key).await, before, "what is refused is not changed");
    Ok(())
}

async fn a_namespace_without_ownership_label_is_adopted_on_request(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = fresh(fixture);
    fixture.foreign_namespace(&key, &labels([("cost-centre", "42"), ("tier", "9")])).await?;
    assert_eq!(platform.ensure_namespace(&ctx(), &key, &settings(), &adopting()).await, Ok(()));
    let adopted = view(platform, &key).await;
    assert!(adopted.satisfies(&settings()) && adopted.owner.is(&ownership().registry), "{adopted:?}");
    assert_eq!(adopted.settings.labels.get("cost-centre").map(String::as_str), Some("42"), "others' labels stay");
    Ok(())
}

async fn another_registrys_namespace_is_never_adopted(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = fresh(fixture);
    fixture.foreign_namespace(&key, &other_owner()).await?;
    let before = still(platform, &key).await;
    refused(platform, &key, &ownership()).await;
    refused(platform, &key, &adopting()).await;
    assert_eq!(still(platform, &key).await, before);
    Ok(())
}

async fn an_update_changes_our_keys_only(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Ability {
    let key = make(platform, fixture).await;
    let before = view(platform, &key).await.settings;
    let theirs = NamespaceSettings { labels: labels([("mesh", "on")]), annotations: labels([("note", "theirs")]) };
    fixture.edit_namespace(&key, &theirs).await?;
    // All that is ours, the ownership label included: it stays although no setting contains it.
    let previous = NamespaceKeys {
        labels: settings().labels.into_keys().chain(OwnerLabel::labels(&ownership().registry).into_keys()).collect(),
        annotations: settings().annotations.into_keys().collect(),
    };
    let desired = NamespaceSettings { labels: labels([("tier", "2")]), annotations: labels([("contact", "us")]) };
    let updated = platform.update_namespace(&ctx(), &key, &desired, &previous, &ownership()).await;
    assert_eq!(updated, Ok(()));
    let mut expected = before;
    expected.labels.remove("team");
    expected.labels.extend(labels([("tier", "2"), ("mesh", "on")]));
    expected.annotations.remove("cnrm.cloud.google.com/project-id");
    expected.annotations.extend(labels([("contact", "us"), ("note", "theirs")]));
    let updated = view(platform, &key).await;
    assert_eq!(updated.settings, expected);
    // A platform that knows who set what knows it of every key.
    if let Some(ours) = updated.set_by_us {
        let labels = [("tier".to_owned(), "2".to_owned())].into_iter().chain(OwnerLabel::labels(&ownership().registry));
        let desired = NamespaceSettings { labels: labels.collect(), ..desired };
        assert_eq!(ours, NamespaceKeys::of(&desired));
    }
    Ok(())
}

async fn every_change_of_settings_removes_the_deletion_label(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = make(platform, fixture).await;
    let mut left = settings();
    leave_to_last_user(DeletionPolicy::Delete, &mut left.labels);
    let set = |view: NamespaceView| left_to_last_user(&view.settings.labels);
    for update in [true, false] {
        let done = platform.update_namespace(&ctx(), &key, &left, &NamespaceKeys::of(&settings()), &ownership()).await;
        assert_eq!(done, Ok(()));
        assert_eq!(set(view(platform, &key).await), Some(DeletionPolicy::Delete));
        let done = match update {
            true => {
                let previous = NamespaceKeys::of(&settings());
                platform.update_namespace(&ctx(), &key, &settings(), &previous, &ownership()).await
            }
            false => platform.ensure_namespace(&ctx(), &key, &settings(), &ownership()).await,
        };
        assert_eq!(done, Ok(()));
        assert_eq!(set(view(platform, &key).await), None, "update: {update}");
    }
    Ok(())
}

async fn a_missing_namespace_is_not_found_and_its_deletion_succeeds(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = fresh(fixture);
    let viewers = binding("view", &["Group:viewers"]);
    for outcome in [
        platform.update_namespace(&ctx(), &key, &settings(), &NamespaceKeys::default(), &ownership()).await,
        platform.put_quota(&ctx(), &key, &quota("4"), &ownership()).await,
        platform.put_role_binding(&ctx(), &key, "viewers", &viewers, &ownership()).await,
    ] {
        assert!(matches!(outcome, Err(Error::NotFound(_))), "{outcome:?}");
    }
    for outcome in [
        platform.delete_namespace(&ctx(), &key, false, &ownership()).await,
        platform.delete_quota(&ctx(), &key, &ownership()).await,
        platform.delete_role_binding(&ctx(), &key, "viewers", &ownership()).await,
    ] {
        assert_eq!(outcome, Ok(()), "no such namespace is success");
    }
    Ok(())
}

async fn a_quota_is_set_exactly(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Ability {
    let key = make(platform, fixture).await;
    for desired in cluster_helpers::quotas() {
        assert_eq!(platform.put_quota(&ctx(), &key, &desired, &ownership()).await, Ok(()));
        assert_eq!(view(platform, &key).await.quota, Some(our_quota(desired)));
    }
    for _ in 0..2 {
        assert_eq!(platform.delete_quota(&ctx(), &key, &ownership()).await, Ok(()));
        assert_eq!(view(platform, &key).await.quota, None);
    }
    Ok(())
}

async fn a_quota_of_others_is_not_ours(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Ability {
    let key = make(platform, fixture).await;
    fixture.foreign_quota(&key, &Labels::new(), &quota("1")).await?;
    not_owned(platform.put_quota(&ctx(), &key, &quota("4"), &ownership()).await);
    not_owned(platform.delete_quota(&ctx(), &key, &adopting()).await);
    let theirs = QuotaView { limits: quota("1"), owner: OwnerLabel::Missing };
    assert_eq!(view(platform, &key).await.quota, Some(theirs));
    assert_eq!(platform.put_quota(&ctx(), &key, &quota("4"), &adopting()).await, Ok(()));
    assert_eq!(platform.delete_quota(&ctx(), &key, &ownership()).await, Ok(()), "what was adopted is ours");
    fixture.foreign_quota(&key, &other_owner(), &quota("1")).await?;
    not_owned(platform.put_quota(&ctx(), &key, &quota("4"), &adopting()).await);
    Ok(())
}

async fn a_role_binding_is_set_exactly(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Ability {
    let key = make(platform, fixture).await;
    let subjects = ["Group:one@example.com", "User:two@example.com", "ServiceAccount:argo/deployer"];
    for desired in [binding("view", &subjects), binding("view", &subjects), binding("view", &subjects[1..2])] {
        assert_eq!(platform.put_role_binding(&ctx(), &key, "viewers", &desired, &ownership()).await, Ok(()));
        let bindings = view(platform, &key).await.role_bindings;
        assert_eq!(bindings.len(), 1);
        assert_eq!(bindings["viewers"].binding, desired);
        assert!(bindings["viewers"].owner.is(&ownership().registry));
    }
    for _ in 0..2 {
        assert_eq!(platform.delete_role_binding(&ctx(), &key, "viewers", &ownership()).await, Ok(()));
        assert_eq!(view(platform, &key).await.role_bindings, BTreeMap::new());
    }
    // A Role of the namespace, which need not be there yet, is another one than a ClusterRole of that name.
    let of_namespace = binding("Role:view", &["ServiceAccount:ci/deployer", "Group:one"]);
    assert_eq!(platform.put_role_binding(&ctx(), &key, "deployers", &of_namespace, &ownership()).await, Ok(()));
    assert_eq!(view(platform, &key).await.role_bindings["deployers"].binding, of_namespace);
    let of_cluster = binding("view", &["ServiceAccount:ci/deployer", "Group:one"]);
    assert!(platform.put_role_binding(&ctx(), &key, "deployers", &of_cluster, &ownership()).await.is_err());
    assert_eq!(platform.delete_role_binding(&ctx(), &key, "deployers", &ownership()).await, Ok(()));
    Ok(())
}

async fn a_role_bindings_role_never_changes(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Ability {
    let key = make(platform, fixture).await;
    let viewers = binding("view", &["Group:one"]);
    assert_eq!(platform.put_role_binding(&ctx(), &key, "ours", &viewers, &ownership()).await, Ok(()));
    let editors = binding("edit", &["Group:one"]);
    let refused = platform.put_role_binding(&ctx(), &key, "ours", &editors, &ownership()).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert_eq!(view(platform, &key).await.role_bindings["ours"].binding, viewers);
    Ok(())
}

async fn a_role_binding_of_others_is_not_ours(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Ability {
    let key = make(platform, fixture).await;
    let (theirs, desired) = (binding("view", &["User:another"]), binding("view", &["Group:one"]));
    fixture.foreign_role_binding(&key, "theirs", &Labels::new(), &theirs).await?;
    fixture.foreign_role_binding(&key, "another", &other_owner(), &theirs).await?;
    let before = view(platform, &key).await.role_bindings;
    assert_eq!(before["theirs"].owner, OwnerLabel::Missing);
    assert_eq!(before["another"].owner, OwnerLabel::Registry(name("another-registry")));
    not_owned(platform.put_role_binding(&ctx(), &key, "theirs", &desired, &ownership()).await);
    for ownership in [ownership(), adopting()] {
        not_owned(platform.put_role_binding(&ctx(), &key, "another", &desired, &ownership).await);
        not_owned(platform.delete_role_binding(&ctx(), &key, "another", &ownership).await);
        not_owned(platform.delete_role_binding(&ctx(), &key, "theirs", &ownership).await);
    }
    let editors = binding("edit", &["Group:one"]);
    let refused = platform.put_role_binding(&ctx(), &key, "theirs", &editors, &adopting()).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert_eq!(view(platform, &key).await.role_bindings, before);
    assert_eq!(platform.put_role_binding(&ctx(), &key, "theirs", &desired, &adopting()).await, Ok(()));
    let adopted = view(platform, &key).await.role_bindings;
    assert_eq!(adopted["theirs"].binding, desired);
    assert_eq!(platform.delete_role_binding(&ctx(), &key, "theirs", &ownership()).await, Ok(()));
    Ok(())
}

/// An ownership label that was removed keeps no access, and is written again. Another registry's is respected.
async fn what_is_recorded_is_ours_without_its_label(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Ability {
    let key = make(platform, fixture).await;
    let (theirs, desired) = (binding("view", &["User:another"]), binding("view", &["Group:one"]));
    for name in ["revoked", "repaired"] {
        fixture.foreign_role_binding(&key, name, &Labels::new(), &theirs).await?;
    }
    fixture.foreign_role_binding(&key, "another", &other_owner(), &theirs).await?;
    fixture.foreign_quota(&key, &Labels::new(), &quota("1")).await?;
    assert_eq!(platform.delete_role_binding(&ctx(), &key, "revoked", &recorded()).await, Ok(()));
    assert_eq!(platform.put_role_binding(&ctx(), &key, "repaired", &desired, &recorded()).await, Ok(()));
    assert_eq!(platform.put_quota(&ctx(), &key, &quota("1"), &recorded()).await, Ok(()), "only the label is missing");
    not_owned(platform.delete_role_binding(&ctx(), &key, "another", &recorded()).await);
    not_owned(platform.put_role_binding(&ctx(), &key, "another", &desired, &recorded()).await);
    let found = view(platform, &key).await;
    assert_eq!(found.quota, Some(our_quota(quota("1"))));
    assert_eq!(found.role_bindings.keys().collect::<Vec<_>>(), ["another", "repaired"]);
    let repaired = &found.role_bindings["repaired"];
    assert!(repaired.binding == desired && repaired.owner.is(&ownership().registry), "{repaired:?}");
    // A namespace is not deleted without its label, recorded or not.
    let unlabelled = fresh(fixture);
    fixture.foreign_namespace(&unlabelled, &Labels::new()).await?;
    not_owned(platform.delete_namespace(&ctx(), &unlabelled, true, &recorded()).await);
    Ok(())
}

async fn what_carries_an_earlier_name_is_labelled_again(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = make(platform, fixture).await;
    let viewers = binding("view", &["Group:one"]);
    for policy in [ownership(), renamed()] {
        assert_eq!(platform.ensure_namespace(&ctx(), &key, &settings(), &policy).await, Ok(()));
        assert_eq!(platform.put_quota(&ctx(), &key, &quota("4"), &policy).await, Ok(()));
        assert_eq!(platform.put_role_binding(&ctx(), &key, "viewers", &viewers, &policy).await, Ok(()));
        let found = view(platform, &key).await;
        let owners = [Some(&found.owner), found.quota.as_ref().map(|quota| &quota.owner)];
        let owners = owners.into_iter().chain([Some(&found.role_bindings["viewers"].owner)]);
        assert!(owners.flatten().all(|owner| owner.is(&policy.registry)), "{found:?}");
    }
    // What another registry has taken over is no longer ours.
    not_owned(platform.delete_role_binding(&ctx(), &key, "viewers", &ownership()).await);
    assert_eq!(platform.put_role_binding(&ctx(), &key, "early", &viewers, &ownership()).await, Ok(()));
    assert_eq!(
        platform.delete_namespace(&ctx(), &key, false, &renamed()).await,
        Ok(()),
        "it contains nothing of others"
    );
    Ok(())
}

async fn concurrent_role_bindings_all_exist(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Ability {
    let key = fresh(fixture);
    let names: Vec<String> = (0..16).map(|n| format!("service-{n}")).collect();
    let viewers = binding("view", &["Group:one"]);
    // Each as a service of its own does it: the namespace they share first.
    let done = join_all(names.iter().map(|name| async {
        platform.ensure_namespace(&ctx(), &key, &settings(), &ownership()).await?;
        platform.put_role_binding(&ctx(), &key, name, &viewers, &ownership()).await
    }));
    assert_eq!(done.await.into_iter().collect::<Result<(), Error>>(), Ok(()));
    let found = view(platform, &key).await.role_bindings;
    assert_eq!(found.into_keys().collect::<BTreeSet<_>>(), names.into_iter().collect());
    Ok(())
}

async fn a_namespace_of_ours_is_deleted_with_what_is_ours(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = make(platform, fixture).await;
    assert_eq!(platform.put_quota(&ctx(), &key, &quota("4"), &ownership()).await, Ok(()));
    let viewers = binding("view", &["Group:one"]);
    assert_eq!(platform.put_role_binding(&ctx(), &key, "viewers", &viewers, &ownership()).await, Ok(()));
    for _ in 0..2 {
        assert_eq!(platform.delete_namespace(&ctx(), &key, false, &ownership()).await, Ok(()));
        assert_eq!(find(platform, &key).await, None);
    }
    assert_eq!(platform.ensure_namespace(&ctx(), &key, &settings(), &ownership()).await, Ok(()));
    let recreated = view(platform, &key).await;
    assert_eq!(
        (recreated.quota, recreated.role_bindings),
        (None, BTreeMap::new()),
        "nothing of the deleted one remains"
    );
    Ok(())
}

async fn a_namespace_with_objects_of_others_is_not_deleted(
    platform: &dyn Clusters,
    fixture: &dyn ClusterFixture,
) -> Ability {
    let key = make(platform, fixture).await;
    let object = fixture.foreign_contents(&key).await?;
    kept(platform, &key, &object).await;
    let key = make(platform, fixture).await;
    fixture.foreign_role_binding(&key, "theirs", &Labels::new(), &binding("view", &["User:another"])).await?;
    kept(platform, &key, "theirs").await;
    Ok(())
}

async fn a_finalizer_blocks_a_deletion(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Ability {
    const FINALIZER: &str = "example.com/block";
    for verb in ["delete", "recreate"] {
        let key = make(platform, fixture).await;
        let viewers = binding("view", &["Group:one"]);
        fixture.set_finalizer(&key, FINALIZER, true).await?;
        for outcome in [
            platform.delete_namespace(&ctx(), &key, false, &ownership()).await,
            platform.delete_namespace(&ctx(), &key, false, &ownership()).await,
            platform.ensure_namespace(&ctx(), &key, &settings(), &ownership()).await,
            platform.update_namespace(&ctx(), &key, &settings(), &NamespaceKeys::default(), &ownership()).await,
            platform.put_quota(&ctx(), &key, &quota("4"), &ownership()).await,
            platform.put_role_binding(&ctx(), &key, "viewers", &viewers, &ownership()).await,
        ] {
            match outcome {
                Err(Error::PendingDeletion { detail, .. }) => assert!(detail.contains(FINALIZER), "{detail}"),
                outcome => panic!("the namespace is being deleted: {outcome:?}"),
            }
        }
        match view(platform, &key).await.lifecycle {
            Lifecycle::PendingDeletion(detail) => assert!(detail.contains(FINALIZER), "{detail}"),
            Lifecycle::Active => panic!("a namespace being deleted is not active"),
        }
        fixture.set_finalizer(&key, FINALIZER, false).await?;
        if verb == "delete" {
            assert_eq!(platform.delete_namespace(&ctx(), &key, false, &ownership()).await, Ok(()));
            assert_eq!(find(platform, &key).await, None);
        } else {
            assert_eq!(platform.ensure_namespace(&ctx(), &key, &settings(), &ownership()).await, Ok(()));
            assert_eq!(view(platform, &key).await.lifecycle, Lifecycle::Active);
        }
    }
    Ok(())
}

async fn a_cancelled_run_does_nothing(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Ability {
    let key = make(platform, fixture).await;
    let before = still(platform, &key).await;
    let (stopped, ownership) = (cancelled(), ownership());
    let desired = BTreeSet::from([key.namespace.clone()]);
    let other = NamespaceSettings { labels: labels([("tier", "7")]), annotations: Labels::new() };
    for outcome in [
        platform.read_namespaces(&stopped, &key.cluster, &desired).await.map(drop),
        platform.ensure_namespace(&stopped, &key, &other, &ownership).await,
        platform.update_namespace(&stopped, &key, &other, &NamespaceKeys::default(), &ownership).await,
        platform.put_quota(&stopped, &key, &quota("4"), &ownership).await,
        platform.delete_quota(&stopped, &key, &ownership).await,
        platform.put_role_binding(&stopped, &key, "viewers", &binding("view", &["Group:one"]), &ownership).await,
        platform.delete_role_binding(&stopped, &key, "viewers", &ownership).await,
        platform.delete_namespace(&stopped, &key, true, &ownership).await,
    ] {
        assert_eq!(outcome, Err(Error::Cancelled));
    }
    assert_eq!(still(platform, &key).await, before);
    Ok(())
}
