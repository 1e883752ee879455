//! Registries without a name: they are read, and nothing is created, changed, imported or deleted for them.

use std::collections::BTreeMap;

use anu::platform::embedded::Faults;
use anu::registry::owner_label::OwnerLabel;
use anu::sdk::Value;

use crate::fake_core::{Process, State};
use crate::fixture::{Fixture, assert_refused, assert_says, source, text};
use crate::generator::{Company, environment};

const NAMESPACE: &str = "anu_namespace.monitoring";

fn company() -> Company {
    let production = environment("production", "proj-of-pay", &["compute-a/pay"], &["team-1"]);
    Company::default().with("pay", Some("delete"), &[production]).listed("proj-of-pay", "pay", &[])
}

fn unnamed(company: &Company) -> serde_json::Value {
    let mut document = company.document();
    document["metadata"].as_object_mut().unwrap().remove("name");
    document
}

/// A fixture with one service and one namespace, and their state once applied.
async fn applied() -> (Fixture, State) {
    let mut fixture = Fixture::open(&company().document(), Faults::none()).await;
    let namespace = [("cluster", "compute-a"), ("name", "monitoring"), ("deletion_policy", "delete")];
    let namespace = Value::object(namespace.map(|(name, value)| (name, Value::from(value))));
    fixture.others = BTreeMap::from([(NAMESPACE.to_owned(), namespace)]);
    let state = fixture.apply(&State::default()).await;
    (fixture, state)
}

/// The block, with a name for the registry.
fn named(fixture: &mut Fixture, name: &str) {
    let mut block = source(&fixture.path("registry.json"), &[]);
    if let Value::Map(settings) = &mut block {
        settings.insert("name".to_owned(), Value::from(name));
    }
    fixture.provider.insert("registry".to_owned(), block);
}

/// Every verb of every resource that provisions from a registry.
#[tokio::test]
async fn an_unnamed_registry_provisions_nothing() {
    const WORDS: &str = "Registry has no name";
    let (mut fixture, state) = applied().await;
    let stored = fixture.dump();
    let mut refused = 0;
    for (services, others) in [(true, false), (false, true)] {
        let all = std::mem::take(&mut fixture.others);
        fixture.others = if others { all.clone() } else { BTreeMap::new() };
        let only: &[&str] = if services { &["pay"] } else { &[] };
        let part = |state: &State| {
            let chosen = state.0.iter().filter(|(address, _)| (*address == NAMESPACE) == others);
            State(chosen.map(|(address, object)| (address.clone(), object.clone())).collect())
        };
        let part = part(&state);
        let (update, config) = {
            fixture.arguments.insert("deletion_policy".into(), Value::from("abandon"));
            fixture.publish(&company().next().document());
            let planned = fixture.plan_of(&part, only).await.unwrap();
            fixture.arguments.remove("deletion_policy");
            planned
        };
        let create = fixture.plan_of(&State::default(), only).await.unwrap();
        let kept = std::mem::take(&mut fixture.others);
        let destroy = fixture.plan_of(&part, &[]).await.unwrap();
        fixture.others = kept;

        fixture.publish(&unnamed(&company().next()));
        assert_refused(fixture.plan_of(&part, only).await, WORDS);
        assert_refused(fixture.plan_of(&State::default(), only).await, WORDS);
        let kept = std::mem::take(&mut fixture.others);
        assert_refused(fixture.plan_of(&part, &[]).await, WORDS);
        fixture.others = kept;
        for (plan, config) in [(update, config), create, destroy] {
            if !plan.pending().is_empty() {
                let (_, errors) = fixture.apply_plan(plan, &config).await;
                assert_says(&errors, WORDS);
                refused += 1;
            }
        }
        let process = Process::start(&fixture.block()).await.unwrap();
        let (address, id) = if services { ("", "pay") } else { (NAMESPACE, "compute-a/monitoring") };
        assert_refused(process.of(address).import(id).await, WORDS);
        refused += 4;
        fixture.others = all;
    }
    assert_eq!((refused, stored), (13, fixture.dump()));
}

#[tokio::test]
async fn the_text_for_an_unnamed_registry() {
    let fixture = Fixture::open(&unnamed(&company()), Faults::none()).await;
    let errors = fixture.plan(&State::default()).await.unwrap_err();
    let source = fixture.path("registry.json");
    insta::assert_snapshot!(text(&errors).replace(&source, "registry.json"), @r#"
    Error: Registry has no name
    Every project, namespace and role binding that anu creates carries the name of its registry, and only objects with that name are changed and deleted. The registry `registry.json` has none, so its objects could not be told from those of another registry.

    Add a name to the registry:

      "metadata": {"name": "NAME"}

    or to the `registry` block of the provider:

      registry {
        source = "…"
        name   = "NAME"
      }

    Reading needs no name.

    anu:unnamed-registry
    "#);
}

/// Two registries without names had one ownership label, and the second deleted what the first had created.
#[tokio::test]
async fn two_registries_without_names_never_meet() {
    let mut fixture = Fixture::open(&unnamed(&company()), Faults::none()).await;
    assert_refused(fixture.plan(&State::default()).await, "Registry has no name");
    named(&mut fixture, "treasury");
    let treasury = fixture.apply(&State::default()).await;
    fixture.assert_settled(&treasury).await;
    let owner = |fixture: &Fixture| {
        let dump = fixture.dump();
        let labels = [
            dump.projects["proj-of-pay"].project.as_ref().unwrap().settings.labels.clone(),
            dump.clusters["compute-a"]["pay"].settings.labels.clone(),
        ];
        labels.map(|labels| OwnerLabel::registry_text(&labels).cloned().unwrap())
    };
    assert_eq!(owner(&fixture), ["treasury", "treasury"]);
    // The second registry, under its own name, from an empty state.
    named(&mut fixture, "interns");
    assert_refused(fixture.plan(&State::default()).await, "treasury");
    // A document's own name is never replaced.
    fixture.publish(&company().document());
    assert_refused(fixture.plan(&State::default()).await, "Registry has another name");
}

/// Data sources read it, and what they return carries no ownership label.
#[tokio::test]
async fn an_unnamed_registry_is_read() {
    let fixture = Fixture::open(&unnamed(&company()), Faults::none()).await;
    let process = Process::start(&fixture.block()).await.unwrap();
    let nothing = || Value::object(Vec::<(&str, Value)>::new());
    let registry = process.data("anu_registry", nothing()).await.unwrap();
    assert!(registry.get("name").unwrap().is_null());
    let resources = process.data("anu_registry_resources", nothing()).await.unwrap();
    let text = anu::sdk::to_json(&resources).to_string();
    assert!(text.contains("proj-of-pay") && !text.contains("managed-by") && !text.contains("anu-registry"), "{text}");
    process.data("anu_unmanaged_grants", nothing()).await.unwrap();
    let service = Value::object([("name", Value::from("pay"))]);
    process.data("anu_registry_service", service).await.unwrap();
}
