//! What core checks in the provider block and in other blocks, and what it leaves to the provider.

use anu::provider::Anu;
use anu::sdk::{Attribute, Kind, Provider};

use super::super::support::{Core, Workspace};
use super::{summaries, two};

/// A misspelt argument in each of these blocks and in all that is nested in them, and the count of blocks.
fn misspelt(attributes: &[Attribute], text: &mut String) -> usize {
    text.push_str("  misspelt = 1\n");
    let blocks = attributes.iter().filter(|attribute| attribute.is_block());
    let nested = blocks.map(|block| {
        let label = if matches!(block.kind, Kind::LabelledBlocks(_)) { " \"x\"" } else { "" };
        text.push_str(&format!("  {}{label} {{\n", block.name));
        let count = misspelt(block.nested().unwrap_or_default(), text);
        text.push_str("  }\n");
        count
    });
    1 + nested.sum::<usize>()
}

on_one_core! {
    fn a_misspelt_name_is_refused_in_every_block(core: &Core) {
        let provider = Anu::new();
        let resources = provider.resources().iter().map(|each| (format!("resource \"{}\" \"x\"", each.name()), each.schema().clone()));
        let data = provider.data_sources().iter().map(|each| (format!("data \"{}\" \"x\"", each.name()), each.schema().clone()));
        let mut blocks = 0;
        // Core checks a provider block that something uses; where one is refused, it checks nothing else.
        let used = "data \"anu_registry\" \"used\" {}\n";
        for written in [vec![("provider \"anu\"".to_owned(), provider.schema())], resources.chain(data).collect()] {
            let mut main = format!("terraform {{\n  required_providers {{ anu = {{ source = \"anu-registry/anu\" }} }}\n}}\n{used}");
            let mut count = 0;
            for (header, schema) in written {
                main.push_str(&format!("{header} {{\n"));
                count += misspelt(&schema.attributes, &mut main);
                main.push_str("}\n");
            }
            let workspace = Workspace::with(core, &main, &two());
            let output = workspace.run(&["validate"]).failure();
            assert_eq!(output.text().matches("Error: Unsupported argument").count(), count, "{output}");
            blocks += count;
        }
        assert_eq!(blocks, 25);
    }

    fn a_required_argument_that_is_null_is_refused_at_its_place(core: &Core) {
        let workspace = Workspace::with(core, r#"
terraform {
  required_providers { anu = { source = "anu-registry/anu" } }
}

provider "anu" {
  registry { source = "registry.json" }
  embedded { path = "anu.db" }
}

resource "anu_registry_service" "null" { name = null }

resource "anu_registry_service" "item" {
  name         = "ledger"
  environments = [null]
}

resource "anu_namespace" "null" {
  cluster = null
  name    = "monitoring"
  role_binding {
    name     = "operators"
    role     = null
    subjects = ["Group:a", null]
  }
}

data "anu_registry_service" "null" { name = null }

data "anu_registry" "item" {
  select { services = [null] }
}
"#, &two());
        let refused = workspace.refused(&[]);
        assert_eq!(summaries(&refused), vec!["Missing value"; 7], "{refused}");
        for place in ["name", "environments[0]", "cluster", "role_binding[0].role", "role_binding[0].subjects[1]", "select.services[0]"] {
            assert!(refused.report().contains(&format!("`{place}` is null")), "{place}: {refused}");
        }
    }

    fn what_is_unknown_in_permissions_is_an_error_that_names_it(core: &Core) {
        let main = r#"
terraform {
  required_providers { anu = { source = "anu-registry/anu" } }
}

resource "terraform_data" "role" { input = "roles/pubsub.viewer" }

resource "terraform_data" "table" { input = { "pubsub.googleapis.com" = { admins = ["roles/pubsub.viewer"] } } }

provider "anu" {
  registry { source = "registry.json" }
  embedded { path = "anu.db" }
  permissions { google = PERMISSIONS }
}

data "anu_registry_resources" "all" {}

resource "anu_registry_service" "ledger" { name = "ledger" }
"#;
        let item = r#"{ "pubsub.googleapis.com" = { admins = [terraform_data.role.output] } }"#;
        let workspace = Workspace::with(core, &main.replace("PERMISSIONS", item), &two());
        for (value, place) in [
            (item, r#"`permissions.google["pubsub.googleapis.com"]["admins"][0]`"#),
            ("terraform_data.table.output", "`permissions.google`"),
        ] {
            workspace.write("main.tf", &main.replace("PERMISSIONS", value));
            let refused = workspace.refused(&[]);
            assert_eq!(summaries(&refused), ["Provider configuration must be known at plan"], "{refused}");
            assert!(refused.report().contains(place), "{refused}");
        }
        workspace.try_apply(&["-target=terraform_data.table"]).success();
        workspace.apply();
        workspace.assert_empty_plan();
    }
}
