//! A cluster is its API server: two names for one, and a name that comes to mean another one, are refused at plan, wherever the
//! name of a cluster can stand.

use std::collections::BTreeMap;

use anu::platform::embedded::Faults;
use anu::sdk::Value;

use crate::fake_core::{Action, State};
use crate::fixture::{Fixture, address, assert_refused, assert_says, text};
use crate::generator::{Company, environment};

const ALONE: &str = "anu_namespace.alone";
const OTHER: &str = "anu_namespace.other";
const ONE_SERVER: &str = "clusters `compute-a` and `compute-b` are one API server";
const ANOTHER_SERVER: &str = "cluster `compute-a` is another API server than before";

fn service(company: Company, name: &str, targets: &[&str]) -> Company {
    company.with(name, Some("delete-with-contents"), &[environment("production", "", targets, &["team-1"])])
}

fn namespace(cluster: &str, name: &str) -> Value {
    let policy = ("deletion_policy", Value::from("delete-with-contents"));
    Value::object([("cluster", Value::from(cluster)), ("name", Value::from(name)), policy])
}

/// A working folder in which two names of clusters are one API server.
async fn aliased(company: &Company) -> Fixture {
    let fixture = Fixture::open(&company.document(), Faults::none()).await;
    for name in ["compute-a", "compute-b"] {
        fixture.store().set_server(&name.parse().unwrap(), "one").unwrap();
    }
    fixture
}

/// Every pair of places in which the two names can stand in one run.
#[tokio::test]
async fn two_names_for_one_api_server_are_an_error_at_plan_wherever_they_stand() {
    let both = service(Company::default(), "pay", &["compute-a/pay", "compute-b/more"]);
    let apart = service(service(Company::default(), "pay", &["compute-a/pay"]), "fx", &["compute-b/fx"]);
    let second = service(Company::default(), "fx", &["compute-b/fx"]);
    let neither = service(Company::default(), "fx", &["compute-c/fx"]);
    let one = |cluster: &str, name: &str| BTreeMap::from([(ALONE.to_owned(), namespace(cluster, name))]);
    let mut two = one("compute-a", "x");
    two.insert(OTHER.to_owned(), namespace("compute-b", "y"));
    let cases = [
        ("targets of one service", both, BTreeMap::new()),
        ("targets of two services", apart, BTreeMap::new()),
        ("a service and a namespace", second, one("compute-a", "x")),
        ("two namespaces", neither, two),
    ];
    for (case, company, others) in &cases {
        let mut fixture = aliased(company).await;
        fixture.others.clone_from(others);
        let refused = fixture.plan(&State::default()).await;
        assert!(refused.is_err(), "{case}: not refused");
        assert_refused(refused, ONE_SERVER);
        assert_eq!(fixture.dump(), Default::default(), "{case}");
        // Of two clusters, all of it is applied.
        fixture.store().set_server(&"compute-b".parse().unwrap(), "two").unwrap();
        fixture.apply(&State::default()).await;
    }
    println!("{} pairs of places", cases.len());
}

/// The first name is not used by this run, only by the registry.
#[tokio::test]
async fn a_namespace_is_not_taken_over_under_another_name_of_its_cluster() {
    let shop = service(Company::default(), "shop", &["compute-a/shop"]);
    let fixture = aliased(&shop).await;
    let state = fixture.apply(&State::default()).await;
    let both = service(shop.next(), "other", &["compute-b/shop"]);
    fixture.publish(&both.document());
    // On one server the namespace of the second name is that of the first.
    let owner = [("managed-by".to_owned(), "anu".to_owned()), ("anu-registry".to_owned(), "acme".to_owned())].into();
    fixture.store().foreign_namespace(&"compute-b/shop".parse().unwrap(), &owner).unwrap();
    let before = fixture.dump();
    assert_refused(fixture.plan(&state).await, ONE_SERVER);
    // In a state of its own, whose run does not use the first name.
    assert_refused(fixture.plan_of(&State::default(), &["other"]).await, ONE_SERVER);
    let mut fixture = fixture;
    fixture.publish(&shop.next().next().document());
    fixture.others = [(OTHER.to_owned(), namespace("compute-b", "shop"))].into();
    assert_refused(fixture.plan_of(&State::default(), &[]).await, ONE_SERVER);
    assert_eq!(fixture.dump(), before);
}

#[tokio::test]
async fn a_cluster_gets_another_name_when_all_under_the_old_one_is_abandoned() {
    let company = |name: &str, policy| {
        let production = environment("production", "", &[&format!("{name}/pay")], &["team-1"]);
        Company::default().with("pay", Some(policy), &[production])
    };
    for (policy, renamed) in [("abandon", true), ("delete", false)] {
        let fixture = aliased(&company("compute-a", policy)).await;
        let state = fixture.apply(&State::default()).await;
        fixture.publish(&Company { revision: 1, ..company("compute-b", policy) }.document());
        match renamed {
            true => drop(fixture.apply(&state).await),
            false => assert_refused(fixture.plan(&state).await, ONE_SERVER),
        }
    }
}

/// A state in which a service and a namespace of its own are managed on `compute-a`.
async fn applied() -> (Fixture, State) {
    let mut fixture =
        Fixture::open(&service(Company::default(), "pay", &["compute-a/pay"]).document(), Faults::none()).await;
    fixture.others = [(ALONE.to_owned(), namespace("compute-a", "alone"))].into();
    let state = fixture.apply(&State::default()).await;
    (fixture, state)
}

/// Every step in which a name may have come to mean another server, for each resource.
#[tokio::test]
async fn a_name_that_comes_to_mean_another_api_server_is_an_error_in_every_step() {
    let mut steps = 0;
    for resource in [address("pay"), ALONE.to_owned()] {
        // Plan and refresh.
        let (fixture, state) = applied().await;
        let only = State([(resource.clone(), state.0[&resource].clone())].into());
        fixture.store().set_server(&"compute-a".parse().unwrap(), "another").unwrap();
        let before = fixture.dump();
        let process = crate::fake_core::Process::start(&fixture.block()).await.unwrap();
        assert_refused(process.of(&resource).refresh(&only.0[&resource]).await, ANOTHER_SERVER);
        assert_refused(fixture.plan(&only).await, ANOTHER_SERVER);
        // A plan without a refresh, and a destroy plan.
        let config = fixture.config(&process, None).await.unwrap();
        let managed = process.of(&resource);
        let wanted = managed.complete(config.resources[&resource].clone());
        for wanted in [Some(&wanted), None] {
            let planned = managed.plan_one(only.0.get(&resource), wanted).await;
            // A registered service is not destroyed, whatever the cluster is.
            assert!(planned.diagnostics.has_errors(), "{resource}");
            assert_says(&planned.diagnostics, ANOTHER_SERVER);
            steps += 1;
        }
        assert_eq!(fixture.dump(), before);
        // A saved plan, of an update and of a destroy.
        for destroy in [false, true] {
            let (mut fixture, state) = applied().await;
            if destroy {
                fixture.others.clear();
            } else {
                let Some(Value::Map(alone)) = fixture.others.get_mut(ALONE) else { panic!() };
                alone.insert("labels".into(), Value::Map([("tier".to_owned(), Value::from("1"))].into()));
                let mut company = service(Company::default(), "pay", &["compute-a/pay"]).next();
                company.services.get_mut("pay").unwrap().environments[0].access[2].insert("team-2".to_owned());
                fixture.publish(&company.document());
            }
            let planned = if destroy { fixture.plan_of(&state, &[]).await } else { fixture.plan(&state).await };
            let (plan, config) = planned.unwrap_or_else(|errors| panic!("{}", text(&errors)));
            let expected = if destroy { Action::Delete } else { Action::Update };
            assert_eq!(plan.changes[&resource].action, expected);
            fixture.store().set_server(&"compute-a".parse().unwrap(), "another").unwrap();
            let before = fixture.dump();
            let (left, errors) = fixture.apply_plan(plan, &config).await;
            assert_says(&errors, ANOTHER_SERVER);
            assert_eq!(fixture.dump(), before, "{resource}, destroy: {destroy}");
            assert!(left.0.contains_key(&resource));
            steps += 1;
        }
        steps += 2;
    }
    assert_eq!(steps, 12);
    println!("{steps} steps");
}
