//! Importing what exists: by identity, over the registry, with generated configuration; and `docs/guides/importing.md`, block by
//! block.

mod generated;

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::json;

use crate::support::{Core, Workspace, example, repository};

/// The blocks of the guide in HCL, in their order.
fn blocks() -> Vec<String> {
    let guide = std::fs::read_to_string(repository().join("docs/guides/importing.md")).expect("the guide");
    let blocks = guide.split("```terraform\n").skip(1);
    blocks.map(|rest| rest.split_once("```").expect("an end").0.to_owned()).collect()
}

/// The block of the guide that contains a text.
fn block(text: &str) -> String {
    let mut found = blocks().into_iter().filter(|block| block.contains(text));
    found.next().unwrap_or_else(|| panic!("no block with `{text}`"))
}

fn address(name: &str) -> String {
    format!("anu_registry_service.this[\"{name}\"]")
}

/// The quickstart with the configuration of the guide, applied, and then without its state.
fn lost(core: &Core) -> Workspace {
    let workspace = Workspace::of_example(core, "quickstart");
    workspace.apply();
    workspace.remove("terraform.tfstate");
    workspace.write("main.tf", &format!("{}{}", provider(&workspace), block("data \"anu_registry\"")));
    workspace
}

/// The part of the quickstart before its data source.
fn provider(quickstart: &Workspace) -> String {
    quickstart.read("main.tf").split_once("data \"anu_registry\"").expect("the data source").0.to_owned()
}

/// Every service is imported by this block, and nothing changes; afterwards an edit of one service is an update of that one.
fn brings_in_all(workspace: &Workspace, import: &str) {
    workspace.write("import.tf", import);
    let plan = workspace.plan();
    let names: Vec<String> = workspace.document().services.iter().map(|entry| entry.name.clone()).collect();
    assert!(names.len() > 10, "{names:?}");
    let expected: BTreeMap<String, String> =
        names.iter().map(|name| (address(name), "import/no-op".to_owned())).collect();
    assert_eq!(plan.actions(), expected, "{}", plan.text());
    workspace.apply_saved(&plan).success();
    workspace.remove("import.tf");
    workspace.assert_empty_plan();
    workspace.edit_registry(|registry| {
        registry.service_mut("ledger").google_services.insert("storage.googleapis.com".to_owned());
    });
    let plan = workspace.plan();
    assert_eq!(plan.actions(), [(address("ledger"), "update".to_owned())].into());
    workspace.apply_saved(&plan).success();
    workspace.assert_empty_plan();
}

on_all_cores! {
    fn every_service_is_imported_by_id_over_the_registry(core: &Core) {
        brings_in_all(&lost(core), &block("id       = each.key"));
    }
}

on_one_core! {
    fn the_single_resource_of_the_guide_is_imported_without_a_change(core: &Core) {
        let workspace = lost(core);
        let blocks = [block("id = \"checkout\""), block("service_digests[\"checkout\"]")].concat();
        workspace.write("main.tf", &format!("{}data \"anu_registry\" \"this\" {{}}\n{blocks}", provider(&workspace)));
        let plan = workspace.plan();
        assert_eq!(plan.actions(), [("anu_registry_service.checkout".to_owned(), "import/no-op".to_owned())].into());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
    }
}

on_newer_cores! {
    fn every_service_is_imported_by_identity_over_the_registry(core: &Core) {
        let workspace = lost(core);
        brings_in_all(&workspace, &block("identity = { name = each.key }"));
        assert_eq!(workspace.state().identity(&address("ledger")), json!({"name": "ledger", "environments": null}));
    }

    fn every_resource_is_imported_by_the_identity_of_its_example(core: &Core) {
        let examples = [
            ("anu_registry_service", address("make-it-rain"), json!({"name": "make-it-rain", "environments": null}), "import/no-op"),
            ("anu_namespace", "anu_namespace.monitoring".to_owned(), json!({"cluster": "compute-banking", "name": "monitoring"}), "import/no-op"),
            // What an import does not read, the next apply adopts.
            ("anu_project", "anu_project.logging".to_owned(), json!({"project_id": "gc-prd-logging-7f3a"}), "import/update"),
            ("anu_project_iam", "anu_project_iam.logging".to_owned(), json!({"project_id": "gc-prd-logging-7f3a"}), "import/update"),
        ];
        for (name, address, identity, action) in examples {
            let mut workspace = Workspace::new(core);
            workspace.copy(&example(""), "");
            workspace.enter(&format!("resources/{name}"));
            workspace.init();
            workspace.apply();
            assert_eq!(workspace.state().identity(&address), identity, "{name}: after a create");
            workspace.run(&["state", "rm", &address]).success();
            let import = workspace.read("identity/import.tf");
            workspace.write("import.tf", &import);
            let plan = workspace.plan();
            assert_eq!(plan.actions(), [(address.clone(), action.to_owned())].into(), "{name}: {}", plan.text());
            workspace.apply_saved(&plan).success();
            workspace.assert_empty_plan();
            assert_eq!(workspace.state().identity(&address), identity, "{name}: after an import");
        }
    }

    fn a_rename_in_place_changes_the_identity(core: &Core) {
        let workspace = Workspace::of_example(core, "quickstart");
        workspace.apply();
        workspace.edit_registry(|registry| registry.service_mut("fx-rates").name = "fx".to_owned());
        workspace.write("moved.tf", &format!("moved {{\n  from = {}\n  to = {}\n}}\n", address("fx-rates"), address("fx")));
        workspace.apply();
        workspace.assert_empty_plan();
        assert_eq!(workspace.state().identity(&address("fx")), json!({"name": "fx", "environments": null}));
    }

    fn an_identity_that_is_not_known_at_plan_is_left_out_of_it(core: &Core) {
        let workspace = Workspace::of_example(core, "quickstart");
        workspace.write("main.tf", &format!("{}
resource \"terraform_data\" \"name\" {{ input = \"ledger\" }}
resource \"anu_registry_service\" \"one\" {{ name = terraform_data.name.output }}
", provider(&workspace)));
        let plan = workspace.plan();
        // The text and the JSON: core prints neither of a plan with an identity that has an unknown value.
        assert!(plan.text().contains("2 to add"), "{}", plan.text());
        assert_eq!(plan.actions()["anu_registry_service.one"], "create");
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(workspace.state().identity("anu_registry_service.one"), json!({"name": "ledger", "environments": null}));
        workspace.write("main.tf", &workspace.read("main.tf").replace("\"ledger\"", "\"fx-rates\""));
        let plan = workspace.try_plan(&[]);
        assert!(plan.is_ok() == (core.minor() >= 16), "a core that says what was planned may plan it");
    }

    fn an_identity_that_names_nothing_is_refused(core: &Core) {
        let workspace = lost(core);
        workspace.write("main.tf", &format!("{}resource \"anu_registry_service\" \"one\" {{ name = \"ledger\" }}\n", provider(&workspace)));
        let refused = |identity: &str| {
            workspace.write("import.tf", &format!("import {{\n  to = anu_registry_service.one\n  identity = {identity}\n}}\n"));
            let errors: Vec<String> = workspace.refused(&[]).errors().iter().map(ToString::to_string).collect();
            errors.join("\n\n")
        };
        assert_snapshot!(refused(r#"{ name = "legder" }"#), @"
        Error: Service `legder` is not in the registry

        The registry `registry.json` has no service `legder`. Did you mean `ledger`?

        If it was renamed, add a `moved` block. If it is to be deleted, remove it from the configuration too; with `for_each` over `service_digests` that happens by itself.

        anu:service-not-in-registry
        ");
        assert_snapshot!(refused(r#"{ name = "ledger", environments = ["prod", ""] }"#), @"
        Error: Invalid value

        `environments[1]`: an environment's name cannot be empty.

        anu:invalid-value
        ");
    }
}
