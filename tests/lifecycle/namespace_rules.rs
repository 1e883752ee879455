//! Rules of `anu_namespace` alone. [`leaf_rules`](crate::leaf_rules) has those that it shares with its siblings,
//! [`namespaces`](crate::namespaces) the laws.

use std::collections::BTreeMap;

use anu::platform::embedded::Faults;

use crate::fake_core::{Process, State};
use crate::fixture::{Fixture, assert_refused, assert_says, text};
use crate::leaves::NAMESPACE;

const ADDRESS: &str = NAMESPACE.address;

async fn with(policy: &str) -> Fixture {
    let mut fixture = Fixture::open(&(NAMESPACE.company)(false).document(), Faults::none()).await;
    fixture.others = BTreeMap::from([(ADDRESS.to_owned(), (NAMESPACE.configuration)(policy, "1"))]);
    fixture
}

#[tokio::test]
async fn a_plan_says_what_is_recreated() {
    let mut fixture = with("delete").await;
    let state = fixture.apply(&State::default()).await;
    fixture.others.insert(ADDRESS.into(), (NAMESPACE.configuration)("delete", "2"));
    let (plan, _) = fixture.planned(&state).await;
    assert!(text(&plan.diagnostics).contains("1 role binding will be deleted and created again"));
}

#[tokio::test]
async fn a_saved_create_is_refused_once_a_service_uses_the_namespace() {
    let fixture = with("delete").await;
    let (plan, config) = fixture.planned(&State::default()).await;
    fixture.publish(&(NAMESPACE.company)(true).next().document());
    let (state, errors) = fixture.apply_plan(plan, &config).await;
    assert_says(&errors, "Namespace `compute-a/monitoring` belongs to the registry");
    assert!(!state.0.contains_key(ADDRESS));
    assert!(!fixture.dump().clusters.get("compute-a").is_some_and(|all| all.contains_key("monitoring")));
}

#[tokio::test]
async fn what_cannot_be_imported_is_an_error() {
    let fixture = with("prevent").await;
    fixture.apply(&State::default()).await;
    let globex = [("managed-by".to_owned(), "anu".to_owned()), ("anu-registry".to_owned(), "globex".to_owned())];
    fixture.store().foreign_namespace(&"compute-a/globex".parse().unwrap(), &globex.into()).unwrap();
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
