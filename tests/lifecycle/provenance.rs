//! How new a registry is, and what it no longer states.

use anu::platform::embedded::Faults;
use anu::registry::LoadOptions;
use anu::sdk::{Value, to_json};
use serde_json::{Value as Json, json};

use crate::fake_core::{Action, Process, State};
use crate::fixture::{Fixture, address, assert_refused, assert_says, source, text};
use crate::generator::{Company, environment};
use crate::signer::Signer;

const FUTURE: &str = "the registry is compiled in the future";

fn company() -> Company {
    let production = environment("production", "proj-of-pay", &["compute-a/pay"], &["team-1"]);
    Company::default().with("pay", Some("delete"), &[production]).listed("proj-of-pay", "pay", &["a"])
}

/// The company's document, compiled at this time.
fn compiled(company: &Company, at: Option<jiff::Timestamp>) -> Json {
    let mut document = company.document();
    let metadata = document["metadata"].as_object_mut().unwrap();
    match at {
        Some(at) => drop(metadata.insert("compiledAt".into(), at.to_string().into())),
        None => drop(metadata.remove("compiledAt")),
    }
    document
}

fn minutes_from_now(minutes: i64) -> Option<jiff::Timestamp> {
    Some(jiff::Timestamp::now() + jiff::SignedDuration::from_mins(minutes))
}

#[tokio::test]
async fn a_registry_from_the_future_is_read_with_a_warning_and_provisions_nothing() {
    let fixture = Fixture::new(&compiled(&company(), minutes_from_now(3)));
    // Clocks differ a little.
    let state = fixture.apply(&State::default()).await;
    let before = fixture.dump();
    let (destroy, config) = fixture.plan_of(&state, &[]).await.unwrap();
    fixture.publish(&compiled(&company(), minutes_from_now(60)));
    for state in [&State::default(), &state] {
        assert_refused(fixture.plan(state).await, FUTURE);
    }
    assert_refused(fixture.plan_of(&state, &[]).await, FUTURE);
    let (_, errors) = fixture.apply_plan(destroy, &config).await;
    assert_says(&errors, FUTURE);
    assert_eq!(fixture.dump(), before);
    let process = Process::start(&fixture.block()).await.unwrap();
    let none = || Value::object(Vec::<(String, Value)>::new());
    process.data("anu_registry", none()).await.unwrap_or_else(|errors| panic!("{}", text(&errors)));
    // A refresh has not taken its age for the newest one.
    let refreshed = process.services().refresh(&state.0[&address("pay")]).await.unwrap().0.unwrap();
    fixture.publish(&compiled(&company(), minutes_from_now(4)));
    fixture.apply(&State([(address("pay"), refreshed)].into())).await;
}

fn digest(document: &Json) -> String {
    let options = LoadOptions { version: anu::version(), allow_empty: true, name: None };
    let loaded = anu::fanout::load(document.to_string().as_bytes(), &options, &Default::default());
    loaded.unwrap_or_else(|_| panic!("a registry")).0.registry().digest().to_owned()
}

#[tokio::test]
async fn an_older_registry_and_one_without_age_are_accepted_once_by_their_digest() {
    let newer = {
        let mut company = company();
        company.revision = 5;
        company
    };
    let older = company().document();
    let ageless = compiled(&company(), None);
    for (document, words) in [(older, "is older than the last one applied"), (ageless, "no longer states its age")] {
        let mut fixture = Fixture::open(&newer.document(), Faults::none()).await;
        let state = fixture.apply(&State::default()).await;
        fixture.publish(&document);
        let refused = fixture.plan(&state).await;
        let line = format!("accept_older = \"{}\"", digest(&document));
        assert!(refused.as_ref().is_err_and(|errors| text(errors).contains(&line)), "{line}");
        assert_refused(refused, words);
        // The digest of another registry accepts nothing.
        for (of, accepted) in [(newer.document(), false), (document.clone(), true)] {
            let Value::Map(block) = &fixture.block().provider else { panic!() };
            let Value::Map(mut registry) = block["registry"].clone() else { panic!() };
            registry.insert("accept_older".into(), Value::from(digest(&of)));
            fixture.provider.insert("registry".into(), Value::Map(registry));
            match accepted {
                false => assert_refused(fixture.plan(&state).await, words),
                true => {
                    let state = fixture.apply(&state).await;
                    // Accepted once, it is the newest one, also where nothing was changed.
                    fixture.provider.clear();
                    let state = fixture.apply(&state).await;
                    let mut company = company();
                    company.revision = 2;
                    fixture.publish(&company.document());
                    fixture.apply(&state).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn an_older_registry_is_refused_whatever_its_signature() {
    let signer = Signer::new(1);
    let newer = {
        let mut company = company();
        company.revision = 5;
        company.document()
    };
    let mut fixture = Fixture::open(&newer, Faults::none()).await;
    let verify = Value::object([
        ("minisign", Value::List(vec![Value::from(signer.public_key())])),
        ("trusted_comment", Value::Null),
    ]);
    let Value::Map(mut registry) = source(&fixture.path("registry.json"), &[]) else { panic!() };
    registry.insert("verify".into(), verify);
    fixture.provider.insert("registry".into(), Value::Map(registry));
    assert_refused(fixture.plan(&State::default()).await, "signature missing");
    let publish = |fixture: &Fixture, document: &Json| {
        fixture.publish(document);
        let name = document["metadata"]["name"].as_str().expect("a name");
        let signature = signer.sign(document.to_string(), &format!("registry:{name}"));
        std::fs::write(fixture.path("registry.json.minisig"), signature).unwrap();
    };
    publish(&fixture, &newer);
    let state = fixture.apply(&State::default()).await;
    // A pair that was published before.
    publish(&fixture, &company().document());
    assert_refused(fixture.plan(&state).await, "is older than the last one applied");
}

/// Where the provider block has a default, what the registry no longer states is a change that the plan shows.
#[tokio::test]
async fn the_default_of_the_provider_block_replaces_what_is_no_longer_stated() {
    let mut fixture = Fixture::open(&company().document(), Faults::none()).await;
    let block = |parent: &str| {
        let set = [("parent", Value::from(parent)), ("billing_account", Value::from("222222-CCCCCC-222222"))];
        Value::object(set)
    };
    fixture.provider.insert("google".into(), block("folders/99"));
    fixture.provider.insert("embedded".into(), replacing_both(&fixture));
    let state = fixture.apply(&State::default()).await;
    let mut document = company().next().document();
    let spec = document["projects"][0]["spec"].as_object_mut().unwrap();
    spec.remove("parent").expect("a stated setting");
    spec.remove("billingAccount").expect("a stated setting");
    fixture.publish(&document);
    let is = |state: &Value| {
        let project = to_json(state)["projects"]["proj-of-pay"].clone();
        (project["parent"].clone(), project["billing_account"].clone())
    };
    let (plan, _) = fixture.planned(&state).await;
    let change = &plan.changes[&address("pay")];
    assert_eq!(is(&change.before), (json!("folders/1234"), json!("000000-AAAAAA-000000")));
    assert_eq!(is(&change.after), (json!("folders/99"), json!("222222-CCCCCC-222222")));
    assert!(!text(&plan.diagnostics).contains("no longer managed"), "{}", text(&plan.diagnostics));
    let state = fixture.apply(&state).await;
    let project = &fixture.dump().projects["proj-of-pay"];
    assert_eq!(project.project.as_ref().unwrap().settings.parent.as_deref(), Some("folders/99"));
    // Another default is a change of every project that has it.
    fixture.provider.insert("google".into(), block("folders/100"));
    let (plan, _) = fixture.planned(&state).await;
    assert_eq!(is(&plan.changes[&address("pay")].after).0, json!("folders/100"));
    fixture.apply(&state).await;
}

fn replacing_both(fixture: &Fixture) -> Value {
    let kinds = ["google", "kubernetes"].map(Value::from);
    Value::object([("path", Value::from(fixture.path("anu.db"))), ("replaces", Value::List(kinds.into()))])
}

/// Every setting of a project that an entry need not state.
#[tokio::test]
async fn a_setting_that_is_no_longer_stated_is_no_longer_managed_and_no_planned_change() {
    for (field, attribute, words) in [
        ("parent", "parent", "project proj-of-pay: parent `folders/1234`"),
        ("billingAccount", "billing_account", "project proj-of-pay: billing account `000000-AAAAAA-000000`"),
    ] {
        let fixture = Fixture::open(&company().document(), Faults::none()).await;
        let state = fixture.apply(&State::default()).await;
        let before = fixture.dump();
        let mut document = company().next().document();
        document["projects"][0]["spec"].as_object_mut().unwrap().remove(field).expect("a stated setting");
        fixture.publish(&document);
        let (plan, _) = fixture.planned(&state).await;
        let said = text(&plan.diagnostics);
        assert!(said.contains("1 setting is no longer managed") && said.contains(words), "{said}");
        let change = &plan.changes[&address("pay")];
        let of = |value: &Value| to_json(value)["projects"]["proj-of-pay"].clone();
        assert_eq!(
            (of(&change.before), &change.action),
            (of(&change.after), &Action::Update),
            "only the digest changes"
        );
        let state = fixture.apply(&state).await;
        assert_eq!(fixture.dump(), before);
        // Said once; and what others change is theirs.
        let (plan, _) = fixture.planned(&state).await;
        assert!(!text(&plan.diagnostics).contains("no longer managed"));
        let id = "proj-of-pay".parse().unwrap();
        let moved = |settings: &mut anu::fanout::resource::ProjectSettings| match attribute {
            "parent" => settings.parent = Some("folders/77".into()),
            _ => settings.billing_account = Some("111111-AAAAAA-111111".into()),
        };
        fixture.store().edit_project(&id, moved).unwrap();
        let moved = fixture.dump();
        fixture.assert_settled(&state).await;
        fixture.apply(&state).await;
        assert_eq!(fixture.dump(), moved);
    }
}
