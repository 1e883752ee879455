//! A deleted project keeps its APIs and members, and a restore brings them back: ours only as far as they are desired, and all of
//! them are in the plan.

use anu::platform::embedded::{Faults, ProjectPhase};
use anu::registry::names::ProjectId;

use crate::fake_core::State;
use crate::fixture::{Fixture, address, text};
use crate::generator::{Company, environment};

const OLD: &str = "IAM member proj-of-toy/roles/pubsub.admin/group:team-1@example.com";

fn project() -> ProjectId {
    "proj-of-toy".parse().unwrap()
}

/// The service `toy` in its own project, for a team.
fn toy(revision: u32, api: &str, team: &str) -> Company {
    let production = environment("production", "proj-of-toy", &["compute-a/toy"], &[team]);
    let mut company =
        Company::default().with("toy", Some("delete"), &[production]).listed("proj-of-toy", "toy", &["a"]);
    company.services.get_mut("toy").unwrap().apis = [api.to_owned()].into();
    company.revision = revision;
    company
}

/// The same without its project.
fn without_project(revision: u32) -> Company {
    let mut company = toy(revision, "pubsub.googleapis.com", "team-1");
    company.services.get_mut("toy").unwrap().environments[0].project = None;
    company.settle();
    company
}

#[tokio::test]
async fn what_is_withdrawn_with_a_project_is_not_in_force_after_its_restore() {
    let fixture = Fixture::open(&toy(0, "pubsub.googleapis.com", "team-1").document(), Faults::none()).await;
    let state = fixture.apply(&State::default()).await;
    fixture.publish(&without_project(1).document());
    let state = fixture.apply(&state).await;
    let deleted = fixture.dump().projects[&project()].clone();
    assert_eq!(deleted.project.map(|row| row.phase), Some(ProjectPhase::DeleteRequested));
    assert!(deleted.apis.is_empty() && deleted.iam.is_empty(), "withdrawn before the deletion");
    let after = toy(2, "storage.googleapis.com", "team-2");
    fixture.publish(&after.document());
    fixture.apply(&state).await;
    assert_eq!(fixture.dump(), after.expected());
}

#[tokio::test]
async fn a_plan_lists_what_a_restore_brings_back() {
    for by_hand in [false, true] {
        let fixture = Fixture::open(&toy(0, "pubsub.googleapis.com", "team-1").document(), Faults::none()).await;
        let state = fixture.apply(&State::default()).await;
        let store = fixture.store();
        store.foreign_member(&project(), "roles/viewer", "domain:example.com").unwrap();
        store.foreign_member(&project(), "roles/browser", "user:else@example.com").unwrap();
        store.foreign_api(&project(), &"redis.googleapis.com".parse().unwrap()).unwrap();
        let state = if by_hand {
            store.delete_project_by_hand(&project()).unwrap();
            state
        } else {
            fixture.publish(&without_project(1).document());
            fixture.apply(&state).await
        };
        let after = toy(2, "storage.googleapis.com", "team-2");
        fixture.publish(&after.document());
        let (plan, _) = fixture.planned(&state).await;
        let said = text(&plan.diagnostics);
        for line in [
            "IAM member proj-of-toy/roles/viewer/domain:example.com",
            "IAM member proj-of-toy/roles/browser/user:else@example.com",
            "API proj-of-toy/redis.googleapis.com",
        ] {
            assert!(said.contains(line), "{line} is not in the plan:\n{said}");
        }
        // Deleted by hand, ours are still on it: they are withdrawn right after the restore, which the plan shows.
        let deletions = "2 of ours will be deleted";
        assert_eq!(
            said.contains("1 API and 1 grant will be deleted") && said.contains(OLD),
            by_hand,
            "{deletions}: {said}"
        );
        let state = fixture.apply(&plan.refreshed).await;
        let mut found = fixture.dump();
        let found = found.projects.get_mut(&project()).unwrap();
        assert_eq!(found.iam.remove("roles/viewer").map(|members| members.len()), Some(1), "others' stay");
        assert_eq!(found.iam.remove("roles/browser").map(|members| members.len()), Some(1));
        assert!(found.apis.remove("redis.googleapis.com"));
        assert_eq!(*found, after.expected().projects[&project()], "by hand: {by_hand}");
        fixture.assert_settled(&state).await;
    }
}

/// Restored by hand, after the entry has changed: what is in force again and not desired is in the next plan.
#[tokio::test]
async fn what_is_restored_by_hand_is_managed_again() {
    let fixture = Fixture::open(&toy(0, "pubsub.googleapis.com", "team-1").document(), Faults::none()).await;
    let state = fixture.apply(&State::default()).await;
    fixture.store().delete_project_by_hand(&project()).unwrap();
    // Only refreshed, twice: the record stays.
    let state = fixture.planned(&state).await.0.refreshed;
    let state = fixture.planned(&state).await.0.refreshed;
    fixture.store().restore_project_by_hand(&project()).unwrap();
    let after = toy(2, "storage.googleapis.com", "team-2");
    fixture.publish(&after.document());
    let (plan, _) = fixture.planned(&state).await;
    assert!(text(&plan.diagnostics).contains(OLD), "{}", text(&plan.diagnostics));
    fixture.apply(&state).await;
    assert_eq!(fixture.dump(), after.expected());
}

/// In one run the owner deletes the project before another service has withdrawn its access: that one remembers.
#[tokio::test]
async fn what_could_not_be_withdrawn_from_a_deleted_project_is_remembered() {
    let both = |revision, shared: bool| {
        let place =
            |team: &str| environment("production", if shared { "proj-of-both" } else { "" }, &["compute-a/x"], &[team]);
        let company = Company::default().with("pay", Some("delete"), &[place("team-1")]);
        let company = company.with("zoo", Some("delete"), &[place("team-2")]).declared("compute-a/x", "pay", &[]);
        let mut company = if shared { company.listed("proj-of-both", "pay", &["a"]) } else { company };
        company.revision = revision;
        company
    };
    let fixture = Fixture::open(&both(0, true).document(), Faults::none()).await;
    let pay = fixture.apply_of(&State::default(), &["pay"]).await;
    let zoo = fixture.apply_of(&State::default(), &["zoo"]).await;
    fixture.publish(&both(1, false).document());
    // Planned before, applied after the deletion.
    let (plan, config) = fixture.plan_of(&zoo, &["zoo"]).await.unwrap();
    let pay = fixture.apply_of(&pay, &["pay"]).await;
    let (zoo, errors) = fixture.apply_plan(plan, &config).await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    // Here the withdrawal worked even so. A platform may accept it without an effect, so the state keeps it until the project is back.
    let remembered = zoo.0[&address("zoo")].private.get::<serde_json::Value>("deleted_projects").expect("a record");
    let members = serde_json::json!({"proj-of-both": {"roles/pubsub.admin": ["group:team-2@example.com"]}});
    assert_eq!(remembered["iam"], members);
    let mut again = both(2, true);
    again.services.get_mut("zoo").unwrap().environments[0].access[2] = ["team-1".to_owned()].into();
    fixture.publish(&again.document());
    fixture.apply_of(&pay, &["pay"]).await;
    let zoo = fixture.apply_of(&zoo, &["zoo"]).await;
    assert_eq!(fixture.dump(), again.expected());
    assert_eq!(zoo.0[&address("zoo")].private.get::<serde_json::Value>("deleted_projects"), None);
}
