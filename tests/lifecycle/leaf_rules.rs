//! Rules of all resources that manage one object by themselves ([`leaves`](crate::leaves)), each by itself: what is refused, at plan
//! where it can be and at apply where it must be; imports; and every write that can fail.

use std::collections::BTreeMap;

use anu::platform::embedded::{Dump, Faults};
use anu::sdk::{ApplyRequest, Call, Value};

use crate::fake_core::{self, Action, Process, State};
use crate::fixture::{Fixture, assert_refused, assert_says, text};
use crate::leaves::{ALL, Leaf, set};

async fn with(leaf: &Leaf, policy: &str) -> Fixture {
    let mut fixture = Fixture::open(&(leaf.company)(false).document(), Faults::none()).await;
    fixture.others = BTreeMap::from([(leaf.address.to_owned(), (leaf.configuration)(policy, "1"))]);
    fixture
}

async fn applied(leaf: &Leaf, policy: &str) -> (Fixture, State) {
    let fixture = with(leaf, policy).await;
    let state = fixture.apply(&State::default()).await;
    (fixture, state)
}

/// The configuration for the object of another name.
fn moved(leaf: &Leaf, tier: &str) -> Value {
    set((leaf.configuration)("delete", tier), leaf.moved.0, leaf.moved.1)
}

#[tokio::test]
async fn create_update_move_and_destroy_each_end_in_an_empty_plan() {
    for leaf in ALL {
        let (mut fixture, state) = applied(leaf, "delete").await;
        fixture.others.insert(leaf.address.into(), (leaf.configuration)("delete", "2"));
        let (plan, _) = fixture.planned(&state).await;
        assert_eq!(plan.changes[leaf.address].action, Action::Update);
        let state = fixture.apply(&state).await;
        fixture.others.insert(leaf.address.into(), moved(leaf, "2"));
        let (plan, _) = fixture.planned(&state).await;
        assert_eq!(plan.changes[leaf.address].action, Action::Update, "a move is no replacement");
        assert!(text(&plan.diagnostics).contains(leaf.line), "{}", text(&plan.diagnostics));
        let state = fixture.apply(&state).await;
        // As if the new one had been created at once.
        let found = fixture.dump().active();
        let mut fresh = with(leaf, "delete").await;
        fresh.others.insert(leaf.address.into(), moved(leaf, "2"));
        fresh.apply(&State::default()).await;
        assert_eq!(found, fresh.dump().active(), "{}", leaf.address);
        fixture.others.clear();
        fixture.apply(&state).await;
        assert_eq!(fixture.dump().active(), (leaf.company)(false).expected(), "{}", leaf.address);
    }
}

#[tokio::test]
async fn replacement_is_refused_at_plan() {
    for leaf in ALL {
        let (fixture, mut state) = applied(leaf, "delete").await;
        let process = Process::start(&fixture.block()).await.unwrap();
        let managed = process.of(leaf.address);
        let wanted = managed.complete(fixture.others[leaf.address].clone());
        // Core plans the update first; then, because of the flag, again without a prior state, and passes the private state on.
        let first = managed.plan_one(state.0.get(leaf.address), Some(&wanted)).await;
        let mut second = state.0[leaf.address].clone();
        (second.value, second.private) = (Value::Null, first.private);
        let response = managed.plan_one(Some(&second), Some(&wanted)).await;
        assert!(response.planned.is_none());
        assert_says(&response.diagnostics, &replacement(leaf));
        state.0.get_mut(leaf.address).unwrap().tainted = true;
        assert_refused(fixture.plan(&state).await, "terraform untaint");
    }
}

/// The title of a refused replacement.
fn replacement(leaf: &Leaf) -> String {
    let (first, rest) = leaf.title.split_at(1);
    format!("Replacement of {}{rest} is refused", first.to_lowercase())
}

#[tokio::test]
async fn a_delete_without_our_own_destroy_plan_is_refused() {
    for leaf in ALL {
        let (fixture, state) = applied(leaf, "delete").await;
        let found = fixture.dump();
        let process = Process::start(&fixture.block()).await.unwrap();
        let object = &state.0[leaf.address];
        let call = Call { private: object.private.clone(), ..Call::default() };
        let request = ApplyRequest { prior: object.value.clone(), planned: Value::Null, config: Value::Null, call };
        let response = process.of(leaf.address).resource().apply(request).await;
        assert!(response.state.is_none());
        assert_says(&response.diagnostics, &replacement(leaf));
        assert_eq!(fixture.dump(), found);
    }
}

#[tokio::test]
async fn create_before_destroy_never_deletes_what_was_just_created() {
    for leaf in ALL {
        let (fixture, state) = applied(leaf, "delete").await;
        let (found, deposed) = (fixture.dump(), &state.0[leaf.address]);
        // As if no plan had been able to refuse: one process creates, and deletes the deposed object with a destroy plan.
        let planning = Process::start(&fixture.block()).await.unwrap();
        let destroy = planning.of(leaf.address).plan_one(Some(deposed), None).await;
        assert_eq!(destroy.planned, Some(Value::Null), "{}", text(&destroy.diagnostics));
        let process = Process::start(&fixture.block()).await.unwrap();
        let managed = process.of(leaf.address);
        let wanted = managed.complete(fixture.others[leaf.address].clone());
        let create = managed.plan_one(None, Some(&wanted)).await;
        let call = Call { private: create.private, ..Call::default() };
        let planned = create.planned.unwrap();
        let request = ApplyRequest { prior: Value::Null, planned, config: wanted, call };
        let created = managed.resource().apply(request).await;
        assert!(created.state.is_some(), "{}", text(&created.diagnostics));
        let call = Call { private: destroy.private, ..Call::default() };
        let request = ApplyRequest { prior: deposed.value.clone(), planned: Value::Null, config: Value::Null, call };
        let response = managed.resource().apply(request).await;
        assert_says(&response.diagnostics, &replacement(leaf));
        assert_eq!(fixture.dump(), found);
    }
}

#[tokio::test]
async fn two_resources_for_one_object_are_refused_in_either_order() {
    for leaf in ALL {
        let kind = leaf.address.split('.').next().unwrap();
        let (before, after) = (format!("{kind}.again"), format!("{kind}.zero"));
        let configuration = || (leaf.configuration)("delete", "1");
        let mut fixture = with(leaf, "delete").await;
        fixture.others.insert(before.clone(), configuration());
        assert_refused(fixture.plan(&State::default()).await, &format!("{} has two resources", leaf.title));
        fixture.others.remove(&before);
        let state = fixture.apply(&State::default()).await;
        for second in [before, after] {
            let mut fixture = Fixture::at(std::path::Path::new(&fixture.path("")));
            fixture.others = BTreeMap::from([(leaf.address.to_owned(), configuration()), (second, configuration())]);
            assert_refused(fixture.plan(&state).await, &format!("{} is in the state already", leaf.title));
        }
    }
}

#[tokio::test]
async fn a_saved_destroy_is_refused_once_a_service_uses_the_object() {
    for leaf in ALL {
        let (mut fixture, state) = applied(leaf, "delete").await;
        fixture.others.clear();
        let (plan, config) = fixture.planned(&state).await;
        let used = (leaf.company)(true).next();
        fixture.publish(&used.document());
        let found = fixture.dump();
        let (left, errors) = fixture.apply_plan(plan, &config).await;
        assert_says(&errors, &format!("{}: still used by `pay`", leaf.line));
        assert!(left.0.contains_key(leaf.address));
        assert_eq!(fixture.dump(), found, "nothing was changed");
        // Planned again, it is released to the service, which adopts it.
        let state = fixture.apply(&left).await;
        assert!(!state.0.contains_key(leaf.address));
        assert_eq!(fixture.dump().active(), used.expected(), "{}", leaf.address);
    }
}

/// The other way round: what was to be released would be deleted, which was not approved.
#[tokio::test]
async fn a_saved_destroy_is_refused_once_no_service_uses_the_object_any_more() {
    for leaf in ALL {
        let (mut fixture, state) = applied(leaf, "delete").await;
        fixture.others.clear();
        fixture.publish(&(leaf.company)(true).next().document());
        let (plan, config) = fixture.planned(&state).await;
        let said = text(&plan.diagnostics);
        assert!(said.contains(&format!("{}: still used by `pay`", leaf.line)), "{said}");
        fixture.publish(&(leaf.company)(false).next().next().document());
        let found = fixture.dump().active();
        let (left, errors) = fixture.apply_plan(plan, &config).await;
        assert_says(&errors, "more than planned would be deleted");
        assert!(left.0.contains_key(leaf.address));
        assert_eq!(fixture.dump().active(), found, "{}", leaf.address);
    }
}

#[tokio::test]
async fn another_registry_and_an_older_one_are_refused_at_plan_and_at_apply() {
    for leaf in ALL {
        let company = (leaf.company)(false);
        let (mut fixture, state) = applied(leaf, "delete").await;
        let newer = {
            fixture.publish(&company.next().document());
            fixture.planned(&state).await.0.refreshed
        };
        let mut another = company.next().next().document();
        another["metadata"]["name"] = "another".into();
        for (document, words) in [
            (another, "belongs to another registry"),
            (company.document(), "the registry is older than the last one applied"),
        ] {
            fixture.publish(&company.next().document());
            fixture.others.insert(leaf.address.into(), (leaf.configuration)("delete", "2"));
            let (update, config) = fixture.planned(&newer).await;
            fixture.others.remove(leaf.address);
            let (destroy, without) = fixture.planned(&newer).await;
            fixture.publish(&document);
            let found = fixture.dump();
            assert_refused(fixture.plan(&newer).await, words);
            for (plan, config) in [(update, config), (destroy, without)] {
                let (left, errors) = fixture.apply_plan(plan, &config).await;
                assert_says(&errors, words);
                assert!(left.0.contains_key(leaf.address));
            }
            assert_eq!(fixture.dump(), found, "{}: {words}", leaf.address);
        }
    }
}

/// What an import does not know, the next apply adopts: it changes the state and nothing on the platform.
#[tokio::test]
async fn an_import_is_followed_by_an_apply_that_changes_nothing_on_the_platform() {
    for leaf in ALL {
        let (fixture, state) = applied(leaf, "prevent").await;
        let process = Process::start(&fixture.block()).await.unwrap();
        let imported = process.of(leaf.address).import(leaf.import).await.unwrap();
        let mut again = state.clone();
        again.0.insert(leaf.address.into(), imported);
        let found = fixture.dump();
        let (plan, _) = fixture.planned(&again).await;
        assert!(!text(&plan.diagnostics).contains("deleted"), "{}", text(&plan.diagnostics));
        let after = fixture.apply(&again).await;
        assert_eq!(fixture.dump(), found, "{}", leaf.address);
        assert_eq!(after.0[leaf.address].value, state.0[leaf.address].value, "{}", leaf.address);
        let config = fixture.config(&process, None).await.unwrap();
        assert!(fake_core::plan(&after, &config).await.unwrap().pending().is_empty());
    }
}

/// Each write of a create, an update, a move and a destroy fails once; the state is kept, or lost as when Terraform is killed. The
/// next apply does the rest.
#[tokio::test]
async fn an_apply_that_fails_at_any_write_is_resumed() {
    for leaf in ALL {
        let [first, second] = ["1", "2"].map(|tier| (leaf.configuration)("delete", tier));
        let steps = [
            (None, Some(first.clone())),
            (Some(first.clone()), Some(second)),
            (Some(first.clone()), Some(moved(leaf, "2"))),
            (Some(first), None),
        ];
        let put = |fixture: &mut Fixture, configuration: &Option<Value>| {
            fixture.others.clear();
            let address = leaf.address.to_owned();
            fixture.others.extend(configuration.clone().map(|configuration| (address, configuration)));
        };
        for (before, after) in steps {
            let expected: Dump = {
                let mut fixture = with(leaf, "delete").await;
                put(&mut fixture, &after);
                fixture.apply(&State::default()).await;
                fixture.dump().active()
            };
            for lost in [false, true] {
                for nth in 1.. {
                    let mut fixture = with(leaf, "delete").await;
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
}
