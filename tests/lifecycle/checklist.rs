//! Core's consistency rules as `docs/development/protocol.md` names them, a test for each that is not true by construction. The
//! checks themselves are in [`fake_core`](crate::fake_core), which makes them on every call of every test here.
//!
//! By construction: there are no write-only attributes, and no computed attributes in blocks; `requires_replace` is always empty, which the fake core
//! asserts; deferral cannot be expressed; no attribute of the resource is sensitive.

use anu::platform::embedded::Faults;
use anu::sdk::{ApplyRequest, Call, MoveRequest, UpgradeRequest, Value, to_json};
use serde_json::json;

use crate::fake_core::{self, Action, Apply, Object, Process, State};
use crate::fixture::{Fixture, address, assert_refused, assert_says, text};
use crate::generator::{Company, environment};

const PROJECT: &str = "proj-of-pay";

fn company() -> Company {
    let production = environment("production", PROJECT, &["compute-a/pay"], &["team-1"])
        .with_account("robot-of-pay", &["roles/pubsub.publisher"]);
    Company::default().with("pay", None, &[production]).listed(PROJECT, "pay", &["a"])
}

async fn applied() -> (Fixture, State) {
    let fixture = Fixture::open(&company().document(), Faults::none()).await;
    let state = fixture.apply(&State::default()).await;
    (fixture, state)
}

#[tokio::test]
async fn plans_and_applies_conform_through_create_update_and_destroy() {
    let (mut fixture, state) = applied().await;
    let mut company = company().next();
    company.services.get_mut("pay").unwrap().environments[0].access[2].insert("team-2".to_owned());
    fixture.publish(&company.document());
    let (plan, _) = fixture.planned(&state).await;
    assert_eq!(plan.changes[&address("pay")].action, Action::Update);
    let state = fixture.apply(&state).await;
    assert_eq!(fixture.dump(), company.expected());
    fixture.arguments.insert("deletion_policy".into(), Value::from("delete"));
    let state = fixture.apply(&state).await;
    assert_eq!(fixture.apply_of(&state, &[]).await, State::default());
    assert_eq!(fixture.dump().active(), Company::default().expected());
}

#[tokio::test]
async fn a_destroy_plan_is_null_and_configured_values_are_kept() {
    let (mut fixture, state) = applied().await;
    fixture.arguments.insert("deletion_policy".into(), Value::from("delete"));
    fixture.arguments.insert("adopt_existing".into(), Value::from(true));
    fixture.arguments.insert("environments".into(), Value::List(vec![Value::from("production")]));
    let state = fixture.apply(&state).await;
    for (name, value) in &fixture.arguments {
        assert_eq!(state.0[&address("pay")].value.get(name), Some(value));
    }
    let (plan, _) = fixture.plan_of(&state, &[]).await.unwrap();
    assert!(plan.changes[&address("pay")].after.is_null());
}

#[tokio::test]
async fn what_is_neither_configured_nor_computed_is_null() {
    let (_, state) = applied().await;
    let value = &state.0[&address("pay")].value;
    assert!(value.get("adopt_existing").unwrap().is_null() && value.get("environments").unwrap().is_null());
    assert_eq!(value.get("deletion_policy").and_then(Value::as_str), Some("prevent"));
}

#[tokio::test]
async fn whatever_is_unknown_at_plan_is_known_after_apply() {
    let unknown = Value::unknown;
    for argument in ["name", "digest", "deletion_policy", "environments", "adopt_existing"] {
        let fixture = Fixture::new(&company().document());
        let process = Process::start(&fixture.block()).await.unwrap();
        let mut config = fixture.config(&process, None).await.unwrap();
        let known = config.clone();
        let Some(Value::Map(instance)) = config.resources.get_mut(&address("pay")) else { panic!() };
        instance.insert(argument.to_owned(), unknown());
        let plan =
            fake_core::plan(&State::default(), &config).await.unwrap_or_else(|e| panic!("{argument}: {}", text(&e)));
        let planned = &plan.changes[&address("pay")].after;
        assert_eq!(planned.get(argument), Some(&unknown()));
        if argument != "adopt_existing" {
            assert!(planned.get("iam").unwrap().is_unknown(), "{argument}");
        }
        let (state, errors) = Apply::start(plan, &known).await.unwrap().finish().await;
        assert!(!errors.has_errors(), "{argument}: {}", text(&errors));
        fixture.assert_settled(&state).await;
        assert_eq!(fixture.dump(), company().expected());
    }
}

#[tokio::test]
async fn environments_may_be_unknown_within_the_list_and_in_an_update() {
    let (mut fixture, state) = applied().await;
    fixture.newer_core = true;
    fixture.arguments.insert("environments".into(), Value::List(vec![Value::unknown()]));
    let (plan, mut config) = fixture.planned(&state).await;
    assert!(plan.changes[&address("pay")].after.get("projects").unwrap().is_unknown());
    let Some(Value::Map(instance)) = config.resources.get_mut(&address("pay")) else { panic!() };
    let production = Value::List(vec![Value::from("production")]);
    instance.insert("environments".into(), production.clone());
    let (state, errors) = Apply::start(plan, &config).await.unwrap().finish().await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    fixture.arguments.insert("environments".into(), production);
    fixture.assert_settled(&state).await;
}

#[tokio::test]
async fn equal_requests_give_equal_plans() {
    let fixture = Fixture::new(&company().document());
    let (one, _) = fixture.planned(&State::default()).await;
    let (two, _) = fixture.planned(&State::default()).await;
    let of = |plan: &fake_core::Plan| {
        let change = &plan.changes[&address("pay")];
        (change.after.clone(), change.private.clone(), plan.diagnostics.clone())
    };
    assert_eq!(of(&one), of(&two));
}

#[tokio::test]
async fn a_second_plan_changes_only_unknown_values() {
    // Another state creates the shared project between our plan and our apply.
    let production = environment("production", PROJECT, &["compute-a/pay"], &["team-2"]);
    let both = company().with("ledger", None, &[production]).listed(PROJECT, "pay", &[]);
    let both = both.declared("compute-a/pay", "pay", &[]);
    let fixture = Fixture::new(&both.document());
    let (plan, config) = fixture.plan_of(&State::default(), &["pay"]).await.unwrap();
    let number = |value: &Value| value.get("projects").unwrap().get(PROJECT).unwrap().get("number").cloned().unwrap();
    assert!(number(&plan.changes[&address("pay")].after).is_unknown());
    fixture.apply_of(&State::default(), &["ledger"]).await;
    let (state, errors) = fixture.apply_plan(plan, &config).await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    assert!(number(&state.0[&address("pay")].value).as_str().is_some());
    assert_eq!(fixture.dump(), both.expected());
}

#[tokio::test]
async fn a_failed_create_leaves_no_state_and_is_resumed() {
    let mut fixture = Fixture::open(&company().document(), "fail:role binding".parse().unwrap()).await;
    let (state, errors) = fixture.try_apply(&State::default()).await;
    assert_says(&errors, "What was created carries anu's ownership label");
    assert_eq!(state, State::default());
    fixture.reopen(Faults::none()).await;
    let (plan, _) = fixture.planned(&state).await;
    assert!(text(&plan.diagnostics).contains("exist already"), "the plan says what exists");
    fixture.apply(&state).await;
    assert_eq!(fixture.dump(), company().expected());
}

#[tokio::test]
async fn private_state_is_saved_although_the_apply_failed() {
    let (mut fixture, state) = applied().await;
    let mut company = company().next();
    company.services.get_mut("pay").unwrap().environments[0].access[2].insert("team-2".to_owned());
    fixture.publish(&company.document());
    fixture.reopen("fail:role binding".parse().unwrap()).await;
    let (failed, errors) = fixture.try_apply(&state).await;
    assert!(errors.has_errors());
    let object = &failed.0[&address("pay")];
    assert!(
        !object.tainted && object.value != state.0[&address("pay")].value,
        "the half that was done is in the state"
    );
    assert_eq!(object.private.get::<String>("compiled_at").as_deref(), Some("2026-11-20T00:01:00Z"));
    fixture.reopen(Faults::none()).await;
    fixture.apply(&failed).await;
    assert_eq!(fixture.dump(), company.expected());
}

#[tokio::test]
async fn a_refresh_that_fails_is_an_error_and_keeps_the_object() {
    let (fixture, state) = applied().await;
    let elsewhere = Fixture::new(&company().document());
    std::fs::write(elsewhere.path("anu.db"), "not a database, and more than sixteen bytes of it").unwrap();
    let process = Process::start(&elsewhere.block()).await.unwrap();
    assert_refused(process.services().refresh(&state.0[&address("pay")]).await, "Embedded platform cannot be opened");
    fixture.assert_settled(&state).await;
}

#[tokio::test]
async fn a_service_without_resources_left_is_planned_as_an_update() {
    let (fixture, state) = applied().await;
    fixture.store().purge_project(&PROJECT.parse().unwrap()).unwrap();
    fixture.store().remove_namespace(&"compute-a/pay".parse().unwrap()).unwrap();
    let (plan, _) = fixture.planned(&state).await;
    assert_eq!(plan.changes[&address("pay")].action, Action::Update);
    fixture.apply(&state).await;
    assert_eq!(fixture.dump(), company().expected());
}

#[tokio::test]
async fn an_import_is_followed_by_an_empty_plan() {
    let (fixture, _) = applied().await;
    for id in ["pay", "pay/production"] {
        let process = Process::start(&fixture.block()).await.unwrap();
        let imported = Object::imported(&process, id).await.unwrap_or_else(|errors| panic!("{}", text(&errors)));
        let mut config = fixture.config(&process, None).await.unwrap();
        if id != "pay" {
            let Some(Value::Map(instance)) = config.resources.get_mut(&address("pay")) else { panic!() };
            instance.insert("environments".into(), Value::List(vec![Value::from("production")]));
        }
        let state = State([(address("pay"), imported)].into());
        assert!(fake_core::plan(&state, &config).await.unwrap().pending().is_empty(), "{id}");
    }
}

#[tokio::test]
async fn what_cannot_be_imported_is_an_error() {
    let fixture = Fixture::new(&company().document());
    let process = Process::start(&fixture.block()).await.unwrap();
    for (id, words) in [
        ("pay", "cannot be imported"),
        ("pai", "Did you mean `pay`"),
        ("pay/", "is not valid"),
        ("pay/prod", "has no environment `prod`"),
    ] {
        assert_refused(Object::imported(&process, id).await, words);
    }
}

#[tokio::test]
async fn what_exists_in_part_is_imported_and_completed() {
    let (fixture, _) = applied().await;
    fixture.store().remove_namespace(&"compute-a/pay".parse().unwrap()).unwrap();
    let process = Process::start(&fixture.block()).await.unwrap();
    let imported = Object::imported(&process, "pay").await.unwrap();
    fixture.apply(&State([(address("pay"), imported)].into())).await;
    assert_eq!(fixture.dump(), company().expected());
}

#[tokio::test]
async fn stored_state_is_read_with_missing_and_additional_attributes() {
    let (fixture, state) = applied().await;
    let process = Process::start(&fixture.block()).await.unwrap();
    let mut stored = to_json(&state.0[&address("pay")].value);
    stored["from_a_later_release"] = json!({"x": 1});
    stored.as_object_mut().unwrap().remove("quotas");
    let response = process.services().resource().upgrade(UpgradeRequest { version: 0, state: stored }).await;
    let value = response.state.unwrap();
    assert!(value.get("quotas").unwrap().is_null() && value.get("from_a_later_release").is_none());
    let broken = process.services().resource().upgrade(UpgradeRequest { version: 0, state: json!({"iam": 7}) }).await;
    assert!(broken.state.is_none());
    assert_says(&broken.diagnostics, "/iam");
}

#[tokio::test]
async fn a_move_from_another_type_is_an_error() {
    let fixture = Fixture::new(&company().document());
    let process = Process::start(&fixture.block()).await.unwrap();
    let request = MoveRequest {
        source_provider: "registry.terraform.io/hashicorp/google".into(),
        source_type: "google_project".into(),
        source_version: 0,
        state: json!({}),
        private: Vec::new(),
    };
    let response = process.services().resource().move_state(request).await;
    assert!(response.state.is_none());
    assert_says(&response.diagnostics, "Import the object instead");
}

#[tokio::test]
async fn data_sources_repeat_their_configuration() {
    let (fixture, _) = applied().await;
    let process = Process::start(&fixture.block()).await.unwrap();
    let places = Value::List(vec![Value::from("proj-of-others")]);
    let grants = Value::object([("also_projects", places.clone())]);
    let read = process.data("anu_unmanaged_grants", grants).await.unwrap();
    assert_eq!(read.get("also_projects"), Some(&places));
    assert_eq!(read.get("leftovers"), Some(&Value::List(Vec::new())));
    let none = || Value::object(Vec::<(String, Value)>::new());
    for name in ["anu_registry", "anu_registry_resources"] {
        process.data(name, none()).await.unwrap_or_else(|errors| panic!("{name}: {}", text(&errors)));
    }
    let service = process.data("anu_registry_service", Value::object([("name", Value::from("pay"))])).await.unwrap();
    assert_eq!(service.get("name"), Some(&Value::from("pay")));
}

/// An apply without a plan.
#[tokio::test]
async fn a_delete_without_our_own_destroy_plan_is_refused() {
    let (fixture, state) = applied().await;
    let process = Process::start(&fixture.block()).await.unwrap();
    let object = &state.0[&address("pay")];
    let call = Call { private: object.private.clone(), ..Call::default() };
    let request = ApplyRequest { prior: object.value.clone(), planned: Value::Null, config: Value::Null, call };
    let response = process.services().resource().apply(request).await;
    assert!(response.state.is_none());
    assert_says(&response.diagnostics, "Replacement of service `pay` is refused");
    fixture.assert_settled(&state).await;
    assert_eq!(fixture.dump(), company().expected());
}
