//! Access that ends: from the entry over a change of its end to the removal when it has passed.

use anu::registry::names::ProjectId;
use anu::sdk::Value;
use insta::assert_snapshot;
use jiff::Timestamp;

use crate::fake_core::{Apply, Plan, Process, State};
use crate::fixture::{Fixture, address, text};
use crate::generator::{Company, environment};

const GUEST: &str = "user:guest@example.com";
const JANUARY: &str = "2035-01-31T00:00:00Z";
const MARCH: &str = "2035-03-31T00:00:00Z";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// `pay` in an existing project, which its admins administer, and the guest until then.
fn company(end: Option<&str>) -> Company {
    let guest = end.map(|end| format!("{GUEST} until {end}"));
    let admins: Vec<&str> = ["team-1"].into_iter().chain(guest.as_deref()).collect();
    Company::default().with("pay", Some("delete"), &[environment("production", "proj-pay", &[], &admins)])
}

fn members(fixture: &Fixture) -> Vec<String> {
    let dump = fixture.dump();
    let iam = dump.projects.get("proj-pay").map(|project| project.iam.clone()).unwrap_or_default();
    iam.values().flatten().cloned().collect()
}

fn digest(state: &State) -> Value {
    state.0[&address("pay")].value.get("digest").unwrap().clone()
}

async fn at(company: &Company, now: &str, newer_core: bool) -> Fixture {
    let mut fixture = Fixture::new(&company.document());
    fixture.now = Some(time(now));
    fixture.newer_core = newer_core;
    fixture
}

/// The whole life of an entry, with both kinds of core.
#[tokio::test]
async fn access_is_granted_changed_and_removed_when_it_has_ended() {
    for newer_core in [false, true] {
        let first = company(Some(JANUARY));
        let mut fixture = at(&first, "2035-01-01T00:00:00Z", newer_core).await;
        let state = fixture.apply(&State::default()).await;
        assert_eq!(members(&fixture), ["group:team-1@example.com", &format!("{GUEST} until {JANUARY}")]);

        let second = Company { revision: 1, ..company(Some(MARCH)) };
        fixture.publish(&second.document());
        let state = fixture.apply(&state).await;
        assert_eq!(members(&fixture), ["group:team-1@example.com", &format!("{GUEST} until {MARCH}")]);
        let approved = digest(&state);

        // To the second before, nothing changes; at the moment itself the grant is to be removed.
        fixture.now = Some(time("2035-03-30T23:59:59Z"));
        fixture.assert_settled(&state).await;
        fixture.now = Some(time(MARCH));
        let (plan, _) = fixture.planned(&state).await;
        assert_eq!(plan.pending(), [address("pay")]);
        assert_snapshot!("removal", text(&plan.diagnostics));
        let state = fixture.apply(&state).await;
        assert_eq!(members(&fixture), ["group:team-1@example.com"]);
        assert_eq!(digest(&state), approved, "what was approved is the entry, and it is the same");

        // The entry leaves: the digest is another, and nothing else.
        fixture.publish(&Company { revision: 2, ..company(None) }.document());
        let state = fixture.apply(&state).await;
        assert_ne!(digest(&state), approved);
        assert_eq!(members(&fixture), ["group:team-1@example.com"]);
    }
}

#[tokio::test]
async fn a_new_end_after_the_old_one_has_passed_grants_again() {
    let mut fixture = at(&company(Some(JANUARY)), "2035-02-01T00:00:00Z", false).await;
    let state = fixture.apply(&State::default()).await;
    assert_eq!(members(&fixture), ["group:team-1@example.com"], "what has ended is not granted");
    fixture.publish(&Company { revision: 1, ..company(Some(MARCH)) }.document());
    let state = fixture.apply(&state).await;
    assert_eq!(members(&fixture).len(), 2);
    // A clock that is set back grants what is then still to end.
    fixture.now = Some(time("2035-04-01T00:00:00Z"));
    let state = fixture.apply(&state).await;
    assert_eq!(members(&fixture).len(), 1);
    fixture.now = Some(time("2035-02-01T00:00:00Z"));
    fixture.apply(&state).await;
    assert_eq!(members(&fixture).len(), 2);
}

/// Applies a plan at another time than it was made at.
async fn apply_at(fixture: &mut Fixture, plan: Plan, mut config: crate::fake_core::Config, now: &str) -> State {
    fixture.now = Some(time(now));
    config.block.now = fixture.now;
    let (state, diagnostics) = Apply::start(plan, &config).await.unwrap().finish().await;
    assert!(!diagnostics.has_errors(), "{}", text(&diagnostics));
    state
}

/// What was planned is granted, gives no access, and is removed by the next plan.
#[tokio::test]
async fn access_that_ends_between_plan_and_apply_is_granted_as_planned_and_removed_next() {
    for newer_core in [false, true] {
        let mut fixture = at(&company(None), "2035-01-01T00:00:00Z", newer_core).await;
        let state = fixture.apply(&State::default()).await;
        fixture.publish(&Company { revision: 1, ..company(Some(JANUARY)) }.document());
        let (plan, config) = fixture.planned(&state).await;
        let state = apply_at(&mut fixture, plan, config, "2035-02-01T00:00:00Z").await;
        assert_eq!(members(&fixture).len(), 2);
        assert_eq!(fixture.planned(&state).await.0.pending(), [address("pay")]);
        fixture.apply(&state).await;
        assert_eq!(members(&fixture).len(), 1);
    }
}

#[tokio::test]
async fn the_same_in_a_create_where_core_sends_the_plans_private_state() {
    let mut fixture = at(&company(Some(JANUARY)), "2035-01-01T00:00:00Z", true).await;
    let (plan, config) = fixture.planned(&State::default()).await;
    let state = apply_at(&mut fixture, plan, config, "2035-02-01T00:00:00Z").await;
    assert_eq!(members(&fixture).len(), 2);
    fixture.apply(&state).await;
    assert_eq!(members(&fixture).len(), 1);
}

/// Nothing tells the second plan what the first one said, so core refuses it, and nothing is created.
#[tokio::test]
#[should_panic(expected = "inconsistent final plan")]
async fn the_same_in_a_create_is_refused_by_an_older_core() {
    let mut fixture = at(&company(Some(JANUARY)), "2035-01-01T00:00:00Z", false).await;
    let (plan, config) = fixture.planned(&State::default()).await;
    apply_at(&mut fixture, plan, config, "2035-02-01T00:00:00Z").await;
}

/// What a plan has shown as ended stays so in its apply, whatever that machine's clock says.
#[tokio::test]
async fn a_removal_that_was_planned_is_made_by_a_machine_with_a_slow_clock() {
    for newer_core in [false, true] {
        let mut fixture = at(&company(Some(JANUARY)), "2035-01-01T00:00:00Z", newer_core).await;
        let state = fixture.apply(&State::default()).await;
        fixture.now = Some(time("2035-02-01T00:00:00Z"));
        let (plan, config) = fixture.planned(&state).await;
        apply_at(&mut fixture, plan, config, "2035-01-30T00:00:00Z").await;
        assert_eq!(members(&fixture).len(), 1);
    }
}

/// A project with two services, and the guest's end in each.
fn two(pay: &str, zoo: &str) -> Company {
    let admins = |end: &str| format!("{GUEST} until {end}");
    Company::default().with("pay", Some("delete"), &[environment("production", "proj-pay", &[], &[&admins(pay)])]).with(
        "zoo",
        Some("delete"),
        &[environment("production", "proj-pay", &[], &[&admins(zoo)])],
    )
}

#[tokio::test]
async fn two_services_with_different_ends_have_two_members() {
    let mut fixture = at(&two(JANUARY, MARCH), "2035-01-01T00:00:00Z", false).await;
    let state = fixture.apply(&State::default()).await;
    assert_eq!(members(&fixture), [format!("{GUEST} until {JANUARY}"), format!("{GUEST} until {MARCH}")]);
    fixture.now = Some(time("2035-02-01T00:00:00Z"));
    assert_eq!(fixture.planned(&state).await.0.pending(), [address("pay")]);
    fixture.apply(&state).await;
    assert_eq!(members(&fixture), [format!("{GUEST} until {MARCH}")]);
}

/// Each of them removes it: if each left it to the other, it would stay.
#[tokio::test]
async fn a_member_of_two_services_is_removed_when_it_has_ended() {
    for newer_core in [false, true] {
        let mut fixture = at(&two(JANUARY, JANUARY), "2035-01-01T00:00:00Z", newer_core).await;
        let state = fixture.apply(&State::default()).await;
        assert_eq!(members(&fixture), [format!("{GUEST} until {JANUARY}")]);
        fixture.now = Some(time(JANUARY));
        // One of them alone removes it from the platform, and the other one from its state.
        let (plan, config) = fixture.plan_of(&state, &["pay", "zoo"]).await.unwrap();
        assert_eq!(plan.pending().len(), 2);
        let (state, diagnostics) = fixture.apply_plan(plan, &config).await;
        assert!(!diagnostics.has_errors(), "{}", text(&diagnostics));
        assert!(members(&fixture).is_empty());
        fixture.assert_settled(&state).await;
    }
}

#[tokio::test]
async fn drift_of_a_grant_that_ends_is_found_and_others_grants_stay() {
    let registry = company(Some(JANUARY));
    let mut fixture = Fixture::open(&registry.document(), anu::platform::embedded::Faults::none()).await;
    fixture.now = Some(time("2035-01-01T00:00:00Z"));
    let state = fixture.apply(&State::default()).await;
    let (id, role): (ProjectId, _) = ("proj-pay".parse().unwrap(), "roles/pubsub.admin");
    let timed = format!("{GUEST} until {JANUARY}");
    // Another end, and none, are grants of others: neither replaces ours, and ours does not replace them.
    fixture.store().foreign_member(&id, role, GUEST).unwrap();
    fixture.store().foreign_member(&id, role, &format!("{GUEST} until {MARCH}")).unwrap();
    fixture.store().conditional_member(&id, role, GUEST, "resource.name == 'x'").unwrap();
    fixture.assert_settled(&state).await;
    fixture.store().remove_member(&id, role, &timed).unwrap();
    assert_eq!(fixture.planned(&state).await.0.pending(), [address("pay")]);
    let state = fixture.apply(&state).await;
    let process = Process::start(&fixture.block()).await.unwrap();
    let listed = process.data("anu_unmanaged_grants", Value::object([("select", Value::Null)])).await.unwrap();
    assert_snapshot!(listed.get("iam").map(|iam| anu::sdk::to_json(iam).to_string()).unwrap());
    fixture.now = Some(time("2035-02-01T00:00:00Z"));
    fixture.apply(&state).await;
    let others = ["group:team-1@example.com", GUEST, &format!("{GUEST} until {MARCH}")];
    assert_eq!(members(&fixture), others);
    assert_eq!(fixture.dump().projects["proj-pay"].conditional.len(), 1);
}

/// A data source is read at the plan and lists what is to exist; a function is the same whatever the time.
#[tokio::test]
async fn a_data_source_lists_what_has_not_ended() {
    let mut fixture = at(&company(Some(JANUARY)), "2035-01-01T00:00:00Z", false).await;
    for (now, expected) in [("2035-01-30T00:00:00Z", 2), (JANUARY, 1)] {
        fixture.now = Some(time(now));
        let process = Process::start(&fixture.block()).await.unwrap();
        let data = process.data("anu_registry_resources", Value::object([("select", Value::Null)])).await.unwrap();
        let Some(Value::Map(members)) = data.get("iam_members").and_then(|all| all.get("pay")) else { panic!("none") };
        assert_eq!(members.len(), expected, "{now}");
        if expected == 2 {
            let timed =
                members.iter().find(|(key, _)| key.contains(" until ")).map(|(_, entry)| anu::sdk::to_json(entry));
            assert_snapshot!(serde_json::to_string_pretty(&timed.unwrap()).unwrap());
        }
    }
}
