//! Shared resources that are transferred, step by step: the cases that the laws found, or that they find only with luck.

use anu::platform::embedded::Faults;
use anu::sdk::Value;

use crate::fake_core::{self, Apply, Process, State};
use crate::fixture::{Fixture, address, text};
use crate::generator::{Company, environment};

const NS: &str = "compute-a/both";
const PROJECT: &str = "proj-of-both";

/// Two services in one project and one namespace that belong to `pay`.
fn two(policy: Option<&str>) -> Company {
    let company = Company::default()
        .with("pay", policy, &[environment("production", PROJECT, &[NS], &["team-1"])])
        .with("ledger", policy, &[environment("production", PROJECT, &[NS], &["team-2"])]);
    company.listed(PROJECT, "pay", &["a", "b"]).declared(NS, "pay", &["a", "b"])
}

/// `ledger` owns it now, with other labels, and `pay` shares it still or has left.
fn handed_over(company: &Company, leaves: bool) -> Company {
    let mut company = company.next();
    if leaves {
        company.services.get_mut("pay").unwrap().environments[0] =
            environment("production", "proj-of-pay-alone", &["compute-b/pay"], &["team-1"]);
    }
    company.settle();
    company.listed(PROJECT, "ledger", &["b", "c"]).declared(NS, "ledger", &["b", "c"])
}

#[tokio::test]
async fn a_handover_within_one_run() {
    for leaves in [false, true] {
        let company = two(None);
        let fixture = Fixture::new(&company.document());
        let state = fixture.apply(&State::default()).await;
        let company = handed_over(&company, leaves);
        fixture.publish(&company.document());
        fixture.apply(&state).await;
        assert_eq!(fixture.dump(), company.expected(), "leaves: {leaves}");
    }
}

#[tokio::test]
async fn a_handover_across_two_states_in_either_order() {
    for (leaves, new_owner_first) in [(false, false), (false, true), (true, false), (true, true)] {
        let company = two(None);
        let fixture = Fixture::new(&company.document());
        let pay = fixture.apply_of(&State::default(), &["pay"]).await;
        let ledger = fixture.apply_of(&State::default(), &["ledger"]).await;
        let company = handed_over(&company, leaves);
        fixture.publish(&company.document());
        let mut both = [(pay, "pay"), (ledger, "ledger")];
        if new_owner_first {
            both.reverse();
        }
        for (state, service) in both {
            fixture.apply_of(&state, &[service]).await;
        }
        assert_eq!(fixture.dump(), company.expected(), "leaves: {leaves}, new owner first: {new_owner_first}");
    }
}

#[tokio::test]
async fn what_could_not_be_released_is_still_managed() {
    let company = two(None);
    let mut fixture = Fixture::open(&company.document(), Faults::none()).await;
    let state = fixture.apply(&State::default()).await;
    let company = handed_over(&company, true);
    fixture.publish(&company.document());
    // `pay` comes last; `ledger` has its settings on by then.
    let faults: Faults = "fail:project proj-of-both".parse().unwrap();
    fixture.reopen(faults).await;
    let (state, errors) = fixture.try_apply(&state).await;
    assert!(text(&errors).contains("Cannot release these resources of service `pay`"), "{}", text(&errors));
    fixture.reopen(Faults::none()).await;
    assert_eq!(fixture.planned(&state).await.0.pending(), [address("ledger"), address("pay")]);
    fixture.apply(&state).await;
    assert_eq!(fixture.dump(), company.expected());
}

#[tokio::test]
async fn narrowed_environments_are_released_and_kept() {
    let staging = environment("staging", PROJECT, &[NS], &["team-1"]);
    let production = environment("production", "there-already", &[NS, "compute-b/pay"], &["team-2"]);
    let company = Company::default().with("pay", None, &[staging, production]).listed(PROJECT, "pay", &["a"]);
    let mut fixture = Fixture::new(&company.document());
    let state = fixture.apply(&State::default()).await;
    fixture.arguments.insert("environments".into(), Value::List(vec![Value::from("production")]));
    let (plan, _) = fixture.planned(&state).await;
    assert!(text(&plan.diagnostics).contains("proj-of-both: still used by `pay`"), "{}", text(&plan.diagnostics));
    let narrow = fixture.apply(&state).await;
    assert_eq!(fixture.dump(), company.expected());
    // The other half goes into a state of its own; and from there it can be removed without touching this one.
    fixture.arguments.insert("environments".into(), Value::List(vec![Value::from("staging")]));
    fixture.arguments.insert("deletion_policy".into(), Value::from("delete"));
    let other = fixture.apply(&State::default()).await;
    assert_eq!(fixture.dump(), company.expected());
    let gone = fixture.apply_of(&other, &[]).await;
    assert!(gone.0.is_empty());
    let mut left = company.clone();
    left.services.get_mut("pay").unwrap().environments.remove(0);
    left.projects.clear();
    let found = fixture.dump().active();
    assert_eq!(found.projects, left.expected().projects);
    assert!(found.clusters["compute-a"]["both"].role_bindings.keys().all(|name| name.contains("production")));
    fixture.arguments = [("environments".to_owned(), Value::List(vec![Value::from("production")]))].into();
    fixture.assert_settled(&narrow).await;
}

#[tokio::test]
async fn services_destroyed_in_one_run_delete_what_they_share_with_the_last() {
    let company = two(Some("delete"));
    let fixture = Fixture::new(&company.document());
    let state = fixture.apply(&State::default()).await;
    let (plan, _) = fixture.plan_of(&state, &[]).await.unwrap();
    let warnings = text(&plan.diagnostics);
    assert!(
        warnings.contains("namespace compute-a/both: still used by `ledger`")
            && warnings.contains("still used by `pay`")
    );
    let state = fixture.apply_of(&state, &[]).await;
    assert!(state.0.is_empty());
    assert_eq!(fixture.dump().active(), Company::default().expected());
}

#[tokio::test]
async fn one_of_two_destroyed_keeps_what_the_other_uses() {
    let company = two(Some("delete"));
    let fixture = Fixture::new(&company.document());
    let state = fixture.apply(&State::default()).await;
    let state = fixture.apply_of(&state, &["pay"]).await;
    let mut left = company.clone();
    left.services.remove("ledger");
    left.settle();
    assert_eq!(fixture.dump().projects, left.expected().projects);
    let state = fixture.apply_of(&state, &["pay", "ledger"]).await;
    assert_eq!(state.0.len(), 2);
    assert_eq!(fixture.dump(), company.expected());
}

#[tokio::test]
async fn of_two_destroyed_in_one_run_either_may_fail() {
    // `ledger` goes first. What fails is its own binding, or what the last one takes away.
    for fault in ["role binding compute-a/both/anu:ledger", "project proj-of-both", "namespace compute-a"] {
        for registered in [true, false] {
            let company = two(Some("delete"));
            let mut fixture = Fixture::open(&company.document(), Faults::none()).await;
            let state = fixture.apply(&State::default()).await;
            let other = environment("production", "", &["compute-c/other"], &["team-1"]);
            let mut gone = company.next().with("other", None, &[other]);
            if !registered {
                gone.services.retain(|name, _| name == "other");
                gone.settle();
            }
            fixture.publish(&gone.document());
            fixture.reopen(format!("fail:{fault}").parse().unwrap()).await;
            let (plan, config) = fixture.plan_of(&state, &[]).await.unwrap();
            let (state, errors) = fixture.apply_plan(plan, &config).await;
            // Each deletes its own bindings, and the owner the rest.
            assert_eq!((errors.has_errors(), !state.0.is_empty()), (true, true), "{fault}: {}", text(&errors));
            fixture.reopen(Faults::none()).await;
            let state = fixture.apply_of(&state, &[]).await;
            assert!(state.0.is_empty());
            let found = fixture.dump().active();
            if registered {
                // By the next run only one of them is left to destroy, and the other one is still in the registry.
                assert!(found.clusters.values().flatten().all(|(_, namespace)| namespace.role_bindings.is_empty()));
            } else {
                assert_eq!(found, Company::default().expected(), "{fault}");
            }
        }
    }
}

/// Instances of one service by environment: that one of them is destroyed does not mean that the others are.
#[tokio::test]
async fn an_instance_that_stays_keeps_what_its_other_environments_use() {
    let ask = |name: &str| environment(name, "", &[NS], &["team-1"]);
    let company = Company::default()
        .with("pay", Some("delete"), &[ask("demo"), ask("production"), ask("staging")])
        .with("ledger", Some("delete"), &[ask("production")])
        .declared(NS, "pay", &[]);
    let fixture = Fixture::new(&company.document());
    let process = Process::start(&fixture.block()).await.unwrap();
    let mut config = fixture.config(&process, None).await.unwrap();
    let pay = config.resources.remove(&address("pay")).unwrap();
    for name in ["demo", "production", "staging"] {
        let Value::Map(mut instance) = pay.clone() else { panic!() };
        instance.insert("environments".into(), Value::List(vec![Value::from(name)]));
        config.resources.insert(address(name), Value::Map(instance));
    }
    let plan = fake_core::plan(&State::default(), &config).await.unwrap();
    let (state, errors) = fixture.apply_plan(plan, &config).await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    let found = fixture.dump();
    for gone in ["demo", "staging", "ledger"] {
        config.resources.remove(&address(gone));
    }
    let plan = fake_core::plan(&state, &config).await.unwrap();
    let (state, errors) = fixture.apply_plan(plan, &config).await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    assert_eq!(state.0.keys().collect::<Vec<_>>(), [&address("production")]);
    let left = &fixture.dump().clusters["compute-a"]["both"];
    assert_eq!(left.settings, found.clusters["compute-a"]["both"].settings, "production uses the namespace");
    assert_eq!(left.role_bindings.len(), 1);
    assert!(fake_core::plan(&state, &config).await.unwrap().pending().is_empty());
}

#[tokio::test]
async fn abandoned_is_left_as_it_is_grants_included() {
    let company = two(Some("abandon"));
    let fixture = Fixture::new(&company.document());
    let state = fixture.apply(&State::default()).await;
    let mut gone = company.next();
    gone.services.clear();
    gone.settle();
    gone = gone.with("other", None, &[environment("production", "", &["compute-c/other"], &["team-1"])]);
    fixture.publish(&gone.document());
    let (plan, config) = fixture.planned(&state).await;
    let warnings = text(&plan.diagnostics);
    assert!(warnings.contains("IAM member proj-of-both/roles/pubsub.admin/group:team-1@example.com"), "{warnings}");
    let apply = Apply::start(plan, &config).await.unwrap();
    let (state, errors) = apply.finish().await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    assert_eq!(state.0.len(), 1);
    let mut both = company.next();
    both.services.extend(gone.services.clone());
    assert_eq!(fixture.dump(), both.expected());
}

/// An entry of `projects` may go while environments still name the id: then the project is taken to exist.
#[tokio::test]
async fn a_project_in_use_is_not_deleted_when_its_entry_is_removed() {
    for policy in ["delete", "abandon"] {
        let production = environment("production", PROJECT, &[], &["team-1"]);
        let company = Company::default().with("pay", Some(policy), &[production]).listed(PROJECT, "pay", &["a"]);
        let fixture = Fixture::new(&company.document());
        let state = fixture.apply(&State::default()).await;
        let found = fixture.dump();
        let mut unlisted = company.next();
        unlisted.projects.clear();
        fixture.publish(&unlisted.document());
        match fixture.plan(&state).await {
            Err(errors) => assert!(
                policy == "delete" && text(&errors).contains("cannot be deleted while in use"),
                "{}",
                text(&errors)
            ),
            Ok(_) => {
                assert_eq!(policy, "abandon");
                fixture.apply(&state).await;
            }
        }
        assert_eq!(fixture.dump(), found);
    }
}

/// A kind that `manage` leaves out is left where it is, whatever its policy says.
#[tokio::test]
async fn a_kind_that_is_no_longer_managed_stays_where_it_is() {
    for policy in [None, Some("delete")] {
        let company = two(policy);
        let mut fixture = Fixture::new(&company.document());
        let state = fixture.apply(&State::default()).await;
        fixture.provider.insert("manage".into(), Value::List(vec![Value::from("kubernetes")]));
        let (plan, _) = fixture.planned(&state).await;
        let warnings = text(&plan.diagnostics);
        assert!(!warnings.contains("will be deleted") && warnings.contains("project proj-of-both"), "{warnings}");
        let state = fixture.apply(&state).await;
        assert_eq!(fixture.dump(), company.expected(), "{policy:?}");
        // And managed again, it is found as it was.
        fixture.provider.clear();
        fixture.apply(&state).await;
        assert_eq!(fixture.dump(), company.expected());
    }
}
