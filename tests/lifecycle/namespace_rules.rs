//! Rules of `anu_namespace`, each by itself: what is refused, at plan where it can be and at apply where it must be; imports; and
//! every write that can fail. [`namespaces`](crate::namespaces) has the laws.

use std::collections::BTreeMap;

use anu::platform::embedded::{Dump, Faults};
use anu::registry::names::NamespaceKey;
use anu::sdk::{ApplyRequest, Call, Value};

use crate::fake_core::{self, Action, Process, State};
use crate::fixture::{Fixture, assert_refused, assert_says, text};
use crate::generator::{Company, environment};

const ADDRESS: &str = "anu_namespace.monitoring";
const NAME: &str = "compute-a/monitoring";

fn key(text: &str) -> NamespaceKey {
    text.parse().unwrap()
}

/// A registry with one service on these namespaces.
fn company(targets: &[&str]) -> Company {
    Company::default().with("pay", Some("delete"), &[environment("production", "", targets, &["team-1"])])
}

/// A configuration of the namespace, with a quota and one role binding.
fn configuration(policy: &str, tier: &str, role: &str) -> Value {
    let texts = |key: &str, value: &str| Value::Map([(key.to_owned(), Value::from(value))].into());
    let subjects = Value::List(vec![Value::from("Group:a@example.com")]);
    let binding =
        Value::object([("name", Value::from("operators")), ("role", Value::from(role)), ("subjects", subjects)]);
    Value::object([
        ("cluster", Value::from("compute-a")),
        ("name", Value::from("monitoring")),
        ("labels", texts("tier", tier)),
        ("quota", texts("pods", "10")),
        ("role_binding", Value::List(vec![binding])),
        ("deletion_policy", Value::from(policy)),
    ])
}

fn set(configuration: Value, attribute: &str, value: &str) -> Value {
    let Value::Map(mut attributes) = configuration else { panic!("a configuration") };
    attributes.insert(attribute.to_owned(), Value::from(value));
    Value::Map(attributes)
}

async fn with(policy: &str) -> Fixture {
    let mut fixture = Fixture::open(&company(&["compute-a/own"]).document(), Faults::none()).await;
    fixture.others = BTreeMap::from([(ADDRESS.to_owned(), configuration(policy, "1", "view"))]);
    fixture
}

async fn applied(policy: &str) -> (Fixture, State) {
    let fixture = with(policy).await;
    let state = fixture.apply(&State::default()).await;
    (fixture, state)
}

#[tokio::test]
async fn create_update_move_and_destroy_each_end_in_an_empty_plan() {
    let (mut fixture, state) = applied("delete").await;
    fixture.others.insert(ADDRESS.into(), configuration("delete", "2", "edit"));
    let (plan, _) = fixture.planned(&state).await;
    assert_eq!(plan.changes[ADDRESS].action, Action::Update);
    assert!(text(&plan.diagnostics).contains("1 role binding will be deleted and created again"));
    let state = fixture.apply(&state).await;
    fixture.others.insert(ADDRESS.into(), set(configuration("delete", "2", "edit"), "name", "metrics"));
    let (plan, _) = fixture.planned(&state).await;
    assert_eq!(plan.changes[ADDRESS].action, Action::Update, "a move is no replacement");
    assert!(text(&plan.diagnostics).contains("1 namespace, 1 quota and 1 grant will be deleted"));
    let state = fixture.apply(&state).await;
    let found = fixture.dump().active();
    assert!(!found.clusters["compute-a"].contains_key("monitoring"));
    assert_eq!(found.clusters["compute-a"]["metrics"].settings.labels["tier"], "2");
    fixture.others.clear();
    fixture.apply(&state).await;
    assert!(!fixture.dump().active().clusters["compute-a"].contains_key("metrics"));
}

#[tokio::test]
async fn replacement_is_refused_at_plan() {
    let (fixture, mut state) = applied("delete").await;
    let process = Process::start(&fixture.block()).await.unwrap();
    let managed = process.of(ADDRESS);
    let wanted = managed.complete(fixture.others[ADDRESS].clone());
    // Core plans the update first; then, because of the flag, again without a prior state, and passes the private state on.
    let first = managed.plan_one(state.0.get(ADDRESS), Some(&wanted)).await;
    let mut second = state.0[ADDRESS].clone();
    (second.value, second.private) = (Value::Null, first.private);
    let response = managed.plan_one(Some(&second), Some(&wanted)).await;
    assert!(response.planned.is_none());
    assert_says(&response.diagnostics, "Replacement of namespace `compute-a/monitoring` is refused");
    state.0.get_mut(ADDRESS).unwrap().tainted = true;
    assert_refused(fixture.plan(&state).await, "terraform untaint");
}

#[tokio::test]
async fn a_delete_without_our_own_destroy_plan_is_refused() {
    let (fixture, state) = applied("delete").await;
    let found = fixture.dump();
    let process = Process::start(&fixture.block()).await.unwrap();
    let object = &state.0[ADDRESS];
    let call = Call { private: object.private.clone(), ..Call::default() };
    let request = ApplyRequest { prior: object.value.clone(), planned: Value::Null, config: Value::Null, call };
    let response = process.of(ADDRESS).resource().apply(request).await;
    assert!(response.state.is_none());
    assert_says(&response.diagnostics, "Replacement of namespace `compute-a/monitoring` is refused");
    assert_eq!(fixture.dump(), found);
}

#[tokio::test]
async fn create_before_destroy_never_deletes_what_was_just_created() {
    let (fixture, state) = applied("delete").await;
    let (found, deposed) = (fixture.dump(), &state.0[ADDRESS]);
    // As if no plan had been able to refuse: one process creates, and deletes the deposed object with a destroy plan.
    let planning = Process::start(&fixture.block()).await.unwrap();
    let destroy = planning.of(ADDRESS).plan_one(Some(deposed), None).await;
    assert_eq!(destroy.planned, Some(Value::Null), "{}", text(&destroy.diagnostics));
    let process = Process::start(&fixture.block()).await.unwrap();
    let managed = process.of(ADDRESS);
    let wanted = managed.complete(fixture.others[ADDRESS].clone());
    let create = managed.plan_one(None, Some(&wanted)).await;
    let call = Call { private: create.private, ..Call::default() };
    let planned = create.planned.unwrap();
    let request = ApplyRequest { prior: Value::Null, planned, config: wanted, call };
    let created = managed.resource().apply(request).await;
    assert!(created.state.is_some(), "{}", text(&created.diagnostics));
    let call = Call { private: destroy.private, ..Call::default() };
    let request = ApplyRequest { prior: deposed.value.clone(), planned: Value::Null, config: Value::Null, call };
    let response = managed.resource().apply(request).await;
    assert_says(&response.diagnostics, "Replacement of namespace `compute-a/monitoring` is refused");
    assert_eq!(fixture.dump(), found);
}

#[tokio::test]
async fn two_resources_for_one_namespace_are_refused_in_either_order() {
    let mut fixture = with("delete").await;
    fixture.others.insert("anu_namespace.again".into(), configuration("delete", "1", "view"));
    assert_refused(fixture.plan(&State::default()).await, "Namespace `compute-a/monitoring` has two resources");
    fixture.others.remove("anu_namespace.again");
    let state = fixture.apply(&State::default()).await;
    for second in ["anu_namespace.again", "anu_namespace.other"] {
        let mut fixture = Fixture::at(std::path::Path::new(&fixture.path("")));
        fixture.others = BTreeMap::from([
            (ADDRESS.to_owned(), configuration("delete", "1", "view")),
            (second.to_owned(), configuration("delete", "1", "view")),
        ]);
        assert_refused(fixture.plan(&state).await, "Namespace `compute-a/monitoring` is in the state already");
    }
}

#[tokio::test]
async fn a_saved_destroy_is_refused_once_a_service_uses_the_namespace() {
    let (mut fixture, state) = applied("delete").await;
    fixture.others.clear();
    let (plan, config) = fixture.planned(&state).await;
    fixture.publish(&company(&["compute-a/own", NAME]).next().document());
    let found = fixture.dump();
    let (left, errors) = fixture.apply_plan(plan, &config).await;
    assert_says(&errors, "namespace compute-a/monitoring: still used by `pay`");
    assert!(left.0.contains_key(ADDRESS));
    assert_eq!(fixture.dump(), found, "nothing was changed");
    // Planned again, it is released to the service, which adopts it.
    let state = fixture.apply(&left).await;
    assert!(!state.0.contains_key(ADDRESS));
    assert_eq!(fixture.dump().active(), company(&["compute-a/own", NAME]).expected());
}

/// The other way round: what was to be released would be deleted, which was not approved.
#[tokio::test]
async fn a_saved_destroy_is_refused_once_no_service_uses_the_namespace_any_more() {
    let (mut fixture, state) = applied("delete").await;
    fixture.others.clear();
    fixture.publish(&company(&["compute-a/own", NAME]).next().document());
    let (plan, config) = fixture.planned(&state).await;
    assert!(text(&plan.diagnostics).contains("namespace compute-a/monitoring: still used by `pay`"));
    fixture.publish(&company(&["compute-a/own"]).next().next().document());
    let (left, errors) = fixture.apply_plan(plan, &config).await;
    assert_says(&errors, "more than planned would be deleted");
    assert!(left.0.contains_key(ADDRESS));
    assert!(fixture.dump().active().clusters["compute-a"].contains_key("monitoring"));
}

#[tokio::test]
async fn a_saved_create_is_refused_once_a_service_uses_the_namespace() {
    let fixture = with("delete").await;
    let (plan, config) = fixture.planned(&State::default()).await;
    fixture.publish(&company(&["compute-a/own", NAME]).next().document());
    let (state, errors) = fixture.apply_plan(plan, &config).await;
    assert_says(&errors, "Namespace `compute-a/monitoring` belongs to the registry");
    assert!(!state.0.contains_key(ADDRESS));
    assert!(!fixture.dump().clusters.get("compute-a").is_some_and(|all| all.contains_key("monitoring")));
}

#[tokio::test]
async fn another_registry_and_an_older_one_are_refused_at_plan_and_at_apply() {
    let (mut fixture, state) = applied("delete").await;
    let newer = {
        fixture.publish(&company(&["compute-a/own"]).next().document());
        fixture.planned(&state).await.0.refreshed
    };
    let mut another = company(&["compute-a/own"]).next().next().document();
    another["metadata"]["name"] = "another".into();
    let older = company(&["compute-a/own"]).document();
    for (document, words) in
        [(another, "belongs to another registry"), (older, "the registry is older than the last one applied")]
    {
        fixture.publish(&company(&["compute-a/own"]).next().document());
        fixture.others.insert(ADDRESS.into(), configuration("delete", "2", "view"));
        let (update, config) = fixture.planned(&newer).await;
        fixture.others.remove(ADDRESS);
        let (destroy, without) = fixture.planned(&newer).await;
        fixture.publish(&document);
        assert_refused(fixture.plan(&newer).await, words);
        for (plan, config) in [(update, config), (destroy, without)] {
            let (left, errors) = fixture.apply_plan(plan, &config).await;
            assert_says(&errors, words);
            assert!(left.0.contains_key(ADDRESS));
        }
        assert_eq!(fixture.dump().active().clusters["compute-a"]["monitoring"].settings.labels["tier"], "1");
    }
}

#[tokio::test]
async fn an_import_is_followed_by_an_empty_plan() {
    let (fixture, state) = applied("prevent").await;
    let process = Process::start(&fixture.block()).await.unwrap();
    let imported = process.of(ADDRESS).import(NAME).await.unwrap();
    let mut again = state.clone();
    again.0.insert(ADDRESS.into(), imported);
    let config = fixture.config(&process, None).await.unwrap();
    assert!(fake_core::plan(&again, &config).await.unwrap().pending().is_empty());
}

#[tokio::test]
async fn what_cannot_be_imported_is_an_error() {
    let (fixture, _) = applied("prevent").await;
    let globex = [("managed-by".to_owned(), "anu".to_owned()), ("anu-registry".to_owned(), "globex".to_owned())];
    fixture.store().foreign_namespace(&key("compute-a/globex"), &globex.into()).unwrap();
    let process = Process::start(&fixture.block()).await.unwrap();
    for (id, words) in [
        ("monitoring", "Import id `monitoring` is not valid"),
        ("compute-a/Monitoring", "Import id `compute-a/Monitoring` is not valid"),
        ("compute-a/nothing", "Namespace `compute-a/nothing` cannot be imported"),
        ("compute-a/globex", "belongs to the registry `globex`"),
        ("compute-a/own", "Namespace `compute-a/own` belongs to the registry"),
    ] {
        assert_refused(process.of(ADDRESS).import(id).await, words);
    }
}

/// Each write of a create, an update that recreates a binding, a move and a destroy fails once; the state is kept, or lost as
/// when Terraform is killed. The next apply does the rest.
#[tokio::test]
async fn an_apply_that_fails_at_any_write_is_resumed() {
    let (first, second) = (configuration("delete", "1", "view"), configuration("delete", "2", "edit"));
    let moved = set(second.clone(), "name", "metrics");
    let steps = [
        (None, Some(first.clone())),
        (Some(first.clone()), Some(second)),
        (Some(first.clone()), Some(moved)),
        (Some(first), None),
    ];
    let put = |fixture: &mut Fixture, configuration: &Option<Value>| {
        fixture.others.clear();
        fixture.others.extend(configuration.clone().map(|configuration| (ADDRESS.to_owned(), configuration)));
    };
    for (before, after) in steps {
        let expected: Dump = {
            let mut fixture = with("delete").await;
            put(&mut fixture, &after);
            fixture.apply(&State::default()).await;
            fixture.dump().active()
        };
        for lost in [false, true] {
            for nth in 1.. {
                let mut fixture = with("delete").await;
                put(&mut fixture, &before);
                let state = fixture.apply(&State::default()).await;
                put(&mut fixture, &after);
                fixture.reopen(format!("fail@{nth}").parse().unwrap()).await;
                let (kept, errors) = fixture.try_apply(&state).await;
                assert!(kept.0.values().all(|object| !object.tainted), "{nth}: tainted");
                fixture.reopen(Faults::none()).await;
                fixture.apply(if lost { &state } else { &kept }).await;
                assert_eq!(fixture.dump().active(), expected, "fail@{nth}, lost: {lost}, {after:?}");
                if !errors.has_errors() {
                    break;
                }
            }
        }
    }
}
