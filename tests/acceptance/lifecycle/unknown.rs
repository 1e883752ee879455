//! What is known only after apply.

use super::super::support::Core;
use super::{Workspace, asked, dump, summaries, two};

const PROVIDER: &str = r#"
terraform {
  required_providers { anu = { source = "anu-registry/anu" } }
}

resource "terraform_data" "first" { input = "registry.json" }
"#;

on_every_core! {
    fn a_literal_name_with_a_deferred_digest_applies(core: &Core) {
        let main = format!("{PROVIDER}\n{}", r#"
provider "anu" {
  registry { source = "registry.json" }
  embedded { path = "anu.db" }
}

data "anu_registry" "this" { depends_on = [terraform_data.first] }

resource "anu_registry_service" "this" {
  for_each = toset(["ledger", "make-it-rain"])
  name     = each.key
  digest   = data.anu_registry.this.service_digests[each.key]
}
"#);
        let workspace = Workspace::with(core, &main, &two());
        let plan = workspace.plan();
        assert!(plan.text().contains("(known after apply)"), "{}", plan.text());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(dump(&workspace), asked(&workspace));
    }

    fn an_unknown_source_is_named_with_its_remedy(core: &Core) {
        let main = format!("{PROVIDER}\n{}", r#"
provider "anu" {
  registry { source = terraform_data.first.output }
  embedded { path = "anu.db" }
}

resource "anu_registry_service" "ledger" { name = "ledger" }
"#);
        let workspace = Workspace::with(core, &main, &two());
        let refused = workspace.refused(&[]);
        assert_eq!(summaries(&refused), ["Provider configuration must be known at plan"]);
        assert!(refused.text().contains("`registry.source`"), "{refused}");
        workspace.try_apply(&["-target=terraform_data.first"]).success();
        workspace.apply();
        workspace.assert_empty_plan();
    }
}
