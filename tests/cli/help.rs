//! What the help says.

use insta::assert_snapshot;

use crate::Shell;

#[test]
fn of_everything() {
    assert_snapshot!(Shell::new().run(&["--help"]).quietly());
}

#[test]
fn of_registry() {
    assert_snapshot!(Shell::new().run(&["registry", "--help"]).quietly());
}

#[test]
fn of_registry_compile() {
    assert_snapshot!(Shell::new().run(&["registry", "compile", "--help"]).quietly());
}

#[test]
fn of_registry_manifests() {
    assert_snapshot!(Shell::new().run(&["registry", "manifests", "--help"]).quietly());
}

#[test]
fn of_registry_diff() {
    assert_snapshot!(Shell::new().run(&["registry", "diff", "--help"]).quietly());
}

#[test]
fn of_registry_validate() {
    assert_snapshot!(Shell::new().run(&["registry", "validate", "--help"]).quietly());
}

#[test]
fn of_registry_fmt() {
    assert_snapshot!(Shell::new().run(&["registry", "fmt", "--help"]).quietly());
}

#[test]
fn of_registry_schema() {
    assert_snapshot!(Shell::new().run(&["registry", "schema", "--help"]).quietly());
}

#[test]
fn of_registry_publish() {
    assert_snapshot!(Shell::new().run(&["registry", "publish", "--help"]).quietly());
}
