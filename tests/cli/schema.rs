//! `anu registry schema`.

use crate::Shell;

#[test]
fn the_schema_is_the_one_of_the_documentation() {
    let published = include_str!("../../docs/registry.schema.json");
    let shell = Shell::new();
    assert_eq!(shell.run(&["registry", "schema"]).quietly(), published);
    assert_eq!(shell.run(&["registry", "schema", "--to", "schemas/registry.schema.json"]).quietly(), "");
    assert_eq!(shell.read("schemas/registry.schema.json"), published);
}
