//! `lifecycle { destroy = false }` of Terraform 1.16, as the guide has it.

use serde_json::Value as Json;

use super::*;
use crate::support::{on, repository};

#[test]
fn a_service_that_leaves_is_forgotten_and_nothing_is_deleted() {
    on("terraform_new", |core| {
        let guide =
            std::fs::read_to_string(repository().join("docs/guides/removing-and-moving.md")).expect("the guide");
        let mut blocks =
            guide.split("```terraform\n").filter_map(|rest| rest.split_once("```")).map(|(block, _)| block);
        let block =
            blocks.find(|block| block.contains("resource") && block.contains("destroy = false")).expect("a block");
        let (head, _) = MAIN.split_once("resource \"anu_registry_service\"").expect("the resource");
        let local = "locals {\n  services = data.anu_registry.this.service_digests\n}\n";
        let workspace = Workspace::with(core, &format!("{head}{local}{block}"), &two());
        workspace.apply();
        workspace.assert_empty_plan();
        let before = dump(&workspace);
        workspace.edit_registry(|registry| drop(registry.remove_service("ledger")));
        let plan = workspace.plan();
        assert!(plan.text().contains("will no longer be managed"), "{}", plan.text());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(dump(&workspace), before, "nothing was deleted");
        assert_eq!(workspace.state().resource(&address("ledger")), Json::Null);
    });
}
