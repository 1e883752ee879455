//! Rules for projects and APIs, and the list of all that concern projects.

use std::collections::BTreeSet;
use std::time::Duration;

use super::fixture::{Ability, ProjectFixture, adopting, cancelled, ctx, labels, name, other_owner, ownership};
use super::policies::{
    a_change_that_contradicts_itself_is_invalid, a_member_in_another_case_is_the_same, a_policy_has_limits,
    a_timed_member_is_not_the_plain_one, an_ended_grant_is_listed_and_removed, concurrent_policy_writers_lose_nothing,
    members_are_added_and_removed_by_name, one_member_has_a_limit_of_conditions, others_grants_stay,
};
use super::project_helpers::{ADMIN, ONE, VIEWER, change, grants, make, read, settings, view};
use crate::fanout::resource::ProjectSettings;
use crate::platform::{
    Error, Lifecycle, OwnerLabel, PolicyChange, ProjectState, ProjectView, Projects, RequestContext,
};
use crate::registry::DeletionPolicy;
use crate::registry::names::GoogleService;
use crate::registry::owner_label::{leave_to_last_user, left_to_last_user};

super::fixture::rules!(Projects, ProjectFixture:
    a_project_that_was_not_created_is_none,
    a_created_project_has_the_ownership_label,
    creating_it_again_changes_nothing,
    an_interrupted_creation_is_resumed,
    a_project_without_ownership_label_is_not_ours,
    a_project_without_ownership_label_is_adopted_on_request,
    another_registrys_project_is_never_adopted,
    an_update_changes_our_labels_only,
    every_change_of_settings_removes_the_deletion_label,
    a_setting_that_is_not_stated_stays,
    apis_are_enabled_and_disabled_by_name,
    members_are_added_and_removed_by_name,
    others_grants_stay,
    a_member_in_another_case_is_the_same,
    a_change_that_contradicts_itself_is_invalid,
    concurrent_policy_writers_lose_nothing,
    a_policy_has_limits,
    a_timed_member_is_not_the_plain_one,
    an_ended_grant_is_listed_and_removed,
    one_member_has_a_limit_of_conditions,
    the_id_of_a_deleted_project_is_reserved,
    a_deleted_project_can_be_restored,
    a_cancelled_run_does_nothing,
);

async fn a_project_that_was_not_created_is_none(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let id = fixture.fresh_id();
    assert_eq!(read(platform, &id).await, ProjectState::default());
    assert_eq!(platform.delete_project(&ctx(), &id, &ownership()).await, Ok(()), "no such project is success");
    let updated = platform.update_project(&ctx(), &id, &settings(fixture), &BTreeSet::new(), &ownership()).await;
    assert!(matches!(updated, Err(Error::NotFound(_))), "{updated:?}");
    let restored = platform.restore_project(&ctx(), &id, &ownership()).await;
    assert!(matches!(restored, Err(Error::NotFound(_))), "{restored:?}");
    Ok(())
}

async fn a_created_project_has_the_ownership_label(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    // The platform adds the ownership label: these settings do not contain it.
    let (id, made) = make(platform, fixture).await;
    assert!(made.satisfies(&settings(fixture)), "{made:?}");
    assert_eq!((&made.lifecycle, &made.owner), (&Lifecycle::Active, &OwnerLabel::Registry(ownership().registry)));
    assert_ne!(made.number, 0);
    assert_eq!(view(platform, &id).await, made, "what is made is what is read");
    Ok(())
}

async fn creating_it_again_changes_nothing(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let (id, made) = make(platform, fixture).await;
    let again = platform.ensure_project(&ctx(), &id, &settings(fixture), &ownership()).await;
    assert_eq!(again.as_ref(), Ok(&made));
    let updated = platform.update_project(&ctx(), &id, &settings(fixture), &BTreeSet::new(), &ownership()).await;
    assert_eq!(updated, Ok(made), "an update to what is there is quiet");
    Ok(())
}

async fn an_interrupted_creation_is_resumed(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    for wait in [0, 1, 2, 5, 15, 40] {
        let id = fixture.fresh_id();
        let cut = RequestContext::default();
        let (settings, ownership) = (settings(fixture), ownership());
        let (made, ()) = futures_util::future::join(platform.ensure_project(&cut, &id, &settings, &ownership), async {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            cut.cancel.cancel();
        })
        .await;
        match made {
            Ok(_) | Err(Error::Cancelled) => {}
            Err(error) => panic!("a cancelled creation reports the cancellation, not: {error}"),
        }
        if let Some(view) = read(platform, &id).await.project {
            assert!(view.owner.is(&ownership.registry), "what exists has the ownership label: {view:?}");
        }
        let made = platform.ensure_project(&ctx(), &id, &settings, &ownership).await;
        assert!(made.as_ref().is_ok_and(|view| view.satisfies(&settings)), "{made:?}");
    }
    Ok(())
}

async fn a_project_without_ownership_label_is_not_ours(
    platform: &dyn Projects,
    fixture: &dyn ProjectFixture,
) -> Ability {
    let id = fixture.fresh_id();
    fixture.foreign_project(&id, &labels([("team", "another")])).await?;
    let before = view(platform, &id).await;
    assert_eq!(before.owner, OwnerLabel::Missing);
    for refused in [
        platform.ensure_project(&ctx(), &id, &settings(fixture), &ownership()).await.map(drop),
        platform.update_project(&ctx(), &id, &settings(fixture), &BTreeSet::new(), &ownership()).await.map(drop),
        platform.delete_project(&ctx(), &id, &ownership()).await,
        platform.delete_project(&ctx(), &id, &adopting()).await,
    ] {
        assert!(matches!(refused, Err(Error::NotOwned { .. })), "{refused:?}");
    }
    assert_eq!(view(platform, &id).await, before, "what is refused is not changed");
    Ok(())
}

async fn a_project_without_ownership_label_is_adopted_on_request(
    platform: &dyn Projects,
    fixture: &dyn ProjectFixture,
) -> Ability {
    let id = fixture.fresh_id();
    fixture.foreign_project(&id, &labels([("cost-centre", "42"), ("tier", "9")])).await?;
    let before = view(platform, &id).await;
    let adopted = platform.ensure_project(&ctx(), &id, &settings(fixture), &adopting()).await;
    let adopted = adopted.unwrap_or_else(|error| panic!("adopting failed: {error}"));
    assert!(adopted.satisfies(&settings(fixture)) && adopted.owner.is(&ownership().registry), "{adopted:?}");
    assert_eq!(adopted.settings.labels.get("cost-centre").map(String::as_str), Some("42"), "others' labels stay");
    assert_eq!(adopted.number, before.number);
    assert_eq!(platform.delete_project(&ctx(), &id, &ownership()).await, Ok(()), "what was adopted is ours");
    Ok(())
}

async fn another_registrys_project_is_never_adopted(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let id = fixture.fresh_id();
    fixture.foreign_project(&id, &other_owner()).await?;
    let before = view(platform, &id).await;
    assert_eq!(before.owner, OwnerLabel::Registry(name("another-registry")));
    for ownership in [ownership(), adopting()] {
        for refused in [
            platform.ensure_project(&ctx(), &id, &settings(fixture), &ownership).await.map(drop),
            platform.update_project(&ctx(), &id, &settings(fixture), &BTreeSet::new(), &ownership).await.map(drop),
            platform.delete_project(&ctx(), &id, &ownership).await,
        ] {
            assert!(matches!(refused, Err(Error::NotOwned { .. })), "{refused:?}");
        }
    }
    assert_eq!(view(platform, &id).await, before);
    Ok(())
}

async fn an_update_changes_our_labels_only(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let (id, made) = make(platform, fixture).await;
    fixture.set_label(&id, "cost-centre", "42").await?;
    let previous: BTreeSet<String> = made.settings.labels.keys().cloned().collect();
    let desired = ProjectSettings {
        display_name: "another name".into(),
        labels: labels([("tier", "2"), ("region", "eu")]),
        ..fixture.settings()
    };
    let updated = platform.update_project(&ctx(), &id, &desired, &previous, &ownership()).await;
    let updated = updated.unwrap_or_else(|error| panic!("the update failed: {error}"));
    let mut expected = labels([("tier", "2"), ("region", "eu"), ("cost-centre", "42")]);
    expected.extend(OwnerLabel::labels(&ownership().registry));
    assert_eq!(
        updated.settings.labels, expected,
        "`team` was ours and is removed, `cost-centre` is of others and stays"
    );
    assert_eq!(updated.settings.display_name, "another name");
    assert_ne!(updated.etag, made.etag);
    Ok(())
}

async fn every_change_of_settings_removes_the_deletion_label(
    platform: &dyn Projects,
    fixture: &dyn ProjectFixture,
) -> Ability {
    let (id, _) = make(platform, fixture).await;
    let (settings, none) = (settings(fixture), BTreeSet::new());
    let mut left = settings.clone();
    leave_to_last_user(DeletionPolicy::Delete, &mut left.labels);
    for update in [true, false] {
        let view = platform.update_project(&ctx(), &id, &left, &none, &ownership()).await;
        let set = |view: &ProjectView| left_to_last_user(&view.settings.labels);
        assert_eq!(view.as_ref().map(set), Ok(Some(DeletionPolicy::Delete)));
        let view = match update {
            true => platform.update_project(&ctx(), &id, &settings, &none, &ownership()).await,
            false => platform.ensure_project(&ctx(), &id, &settings, &ownership()).await,
        };
        assert_eq!(view.as_ref().map(set), Ok(None), "update: {update}");
    }
    Ok(())
}

async fn a_setting_that_is_not_stated_stays(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let (id, made) = make(platform, fixture).await;
    let silent = ProjectSettings { parent: None, billing_account: None, ..settings(fixture) };
    let updated = platform.update_project(&ctx(), &id, &silent, &BTreeSet::new(), &ownership()).await;
    assert_eq!(updated, Ok(made));
    Ok(())
}

async fn apis_are_enabled_and_disabled_by_name(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let (id, _) = make(platform, fixture).await;
    let api = |text: &str| name::<GoogleService>(text);
    let (pubsub, run, theirs) = (api("pubsub.googleapis.com"), api("run.googleapis.com"), api("dns.googleapis.com"));
    fixture.foreign_api(&id, &theirs).await?;
    let desired = BTreeSet::from([pubsub.clone(), run.clone()]);
    for _ in 0..2 {
        assert_eq!(platform.enable_apis(&ctx(), &id, &desired).await, Ok(()));
        let enabled = read(platform, &id).await.apis;
        // Enabling one API may enable those it depends on.
        assert!(enabled.is_superset(&desired) && enabled.contains(&theirs), "{enabled:?}");
    }
    for _ in 0..2 {
        assert_eq!(platform.disable_apis(&ctx(), &id, &BTreeSet::from([run.clone()])).await, Ok(()));
        let enabled = read(platform, &id).await.apis;
        assert!(!enabled.contains(&run) && enabled.contains(&pubsub) && enabled.contains(&theirs), "{enabled:?}");
    }
    Ok(())
}

fn is_pending<T: std::fmt::Debug>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::PendingDeletion { .. }))
}

async fn the_id_of_a_deleted_project_is_reserved(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let (id, made) = make(platform, fixture).await;
    change(platform, &id, &[(VIEWER, ONE)], &[]).await;
    let run = BTreeSet::from([name("run.googleapis.com")]);
    for _ in 0..2 {
        assert_eq!(
            platform.delete_project(&ctx(), &id, &ownership()).await,
            Ok(()),
            "already being deleted is success"
        );
    }
    let deleted = view(platform, &id).await;
    assert!(matches!(deleted.lifecycle, Lifecycle::PendingDeletion(_)), "{deleted:?}");
    assert_eq!((deleted.number, &deleted.owner), (made.number, &made.owner));
    for ownership in [ownership(), adopting()] {
        let ensured = platform.ensure_project(&ctx(), &id, &settings(fixture), &ownership).await;
        assert!(is_pending(&ensured), "{ensured:?}");
    }
    let updated = platform.update_project(&ctx(), &id, &settings(fixture), &BTreeSet::new(), &ownership()).await;
    assert!(is_pending(&updated), "{updated:?}");
    let enabled = platform.enable_apis(&ctx(), &id, &run).await;
    assert!(is_pending(&enabled), "{enabled:?}");
    // Also a member that it has: a grant on a deleted project gives no access.
    for role in [ADMIN, VIEWER] {
        let add = PolicyChange { add: grants(&[(role, ONE)]), ..PolicyChange::default() };
        let granted = platform.modify_policy(&ctx(), &id, &add).await;
        assert!(is_pending(&granted), "{granted:?}");
    }
    assert_eq!(platform.disable_apis(&ctx(), &id, &run).await, Ok(()), "taking away is success");
    change(platform, &id, &[], &[(VIEWER, ONE)]).await;
    Ok(())
}

async fn a_deleted_project_can_be_restored(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let (id, made) = make(platform, fixture).await;
    assert_eq!(platform.restore_project(&ctx(), &id, &ownership()).await, Ok(made.clone()), "nothing to restore");
    assert_eq!(platform.delete_project(&ctx(), &id, &ownership()).await, Ok(()));
    let restored = platform.restore_project(&ctx(), &id, &ownership()).await;
    let restored = restored.unwrap_or_else(|error| panic!("not restored: {error}"));
    assert_eq!((&restored.lifecycle, restored.number), (&Lifecycle::Active, made.number));
    let whole = platform.ensure_project(&ctx(), &id, &settings(fixture), &ownership()).await;
    assert!(whole.as_ref().is_ok_and(|view| view.satisfies(&settings(fixture))), "{whole:?}");
    let other = crate::platform::OwnershipPolicy {
        adopt: true,
        ..crate::platform::OwnershipPolicy::of(name("another-registry"))
    };
    assert_eq!(platform.delete_project(&ctx(), &id, &ownership()).await, Ok(()));
    let refused = platform.restore_project(&ctx(), &id, &other).await;
    assert!(matches!(refused, Err(Error::NotOwned { .. })), "{refused:?}");
    Ok(())
}

async fn a_cancelled_run_does_nothing(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let (id, _) = make(platform, fixture).await;
    let before = read(platform, &id).await;
    let (run, none) = (BTreeSet::from([name("run.googleapis.com")]), BTreeSet::new());
    let renamed = ProjectSettings { display_name: "another name".into(), ..settings(fixture) };
    let add = PolicyChange { add: grants(&[(VIEWER, ONE)]), ..PolicyChange::default() };
    let (stopped, ownership) = (cancelled(), ownership());
    for outcome in [
        platform.read_project(&stopped, &id).await.map(drop),
        platform.ensure_project(&stopped, &id, &renamed, &ownership).await.map(drop),
        platform.update_project(&stopped, &id, &renamed, &none, &ownership).await.map(drop),
        platform.restore_project(&stopped, &id, &ownership).await.map(drop),
        platform.delete_project(&stopped, &id, &ownership).await,
        platform.enable_apis(&stopped, &id, &run).await,
        platform.disable_apis(&stopped, &id, &run).await,
        platform.modify_policy(&stopped, &id, &add).await,
    ] {
        assert_eq!(outcome, Err(Error::Cancelled));
    }
    assert_eq!(read(platform, &id).await, before);
    Ok(())
}
