//! Rules for service accounts and who may act as them.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::fixture::{
    Ability, ProjectFixture, adopting, cancelled, ctx, name, other_owner, ownership, recorded, renamed,
};
use crate::fanout::resource::{ServiceAccountSettings, WORKLOAD_IDENTITY_ROLE};
use crate::platform::{
    Error, OwnerLabel, OwnershipPolicy, Projects, Result, ServiceAccountView, WorkloadIdentityChange,
};
use crate::registry::names::{ProjectId, RegistryName, ServiceAccountName, WorkloadIdentity};

super::fixture::rules!(Projects, ProjectFixture:
    an_account_that_was_not_created_is_none,
    a_created_account_has_the_ownership_text,
    creating_an_account_again_changes_nothing,
    an_account_without_ownership_text_is_not_ours,
    another_registrys_account_is_never_adopted,
    a_renamed_registry_writes_its_name_and_the_rest_of_the_description_stays,
    members_of_an_account_are_added_and_removed_by_name,
    concurrent_writers_of_an_accounts_policy_lose_nothing,
    an_account_that_is_created_again_is_another_identity,
    a_cancelled_run_changes_no_account,
);

fn account() -> ServiceAccountName {
    name("payments")
}

fn settings() -> ServiceAccountSettings {
    ServiceAccountSettings { display_name: "payments production".into(), description: String::new() }
}

fn workload(nth: usize) -> WorkloadIdentity {
    name(&format!("gc-conf-clusters.svc.id.goog[payments/workload-{nth}]"))
}

/// A project to have accounts in.
async fn project(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> ProjectId {
    let id = fixture.fresh_id();
    let made = platform.ensure_project(&ctx(), &id, &fixture.settings(), &ownership()).await;
    made.unwrap_or_else(|error| panic!("a project could not be created: {error}"));
    let apis = [name("iam.googleapis.com")].into();
    let enabled = platform.enable_apis(&ctx(), &id, &apis).await;
    enabled.unwrap_or_else(|error| panic!("the API of service accounts could not be enabled: {error}"));
    id
}

async fn put(platform: &dyn Projects, id: &ProjectId, ownership: &OwnershipPolicy) -> Result<()> {
    platform.put_service_account(&ctx(), id, &account(), &settings(), ownership).await
}

async fn read(platform: &dyn Projects, id: &ProjectId) -> BTreeMap<ServiceAccountName, ServiceAccountView> {
    let found = platform.read_service_accounts(&ctx(), id, &BTreeSet::from([account()])).await;
    found.unwrap_or_else(|error| panic!("the accounts of `{id}` could not be read: {error}"))
}

async fn view(platform: &dyn Projects, id: &ProjectId) -> ServiceAccountView {
    read(platform, id).await.remove(&account()).unwrap_or_else(|| panic!("the account should be there"))
}

async fn change(platform: &dyn Projects, id: &ProjectId, add: &[usize], remove: &[usize]) -> Result<()> {
    let all = |numbers: &[usize]| numbers.iter().map(|nth| workload(*nth)).collect();
    let change = WorkloadIdentityChange { add: all(add), remove: all(remove) };
    platform.modify_workload_identity(&ctx(), id, &account(), &change).await
}

/// The members in anu's role.
async fn members(platform: &dyn Projects, id: &ProjectId) -> BTreeSet<String> {
    let grants = view(platform, id).await.grants.unwrap_or_else(|| panic!("the policy was to be read"));
    grants.get(WORKLOAD_IDENTITY_ROLE).cloned().unwrap_or_default()
}

fn text(registry: &RegistryName) -> String {
    OwnerLabel::text(registry)
}

async fn an_account_that_was_not_created_is_none(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let id = project(platform, fixture).await;
    assert_eq!(read(platform, &id).await.get(&account()), None);
    assert_eq!(platform.delete_service_account(&ctx(), &id, &account(), &ownership()).await, Ok(()));
    assert_eq!(change(platform, &id, &[], &[1]).await, Ok(()), "there is nothing to revoke");
    let added = change(platform, &id, &[1], &[]).await;
    assert!(matches!(added, Err(Error::NotFound(_))), "{added:?}");
    let nowhere = fixture.fresh_id();
    assert_eq!(read(platform, &nowhere).await, BTreeMap::new());
    assert_eq!(platform.delete_service_account(&ctx(), &nowhere, &account(), &ownership()).await, Ok(()));
    Ok(())
}

async fn a_created_account_has_the_ownership_text(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let id = project(platform, fixture).await;
    // The platform adds the ownership text: these settings do not contain it.
    assert_eq!(put(platform, &id, &ownership()).await, Ok(()));
    let made = view(platform, &id).await;
    let description = text(&ownership().registry);
    assert_eq!(made.settings, ServiceAccountSettings { description, ..settings() });
    assert!(made.owner.is(&ownership().registry) && !made.unique_id.is_empty(), "{made:?}");
    assert_eq!(made.grants, Some(BTreeMap::new()));
    let without = platform.read_service_accounts(&ctx(), &id, &BTreeSet::new()).await;
    let without = without.unwrap_or_else(|error| panic!("the accounts could not be read: {error}"));
    assert_eq!(without[&account()], ServiceAccountView { grants: None, ..made }, "a policy is read on request");
    Ok(())
}

async fn creating_an_account_again_changes_nothing(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let id = project(platform, fixture).await;
    assert_eq!(put(platform, &id, &ownership()).await, Ok(()));
    let made = view(platform, &id).await;
    assert_eq!(put(platform, &id, &ownership()).await, Ok(()));
    assert_eq!(view(platform, &id).await, made);
    let other = ServiceAccountSettings { display_name: "another name".into(), ..settings() };
    assert_eq!(platform.put_service_account(&ctx(), &id, &account(), &other, &ownership()).await, Ok(()));
    let changed = view(platform, &id).await;
    assert_eq!((changed.settings.display_name.as_str(), &changed.unique_id), ("another name", &made.unique_id));
    assert_eq!(platform.delete_service_account(&ctx(), &id, &account(), &ownership()).await, Ok(()));
    assert_eq!(read(platform, &id).await.get(&account()), None);
    Ok(())
}

async fn an_account_without_ownership_text_is_not_ours(
    platform: &dyn Projects,
    fixture: &dyn ProjectFixture,
) -> Ability {
    let id = project(platform, fixture).await;
    fixture.foreign_service_account(&id, &account(), "Publishes payments.").await?;
    let before = view(platform, &id).await;
    assert_eq!(before.owner, OwnerLabel::Missing);
    for refused in [
        put(platform, &id, &ownership()).await,
        platform.delete_service_account(&ctx(), &id, &account(), &ownership()).await,
        platform.delete_service_account(&ctx(), &id, &account(), &adopting()).await,
    ] {
        assert!(matches!(refused, Err(Error::NotOwned { .. })), "{refused:?}");
    }
    assert_eq!(view(platform, &id).await, before, "what is refused is not changed");
    // One that the state records is repaired, like one that is adopted.
    for ownership in [adopting(), recorded()] {
        assert_eq!(put(platform, &id, &ownership).await, Ok(()));
        let adopted = view(platform, &id).await;
        let description = format!("Publishes payments. {}", text(&ownership.registry));
        assert_eq!(adopted.settings, ServiceAccountSettings { description, ..settings() });
        assert_eq!(adopted.unique_id, before.unique_id);
        fixture.foreign_service_account(&id, &account(), "Publishes payments.").await?;
    }
    Ok(())
}

async fn another_registrys_account_is_never_adopted(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let id = project(platform, fixture).await;
    let OwnerLabel::Registry(other) = OwnerLabel::of(&other_owner()) else { panic!("another registry") };
    fixture.foreign_service_account(&id, &account(), &text(&other)).await?;
    let before = view(platform, &id).await;
    assert!(before.owner.is(&other));
    for ownership in [ownership(), adopting(), recorded()] {
        for refused in [
            put(platform, &id, &ownership).await,
            platform.delete_service_account(&ctx(), &id, &account(), &ownership).await,
        ] {
            assert!(matches!(refused, Err(Error::NotOwned { .. })), "{refused:?}");
        }
    }
    assert_eq!(view(platform, &id).await, before);
    Ok(())
}

async fn a_renamed_registry_writes_its_name_and_the_rest_of_the_description_stays(
    platform: &dyn Projects,
    fixture: &dyn ProjectFixture,
) -> Ability {
    let id = project(platform, fixture).await;
    let before = format!("Publishes payments. {}", text(&ownership().registry));
    fixture.foreign_service_account(&id, &account(), &before).await?;
    assert_eq!(put(platform, &id, &renamed()).await, Ok(()));
    let now = view(platform, &id).await;
    assert!(now.owner.is(&renamed().registry), "{now:?}");
    assert_eq!(now.settings.description, format!("Publishes payments. {}", text(&renamed().registry)));
    Ok(())
}

async fn members_of_an_account_are_added_and_removed_by_name(
    platform: &dyn Projects,
    fixture: &dyn ProjectFixture,
) -> Ability {
    let id = project(platform, fixture).await;
    assert_eq!(put(platform, &id, &ownership()).await, Ok(()));
    assert_eq!(change(platform, &id, &[1, 2], &[]).await, Ok(()));
    assert_eq!(change(platform, &id, &[2, 3], &[]).await, Ok(()));
    let all = |numbers: &[usize]| numbers.iter().map(|nth| workload(*nth).member()).collect::<BTreeSet<_>>();
    assert_eq!(members(platform, &id).await, all(&[1, 2, 3]));
    let others = workload(9).member();
    fixture.foreign_account_member(&id, &account(), WORKLOAD_IDENTITY_ROLE, &others).await?;
    fixture.foreign_account_member(&id, &account(), "roles/iam.serviceAccountUser", &others).await?;
    assert_eq!(change(platform, &id, &[4], &[1, 7]).await, Ok(()));
    assert_eq!(members(platform, &id).await, all(&[2, 3, 4, 9]));
    let roles = view(platform, &id).await.grants.unwrap_or_default().into_keys();
    assert_eq!(roles.collect::<Vec<_>>(), ["roles/iam.serviceAccountUser", WORKLOAD_IDENTITY_ROLE]);
    let contradicts = change(platform, &id, &[5], &[5]).await;
    assert!(matches!(contradicts, Err(Error::Invalid(_))), "{contradicts:?}");
    assert_eq!(members(platform, &id).await, all(&[2, 3, 4, 9]));
    Ok(())
}

async fn concurrent_writers_of_an_accounts_policy_lose_nothing(
    platform: &dyn Projects,
    fixture: &dyn ProjectFixture,
) -> Ability {
    const WRITERS: usize = 8;
    let id = project(platform, fixture).await;
    assert_eq!(put(platform, &id, &ownership()).await, Ok(()));
    let changes: Vec<[usize; 1]> = (0..WRITERS).map(|nth| [nth]).collect();
    let done = join_all(changes.iter().map(|add| change(platform, &id, add, &[]))).await;
    assert_eq!(done, vec![Ok(()); WRITERS]);
    assert_eq!(members(platform, &id).await.len(), WRITERS);
    Ok(())
}

async fn an_account_that_is_created_again_is_another_identity(
    platform: &dyn Projects,
    fixture: &dyn ProjectFixture,
) -> Ability {
    let id = project(platform, fixture).await;
    assert_eq!(put(platform, &id, &ownership()).await, Ok(()));
    assert_eq!(change(platform, &id, &[1], &[]).await, Ok(()));
    let before = view(platform, &id).await;
    assert_eq!(platform.delete_service_account(&ctx(), &id, &account(), &ownership()).await, Ok(()));
    assert_eq!(put(platform, &id, &ownership()).await, Ok(()));
    let now = view(platform, &id).await;
    assert_ne!(now.unique_id, before.unique_id);
    assert_eq!(now.grants, Some(BTreeMap::new()), "its policy was deleted with it");
    Ok(())
}

async fn a_cancelled_run_changes_no_account(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Ability {
    let id = project(platform, fixture).await;
    assert_eq!(put(platform, &id, &ownership()).await, Ok(()));
    let before = view(platform, &id).await;
    let add = WorkloadIdentityChange { add: [workload(1)].into(), ..WorkloadIdentityChange::default() };
    let other = ServiceAccountSettings { display_name: "another name".into(), ..settings() };
    for done in [
        platform.put_service_account(&cancelled(), &id, &account(), &other, &ownership()).await,
        platform.modify_workload_identity(&cancelled(), &id, &account(), &add).await,
        platform.delete_service_account(&cancelled(), &id, &account(), &ownership()).await,
    ] {
        assert_eq!(done, Err(Error::Cancelled));
    }
    assert_eq!(view(platform, &id).await, before);
    Ok(())
}
