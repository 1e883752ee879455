//! `anu registry fmt`: what changes in a file, and what does not.

use std::os::unix::fs::PermissionsExt as _;

use insta::assert_snapshot;
use proptest::prelude::*;

use crate::{Ended, Shell, example};

fn fmt(shell: &Shell, arguments: &[&str]) -> Ended {
    shell.run(&[&["registry", "fmt"], arguments].concat())
}

#[test]
fn a_file_is_formatted_and_its_values_remain() {
    let shell = Shell::new();
    let text = "{\"services\":[],\r\n\t\"b\": {}, \"a\":[1.50,-0.0E+1,\"\\u0041\\/ä\"] ,\"b2\":[ ]}";
    shell.write("registry.json", text);
    std::fs::set_permissions(shell.path("registry.json"), std::fs::Permissions::from_mode(0o640)).expect("set");
    std::os::unix::fs::symlink("registry.json", shell.path("link.json")).expect("a link");
    assert_snapshot!(fmt(&shell, &["--check", "link.json"]), @"
    link.json
    error: 1 file is not formatted
      Nothing was written.
    hint: format them: anu registry fmt FILE…
      anu:not-formatted
    (exit code 1)
    ");
    assert_eq!(shell.read("registry.json"), text);
    assert_eq!(fmt(&shell, &["link.json"]).quietly(), "link.json\n");
    assert_snapshot!(shell.read("registry.json"), @r#"
    {
      "services": [],
      "b": {},
      "a": [
        1.50,
        -0.0E+1,
        "\u0041\/ä"
      ],
      "b2": []
    }
    "#);
    let metadata = |name: &str| shell.path(name).symlink_metadata().expect("a file");
    assert!(metadata("link.json").is_symlink());
    assert_eq!(metadata("registry.json").permissions().mode() & 0o777, 0o640);
    // Once more changes nothing; the file is the one that is found.
    let ended = fmt(&shell, &[]);
    assert_eq!(ended.notes, "note: Reading `registry.json`, found in this folder\n");
    assert_eq!(ended.quietly(), "");
    assert_eq!(fmt(&shell, &["--check", "registry.json"]).quietly(), "");
    assert_eq!(shell.piped(&["registry", "fmt", "-"], text).quietly(), shell.read("registry.json"));
    assert_eq!(shell.names(""), ["link.json", "registry.json"]);
}

#[test]
fn what_is_not_json_is_refused_and_nothing_is_written() {
    let shell = Shell::new();
    for (name, text) in [
        ("ugly.json", "{ }"),
        ("registry.jsonnet", "{ }"),
        ("registry.libsonnet", "{ }"),
        ("registry.yaml", "a: 1"),
        ("cut.json", "{\"services\": ["),
        ("twice.json", "{} {}"),
        ("bom.json", "\u{feff}{}"),
    ] {
        shell.write(name, text);
    }
    let mut texts = String::new();
    for arguments in [
        &["ugly.json", "registry.jsonnet"][..],
        &["registry.libsonnet"],
        &["ugly.json", "registry.yaml"],
        &["ugly.json", "cut.json"],
        &["twice.json"],
        &["bom.json"],
        &["none.json"],
        &["."],
        &["https://registry.example.com/registry.json"],
        &["ugly.json", "-"],
    ] {
        let ended = fmt(&shell, arguments);
        assert!(ended.code != Some(0) && ended.stdout.is_empty(), "{ended}");
        texts.push_str(&format!("$ anu registry fmt {}\n{ended}\n\n", arguments.join(" ")));
    }
    let ended = shell.piped(&["registry", "fmt", "--check", "-"], "{ }");
    texts.push_str(&format!("$ anu registry fmt --check -\n{ended}\n"));
    assert_snapshot!(texts);
    assert_eq!(shell.read("ugly.json"), "{ }");
}

#[test]
fn the_examples_of_the_help_run() {
    let shell = Shell::of_example();
    shell.write("registry.jsonnet", "{}");
    let help = shell.run(&["registry", "fmt", "--help"]).quietly();
    let (_, examples) = help.split_once("Examples:\n").expect("examples");
    let lines: Vec<&str> = examples.lines().map(str::trim).filter(|line| line.starts_with("anu ")).collect();
    assert_eq!(lines.len(), 3);
    lines.into_iter().for_each(|line| drop(shell.line(line).quietly()));
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "\\PC{0,8}[\"\\\\{}\\[\\],:]?".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::btree_map("\\PC{0,6}", inner, 0..5)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn the_value_is_the_same_and_the_layout_that_of_any_other(value in json()) {
        let shell = Shell::new();
        let ugly = value.to_string();
        let formatted = shell.piped(&["registry", "fmt", "-"], &ugly).quietly();
        prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&formatted).expect("JSON"), &value);
        prop_assert_eq!(&shell.piped(&["registry", "fmt", "-"], &formatted).quietly(), &formatted);
    }
}

#[test]
fn a_registry_has_the_same_digest_afterwards() {
    let shell = Shell::with(&example());
    shell.write("before.json", &shell.read("registry.json"));
    fmt(&shell, &["registry.json"]).quietly();
    assert_ne!(shell.read("before.json"), shell.read("registry.json"));
    let ended = shell.run(&["registry", "diff", "before.json", "registry.json", "--exit-code"]);
    assert_eq!(ended.code, Some(0), "{ended}");
}
