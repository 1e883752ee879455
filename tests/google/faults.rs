//! Every fault at every request of an apply: it is overcome, or the next apply finishes what is left. No project is made twice,
//! and none is tainted.

use anu::sdk::to_json;
use futures_util::StreamExt as _;
use futures_util::stream;
use google_simulator::Fault;

use crate::fake_core::State;
use crate::fixture::{address, text};
use crate::runs::{Estate, Stage};
use crate::some_of;

const STAGING: &str = "acme-ledger-stag-5c0d";

type Break = fn(Fault) -> Fault;

/// What happens to a request, and whether the same apply gets over it.
const FAULTS: [(&str, Break, bool); 9] = [
    ("429", |fault| fault.status(429), true),
    ("429 with Retry-After", |fault| fault.retry_after(429, 1), true),
    ("500", |fault| fault.status(500), true),
    ("503", |fault| fault.status(503), true),
    ("cut before", Fault::cut_before, true),
    ("cut after", Fault::cut_after, true),
    (
        "403 of a quota",
        |fault| fault.error(403, "Quota exceeded for quota metric 'x' and limit 'x per minute' of service 'y'."),
        true,
    ),
    ("409", |fault| fault.error(409, "There were concurrent changes."), false),
    ("400", |fault| fault.error(400, "Precondition check failed."), false),
];

/// Plans and applies, whatever comes of it.
async fn attempt(estate: &Estate, state: &State) -> (State, bool) {
    let fixture = estate.fixture();
    let Ok((plan, config)) = fixture.plan(state).await else { return (state.clone(), false) };
    let (state, diagnostics) = fixture.apply_plan(plan, &config).await;
    (state, !diagnostics.has_errors())
}

/// APIs are enabled one after the other: those before a refused one are enabled, and in the state.
#[tokio::test]
async fn the_apis_before_a_refused_one_are_in_the_state() {
    let estate = Estate::before(Stage::Change).await;
    let fixture = estate.fixture();
    let (plan, config) = fixture.planned(&estate.state().await).await;
    estate.simulator.fault(Fault::on("POST", "*/run.googleapis.com:enable").error(400, "Not now."));
    let (state, diagnostics) = fixture.apply_plan(plan, &config).await;
    let said = text(&diagnostics);
    assert!(said.contains("API acme-ledger-stag-5c0d/run.googleapis.com"), "{said}");
    assert!(!said.contains("API acme-ledger-stag-5c0d/redis.googleapis.com"), "{said}");
    let recorded = to_json(&state.0[&address("ledger")].value)["apis"][STAGING].to_string();
    let enabled = estate.simulator.services(STAGING);
    for (api, expected) in [("dns", true), ("redis", true), ("run", false)] {
        let api = format!("{api}.googleapis.com");
        assert_eq!((recorded.contains(&api), enabled.contains(&api)), (expected, expected), "{api}: {recorded}");
    }
    estate.simulator.clear_faults();
    fixture.apply(&state).await;
}

/// Lets as many requests fail as `ANU_GOOGLE_FAULTS` says.
async fn fail(stage: Stage) {
    let whole = Estate::before(stage).await;
    let (_, done) = attempt(&whole, &whole.state().await).await;
    assert!(done, "without faults");
    let (requests, expected) = (whole.simulator.exchanges().len(), whole.content());
    let places: Vec<(usize, usize)> =
        (0..FAULTS.len()).flat_map(|kind| (1..=requests).map(move |number| (kind, number))).collect();
    let chosen = some_of(places.len(), "ANU_GOOGLE_FAULTS", 10);
    let runs = stream::iter(chosen.iter().map(|place| places[*place])).map(|(kind, number)| {
        let expected = &expected;
        async move {
            let (name, broken, overcome) = FAULTS[kind];
            let what = format!("{name} at request {number} of {requests}");
            let estate = Estate::before(stage).await;
            estate.simulator.fault(broken(Fault::nth(number)));
            let (state, done) = attempt(&estate, &estate.state().await).await;
            assert!(done || !overcome, "{what}");
            estate.converges(&state, expected, &what).await;
            done
        }
    });
    let done: Vec<bool> = runs.buffer_unordered(8).collect().await;
    let overcome = done.iter().filter(|done| **done).count();
    println!("{stage:?}: {requests} requests, {} of {} faults, {overcome} overcome at once", done.len(), places.len());
}

#[tokio::test]
async fn while_it_creates() {
    fail(Stage::Create).await;
}

#[tokio::test]
async fn while_it_changes() {
    fail(Stage::Change).await;
}

/// Each project whose billing is refused is there, and gets it with the next apply.
#[tokio::test]
async fn billing_that_is_refused_is_linked_by_the_next_apply() {
    let whole = Estate::before(Stage::Create).await;
    assert!(attempt(&whole, &State::default()).await.1, "without faults");
    let estate = Estate::before(Stage::Create).await;
    estate.simulator.fault(Fault::on("PUT", "*/billingInfo").error(400, "Precondition check failed."));
    let (state, done) = attempt(&estate, &State::default()).await;
    assert!(!done && estate.simulator.projects() == whole.simulator.projects());
    assert!(estate.simulator.projects().iter().all(|id| estate.simulator.billing_account(id).is_none()));
    estate.converges(&state, &whole.content(), "billing").await;
}
