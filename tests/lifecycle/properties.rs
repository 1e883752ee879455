//! Laws: random companies, random edits, two states whose plans and applies come between each other.
//!
//! `ANU_LAWS_RUNS` says how many plan → apply → plan runs (2,000); a failure prints the number it all follows from, to be
//! given back as `ANU_LAWS_SEED`, and the story so far.

use std::cell::Cell;
use std::collections::BTreeSet;

use anu::sdk::{Value, to_json};

use crate::edits::Edit;
use crate::fake_core::Process;
use crate::fixture::{address, text};
use crate::generator::Company;
use crate::rights;
use crate::runner::simulate;
use crate::simulation::{Discipline, Simulation};

/// How many rounds of edits one company lives through.
const ROUNDS: usize = 12;

#[test]
fn states_that_apply_every_revision() {
    live_many(Discipline::Every, 1);
}

#[test]
fn states_that_skip_revisions() {
    live_many(Discipline::Skipping, 1_000_000);
}

fn live_many(discipline: Discipline, first: u64) {
    let attempts = Cell::new(0);
    simulate(first, 2, async |seed| {
        let (runs, tried) = live(seed, discipline).await;
        attempts.set(attempts.get() + tried);
        runs
    });
    println!("{} applies beside a refused removal", attempts.get());
}

/// One company's life; how many runs it had, and how many applies beside a state that refused a removal.
async fn live(seed: u64, discipline: Discipline) -> (u64, u64) {
    let mut simulation = Simulation::begin(seed, discipline).await;
    simulation.round(&[], true).await;
    for round in 1..=ROUNDS {
        let edits: Vec<Edit> = (0..1 + simulation.rng.below(2)).filter_map(|_| simulation.edit()).collect();
        simulation.round(&edits, round == ROUNDS).await;
    }
    if discipline == Discipline::Skipping {
        simulation.check_leftovers().await;
    }
    (simulation.runs, simulation.attempts)
}

impl Simulation {
    pub async fn check_settled(&self, state: usize) {
        self.check_lost();
        let (plan, _) = self.planned(state).await;
        if let Some(address) = plan.pending().first() {
            let change = &plan.changes[*address];
            let differences = rights::differences(&to_json(&change.before), &to_json(&change.after));
            panic!("the second plan of state {state} is not empty: {address}\n{differences}");
        }
    }

    pub fn check_lost(&self) {
        let lost = &self.watch.lock().unwrap().lost;
        assert!(lost.is_empty(), "rights that were kept have been lost in between:\n{lost:#?}");
    }

    /// A service was added, and that is all: no other service's plan shows a change, except that the owner of what it shares is
    /// shown the new user.
    pub async fn check_addition(&self, added: &str) {
        for state in 0..2 {
            let (plan, _) = self.planned(state).await;
            let mine = address(added);
            let new_user = |address: &str| {
                let without = |value: &Value| {
                    let mut json = to_json(value);
                    let shared_with = json.as_object_mut().and_then(|fields| {
                        fields.remove("digest");
                        fields.remove("shared_with")
                    });
                    (json, shared_with.is_some_and(|shared_with| shared_with.to_string().contains(added)))
                };
                let change = &plan.changes[address];
                let (before, after) = (without(&change.before), without(&change.after));
                // An instance with other environments of the owner shows the service's digest alone.
                let mut services = self.published().services.iter();
                let split = services.any(|(name, service)| self::address(name) == address && service.split.is_some());
                before.0 == after.0 && (!before.1 && after.1 || split)
            };
            let others = plan.pending().into_iter().filter(|address| *address != mine && !new_user(address));
            let others: Vec<&str> = others.collect();
            let shown = |address: &&str| {
                let change = &plan.changes[*address];
                rights::differences(&to_json(&change.before), &to_json(&change.after))
            };
            let shown: Vec<String> = others.iter().map(shown).collect();
            assert!(others.is_empty(), "adding {added} changes the plan of {others:?}:\n{}", shown.join("\n"));
        }
    }

    pub fn check_equal(&self) {
        self.check_lost();
        let expected = self.expected();
        let found = Company::found(&expected, self.fixture.dump());
        if expected != found {
            let json = |dump| serde_json::to_value(dump).unwrap();
            panic!("the store is not the fan-out:\n{}", rights::differences(&json(expected), &json(found)));
        }
    }

    async fn check_leftovers(&self) {
        self.check_lost();
        let (expected, found) = (self.expected(), self.fixture.dump().active());
        let missing = rights::missing(&expected, &found);
        assert!(missing.is_empty(), "asked for, and not there:\n{}", missing.join("\n"));
        let names = |all: &BTreeSet<String>| Value::List(all.iter().map(|name| Value::from(name.as_str())).collect());
        let also = [("also_projects", names(&self.projects)), ("also_namespaces", names(&self.namespaces))];
        let process = Process::start(&self.fixture.block()).await.unwrap();
        let listed = process.data("anu_unmanaged_grants", Value::object(also)).await;
        let listed = listed.unwrap_or_else(|errors| panic!("{}", text(&errors)));
        let unlisted = rights::unlisted(&expected, &found, &listed);
        assert!(unlisted.is_empty(), "left over, and not listed:\n{}", unlisted.join("\n"));
    }
}
