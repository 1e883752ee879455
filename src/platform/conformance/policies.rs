//! Rules for IAM policies.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::fixture::{Ability, ProjectFixture, ctx};
use super::project_helpers::{ADMIN, ONE, THEIRS, TWO, VIEWER, change, grants, make, read};
use crate::platform::{Error, PolicyChange, ProjectState, Projects};

pub(super) async fn members_are_added_and_removed_by_name(
    platform: &dyn Projects,
    fixture: &dyn ProjectFixture,
) -> Ability {
    let (id, _) = make(platform, fixture).await;
    let before = read(platform, &id).await.grants;
    let ours = |state: ProjectState| {
        let mut grants = state.grants;
        // Without what the platform itself granted (the creator as owner, service agents).
        grants.retain(|role, _| !before.contains_key(role));
        grants
    };
    for _ in 0..2 {
        change(platform, &id, &[(VIEWER, ONE), (VIEWER, TWO), (ADMIN, ONE)], &[]).await;
        assert_eq!(ours(read(platform, &id).await), grants(&[(VIEWER, ONE), (VIEWER, TWO), (ADMIN, ONE)]));
    }
    for _ in 0..2 {
        change(platform, &id, &[(ADMIN, TWO)], &[(VIEWER, ONE), (ADMIN, ONE), (ADMIN, THEIRS)]).await;
        assert_eq!(ours(read(platform, &id).await), grants(&[(VIEWER, TWO), (ADMIN, TWO)]));
    }
    change(platform, &id, &[], &[(VIEWER, TWO), (ADMIN, TWO)]).await;
    assert_eq!(read(platform, &id).await.grants, before);
    Ok(())
}

pub(super) async fn others_grants_stay(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let (id, _) = make(platform, fixture).await;
    fixture.foreign_member(&id, VIEWER, THEIRS).await?;
    fixture.foreign_member(&id, VIEWER, "domain:example.com").await?;
    fixture.conditional_member(&id, VIEWER, ONE).await?;
    fixture.conditional_member(&id, ADMIN, THEIRS).await?;
    let conditional = fixture.conditional_members(&id).await?;
    change(platform, &id, &[(VIEWER, ONE)], &[]).await;
    let state = read(platform, &id).await;
    assert_eq!(state.grants.get(VIEWER), grants(&[(VIEWER, ONE), (VIEWER, THEIRS)]).get(VIEWER));
    assert_eq!(
        state.unspellable,
        BTreeMap::from([(VIEWER.to_owned(), BTreeSet::from(["domain:example.com".to_owned()]))])
    );
    assert!(!state.grants.contains_key(ADMIN), "conditional grants are not listed");
    // Ours is removed; the conditional one, and those of others, stay.
    change(platform, &id, &[], &[(VIEWER, ONE), (ADMIN, THEIRS)]).await;
    let state = read(platform, &id).await;
    assert_eq!(state.grants.get(VIEWER), grants(&[(VIEWER, THEIRS)]).get(VIEWER));
    assert_eq!(state.unspellable.len(), 1);
    assert_eq!(fixture.conditional_members(&id).await?, conditional);
    Ok(())
}

/// Addresses are compared without regard to case, and read in lower case: what others wrote in capital letters is the same member.
pub(super) async fn a_member_in_another_case_is_the_same(
    platform: &dyn Projects,
    fixture: &dyn ProjectFixture,
) -> Ability {
    let (id, _) = make(platform, fixture).await;
    fixture.foreign_member(&id, VIEWER, "user:Another@Example.COM").await?;
    let theirs = grants(&[(VIEWER, THEIRS)]);
    assert_eq!(read(platform, &id).await.grants.get(VIEWER), theirs.get(VIEWER));
    change(platform, &id, &[(VIEWER, THEIRS)], &[]).await;
    assert_eq!(read(platform, &id).await.grants.get(VIEWER), theirs.get(VIEWER));
    change(platform, &id, &[], &[(VIEWER, THEIRS)]).await;
    assert_eq!(read(platform, &id).await.grants.get(VIEWER), None);
    Ok(())
}

pub(super) async fn a_change_that_contradicts_itself_is_invalid(
    platform: &dyn Projects,
    fixture: &dyn ProjectFixture,
) -> Ability {
    let (id, _) = make(platform, fixture).await;
    let both = PolicyChange { add: grants(&[(VIEWER, ONE)]), remove: grants(&[(VIEWER, ONE)]) };
    let refused = platform.modify_policy(&ctx(), &id, &both).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    Ok(())
}

pub(super) async fn concurrent_policy_writers_lose_nothing(
    platform: &dyn Projects,
    fixture: &dyn ProjectFixture,
) -> Ability {
    let (id, _) = make(platform, fixture).await;
    let members: Vec<String> = (0..24).map(|n| format!("group:team-{n}@example.com")).collect();
    change(platform, &id, &[(ADMIN, ONE), (ADMIN, TWO)], &[]).await;
    let policy = &id;
    let ours = members.iter().enumerate().map(|(n, member)| async move {
        let removed: &[(&str, &str)] = match n {
            0 => &[(ADMIN, ONE)],
            1 => &[(ADMIN, TWO)],
            _ => &[],
        };
        change(platform, policy, &[(VIEWER, member.as_str())], removed).await;
    });
    let theirs = (0..4).map(|n| {
        let id = &id;
        async move { fixture.foreign_member(id, VIEWER, &format!("user:another-{n}@example.com")).await }
    });
    let (_, theirs) = futures_util::future::join(join_all(ours), join_all(theirs)).await;
    theirs.into_iter().collect::<Ability>()?;
    let state = read(platform, &id).await;
    let found = state.grants.get(VIEWER).map_or(0, BTreeSet::len);
    assert_eq!((found, state.grants.get(ADMIN)), (28, None), "{:?}", state.grants);
    Ok(())
}

pub(super) async fn a_policy_has_limits(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let (id, _) = make(platform, fixture).await;
    let before = read(platform, &id).await;
    let members: Vec<String> = (0..251).map(|n| format!("group:team-{n}@example.com")).collect();
    let many: Vec<(&str, &str)> = members.iter().map(|member| (VIEWER, member.as_str())).collect();
    let change = PolicyChange { add: grants(&many), ..PolicyChange::default() };
    let refused = platform.modify_policy(&ctx(), &id, &change).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert_eq!(read(platform, &id).await, before, "all or nothing");
    // A group counts once towards the limit of groups, however many roles it has.
    let twice: Vec<(&str, &str)> = [VIEWER, ADMIN]
        .iter()
        .flat_map(|role| members.iter().take(131).map(|member| (*role, member.as_str())))
        .collect();
    let change = PolicyChange { add: grants(&twice), ..PolicyChange::default() };
    assert_eq!(platform.modify_policy(&ctx(), &id, &change).await, Ok(()));
    Ok(())
}

/// The same member with another end is another member, each in its own binding.
pub(super) async fn a_timed_member_is_not_the_plain_one(
    platform: &dyn Projects,
    fixture: &dyn ProjectFixture,
) -> Ability {
    let (id, _) = make(platform, fixture).await;
    let (january, june) = (format!("{ONE} until 2031-01-31T00:00:00Z"), format!("{ONE} until 2031-06-30T12:30:00Z"));
    let viewers = async || read(platform, &id).await.grants.remove(VIEWER).unwrap_or_default();
    let members = |all: &[&str]| grants(&all.iter().map(|&member| (VIEWER, member)).collect::<Vec<_>>());
    let of = |all: &[&str]| members(all).remove(VIEWER).unwrap_or_default();
    for _ in 0..2 {
        change(platform, &id, &[(VIEWER, ONE), (VIEWER, &january), (VIEWER, TWO)], &[]).await;
        assert_eq!(viewers().await, of(&[ONE, &january, TWO]));
    }
    assert_eq!(fixture.timed_members(&id).await?, [(VIEWER.to_owned(), january.clone())]);
    // The end changes in one write.
    change(platform, &id, &[(VIEWER, &june)], &[(VIEWER, &january)]).await;
    assert_eq!(viewers().await, of(&[ONE, &june, TWO]));
    // Each leaves the other.
    for _ in 0..2 {
        change(platform, &id, &[], &[(VIEWER, ONE)]).await;
        assert_eq!(viewers().await, of(&[&june, TWO]));
    }
    change(platform, &id, &[(VIEWER, ONE)], &[(VIEWER, &june), (VIEWER, &january)]).await;
    assert_eq!(viewers().await, of(&[ONE, TWO]));
    assert_eq!(fixture.timed_members(&id).await?, []);
    Ok(())
}

/// A grant that has ended is still in the policy, until it is removed.
pub(super) async fn an_ended_grant_is_listed_and_removed(
    platform: &dyn Projects,
    fixture: &dyn ProjectFixture,
) -> Ability {
    let (id, _) = make(platform, fixture).await;
    let ended = format!("{ONE} until 2001-01-31T00:00:00Z");
    change(platform, &id, &[(ADMIN, &ended)], &[]).await;
    assert_eq!(read(platform, &id).await.grants.get(ADMIN), grants(&[(ADMIN, &ended)]).get(ADMIN));
    change(platform, &id, &[], &[(ADMIN, &ended)]).await;
    assert_eq!(read(platform, &id).await.grants.get(ADMIN), None);
    Ok(())
}

pub(super) async fn one_member_has_a_limit_of_conditions(
    platform: &dyn Projects,
    fixture: &dyn ProjectFixture,
) -> Ability {
    let (id, _) = make(platform, fixture).await;
    let ends: Vec<String> = (1..=21).map(|day| format!("{ONE} until 2031-01-{day:02}T00:00:00Z")).collect();
    let many: Vec<(&str, &str)> = ends.iter().map(|member| (VIEWER, member.as_str())).collect();
    change(platform, &id, &many[..20], &[]).await;
    let before = read(platform, &id).await;
    let one_more = PolicyChange { add: grants(&many[20..]), ..PolicyChange::default() };
    let refused = platform.modify_policy(&ctx(), &id, &one_more).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert_eq!(read(platform, &id).await, before);
    // Another role, another member, and the member without a condition are others.
    change(platform, &id, &[(ADMIN, many[20].1), (VIEWER, ONE)], &[]).await;
    change(platform, &id, &[many[20]], &[many[0]]).await;
    Ok(())
}
