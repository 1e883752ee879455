//! What was approved is what is applied: a removal that no plan has shown is not made, on cores that send the plan's private state
//! with the second plan (Terraform 1.16 and later) and on those that do not.

use anu::sdk::{Presence, Value};

use crate::fake_core::{self, Action, Apply, Process, State};
use crate::fixture::{Fixture, address, text};
use crate::generator::{Company, environment};
use crate::rights;

const NAMESPACE: &str = "anu_namespace.this";
const NS: &str = "compute-a/both";
const PROJECT: &str = "proj-of-both";

/// A service with two environments, and a namespace by itself.
fn company(policy: &str) -> Company {
    let roles = ["roles/pubsub.publisher"];
    let both = [
        environment("production", "proj-of-prod", &["compute-a/prod"], &["team-1"])
            .with_account("robot-of-prod", &roles),
        environment("staging", "proj-of-stag", &["compute-a/stag"], &["team-2"]).with_account("robot-of-stag", &roles),
    ];
    let other = environment("production", "there-already", &["compute-b/other"], &["team-1"]);
    Company::default()
        .with("pay", Some(policy), &both)
        .with("other", Some(policy), &[other])
        .listed("proj-of-prod", "pay", &[])
        .listed("proj-of-stag", "pay", &[])
}

fn namespace(policy: &str) -> Value {
    let map = |key: &str, value: Value| Value::Map([(key.to_owned(), value)].into());
    let subjects = Value::List(vec![Value::from("Group:team-1@example.com")]);
    let binding =
        Value::object([("name", Value::from("readers")), ("role", Value::from("view")), ("subjects", subjects)]);
    Value::object([
        ("cluster", Value::from("compute-a")),
        ("name", Value::from("one")),
        ("deletion_policy", Value::from(policy)),
        ("labels", map("tier", Value::from("1"))),
        ("annotations", map("note", Value::from("1"))),
        ("quota", map("pods", Value::from("4"))),
        ("role_binding", Value::List(vec![binding])),
    ])
}

/// What an attribute becomes once it is known: something that needs less than before. The keys of a map whose values alone were
/// unknown stay.
fn becomes(attribute: &str, unknown: &Value, digest: &Value) -> Value {
    match (attribute, unknown) {
        ("name", _) => Value::from("other"),
        ("cluster", _) => Value::from("compute-c"),
        ("environments", _) => Value::List(vec![Value::from("production")]),
        ("digest", _) => digest.clone(),
        ("deletion_policy", _) => Value::from("abandon"),
        ("role_binding", Value::List(_)) => {
            let subjects = Value::List(vec![Value::from("Group:team-2@example.com")]);
            let name = ("name", Value::from("others"));
            Value::List(vec![Value::object([name, ("role", Value::from("edit")), ("subjects", subjects)])])
        }
        ("role_binding", _) => Value::List(Vec::new()),
        (_, Value::Map(map)) => Value::Map(map.keys().map(|key| (key.clone(), Value::from("2"))).collect()),
        _ => Value::Null,
    }
}

/// Every attribute that a user may set, of both resources, unknown at plan and then something that leads to removals: whole,
/// and as values within. Nothing is removed that was not shown.
#[tokio::test]
async fn whatever_is_unknown_at_plan_removes_nothing_that_was_not_shown() {
    let (mut cases, mut refused_at_plan, mut refused_at_apply) = (0, 0, 0);
    for policy in ["delete", "delete-with-contents", "abandon"] {
        for newer_core in [false, true] {
            for (at, resource) in [(address("pay"), "anu_registry_service"), (NAMESPACE.to_owned(), "anu_namespace")] {
                let mut fixture = Fixture::new(&company(policy).document());
                fixture.newer_core = newer_core;
                fixture.others.insert(NAMESPACE.into(), namespace(policy));
                let state = fixture.apply(&State::default()).await;
                let found = fixture.dump();
                let process = Process::start(&fixture.block()).await.unwrap();
                let schema = process.of(&at).resource().schema().clone();
                assert_eq!(process.of(&at).resource().name(), resource);
                let settable = schema.attributes.iter().filter(|attribute| attribute.presence != Presence::Computed);
                for attribute in settable {
                    let within = matches!(namespace(policy).get(&attribute.name), Some(Value::Map(_) | Value::List(_)));
                    for unknown in
                        [Some(Value::unknown()), within.then(|| each_unknown(&namespace(policy), &attribute.name))]
                            .into_iter()
                            .flatten()
                    {
                        let mut config = fixture.config(&process, None).await.unwrap();
                        let Some(Value::Map(instance)) = config.resources.get_mut(&at) else { panic!() };
                        let digest = instance.get("digest").cloned().unwrap_or_default();
                        if resource == "anu_registry_service" {
                            // A digest would refuse every change by itself.
                            instance.insert("digest".into(), Value::Null);
                        }
                        instance.insert(attribute.name.clone(), unknown.clone());
                        cases += 1;
                        let plan = match fake_core::plan(&state, &config).await {
                            Ok(plan) => plan,
                            Err(errors) => {
                                let words = format!("`{}` is not known at plan", attribute.name);
                                assert!(text(&errors).contains(&words) && !newer_core, "{}", text(&errors));
                                refused_at_plan += 1;
                                continue;
                            }
                        };
                        let Some(Value::Map(instance)) = config.resources.get_mut(&at) else { panic!() };
                        instance.insert(attribute.name.clone(), becomes(&attribute.name, &unknown, &digest));
                        let shown = text(&plan.diagnostics);
                        let Ok(apply) = Apply::start(plan, &config).await else { continue };
                        let (left, errors) = apply.finish().await;
                        if errors.has_errors() {
                            refused_at_apply += 1;
                        }
                        assert!(left.0.contains_key(&at));
                        let removed = gone(&found, &fixture.dump());
                        let unshown: Vec<&String> = removed.iter().filter(|key| !shown.contains(*key)).collect();
                        assert!(
                            unshown.is_empty(),
                            "{resource}.{} under {policy}, newer core: {newer_core}: not shown: {unshown:?}\n{}",
                            attribute.name,
                            text(&errors)
                        );
                    }
                }
            }
        }
    }
    println!("{cases} cases, {refused_at_plan} refused at plan, {refused_at_apply} at apply");
    assert!(
        cases >= 60 && refused_at_plan >= 15 && refused_at_apply >= 6,
        "{cases} {refused_at_plan} {refused_at_apply}"
    );
}

/// The map of an attribute with every value unknown.
fn each_unknown(namespace: &Value, attribute: &str) -> Value {
    match namespace.get(attribute) {
        Some(Value::Map(map)) => Value::Map(map.keys().map(|key| (key.clone(), Value::unknown())).collect()),
        Some(Value::List(blocks)) => {
            let unknown = |block: &Value| match block {
                Value::Map(map) => Value::Map(map.keys().map(|key| (key.clone(), Value::unknown())).collect()),
                _ => Value::unknown(),
            };
            Value::List(blocks.iter().map(unknown).collect())
        }
        _ => Value::unknown(),
    }
}

/// The lines of what was in the store, and is not.
fn gone(before: &anu::platform::embedded::Dump, after: &anu::platform::embedded::Dump) -> Vec<String> {
    let (before, after) = (before.clone().active(), after.clone().active());
    let mut gone = Vec::new();
    for (id, project) in &before.projects {
        let now = after.projects.get(id);
        if project.project.is_some() && now.is_none_or(|now| now.project.is_none()) {
            gone.push(format!("project {id}"));
        }
        for (role, members) in &project.iam {
            let now = now.and_then(|now| now.iam.get(role));
            let lost = members.iter().filter(|member| now.is_none_or(|now| !now.contains(*member)));
            gone.extend(lost.map(|member| format!("IAM member {id}/{role}/{member}")));
        }
        for (name, account) in &project.service_accounts {
            let now = now.and_then(|now| now.service_accounts.get(name));
            if now.is_none() {
                gone.push(format!("service account {id}/{name}"));
            }
            let left: Vec<&str> = now.into_iter().flat_map(rights::workloads).collect();
            let lost = rights::workloads(account).filter(|who| !left.contains(who));
            gone.extend(lost.map(|who| format!("workload identity {id}/{name}/{who}")));
        }
    }
    for (cluster, namespaces) in &before.clusters {
        for (name, namespace) in namespaces {
            let now = after.clusters.get(cluster).and_then(|all| all.get(name));
            if now.is_none() {
                gone.push(format!("namespace {cluster}/{name}"));
            }
            if namespace.quota.is_some() && now.is_none_or(|now| now.quota.is_none()) {
                gone.push(format!("quota {cluster}/{name}"));
            }
            let accounts = namespace.service_accounts.keys();
            let lost = accounts.filter(|name| now.is_none_or(|now| !now.service_accounts.contains_key(*name)));
            gone.extend(lost.map(|account| format!("Kubernetes service account {cluster}/{name}/{account}")));
            let lost =
                namespace.role_bindings.keys().filter(|n| now.is_none_or(|now| !now.role_bindings.contains_key(*n)));
            gone.extend(lost.map(|binding| format!("role binding {cluster}/{name}/{binding}")));
        }
    }
    gone
}

/// Two services in one project and one namespace of `pay`, which leaves; `ledger` is the owner then, and leaves too.
fn handed_over(step: u32) -> Company {
    let own = environment("production", "proj-of-pay", &["compute-b/pay"], &["team-1"]);
    let shares = |team: &str| environment("production", PROJECT, &[NS], &[team]);
    let company = Company::default().with("pay", Some("delete"), &[if step == 0 { shares("team-1") } else { own }]);
    let alone = environment("production", "proj-of-ledger", &["compute-b/ledger"], &["team-2"]);
    let ledger = if step < 2 { shares("team-2") } else { alone };
    let mut company = company.with("ledger", Some("delete"), &[ledger]);
    if step < 2 {
        let owner = if step == 0 { "pay" } else { "ledger" };
        company = company.listed(PROJECT, owner, &["a"]).declared(NS, owner, &["a"]);
    }
    company.revision = step;
    company
}

#[tokio::test]
async fn a_saved_plan_that_releases_never_deletes() {
    for newer_core in [false, true] {
        for destroyed in [false, true] {
            let mut fixture = Fixture::new(&handed_over(0).document());
            fixture.newer_core = newer_core;
            let pay = fixture.apply_of(&State::default(), &["pay"]).await;
            fixture.apply_of(&State::default(), &["ledger"]).await;
            let mut second = handed_over(1);
            if destroyed {
                second.services.remove("pay");
            }
            fixture.publish(&second.document());
            let services: &[&str] = if destroyed { &[] } else { &["pay"] };
            let (plan, config) = fixture.plan_of(&pay, services).await.unwrap();
            let shown = text(&plan.diagnostics);
            assert!(shown.contains("project proj-of-both: still used by `ledger`"), "{shown}");
            assert!(shown.contains("namespace compute-a/both: still used by `ledger`"), "{shown}");
            let mut third = handed_over(2);
            if destroyed {
                third.services.remove("pay");
            }
            fixture.publish(&third.document());
            let (state, errors) = fixture.apply_plan(plan, &config).await;
            assert!(!errors.has_errors(), "{}", text(&errors));
            let found = fixture.dump().active();
            assert!(found.projects[PROJECT].project.is_some(), "the project was deleted: newer core {newer_core}");
            assert!(found.clusters["compute-a"].contains_key("both"));
            assert_eq!(state.0.is_empty(), destroyed);
        }
    }
}

/// The same edits, each of them planned again: then the deletion is shown, and made.
#[tokio::test]
async fn planned_again_it_is_shown_and_deleted() {
    for newer_core in [false, true] {
        let mut fixture = Fixture::new(&handed_over(0).document());
        fixture.newer_core = newer_core;
        let pay = fixture.apply_of(&State::default(), &["pay"]).await;
        fixture.apply_of(&State::default(), &["ledger"]).await;
        fixture.publish(&handed_over(1).document());
        fixture.plan_of(&pay, &["pay"]).await.unwrap();
        fixture.publish(&handed_over(2).document());
        let (plan, config) = fixture.plan_of(&pay, &["pay"]).await.unwrap();
        let shown = text(&plan.diagnostics);
        assert!(shown.contains("\n  project proj-of-both\n") && shown.contains("will be deleted"), "{shown}");
        let (_, errors) = fixture.apply_plan(plan, &config).await;
        assert!(!errors.has_errors(), "{}", text(&errors));
        assert!(fixture.dump().active().projects.get(PROJECT).is_none_or(|project| project.project.is_none()));
    }
}

/// What a plan has shown of removals is not stored with the state.
#[tokio::test]
async fn an_approval_does_not_outlive_its_apply() {
    let (fixture, mut state) = (Fixture::new(&handed_over(0).document()), State::default());
    for step in 0..3 {
        fixture.publish(&handed_over(step).document());
        let (plan, config) = fixture.planned(&state).await;
        assert!(plan.changes.values().any(|change| change.action != Action::NoOp));
        state = fixture.apply_plan(plan, &config).await.0;
        for object in state.0.values() {
            assert!(object.private.get::<serde_json::Value>("removals").is_none());
        }
    }
}
