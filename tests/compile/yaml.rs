//! Registries in YAML.

use std::fmt::Write as _;

use anu::compile::{positions_in_yaml, yaml_to_json};
use anu::fanout::{self, Settings};
use anu::registry::LoadOptions;
use proptest::prelude::*;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

#[track_caller]
fn value(text: &str) -> Value {
    let json = yaml_to_json("registry.yaml", text).unwrap_or_else(|error| panic!("{text}: {error}"));
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

#[test]
fn scalars_are_those_of_the_core_schema_of_yaml_1_2() {
    for (text, expected) in [
        ("~", json!(null)),
        ("null", json!(null)),
        ("true", json!(true)),
        ("False", json!(false)),
        ("yes", json!("yes")),
        ("off", json!("off")),
        ("12", json!(12)),
        ("-3", json!(-3)),
        ("+4", json!(4)),
        ("0", json!(0)),
        ("0x1F", json!(31)),
        ("0o17", json!(15)),
        ("0.5", json!(0.5)),
        (".5", json!(0.5)),
        ("5.", json!(5.0)),
        ("1e3", json!(1e3)),
        ("12:30:45", json!("12:30:45")),
        ("1_000", json!("1_000")),
        ("2027-01-31T00:00:00Z", json!("2027-01-31T00:00:00Z")),
        ("000000-AAAAAA-000000", json!("000000-AAAAAA-000000")),
        ("1.2.3", json!("1.2.3")),
        ("--", json!("--")),
        ("'12'", json!("12")),
        ("\"a\\nb\"", json!("a\nb")),
        ("!!str 12", json!("12")),
        ("!!int 12", json!(12)),
        ("|\n  a\n  b", json!("a\nb\n")),
        (">-\n  a\n  b", json!("a b")),
    ] {
        let found = value(text);
        let same = found == expected || found.is_number() && found.as_f64() == expected.as_f64();
        assert!(same, "{text}: {found}");
    }
}

#[test]
fn aliases_and_merge_keys_are_expanded() {
    let text = "\
common: &common
  quota: {pods: '5'}
  rbac: &rbac {admins: [core]}
environments:
  - <<: *common
    name: staging
  - <<: [{name: other, tier: 1}, *common]
    name: production
    quota: {pods: '50'}
again: *rbac
";
    assert_eq!(
        value(text),
        json!({
            "common": {"quota": {"pods": "5"}, "rbac": {"admins": ["core"]}},
            "environments": [
                {"name": "staging", "quota": {"pods": "5"}, "rbac": {"admins": ["core"]}},
                {"name": "production", "quota": {"pods": "50"}, "tier": 1, "rbac": {"admins": ["core"]}},
            ],
            "again": {"admins": ["core"]},
        })
    );
}

#[test]
fn what_json_cannot_express_is_refused_with_its_line() {
    let bomb =
        (1..30).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| text + &format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1));
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let cases = [
        "a: [1, 2",
        "a: 'unterminated",
        "a: b: c",
        "a: 1\n---\nb: 2",
        "a: 1\nb: 2\na: 3",
        "<<: {a: 1}\na: {b: 1, 'b': 2}",
        "a: .inf",
        "a: .nan",
        "a: 0123",
        "1: a",
        "true: a",
        "? [a, b]\n: 1",
        "a: *unknown",
        "a: &a [1, *a]",
        "a: !secret token",
        "a: !!int text",
        "a: !!seq {b: 1}",
        "<<: text",
        "<<: [1]",
        &deep,
        &bomb,
    ];
    let mut texts = String::new();
    for text in cases {
        let error = yaml_to_json("registry.yaml", text).expect_err(text);
        let shown: String = text.chars().take(40).collect();
        writeln!(texts, "### {}\n{error}\n", shown.replace('\n', "\n### ")).unwrap();
    }
    insta::assert_snapshot!(texts);
}

#[test]
fn the_positions_of_pointers_are_those_of_their_keys_and_elements() {
    let text = "\
metadata:
  name: acme
services:
  - type: Service
    spec:
      name: ledger
      google~/services: [a,
        b]
";
    let pointers = [
        "",
        "/metadata/name",
        "/services",
        "/services/0",
        "/services/0/spec",
        "/services/0/spec/name",
        "/services/0/spec/google~0~1services/1",
        "/services/0/spec/team",
        "/services/9",
    ];
    let positions: Vec<_> = positions_in_yaml(text, pointers)
        .into_iter()
        .map(|position| position.map(|position| (position.line, position.column)).expect("a position"))
        .collect();
    let end = positions_in_yaml("---", [""]);
    assert_eq!(end.iter().flatten().map(|position| position.line).collect::<Vec<_>>(), [1], "not after the end");
    assert_eq!(positions, [(1, 1), (2, 3), (3, 1), (4, 5), (5, 5), (6, 7), (8, 9), (5, 5), (3, 1)]);
}

/// The digests of the registry and its services.
fn digests(document: &str) -> Vec<String> {
    let options = LoadOptions { version: anu::version(), allow_empty: false, name: None };
    let (fan_out, _) = fanout::load(document.as_bytes(), &options, &Settings::default()).unwrap();
    let services = fan_out.digests().map(|(name, digest)| format!("{name} {digest}"));
    services.chain([fan_out.registry().digest().to_owned()]).collect()
}

#[test]
fn the_form_of_unicode_text_is_the_same_in_json_yaml_and_jsonnet() {
    let json = r#"{"metadata": {"name": "acme"}, "services": [{"type": "Service", "spec": {"name": "a", "équipe": "é", "environments": [
        {"type": "Environment", "spec": {"name": "p", "googleProject": "acme-p-1", "rbac": {"viewers": [{"principal": "principalSet://é"}]}}}]}}],
        "permissions": {"google": {"*": {"viewers": ["roles/browser"]}}}}"#;
    let decomposed = json.replace('é', "e\u{301}");
    let expected = digests(json);
    assert_eq!(digests(&decomposed), expected);
    assert_eq!(digests(&yaml_to_json("registry.yaml", &decomposed).unwrap()), expected);
    assert_eq!(digests(&crate::compile_text(&decomposed).unwrap().json), expected);
}

#[test]
fn the_quickstart_in_yaml_fans_out_to_the_same_resources() {
    let json = include_str!("../../examples/quickstart/registry.json");
    let yaml = serde_saphyr::to_string(&Plain(&serde_json::from_str(json).unwrap())).unwrap();
    assert_eq!(digests(&yaml_to_json("registry.yaml", &yaml).unwrap()), digests(json));
}

/// A value whose numbers are numbers to every serializer: those of `serde_json` are not, with arbitrary precision.
struct Plain<'v>(&'v Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Number(number) => number.as_i64().expect("an integer").serialize(serializer),
            Value::Array(array) => serializer.collect_seq(array.iter().map(Plain)),
            Value::Object(object) => serializer.collect_map(object.iter().map(|(key, value)| (key, Plain(value)))),
            other => other.serialize(serializer),
        }
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "\\PC{0,8}",
        prop::sample::select(vec![
            "yes", "0123", "~", "", "1e3", ".5", "<<", "a: b", "- a", "#", "null", "0x10", "&a", "*a"
        ])
        .prop_map(str::to_owned)
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.clone().prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(text.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// What another library writes is read as what it was.
    #[test]
    fn what_another_library_writes_is_read_as_it_was(original in any_value()) {
        let yaml = serde_saphyr::to_string(&Plain(&original)).unwrap();
        prop_assert_eq!(value(&yaml), original, "{}", yaml);
    }

    #[test]
    fn no_text_panics(text in "[-\\[\\]{}:,&*!|>'\"%@`#~<a1 \n]{0,40}") {
        let _ = yaml_to_json("registry.yaml", &text);
        let _ = positions_in_yaml(&text, ["/a/0", "/1"]);
    }
}
