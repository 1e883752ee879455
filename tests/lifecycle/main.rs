//! The resource's whole life, in-process, against a small core of our own ([`core`]).
//!
//! - [`stage`]: a folder with a registry and a store, and Terraform's commands in it;
//! - [`world`], [`edits`], [`dice`]: random companies and what people do to their registries; [`rights`]: who has what;
//! - [`laws`]: what must hold whatever is edited, and however the applies of two states come between each other ([`life`]);
//! - [`namespaces`]: the same for namespaces that are managed by themselves;
//! - [`handover`]: shared things that change hands, step by step;
//! - [`killed`]: applies that are cut short at any of their writes;
//! - [`checklist`]: core's consistency checklist; [`refusals`]: what is refused; [`drift`]: what others change behind our back.

mod checklist;
mod core;
mod dice;
mod drift;
mod edits;
mod handover;
mod killed;
mod laws;
mod life;
mod namespaces;
mod refusals;
mod rights;
mod stage;
mod world;

use core::{Action, State};
use stage::Stage;

fn quickstart() -> serde_json::Value {
    serde_json::from_str(include_str!("../../examples/quickstart/registry.json")).unwrap()
}

#[tokio::test]
async fn create_then_an_empty_plan() {
    let stage = Stage::new(&quickstart());
    let (plan, _) = stage.planned(&State::default()).await;
    assert!(plan.changes.values().all(|change| change.action == Action::Create));
    stage.apply(&State::default()).await;
}
