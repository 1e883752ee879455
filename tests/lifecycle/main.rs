//! The resource's whole life, in-process, against a small core of our own ([`fake_core`]).
//!
//! - [`fixture`]: a folder with a registry and a store, and Terraform's commands in it;
//! - [`generator`], [`edits`], [`seeded_rng`]: random companies and what people do to their registries; [`rights`]: who has what; [`runner`]: how many of them;
//! - [`properties`]: what must hold whatever is edited, and however the applies of two states come between each other ([`simulation`]);
//! - [`leaves`]: the resources that manage one object by themselves; [`leaf_rules`]: the rules of all of them;
//! - [`namespaces`], [`projects`]: properties of namespaces, projects and grants that are managed by themselves; [`namespace_rules`],
//!   [`namespace_fences`], [`project_rules`], [`project_iam_rules`]: their rules one by one;
//! - [`handover`]: shared resources that are transferred, step by step;
//! - [`takeover`]: what exists already and is in no state; [`undelete`]: what a restored project brings back;
//! - [`servers`]: API servers behind the names of clusters;
//! - [`who_decides`]: whose word counts over what is shared; [`as_planned`]: nothing is removed that a plan has not shown;
//! - [`two_resources`]: two resources for one service; [`interrupted`]: a destroy in several runs;
//! - [`provenance`]: how new a registry is, and what it no longer states;
//! - [`expiry`]: access that ends;
//! - [`guard`]: a run that removes much; [`guard_cases`]: mistakes that are refused and ordinary edits that are not;
//! - [`killed`]: applies that are cut short at any of their writes;
//! - [`unnamed`]: registries without a name;
//! - [`places`]: unknown and null at every place of a configuration;
//! - [`checklist`]: core's consistency rules; [`refusals`]: what is refused; [`drift`]: changes by others.

mod as_planned;
mod causes;
mod checklist;
mod cluster_roles;
#[path = "../support/document.rs"]
mod document;
mod drift;
mod edits;
mod expiry;
mod fake_core;
mod fixture;
mod generator;
mod guard;
mod guard_cases;
mod handover;
mod interrupted;
mod killed;
mod leaf_rules;
mod leaves;
mod mistakes;
mod namespace_fences;
mod namespace_rules;
mod namespaces;
mod places;
mod project_iam_rules;
mod project_rules;
mod projects;
mod properties;
mod provenance;
mod refusals;
#[path = "../support/reviews.rs"]
mod reviews;
mod rights;
mod runner;
mod seeded_rng;
mod servers;
mod service_accounts;
#[path = "../support/signer.rs"]
mod signer;
mod simulation;
mod state_file;
mod takeover;
mod two_resources;
mod undelete;
mod unnamed;
mod who_decides;

use fake_core::{Action, State};
use fixture::Fixture;

fn quickstart() -> serde_json::Value {
    serde_json::from_str(include_str!("../../examples/quickstart/registry.json")).unwrap()
}

#[tokio::test]
async fn create_then_an_empty_plan() {
    let fixture = Fixture::new(&quickstart());
    let (plan, _) = fixture.planned(&State::default()).await;
    assert!(plan.changes.values().all(|change| change.action == Action::Create));
    fixture.apply(&State::default()).await;
}
