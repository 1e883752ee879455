//! `docs/guides/google.md`: what it has the reader write is valid.

use super::super::support::{Core, Workspace, repository};

fn guide() -> String {
    std::fs::read_to_string(repository().join("docs/guides/google.md")).expect("the guide")
}

/// The blocks of a language.
pub(super) fn blocks(language: &str) -> Vec<String> {
    let (guide, fence) = (guide(), format!("```{language}\n"));
    let blocks = guide.split(&fence).skip(1);
    blocks.map(|rest| rest.split_once("```").expect("an end").0.to_owned()).collect()
}

/// The roles in a text, in their order.
fn roles(text: &str) -> Vec<&str> {
    text.split([' ', '\n', '=', '`', '\\', ';']).filter(|word| word.starts_with("roles/")).collect()
}

#[test]
fn the_commands_of_the_bootstrap_grant_what_the_table_lists() {
    let shell = blocks("shell").into_iter().find(|block| block.contains("folders create")).expect("the bootstrap");
    let mut parts = shell.split("\ndone\n");
    let guide = guide();
    let (_, table) = guide.split_once("| identity | on | role | for |\n|---|---|---|---|\n").expect("the table");
    let table = table.split("\n\n").next().expect("rows");
    let listed = |identity: &str, on: &str| -> Vec<&str> {
        let rows = table.lines().filter(|line| line.starts_with(&format!("| {identity} | {on} |")));
        rows.flat_map(roles).collect()
    };
    assert_eq!(roles(parts.next().expect("the planner's")), listed("planner", "folder"));
    assert_eq!(roles(parts.next().expect("the applier's")), listed("applier", "folder"));
    assert_eq!(roles(parts.next().expect("billing")), listed("applier", "billing account"));
    assert_eq!(table.lines().count(), 9);
}

#[test]
fn workflows_and_credentials_are_well_formed() {
    let yaml = blocks("yaml");
    assert_eq!(yaml.len(), 2);
    for block in yaml {
        let workflow: serde_json::Value =
            serde_saphyr::from_str(&block).unwrap_or_else(|error| panic!("{error}\n{block}"));
        assert!(workflow.is_object(), "{block}");
    }
    let json = blocks("json");
    let json: Vec<serde_json::Value> = json.iter().map(|block| serde_json::from_str(block).expect("JSON")).collect();
    let types: Vec<&str> = json.iter().filter_map(|block| block["type"].as_str()).collect();
    assert_eq!(types, ["external_account", "Cluster"], "a file of credentials, and an entry of the registry");
}

on_one_core! {
    fn its_provider_blocks_are_valid(core: &Core) {
        let blocks = blocks("terraform");
        assert!(!blocks.is_empty());
        for block in blocks {
            let workspace = Workspace::new(core);
            workspace.write("main.tf", &format!("terraform {{\n  required_providers {{ anu = {{ source = \"anu-registry/anu\" }} }}\n}}\ndata \"anu_registry\" \"this\" {{}}\n{block}"));
            workspace.init();
            workspace.run(&["validate"]).success();
        }
    }
}
