//! Selections: the selected services and environments, and unknown names.

use std::sync::Arc;

use anu::registry::{Registry, Selection};

use crate::fan_out;

const DOCUMENT: &str = r#"{"services": [
  {"type": "Service", "spec": {"name": "ledger", "team": "core-banking", "environments": [
    {"type": "Environment", "spec": {"name": "staging", "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "ledger-stag"}}]}},
    {"type": "Environment", "spec": {"name": "production", "targets": [{"type": "Target", "spec": {"cluster": "c2", "namespace": "ledger"}}]}}]}},
  {"type": "Service", "spec": {"name": "make-it-rain", "team": "payments", "environments": [
    {"type": "Environment", "spec": {"name": "production", "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "rain"}}]}}]}},
  {"type": "Service", "spec": {"name": "paper", "team": "payments"}}]}"#;

fn registry() -> Arc<Registry> {
    Arc::clone(fan_out(DOCUMENT).registry())
}

fn some(names: &[&str]) -> Option<Vec<String>> {
    Some(names.iter().map(ToString::to_string).collect())
}

fn selected(selection: &Selection) -> String {
    match registry().select(selection) {
        Ok(selected) => selected
            .services
            .iter()
            .map(|(service, environments)| match environments {
                None => service.name.to_string(),
                Some(names) => {
                    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
                    format!("{}({})", service.name, names.join(" "))
                }
            })
            .collect::<Vec<_>>()
            .join(" "),
        Err(errors) => errors
            .iter()
            .map(|error| format!("{}[{}]: {error}", error.filter, error.index))
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

#[test]
fn filters_are_combined() {
    let all = Selection::default();
    assert_eq!(selected(&all), "ledger make-it-rain paper");
    assert_eq!(all.to_string(), "everything");
    assert_eq!(selected(&Selection { teams: some(&["payments"]), ..Selection::default() }), "make-it-rain paper");
    assert_eq!(selected(&Selection { services: some(&["paper", "ledger"]), ..Selection::default() }), "ledger paper");
    let clusters = Selection { clusters: some(&["c1"]), ..Selection::default() };
    assert_eq!(selected(&clusters), "ledger(staging) make-it-rain(production)");
    let both = Selection { environments: some(&["production"]), ..clusters };
    assert_eq!(selected(&both), "make-it-rain(production)");
    assert_eq!(both.to_string(), "environments: production; clusters: c1");
    assert_eq!(selected(&Selection { services: some(&[]), ..Selection::default() }), "");
}

#[test]
fn all_unknown_names_are_reported() {
    let selection = Selection {
        services: some(&["ledger", "legder"]),
        teams: some(&["growth"]),
        environments: some(&["prodution"]),
        clusters: some(&["c9", "c1"]),
    };
    insta::assert_snapshot!(selected(&selection), @"
    services[1]: The registry has no service `legder`. Did you mean `ledger`?
    teams[0]: The registry has no team `growth`.
    environments[0]: The registry has no environment `prodution`. Did you mean `production`?
    clusters[0]: The registry has no cluster `c9`.
    ");
}

#[test]
fn the_fan_out_of_a_selection_contains_nothing_else() {
    let fan_out = fan_out(DOCUMENT);
    let registry = Arc::clone(fan_out.registry());
    let selection = Selection { environments: some(&["staging"]), ..Selection::default() };
    let view = fan_out.by_service_of(&registry.select(&selection).expect("names that exist"));
    let keys: Vec<&String> = view.namespaces["ledger"].keys().collect();
    assert_eq!(keys, ["c1/ledger-stag"]);
    assert_eq!(view.namespaces.keys().collect::<Vec<_>>(), ["_shared", "ledger"]);
}
