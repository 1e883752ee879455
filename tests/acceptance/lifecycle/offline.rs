//! Without the registry's source.

use serde_json::json;

use super::super::support::Core;
use super::{Workspace, applied, asked, dump, registry, service, summaries, two};

/// The registry by name, without a data source: what a destroy needs when the registry cannot be read.
const LITERAL: &str = r#"
terraform {
  required_providers { anu = { source = "anu-registry/anu" } }
}

provider "anu" {
  registry {
    source    = "registry.json"
    fallbacks = ["copy.json"]
  }
  embedded { path = "anu.db" }
}

resource "anu_registry_service" "ledger" {
  name = "ledger"
}
"#;

on_every_core! {
    fn a_destroy_plans_without_the_registry_and_waits_for_it_to_apply(core: &Core) {
        let workspace = Workspace::with(core, LITERAL, &registry([service("ledger").with_policy("delete")]));
        workspace.apply();
        let text = workspace.read("registry.json");
        workspace.write("registry.json", "{");
        // With a refresh, core plans the configuration first, and that needs the registry.
        let plan = workspace.plan_with(&["-destroy", "-refresh=false"]);
        assert!(plan.text().contains("destroy is planned without the registry"), "{}", plan.text());
        let whole = dump(&workspace);
        assert_eq!(summaries(&workspace.apply_saved(&plan).failure()), ["Service `ledger`: destroy needs the registry"]);
        assert_eq!(dump(&workspace), whole);
        workspace.write("registry.json", &text);
        workspace.destroy(&[]).success();
        assert!(dump(&workspace).projects.is_empty());
    }
}

on_one_core! {
    fn a_copy_serves_the_plan_and_never_the_apply(core: &Core) {
        let workspace = Workspace::with(core, LITERAL, &registry([service("ledger")]));
        let text = workspace.read("registry.json");
        std::fs::rename(workspace.path().join("registry.json"), workspace.path().join("copy.json")).unwrap();
        let plan = workspace.plan();
        assert!(plan.text().contains("copy.json"), "{}", plan.text());
        assert_eq!(summaries(&workspace.apply_saved(&plan).failure()), ["Registry source is not readable"]);
        workspace.write("registry.json", &text);
        workspace.apply();
        workspace.assert_empty_plan();
        assert_eq!(dump(&workspace), asked(&workspace));
    }

    fn a_registry_that_shrank_to_nothing_is_refused(core: &Core) {
        let workspace = applied(core, &two());
        workspace.edit_registry(|registry| registry.services.clear());
        assert!(workspace.refused(&[]).text().contains("Registry has no services"));
        let mut without_team = two().json();
        assert_eq!(without_team["services"][1]["spec"].as_object_mut().unwrap().remove("team"), Some(json!("banking-integrations")));
        workspace.registry(&without_team);
        workspace.plan();
    }
}
