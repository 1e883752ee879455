//! Two resources for one service: an index of `count` that shifts, two addresses, an import of what is managed already. Refused
//! at plan, with the way out; and nothing is lost at apply.

use std::collections::BTreeMap;

use anu::platform::embedded::Faults;
use anu::sdk::{ApplyRequest, Call, Diagnostics, Value};

use crate::fake_core::{self, Config, Managed, Process, State};
use crate::fixture::{Fixture, assert_refused, text};
use crate::generator::{Company, environment};

const SERVICES: [&str; 3] = ["svc-0", "svc-1", "svc-2"];

/// Three services with two environments each; the first one may have left.
fn company(all: bool) -> Company {
    let mut company = Company::default();
    for name in &SERVICES[usize::from(!all)..] {
        let of = |environment: &str| format!("proj-of-{name}-{}", &environment[..4]);
        let both = ["production", "staging"]
            .map(|each| environment(each, &of(each), &[&format!("compute-a/{name}-{}", &each[..4])], &["team-1"]));
        company = company.with(name, Some("delete-with-contents"), &both);
        for each in ["production", "staging"] {
            company = company.listed(&of(each), name, &[]);
        }
    }
    company.revision = u32::from(!all);
    company
}

/// Instances at these addresses: a service, and a filter of environments.
type Instances<'i> = &'i [(&'i str, &'i str, Option<&'i [&'i str]>)];

async fn config(fixture: &Fixture, instances: Instances<'_>) -> Config {
    let process = Process::start(&fixture.block()).await.unwrap();
    let mut config = fixture.config(&process, None).await.unwrap();
    let all = std::mem::take(&mut config.resources);
    for (at, name, environments) in instances {
        let Value::Map(mut instance) = all[&crate::fixture::address(name)].clone() else { panic!() };
        if let Some(names) = environments {
            let names = names.iter().map(|name| Value::from(*name)).collect();
            instance.insert("environments".into(), Value::List(names));
        }
        config.resources.insert((*at).to_owned(), Value::Map(instance));
    }
    config
}

async fn applied(fixture: &Fixture, state: &State, instances: Instances<'_>) -> State {
    let config = config(fixture, instances).await;
    let plan = fake_core::plan(state, &config).await.unwrap_or_else(|errors| panic!("{}", text(&errors)));
    let (state, errors) = fixture.apply_plan(plan, &config).await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    let again = fake_core::plan(&state, &config).await.unwrap_or_else(|errors| panic!("{}", text(&errors)));
    assert_eq!(again.pending(), Vec::<&str>::new());
    state
}

async fn planned(fixture: &Fixture, state: &State, instances: Instances<'_>) -> Result<(), Diagnostics> {
    fake_core::plan(state, &config(fixture, instances).await).await.map(drop)
}

fn assert_two(refused: Result<(), Diagnostics>) {
    for words in ["has two resources", "moved {", "terraform state mv OLD_ADDRESS NEW_ADDRESS", "for_each"] {
        assert_refused(refused.clone(), words);
    }
}

/// `count` over the sorted names: each index has another service, and the last one is destroyed.
#[tokio::test]
async fn an_index_of_count_that_shifts_is_refused_and_loses_nothing() {
    let fixture = Fixture::open(&company(true).document(), Faults::none()).await;
    let counted: Vec<_> =
        ["this[0]", "this[1]", "this[2]"].into_iter().zip(SERVICES).map(|(at, s)| (at, s, None)).collect();
    let state = applied(&fixture, &State::default(), &counted).await;
    let found = fixture.dump();
    fixture.publish(&company(false).document());
    let shifted: Vec<_> =
        ["this[0]", "this[1]"].into_iter().zip(&SERVICES[1..]).map(|(at, s)| (at, *s, None)).collect();
    assert_two(planned(&fixture, &state, &shifted).await);
    assert_eq!(fixture.dump(), found);
    // The addresses moved along, it is a plain removal.
    let mut config = config(&fixture, &shifted).await;
    config.moved = vec![
        ("this[0]".into(), "gone".into()),
        ("this[1]".into(), "this[0]".into()),
        ("this[2]".into(), "this[1]".into()),
    ];
    let plan = fake_core::plan(&state, &config).await.unwrap_or_else(|errors| panic!("{}", text(&errors)));
    let (_, errors) = fixture.apply_plan(plan, &config).await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    assert_eq!(fixture.dump().active(), company(false).expected());
}

/// Every way that two addresses have one service, or a part of it, in one configuration: in either order of planning.
#[tokio::test]
async fn two_addresses_that_overlap_are_refused() {
    let prod: &[&str] = &["production"];
    let filters: [Option<&[&str]>; 3] = [None, Some(prod), Some(&["production", "staging"])];
    let mut cases = 0;
    for (first, second) in [("a", "b"), ("b", "a")] {
        for (one, other) in filters.iter().flat_map(|one| filters.iter().map(move |other| (*one, *other))) {
            let fixture = Fixture::open(&company(true).document(), Faults::none()).await;
            let both = [(first, "svc-1", one), (second, "svc-1", other)];
            assert_two(planned(&fixture, &State::default(), &both).await);
            // One is managed, and another comes to it.
            let state = applied(&fixture, &State::default(), &both[..1]).await;
            let refused = planned(&fixture, &state, &both).await;
            // Exactly the same is refused as what is in the state already.
            if one == other {
                assert_refused(refused, "in the state already")
            } else {
                assert_two(refused)
            }
            // One is managed, and the other one takes its place.
            let refused = planned(&fixture, &state, &both[1..]).await;
            if one == other {
                assert_refused(refused, "in the state already")
            } else {
                assert_two(refused)
            }
            // Both are in the state, by an import for example: neither may stay beside the other, nor go.
            let two = import_beside(&fixture, &state, second, other).await;
            assert_two(planned(&fixture, &two, &both).await);
            assert_two(planned(&fixture, &two, &both[..1]).await);
            assert_two(planned(&fixture, &two, &both[1..]).await);
            assert_eq!(fixture.dump().active().projects.len(), fixture.dump().projects.len());
            // Both may go at once.
            planned(&fixture, &two, &[]).await.unwrap_or_else(|errors| panic!("{}", text(&errors)));
            cases += 7;
        }
    }
    assert_eq!(cases, 2 * 9 * 7);
}

/// A state into which the service was imported at another address as well.
async fn import_beside(fixture: &Fixture, state: &State, at: &str, environments: Option<&[&str]>) -> State {
    let process = Process::start(&fixture.block()).await.unwrap();
    let id = environments.map_or_else(|| "svc-1".to_owned(), |names| format!("svc-1/{}", names.join(",")));
    let services: Managed = process.services();
    let object = services.import(&id).await.unwrap_or_else(|errors| panic!("{}", text(&errors)));
    let (object, _) = services.refresh(&object).await.unwrap_or_else(|errors| panic!("{}", text(&errors)));
    let mut objects: BTreeMap<_, _> = state.0.clone();
    objects.insert(at.to_owned(), object.unwrap());
    State(objects)
}

/// Instances by environment, that do not overlap, come and go, and change places.
#[tokio::test]
async fn instances_that_do_not_overlap_are_planned() {
    let (prod, stag): (&[&str], &[&str]) = (&["production"], &["staging"]);
    let fixture = Fixture::open(&company(true).document(), Faults::none()).await;
    let state = applied(&fixture, &State::default(), &[("a", "svc-1", None)]).await;
    let found = fixture.dump();
    let split = [("a", "svc-1", Some(prod)), ("b", "svc-1", Some(stag))];
    let state = applied(&fixture, &state, &split).await;
    assert_eq!(fixture.dump(), found, "a split changes nothing");
    let state = applied(&fixture, &state, &[("a", "svc-1", Some(stag)), ("b", "svc-1", Some(prod))]).await;
    assert_eq!(fixture.dump(), found, "nor does an exchange");
    applied(&fixture, &state, &[("a", "svc-1", Some(stag))]).await;
    assert!(fixture.dump().active().projects.keys().any(|id| id.as_str().ends_with("stag")));
    assert!(!fixture.dump().active().projects.keys().any(|id| id.as_str().ends_with("prod")));
}

/// What the plan could not see, because a name was not known: at apply the destroy releases what the other one has.
#[tokio::test]
async fn at_apply_a_destroy_releases_what_another_instance_has() {
    let fixture = Fixture::open(&company(true).document(), Faults::none()).await;
    let state = applied(&fixture, &State::default(), &[("a", "svc-1", None)]).await;
    let found = fixture.dump();
    let destroy = {
        let nothing = config(&fixture, &[]).await;
        fake_core::plan(&state, &nothing).await.unwrap().changes["a"].clone()
    };
    // In one process: an instance of the same service is created, and the other one is destroyed.
    let process = Process::start(&fixture.block()).await.unwrap();
    let services = process.services();
    // (What a process has created under exactly the same name it never deletes.)
    let some = services
        .complete(config(&fixture, &[("b", "svc-1", Some(&["production", "staging"]))]).await.resources["b"].clone());
    let create = services.plan_one(None, Some(&some)).await;
    let planned = create.planned.unwrap_or_else(|| panic!("{}", text(&create.diagnostics)));
    let call = Call { private: create.private, ..Default::default() };
    let request = ApplyRequest { prior: Value::Null, planned, config: some, call };
    let made = services.resource().apply(request).await;
    assert!(!made.diagnostics.has_errors(), "{}", text(&made.diagnostics));
    let call = Call { private: destroy.private, ..Default::default() };
    let request = ApplyRequest { prior: state.0["a"].value.clone(), planned: Value::Null, config: Value::Null, call };
    let gone = services.resource().apply(request).await;
    assert!(!gone.diagnostics.has_errors(), "{}", text(&gone.diagnostics));
    assert_eq!(gone.state, Some(Value::Null));
    assert_eq!(fixture.dump(), found);
}
