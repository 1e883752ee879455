//! Shared things that change hands, step by step: the cases that the laws found, or that they find only with luck.

use anu::platform::embedded::Faults;
use anu::sdk::Value;

use crate::core::{self, Apply, Process, State};
use crate::stage::{Stage, address, text};
use crate::world::{Company, environment};

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
        let stage = Stage::new(&company.document());
        let state = stage.apply(&State::default()).await;
        let company = handed_over(&company, leaves);
        stage.publish(&company.document());
        stage.apply(&state).await;
        assert_eq!(stage.dump(), company.expected(), "leaves: {leaves}");
    }
}

#[tokio::test]
async fn a_handover_across_two_states_in_either_order() {
    for (leaves, new_owner_first) in [(false, false), (false, true), (true, false), (true, true)] {
        let company = two(None);
        let stage = Stage::new(&company.document());
        let pay = stage.apply_of(&State::default(), &["pay"]).await;
        let ledger = stage.apply_of(&State::default(), &["ledger"]).await;
        let company = handed_over(&company, leaves);
        stage.publish(&company.document());
        let mut both = [(pay, "pay"), (ledger, "ledger")];
        if new_owner_first {
            both.reverse();
        }
        for (state, service) in both {
            stage.apply_of(&state, &[service]).await;
        }
        assert_eq!(stage.dump(), company.expected(), "leaves: {leaves}, new owner first: {new_owner_first}");
    }
}

#[tokio::test]
async fn what_could_not_be_let_go_of_is_still_claimed() {
    let company = two(None);
    let mut stage = Stage::open(&company.document(), Faults::none()).await;
    let state = stage.apply(&State::default()).await;
    let company = handed_over(&company, true);
    stage.publish(&company.document());
    // `pay` comes last; `ledger` has its settings on by then.
    let faults: Faults = "fail:project proj-of-both".parse().unwrap();
    stage.reopen(faults).await;
    let (state, errors) = stage.try_apply(&state).await;
    assert!(text(&errors).contains("Could not hand over, for service `pay`"), "{}", text(&errors));
    stage.reopen(Faults::none()).await;
    assert_eq!(stage.planned(&state).await.0.pending(), [address("ledger"), address("pay")]);
    stage.apply(&state).await;
    assert_eq!(stage.dump(), company.expected());
}

#[tokio::test]
async fn narrowed_environments_are_let_go_of_and_stay() {
    let staging = environment("staging", PROJECT, &[NS], &["team-1"]);
    let production = environment("production", "there-already", &[NS, "compute-b/pay"], &["team-2"]);
    let company = Company::default().with("pay", None, &[staging, production]).listed(PROJECT, "pay", &["a"]);
    let mut stage = Stage::new(&company.document());
    let state = stage.apply(&State::default()).await;
    stage.arguments.insert("environments".into(), Value::List(vec![Value::from("production")]));
    let (plan, _) = stage.planned(&state).await;
    assert!(text(&plan.diagnostics).contains("proj-of-both: kept for pay"), "{}", text(&plan.diagnostics));
    let narrow = stage.apply(&state).await;
    assert_eq!(stage.dump(), company.expected());
    // The other half goes into a state of its own; and from there it can be removed without touching this one.
    stage.arguments.insert("environments".into(), Value::List(vec![Value::from("staging")]));
    stage.arguments.insert("deletion_policy".into(), Value::from("delete"));
    let other = stage.apply(&State::default()).await;
    assert_eq!(stage.dump(), company.expected());
    let gone = stage.apply_of(&other, &[]).await;
    assert!(gone.0.is_empty());
    let mut left = company.clone();
    left.services.get_mut("pay").unwrap().environments.remove(0);
    left.projects.clear();
    let found = stage.dump().active();
    assert_eq!(found.projects, left.expected().projects);
    assert!(found.clusters["compute-a"]["both"].role_bindings.keys().all(|name| name.contains("production")));
    stage.arguments = [("environments".to_owned(), Value::List(vec![Value::from("production")]))].into();
    stage.assert_settled(&narrow).await;
}

#[tokio::test]
async fn services_destroyed_in_one_run_remove_what_they_share_with_the_last() {
    let company = two(Some("delete"));
    let stage = Stage::new(&company.document());
    let state = stage.apply(&State::default()).await;
    let (plan, _) = stage.plan_of(&state, &[]).await.unwrap();
    let warnings = text(&plan.diagnostics);
    assert!(warnings.contains("namespace compute-a/both: kept for ledger") && warnings.contains("kept for pay"));
    let state = stage.apply_of(&state, &[]).await;
    assert!(state.0.is_empty());
    assert_eq!(stage.dump().active(), Company::default().expected());
}

#[tokio::test]
async fn one_of_two_destroyed_leaves_what_the_other_asks_for() {
    let company = two(Some("delete"));
    let stage = Stage::new(&company.document());
    let state = stage.apply(&State::default()).await;
    let state = stage.apply_of(&state, &["pay"]).await;
    let mut left = company.clone();
    left.services.remove("ledger");
    left.settle();
    assert_eq!(stage.dump().projects, left.expected().projects);
    let state = stage.apply_of(&state, &["pay", "ledger"]).await;
    assert_eq!(state.0.len(), 2);
    assert_eq!(stage.dump(), company.expected());
}

#[tokio::test]
async fn of_two_destroyed_in_one_run_either_may_fail() {
    // `ledger` goes first. What fails is its own binding, or what the last one takes away.
    for fault in ["role binding compute-a/both/anu:ledger", "project proj-of-both", "namespace compute-a"] {
        for registered in [true, false] {
            let company = two(Some("delete"));
            let mut stage = Stage::open(&company.document(), Faults::none()).await;
            let state = stage.apply(&State::default()).await;
            let other = environment("production", "", &["compute-c/other"], &["team-1"]);
            let mut gone = company.next().with("other", None, &[other]);
            if !registered {
                gone.services.retain(|name, _| name == "other");
                gone.settle();
            }
            stage.publish(&gone.document());
            stage.reopen(format!("fail:{fault}").parse().unwrap()).await;
            let (plan, config) = stage.plan_of(&state, &[]).await.unwrap();
            let (state, errors) = stage.apply_plan(plan, &config).await;
            // Where nobody is registered, the first one takes the namespace with all bindings in it.
            let fails = registered || !fault.starts_with("role binding");
            assert_eq!((errors.has_errors(), !state.0.is_empty()), (fails, fails), "{fault}: {}", text(&errors));
            stage.reopen(Faults::none()).await;
            let state = stage.apply_of(&state, &[]).await;
            assert!(state.0.is_empty());
            let found = stage.dump().active();
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
async fn an_instance_that_stays_is_asked_for_its_other_environments() {
    let ask = |name: &str| environment(name, "", &[NS], &["team-1"]);
    let company = Company::default()
        .with("pay", Some("delete"), &[ask("demo"), ask("production"), ask("staging")])
        .with("ledger", Some("delete"), &[ask("production")])
        .declared(NS, "pay", &[]);
    let stage = Stage::new(&company.document());
    let process = Process::start(&stage.block()).await.unwrap();
    let mut config = stage.config(&process, None).await.unwrap();
    let pay = config.resources.remove(&address("pay")).unwrap();
    for name in ["demo", "production", "staging"] {
        let Value::Map(mut instance) = pay.clone() else { panic!() };
        instance.insert("environments".into(), Value::List(vec![Value::from(name)]));
        config.resources.insert(address(name), Value::Map(instance));
    }
    let plan = core::plan(&State::default(), &config).await.unwrap();
    let (state, errors) = stage.apply_plan(plan, &config).await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    let found = stage.dump();
    for gone in ["demo", "staging", "ledger"] {
        config.resources.remove(&address(gone));
    }
    let plan = core::plan(&state, &config).await.unwrap();
    let (state, errors) = stage.apply_plan(plan, &config).await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    assert_eq!(state.0.keys().collect::<Vec<_>>(), [&address("production")]);
    let left = &stage.dump().clusters["compute-a"]["both"];
    assert_eq!(left.settings, found.clusters["compute-a"]["both"].settings, "production asks for the namespace");
    assert_eq!(left.role_bindings.len(), 1);
    assert!(core::plan(&state, &config).await.unwrap().pending().is_empty());
}

#[tokio::test]
async fn abandoned_is_left_as_it_is_grants_included() {
    let company = two(Some("abandon"));
    let stage = Stage::new(&company.document());
    let state = stage.apply(&State::default()).await;
    let mut gone = company.next();
    gone.services.clear();
    gone.settle();
    gone = gone.with("other", None, &[environment("production", "", &["compute-c/other"], &["team-1"])]);
    stage.publish(&gone.document());
    let (plan, config) = stage.planned(&state).await;
    let warnings = text(&plan.diagnostics);
    assert!(warnings.contains("IAM member proj-of-both/roles/pubsub.admin/group:team-1@example.com"), "{warnings}");
    let apply = Apply::start(plan, &config).await.unwrap();
    let (state, errors) = apply.finish().await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    assert_eq!(state.0.len(), 1);
    let mut both = company.next();
    both.services.extend(gone.services.clone());
    assert_eq!(stage.dump(), both.expected());
}

/// An entry of `projects` may go while environments still name the id: then the project is taken to exist.
#[tokio::test]
async fn a_project_in_use_is_not_deleted_because_its_entry_went() {
    for policy in ["delete", "abandon"] {
        let production = environment("production", PROJECT, &[], &["team-1"]);
        let company = Company::default().with("pay", Some(policy), &[production]).listed(PROJECT, "pay", &["a"]);
        let stage = Stage::new(&company.document());
        let state = stage.apply(&State::default()).await;
        let found = stage.dump();
        let mut unlisted = company.next();
        unlisted.projects.clear();
        stage.publish(&unlisted.document());
        match stage.plan(&state).await {
            Err(errors) => assert!(policy == "delete" && text(&errors).contains("Still in use"), "{}", text(&errors)),
            Ok(_) => {
                assert_eq!(policy, "abandon");
                stage.apply(&state).await;
            }
        }
        assert_eq!(stage.dump(), found);
    }
}
