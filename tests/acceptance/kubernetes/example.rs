//! `examples/kubernetes` from nothing to an empty second plan.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::super::clusters::Clusters;
use super::super::document::texts;
use super::super::support::{Core, tool};
use super::{CONTEXTS, Fixture, address, context};

/// What `kubectl get KIND -A` shows on one cluster, by namespace and name.
fn kubectl(fixture: &Fixture<'_>, cluster: &str, kind: &str) -> BTreeMap<String, Json> {
    let kubectl = tool("kubectl", "ANU_TEST_KUBECTL").expect("asked before");
    let label = format!("-lanu-registry=acme{}", fixture.suffix);
    let kubeconfig = fixture.workspace.path().join("kubeconfig");
    let output = std::process::Command::new(kubectl)
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(["--context", context(cluster), "get", kind, "-A", "-o", "json", &label])
        .output()
        .expect("kubectl runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let list: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    let items = list["items"].as_array().expect("items").iter();
    let name = |item: &Json| {
        let text = |key: &str| item["metadata"][key].as_str().map(str::to_owned);
        let namespace = text("namespace").map_or_else(String::new, |namespace| format!("{namespace}/"));
        format!("{cluster}/{namespace}{}", text("name").expect("a name"))
    };
    items.map(|item| (name(item), item.clone())).collect()
}

on_every_core! {
    fn applies_and_kubectl_shows_what_the_plan_said(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        if tool("kubectl", "ANU_TEST_KUBECTL").is_none() {
            return;
        }
        let fixture = Fixture::new(core, &clusters);
        let plan = fixture.workspace.plan();
        assert!(plan.output.warnings().is_empty(), "{}", plan.output.report());
        let mut asked: BTreeMap<&str, BTreeMap<String, Json>> = BTreeMap::new();
        for service in ["ledger", "catalog", "search"] {
            let change = plan.change(&address(service));
            assert!(change.unknown().is_empty(), "everything is known at plan");
            for kind in ["namespaces", "quotas", "role_bindings"] {
                let entries = change.after[kind].as_object().cloned().unwrap_or_default();
                for (key, entry) in entries {
                    if kind == "role_bindings" {
                        let bindings = entry.as_object().expect("bindings").iter();
                        let bindings = bindings.map(|(name, entry)| (format!("{key}/{name}"), entry.clone()));
                        asked.entry(kind).or_default().extend(bindings);
                    } else if entry["shared"] != true {
                        asked.entry(kind).or_default().insert(key, entry);
                    }
                }
            }
        }
        assert_eq!(asked["namespaces"].len(), 4);
        assert_eq!(asked["quotas"].len(), 3);
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();

        let shown = |kind: &str| -> BTreeMap<String, Json> {
            CONTEXTS.iter().flat_map(|(cluster, _)| kubectl(&fixture, cluster, kind)).collect()
        };
        let namespaces = shown("namespaces");
        assert_eq!(namespaces.keys().collect::<Vec<_>>(), asked["namespaces"].keys().collect::<Vec<_>>());
        for (key, entry) in &asked["namespaces"] {
            for (label, value) in entry["labels"].as_object().expect("labels") {
                assert_eq!(namespaces[key]["metadata"]["labels"][label], *value, "{key} {label}");
            }
        }
        let quotas = shown("resourcequotas");
        for (key, limits) in &asked["quotas"] {
            assert_eq!(quotas[&format!("{key}/anu")]["spec"]["hard"], *limits, "{key}");
        }
        assert_eq!(quotas.len(), asked["quotas"].len());
        let bindings = shown("rolebindings");
        assert_eq!(bindings.keys().collect::<Vec<_>>(), asked["role_bindings"].keys().collect::<Vec<_>>());
        for (key, entry) in &asked["role_bindings"] {
            assert_eq!(bindings[key]["roleRef"]["name"], entry["role"], "{key}");
            let subjects = bindings[key]["subjects"].as_array().expect("subjects").iter();
            let subjects: BTreeSet<String> = subjects
                .map(|subject| format!("{}:{}", subject["kind"].as_str().unwrap(), subject["name"].as_str().unwrap()))
                .collect();
            let expected: BTreeSet<String> =
                serde_json::from_value(entry["subjects"].clone()).expect("a list of subjects");
            assert_eq!(subjects, expected, "{key}");
        }
    }
}

on_one_core! {
    /// The API server writes quantities its own way: `2Gi`, `1500m`, `20`. It rounds up to thousandths, and caps binary suffixes.
    fn limits_may_be_spelled_in_any_way(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        let mut limits = texts([("requests.cpu", "1.5"), ("requests.memory", "2048Mi"), ("pods", "2e1")]);
        limits.extend(texts([("limits.cpu", "0.035714286"), ("limits.memory", "33.3333Gi"), ("requests.storage", "8Ei")]));
        fixture.edit("ledger", |ledger| ledger.environments[0].quota = limits.clone());
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        let state = fixture.workspace.state().resource(&address("ledger"));
        assert_eq!(state["quotas"][&fixture.key("compute-staging", "ledger")], serde_json::json!(limits));
    }

    fn a_fresh_state_imports_to_an_empty_plan(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        fixture.workspace.apply();
        fixture.workspace.remove("terraform.tfstate");
        for service in ["ledger", "catalog", "search"] {
            fixture.workspace.import(&address(service), service).success();
        }
        fixture.workspace.assert_empty_plan();
    }
}
