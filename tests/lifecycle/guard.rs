//! A run that removes, revokes or adopts much: refused as a whole, whatever the order, until it is acknowledged.

use std::collections::BTreeMap;

use anu::sdk::{Diagnostics, Severity, Value};
use serde_json::{Value as Json, json};

use crate::fake_core::{Process, State};
use crate::fixture::{Fixture, address, assert_says, text};
use crate::leaves::set;
use crate::reviews::{SERVICES, name, registry};
use crate::seeded_rng::SeededRng;

const REMOVAL: &str = "mass removal refused";
const REVOCATION: &str = "mass revocation refused";
const ADOPTION: &str = "mass adoption refused";

/// The applied registry.
async fn applied() -> (Fixture, State) {
    let fixture = Fixture::new(&registry());
    let state = fixture.apply(&State::default()).await;
    (fixture, state)
}

/// The registry with these environments of the services that may be deleted.
fn with_environments(edit: impl Fn(&mut Json)) -> Json {
    let mut document = registry();
    document["metadata"]["revision"] = json!("2");
    (0..SERVICES - 1).for_each(|at| edit(&mut document["services"][at]["spec"]["environments"]));
    document
}

fn emptied() -> Json {
    with_environments(|environments| *environments = json!([]))
}

fn without_access() -> Json {
    with_environments(|environments| environments[0]["spec"]["rbac"] = json!({}))
}

/// The provider's `guard` block.
fn guard(fixture: &mut Fixture, settings: &[(&str, &str)]) {
    let nulls = ["max_removals", "max_revocations", "acknowledge"].map(|name| (name.to_owned(), Value::Null));
    let mut block = BTreeMap::from(nulls);
    block.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))));
    fixture.provider.insert("guard".into(), Value::Map(block));
}

async fn refused(fixture: &Fixture, state: &State) -> Diagnostics {
    match fixture.plan(state).await {
        Ok(_) => panic!("the plan was not refused"),
        Err(errors) => errors,
    }
}

/// How many resources are refused.
fn number(diagnostics: &Diagnostics, phrase: &str) -> usize {
    let errors = diagnostics.iter().filter(|one| one.severity == Severity::Error);
    errors.filter(|error| error.summary.ends_with(phrase)).count()
}

/// The digests that the errors show, in their order.
fn digests(errors: &Diagnostics) -> Vec<String> {
    let text = text(errors);
    let after = text.split("acknowledge = \"").skip(1);
    after.filter_map(|rest| rest.split_once('"')).map(|(digest, _)| digest.to_owned()).collect()
}

/// The errors, with what differs between two runs replaced.
fn errors(diagnostics: &Diagnostics, fixture: &Fixture) -> String {
    let errors = diagnostics.iter().filter(|one| one.severity == Severity::Error).cloned().collect();
    text(&errors).replace(&fixture.path("registry.json"), "registry.json")
}

#[tokio::test]
async fn a_mass_removal_is_listed_and_refused_until_it_is_acknowledged() {
    let (mut fixture, state) = applied().await;
    fixture.publish(&emptied());
    let first = refused(&fixture, &state).await;
    // 20 resources of five services are permitted.
    assert_eq!(number(&first, REMOVAL), SERVICES - 1 - 5, "{}", text(&first));
    let shown = digests(&first);
    assert_eq!(shown.len(), 1, "in full once");
    insta::assert_snapshot!(errors(&first, &fixture).replace(&shown[0], "DIGEST"));

    // It is of this revision only.
    let mut next = emptied();
    next["services"][11]["spec"]["repository"] = json!("example/eleven");
    guard(&mut fixture, &[("acknowledge", &shown[0])]);
    fixture.publish(&next);
    assert_ne!(digests(&refused(&fixture, &state).await), shown);
    fixture.publish(&emptied());
    let gone = fixture.apply(&state).await;
    let left: Vec<String> = fixture.dump().projects.keys().map(ToString::to_string).collect();
    assert!(left.contains(&"gc-prd-svc-11".to_owned()), "{left:?}");

    // Where it has no effect any more, a warning says so, once.
    fixture.publish(&next);
    let (plan, _) = fixture.planned(&gone).await;
    let warnings = text(&plan.diagnostics).replace(&fixture.path("registry.json"), "registry.json");
    insta::assert_snapshot!(warnings.replace(&shown[0], "DIGEST"), @"
    Warning: The acknowledgement of the guard has no effect on registry `registry.json`
    `DIGEST` is not a digest that acknowledges anything in the registry `registry.json` as it is now: the registry, or what shapes its resources in the provider block, has changed since. If the guard refuses this run, its error has the present digest. Otherwise remove `acknowledge`.

    anu:acknowledgement-without-effect
    ");
}

#[tokio::test]
async fn whether_a_run_is_refused_does_not_depend_on_the_order() {
    let (fixture, state) = applied().await;
    for (document, phrase, within) in [(emptied(), REMOVAL, 5), (without_access(), REVOCATION, 3)] {
        fixture.publish(&document);
        let mut counts = Vec::new();
        for seed in 0..20 {
            let process = Process::start(&fixture.block()).await.unwrap();
            let config = fixture.config(&process, None).await.unwrap();
            let mut order: Vec<&String> = config.resources.keys().collect();
            let mut rng = SeededRng::new(seed);
            for last in (1..order.len()).rev() {
                order.swap(last, rng.below(last + 1));
            }
            let mut verdicts = Vec::new();
            for at in order {
                let managed = process.of(at);
                let wanted = managed.complete(config.resources[at].clone());
                let response = managed.plan_one(state.0.get(at), Some(&wanted)).await;
                let removes = *at != address("svc-11");
                verdicts.extend(removes.then(|| number(&response.diagnostics, phrase) == 1));
            }
            assert!(verdicts.is_sorted(), "after the first refusal every other one is refused: {verdicts:?}");
            counts.push(verdicts.iter().filter(|refused| **refused).count());
        }
        assert!(counts.iter().all(|count| *count == SERVICES - 1 - within), "{phrase}: {counts:?}");
    }
}

#[tokio::test]
async fn one_digest_acknowledges_several_excesses() {
    let (mut fixture, state) = applied().await;
    // Half lose their environments, all others their access.
    let mut document = emptied();
    for at in 6..SERVICES {
        document["services"][at] = registry()["services"][at].clone();
        document["services"][at]["spec"]["environments"][0]["spec"]["rbac"] = json!({});
    }
    fixture.publish(&document);
    guard(&mut fixture, &[("max_removals", "10%"), ("max_revocations", "10%")]);
    let first = refused(&fixture, &state).await;
    assert!(number(&first, REMOVAL) > 0 && number(&first, REVOCATION) > 0, "{}", text(&first));
    let shown = digests(&first);
    assert_eq!(shown.len(), 2);
    // The first was printed before the second excess was known: with it, the other one is refused, and its digest is for both.
    guard(&mut fixture, &[("max_removals", "10%"), ("max_revocations", "10%"), ("acknowledge", &shown[0])]);
    let second = refused(&fixture, &state).await;
    assert_eq!((number(&second, REMOVAL), digests(&second)), (0, vec![shown[1].clone()]), "{}", text(&second));
    guard(&mut fixture, &[("max_removals", "10%"), ("max_revocations", "10%"), ("acknowledge", &shown[1])]);
    fixture.apply(&state).await;
}

#[tokio::test]
async fn limits_are_what_the_block_says() {
    let (mut fixture, state) = applied().await;
    let mut one_less = registry();
    one_less["services"][0]["spec"]["environments"] = json!([]);
    fixture.publish(&one_less);
    // One service is 4 of 48.
    for (limit, is_refused) in [("9%", false), ("8%", true), ("4", false), ("3", true), ("8% or 4", false), ("0", true)]
    {
        guard(&mut fixture, &[("max_removals", limit)]);
        assert_eq!(fixture.plan(&state).await.is_err(), is_refused, "{limit}");
    }
    fixture.publish(&emptied());
    guard(&mut fixture, &[("max_removals", "100%"), ("max_revocations", "100%")]);
    fixture.planned(&state).await;
    fixture.publish(&without_access());
    fixture.planned(&state).await;
}

#[tokio::test]
async fn access_that_is_revoked_from_most_is_listed() {
    let (fixture, state) = applied().await;
    fixture.publish(&without_access());
    let told = refused(&fixture, &state).await;
    insta::assert_snapshot!(errors(&told, &fixture).replace(&digests(&told)[0], "DIGEST"));
}

/// A destroy survives a registry that cannot be read. Then it is unknown how much there is.
#[tokio::test]
async fn without_a_registry_a_number_is_the_limit() {
    let (fixture, state) = applied().await;
    let mut state = state;
    state.0.remove(&address("svc-11"));
    std::fs::write(fixture.path("registry.json"), "{").unwrap();
    let told = refused_destroy(&fixture, &state).await;
    insta::assert_snapshot!(errors(&told, &fixture));
    // Five services are 20 resources.
    state.0.retain(|at, _| (0..5).any(|position| *at == address(&name(position))));
    fixture.plan_of(&state, &[]).await.unwrap_or_else(|errors| panic!("{}", text(&errors)));
}

async fn refused_destroy(fixture: &Fixture, state: &State) -> Diagnostics {
    let Err(errors) = fixture.plan_of(state, &[]).await else { panic!("the destroy was not refused") };
    errors
}

#[tokio::test]
async fn a_destroy_of_everything_is_acknowledged_like_an_edit() {
    let (mut fixture, state) = applied().await;
    let mut all = registry();
    all["services"][11]["spec"]["deletionPolicy"] = json!("delete");
    fixture.publish(&all);
    let state = fixture.apply(&state).await;
    let told = refused_destroy(&fixture, &state).await;
    assert_says(&told, "48 projects, namespaces");
    guard(&mut fixture, &[("acknowledge", &digests(&told)[0])]);
    let (plan, config) = fixture.plan_of(&state, &[]).await.unwrap_or_else(|errors| panic!("{}", text(&errors)));
    let (state, diagnostics) = fixture.apply_plan(plan, &config).await;
    assert!(!diagnostics.has_errors() && state.0.is_empty(), "{}", text(&diagnostics));
}

#[tokio::test]
async fn a_lost_state_is_told_from_an_interrupted_apply() {
    let (mut fixture, state) = applied().await;
    // Nothing is adopted of a world that no state knows.
    let told = refused(&fixture, &State::default()).await;
    insta::assert_snapshot!(errors(&told, &fixture).replace(&digests(&told)[0], "DIGEST"));
    // An older state, in which four services are missing, is below the limit.
    let mut older = state.clone();
    older.0.retain(|at, _| (4..SERVICES).any(|position| *at == address(&name(position))));
    fixture.apply(&older).await;
    // And the other way out.
    guard(&mut fixture, &[("acknowledge", &digests(&told)[0])]);
    assert_eq!(fixture.apply(&State::default()).await.0.len(), SERVICES);
}

/// All twelve were in the middle: projects and namespaces exist, with this registry's label, and nothing in them.
#[tokio::test]
async fn an_interrupted_create_of_everything_is_resumed_without_a_question() {
    let mut begun = registry();
    for at in 0..SERVICES {
        let spec = &mut begun["services"][at]["spec"];
        spec["googleServices"] = json!([]);
        let environment = &mut spec["environments"][0]["spec"];
        environment["rbac"] = json!({});
        environment["serviceAccounts"] = json!([]);
        environment.as_object_mut().unwrap().remove("quota");
    }
    let fixture = Fixture::new(&begun);
    fixture.apply(&State::default()).await;
    fixture.publish(&registry());
    let state = fixture.apply(&State::default()).await;
    assert_eq!(state.0.len(), SERVICES);
}

/// Resources by themselves are counted in the same sums.
#[tokio::test]
async fn namespaces_without_a_service_count_too() {
    let mut fixture = Fixture::new(&registry());
    let service = |process: &str| format!("anu_namespace.{process}");
    for at in 0..25 {
        let namespace = Value::object([
            ("cluster", Value::from("main")),
            ("name", Value::from(format!("tool-{at:02}"))),
            ("deletion_policy", Value::from("delete")),
        ]);
        fixture.others.insert(service(&format!("tool_{at:02}")), namespace);
    }
    let state = fixture.apply(&State::default()).await;
    // 25 of 73: more than a quarter.
    let all = std::mem::take(&mut fixture.others);
    let told = refused(&fixture, &state).await;
    assert_eq!(number(&told, REMOVAL), 5, "{}", text(&told));
    // 19 of them are within the number.
    fixture.others = all.into_iter().take(6).collect();
    fixture.planned(&state).await;
    // Lost from the state, they are adopted beyond the limit as well.
    let told = {
        fixture.others = (0..25).map(|at| (service(&format!("tool_{at:02}")), tool(at))).collect();
        let mut lost = state.clone();
        lost.0.retain(|at, _| !at.starts_with("anu_namespace."));
        refused(&fixture, &lost).await
    };
    assert_eq!(number(&told, ADOPTION), 5, "{}", text(&told));
}

fn tool(at: usize) -> Value {
    let none = Value::object([("cluster", Value::from("main")), ("deletion_policy", Value::from("delete"))]);
    set(none, "name", format!("tool-{at:02}").as_str())
}

/// The apply plans again, in another process: what the plan had acknowledged is not refused there. Where core says what was approved, not
/// even after another entry of the registry has changed.
#[tokio::test]
async fn the_apply_of_an_approved_plan_is_not_refused() {
    let (mut fixture, state) = applied().await;
    fixture.newer_core = true;
    fixture.publish(&emptied());
    let told = refused(&fixture, &state).await;
    guard(&mut fixture, &[("acknowledge", &digests(&told)[0])]);
    let (plan, config) = fixture.planned(&state).await;
    let mut next = emptied();
    next["services"][11]["spec"]["environments"][0]["spec"]["quota"] = json!({"pods": "9"});
    fixture.publish(&next);
    let (_, diagnostics) = fixture.apply_plan(plan, &config).await;
    assert!(!diagnostics.has_errors(), "{}", text(&diagnostics));
}

/// What is on a platform that `manage` excludes remains.
#[tokio::test]
async fn a_platform_that_is_no_longer_managed_is_no_removal() {
    let (mut fixture, state) = applied().await;
    fixture.provider.insert("manage".into(), Value::List(vec![Value::from("google")]));
    fixture.planned(&state).await;
}
