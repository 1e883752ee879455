//! A registry in the shape of the article "Why you need a service registry", with nothing added to it.

use serde_json::json;

use crate::support::{Core, Workspace, example};

const MAIN: &str = r#"
terraform {
  required_providers { anu = { source = "anu-registry/anu" } }
}

provider "anu" {
  registry {
    source = "article.json"
    name   = "article" # the document has no metadata
  }
  embedded { path = "anu.db" }
  member_template = "group:{team}-team@example.com" # the document has no teams
}

data "anu_registry" "this" {}

resource "anu_registry_service" "this" {
  for_each = data.anu_registry.this.service_digests
  name     = each.key
  digest   = each.value
}
"#;

on_one_core! {
    fn gives_each_team_what_its_level_says(core: &Core) {
        let workspace = Workspace::new(core);
        workspace.write("main.tf", MAIN);
        workspace.copy(&example("registries"), "");
        workspace.init();

        let plan = workspace.plan();
        let service = plan.change(r#"anu_registry_service.this["make-it-rain"]"#);
        assert_eq!(
            service.after["iam"]["gc-prd-make-it-stag-833e"],
            json!({
                "roles/pubsub.admin": ["group:banking-integrations-team@example.com"],
                "roles/pubsub.editor": ["group:core-banking-team@example.com"],
            })
        );
        assert_eq!(
            service.after["iam"]["gc-prd-make-it-prod-1eb1"],
            json!({
                "roles/pubsub.admin": ["group:banking-integrations-team@example.com"],
                "roles/pubsub.viewer": ["group:core-banking-team@example.com"],
            })
        );
        // A project that is not listed is taken as there, never made.
        assert_eq!(service.after["projects"], json!({}));
        assert_eq!(service.unknown(), Vec::<String>::new());

        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
    }
}
