//! A registry written in Jsonnet, read by the provider under a real core.

use crate::support::{Core, Workspace, example};

on_one_core! {
    fn a_program_that_does_not_compile_changes_nothing(core: &Core) {
        let workspace = Workspace::new(core);
        workspace.copy(&example("jsonnet"), "");
        workspace.init();
        workspace.apply_saved(&workspace.plan()).success();

        let service = "teams/logistics/label-printer.jsonnet";
        let text = workspace.read(service);
        workspace.write(service, &text.replace("teams.logistics", "teams.logistiks"));
        let said = workspace.refused(&[]).report();
        for expected in ["Registry does not compile", "Field does not exist: logistiks", "label-printer.jsonnet:", "^^^"] {
            assert!(said.contains(expected), "{expected}: {said}");
        }

        // The author of a registry reads no other file of the machine that plans.
        let secret = workspace.path().parent().expect("a folder").join("secret");
        workspace.write(service, &format!("{text}\n+ {{ spec+: {{ stolen: importstr '{}' }} }}", secret.display()));
        let said = workspace.refused(&[]).report();
        assert!(said.contains("is outside the repository"), "{said}");

        workspace.write(service, &text);
        workspace.assert_empty_plan();
    }
}

on_one_core! {
    fn a_folder_of_yaml_is_a_registry(core: &Core) {
        let workspace = Workspace::new(core);
        workspace.copy(&example("quickstart"), "");
        let registry: serde_json::Value = serde_json::from_str(&workspace.read("registry.json")).expect("JSON");
        for (field, value) in registry.as_object().expect("an object") {
            match value.as_array() {
                None => workspace.write(&format!("registry/{field}.yaml"), &value.to_string()),
                Some(entries) => {
                    for (nth, entry) in entries.iter().enumerate() {
                        workspace.write(&format!("registry/{field}/{nth:02}.yaml"), &entry.to_string());
                    }
                }
            }
        }
        workspace.init();
        workspace.apply_saved(&workspace.plan()).success();
        let main = workspace.read("main.tf");
        workspace.write("main.tf", &main.replace("\"registry.json\"", "\"registry\"").replace("/registry.json\"", "/registry\""));
        assert_ne!(workspace.read("main.tf"), main);
        workspace.assert_empty_plan();

        workspace.write("registry/services/99.yaml", "type: Service\nspec:\n  name: returns\n  team: no-such-team\n");
        let said = workspace.refused(&[]).report();
        assert!(said.contains("registry/services/99.yaml:4:3"), "{said}");
        workspace.write("registry/services/99.yml.orig", "");
        let said = workspace.refused(&[]).report();
        assert!(said.contains("`registry/services/99.yml.orig` is not read"), "{said}");
    }
}

on_one_core! {
    fn variables_of_the_provider_block_reach_the_program(core: &Core) {
        let workspace = Workspace::new(core);
        workspace.write("registry.jsonnet", "function(name) (import 'kit.libsonnet')(name, std.extVar('team'))");
        workspace.write(
            "vendor/kit.libsonnet",
            "local registry = import 'anu/registry.libsonnet';\n\
             function(name, team) registry.new(name) + registry.mixin.withServices(\n\
               registry.service.new('ledger') + registry.service.mixin.withTeam(team))",
        );
        workspace.write(
            "main.tf",
            r#"
            terraform {
              required_providers { anu = { source = "anu-registry/anu" } }
            }
            provider "anu" {
              registry {
                source = "registry.jsonnet"
                jsonnet {
                  library_paths       = ["vendor"]
                  ext_vars            = { team = "core" }
                  top_level_arguments = { name = "acme" }
                }
              }
            }
            data "anu_registry" "this" {}
            output "team" { value = data.anu_registry.this.services["ledger"].team }
            output "compiled" { value = jsondecode(provider::anu::compile("{ a: std.extVar('x') }", { x = "1" })).a }
            "#,
        );
        workspace.init();
        workspace.apply_saved(&workspace.plan()).success();
        let outputs = workspace.run(&["output", "-json"]).success().text();
        assert!(outputs.contains("\"core\"") && outputs.contains("\"1\""), "{outputs}");
    }
}
