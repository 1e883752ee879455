//! Guides of which parts are generated: `docs/guides/complete-registry.md`, `docs/guides/troubleshooting.md` and `docs/guides/faq.md`.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value as Json;

use crate::Shell;

const COMPLETE: &str = include_str!("../../examples/registries/complete.json");
const TROUBLESHOOTING: &str = include_str!("../../docs/guides/troubleshooting.md");
const FAQ: &str = include_str!("../../docs/guides/faq.md");

#[test]
fn the_complete_registry_is_valid() {
    let shell = Shell::new();
    shell.write("registry.json", COMPLETE);
    let ended = shell.run(&["registry", "validate", "--format", "json", "registry.json"]);
    let report: Json = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended}"));
    // What ends in it has ended one day.
    let others = report["problems"].as_array().expect("problems").iter().filter(|one| one["code"] != "expired-access");
    assert_eq!((ended.code, others.collect::<Vec<_>>()), (Some(0), Vec::new()));
}

/// The fields of a schema that a value has, as `DEFINITION.FIELD`.
fn visit(schema: &Json, at: &Json, name: &str, value: &Json, found: &mut BTreeSet<String>) {
    if let Some(name) = at["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return visit(schema, &schema["$defs"][name], name, value, found);
    }
    for one in at["anyOf"].as_array().into_iter().flatten() {
        // A name is text, and what is written out is an object.
        if one["$ref"].is_string() || value.is_object() == one["properties"].is_object() {
            visit(schema, one, name, value, found);
        }
    }
    match value {
        Json::Object(fields) => {
            for (field, value) in fields {
                if at["properties"][field].is_object() {
                    found.insert(format!("{name}.{field}"));
                    visit(schema, &at["properties"][field], name, value, found);
                } else {
                    visit(schema, &at["additionalProperties"], name, value, found);
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| visit(schema, &at["items"], name, item, found)),
        _ => {}
    }
}

/// All fields of a definition.
fn fields(at: &Json, name: &str, found: &mut BTreeSet<String>) {
    for field in at["properties"].as_object().into_iter().flatten().map(|(field, _)| field) {
        found.insert(format!("{name}.{field}"));
    }
    for one in at["anyOf"].as_array().into_iter().flatten() {
        fields(one, name, found);
    }
}

#[test]
fn the_complete_registry_has_every_field_of_the_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/registry.schema.json");
    let schema: Json = serde_json::from_slice(&std::fs::read(schema).expect("the schema")).expect("JSON");
    let (mut all, mut used) = (BTreeSet::new(), BTreeSet::new());
    fields(&schema, "document", &mut all);
    for (name, definition) in schema["$defs"].as_object().expect("definitions") {
        fields(definition, name, &mut all);
    }
    visit(&schema, &schema, "document", &serde_json::from_str(COMPLETE).expect("JSON"), &mut used);
    assert_eq!(
        all.difference(&used).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "add to examples/registries/complete.json"
    );
    assert!(all.len() > 75, "{}", all.len());
}

#[test]
fn every_code_is_in_the_troubleshooting_guide_once() {
    let links = TROUBLESHOOTING.split("/docs/errors/").skip(1).filter_map(|rest| rest.split_once(".md)"));
    let mut found: Vec<&str> = links.map(|(name, _)| name).filter(|name| *name != "README").collect();
    found.sort_unstable();
    let mut all: Vec<&str> = anu::codes::all().map(anu::codes::Code::name).collect();
    all.sort_unstable();
    assert_eq!(found, all);
}

#[test]
fn every_code_leads_to_a_guide_by_its_title() {
    for (file, title) in anu::codes::all().map(anu::codes::Code::guide) {
        let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guides").join(file);
        let text = std::fs::read_to_string(guide).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(text.contains(&format!("\npage_title: \"{title}\"\n")), "{file} is not titled {title}");
    }
}

/// Titles and codes in its prose are those of the product.
#[test]
fn what_the_troubleshooting_guide_quotes_exists() {
    let code = TROUBLESHOOTING.split("`anu:").nth(1).and_then(|rest| rest.split_once('`')).expect("a code").0;
    let title = TROUBLESHOOTING.split("Error: ").nth(1).and_then(|rest| rest.lines().next()).expect("a title");
    assert!(anu::codes::find(code).is_some_and(|code| code.matches(title)), "{code}: {title}");
}

#[test]
fn every_answer_is_short_and_leads_to_its_page() {
    let answers = FAQ.split("\n\n").filter(|paragraph| paragraph.starts_with("**"));
    let mut count = 0;
    for answer in answers {
        count += 1;
        assert!(answer.len() < 600, "{answer}");
    }
    assert!(count > 30, "{count}");
    assert!(FAQ.matches("](").count() > count, "most of them lead to a page");
}
