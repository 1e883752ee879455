//! The laws of `tests/lifecycle`, through real cores: a random company, random edits, two states that share one registry and
//! one store. `ANU_LAWS_REAL_RUNS` says how many plan → apply → plan runs there are.

use std::collections::{BTreeMap, BTreeSet};

use anu::fanout::FanOut;
use anu::fanout::resource::DeletionPolicy;
use anu::platform::embedded::{Faults, Store};
use serde_json::json;

use crate::edits;
use crate::generator::{Company, POLICY};
use crate::seeded_rng::SeededRng;
use crate::support::{Core, Workspace};

const MAIN: &str = r#"
terraform {
  required_providers { anu = { source = "anu-registry/anu" } }
}

variable "shared" { type = string }

provider "anu" {
  registry { source = "${var.shared}/registry.json" }
  embedded { path = "${var.shared}/anu.db" }
}

data "anu_registry" "this" {}

locals { mine = jsondecode(file("mine.json")) }

resource "anu_registry_service" "this" {
  for_each     = { for name, digest in data.anu_registry.this.service_digests : name => digest if contains(keys(local.mine), name) }
  name         = each.key
  digest       = each.value
  environments = local.mine[each.key]
}
"#;

struct Simulation {
    rng: SeededRng,
    company: Company,
    shared: tempfile::TempDir,
    states: [Workspace; 2],
    moved: Vec<(String, String)>,
    story: Vec<String>,
    runs: usize,
}

impl Simulation {
    fn begin(core: &Core, seed: u64) -> Self {
        let mut rng = SeededRng::new(seed);
        let company = edits::company(&mut rng, None);
        let shared = tempfile::tempdir().expect("a folder");
        let state = || {
            let mut workspace = Workspace::new(core);
            workspace.set("TF_VAR_shared", shared.path());
            workspace.write("main.tf", MAIN);
            workspace.init();
            workspace
        };
        let states = [state(), state()];
        Self { rng, company, shared, states, moved: Vec::new(), story: vec![format!("seed {seed}")], runs: 0 }
    }

    /// Publishes the company as it is, and lets both states apply it, in either order.
    fn publish(&mut self) {
        self.company.revision += 1;
        let document = self.company.document().to_string();
        std::fs::write(self.shared.path().join("registry.json"), document).expect("the registry");
        for (nth, state) in self.states.iter().enumerate() {
            let mine: BTreeMap<&String, Option<Vec<String>>> = self
                .company
                .services
                .keys()
                .map(|name| (name, self.company.filter(name, nth)))
                .filter(|(_, environments)| environments.as_ref().is_none_or(|names| !names.is_empty()))
                .collect();
            state.write("mine.json", &json!(mine).to_string());
            let address = |name: &str| format!("anu_registry_service.this[\"{name}\"]");
            let moved: Vec<_> =
                self.moved.iter().map(|(from, to)| json!({"from": address(from), "to": address(to)})).collect();
            if !moved.is_empty() {
                state.write("moved.tf.json", &json!({ "moved": moved }).to_string());
            }
        }
        let plans = self.states.each_ref().map(|state| self.sound(state.plan()));
        let first = self.rng.below(2);
        for nth in [first, 1 - first] {
            self.states[nth].apply_saved(&plans[nth]).success();
            if nth == first {
                self.states[nth].assert_empty_plan();
            }
            self.runs += 1;
        }
        // What one state did is nothing to the other.
        self.states.iter().for_each(|state| drop(state.assert_empty_plan()));
        let expected = self.company.expected();
        let store = Store::open_with(&self.shared.path().join("anu.db"), Faults::none()).expect("the store");
        let found = Company::found(&expected, store.dump().expect("a dump"));
        assert_eq!(found, expected, "the store equals the fan-out");
    }

    fn sound(&self, plan: crate::support::Plan) -> crate::support::Plan {
        assert!(!plan.text().contains("Provider produced"), "{}", plan.text());
        plan
    }

    fn round(&mut self) {
        let before = self.company.clone();
        let Some(edit) = (0..8).find_map(|_| {
            let mut company = before.clone();
            // Without a graveyard nothing that was deleted comes back: the in-process laws see to that.
            let edit = edits::edit(&mut company, &mut self.rng, &[])?;
            // Time passes in the in-process laws only.
            company.day = 0;
            self.company = company;
            Some(edit)
        }) else {
            return;
        };
        self.story.push(format!("edit: {}", edit.text));
        let protected = protected(&before.fan_out(), &self.company.fan_out());
        if !protected.is_empty() {
            let after = std::mem::replace(&mut self.company, before);
            for (_, service) in self.company.services.iter_mut().filter(|(name, _)| protected.contains(*name)) {
                service.policy = Some(POLICY.to_owned());
            }
            for entry in self.company.projects.values_mut().chain(self.company.namespaces.values_mut()) {
                entry.policy = Some(POLICY.to_owned());
            }
            self.story.push(format!("first step: unlock {protected:?}"));
            self.publish();
            let revision = self.company.revision;
            self.company = Company { revision, ..after };
        }
        self.moved.extend(edit.renamed);
        self.publish();
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", self.story.join("\n"));
        }
    }
}

/// Services that have to be unlocked before what they ask for may go.
fn protected(before: &FanOut, after: &FanOut) -> BTreeSet<String> {
    let leaving = |name: &str| {
        before.service(name).is_some_and(|service| {
            service.resources.keys().iter().any(|key| {
                service.resources.deletion_policy(key) == Some(DeletionPolicy::Prevent)
                    && after.users_of(key).is_empty()
            })
        })
    };
    before.services().map(|(name, _)| name.to_string()).filter(|name| leaving(name)).collect()
}

on_every_core! {
    fn two_states_of_a_random_company(core: &Core) {
        let wanted = std::env::var("ANU_LAWS_REAL_RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(25);
        // Each core has companies of its own.
        let first = if core.name == "terraform" { 1 } else { 1001 };
        let mut runs = 0;
        for seed in first.. {
            let mut simulation = Simulation::begin(core, seed);
            simulation.publish();
            for _ in 0..8 {
                if runs + simulation.runs < wanted {
                    simulation.round();
                }
            }
            runs += simulation.runs;
            if runs >= wanted {
                break;
            }
        }
        println!("{runs} plan, apply, plan runs");
    }
}
