//! The tests' own document reads what the examples publish, and writes it without loss.

use serde_json::Value as Json;

use crate::document::Document;
use crate::fan_out;

const EXAMPLES: [&str; 2] =
    [include_str!("../../examples/quickstart/registry.json"), include_str!("../../examples/kubernetes/registry.json")];

/// Without empty lists and objects, which say the same as their absence, and with sets in order.
fn normal(value: &Json) -> Json {
    let is_empty = |value: &Json| {
        value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(serde_json::Map::is_empty)
    };
    match value {
        Json::Array(items) => items.iter().map(normal).collect(),
        Json::Object(fields) => {
            let mut kept = serde_json::Map::new();
            for (name, field) in fields {
                let mut field = normal(field);
                if let ("googleServices" | "sharedWith", Some(set)) = (name.as_str(), field.as_array_mut()) {
                    set.sort_by_key(Json::to_string);
                }
                if !is_empty(&field) {
                    kept.insert(name.clone(), field);
                }
            }
            Json::Object(kept)
        }
        other => other.clone(),
    }
}

#[test]
fn examples_lose_nothing() {
    for text in EXAMPLES {
        let written = Document::parse(text).text();
        let json = |text: &str| normal(&serde_json::from_str(text).expect("JSON"));
        assert_eq!(json(&written), json(text));
        // What is empty in one and absent in the other is the same to the registry itself.
        let digests = |text: &str| -> Vec<(String, String)> {
            let fan_out = fan_out(text);
            fan_out.services().map(|(name, service)| (name.to_string(), service.digest.to_string())).collect()
        };
        assert_eq!(digests(&written), digests(text));
    }
}

#[test]
#[should_panic(expected = "unknown field `grace`")]
fn a_field_that_would_get_lost_is_an_error() {
    Document::parse(r#"{"teams": [{"type": "Team", "spec": {"name": "shop", "grace": "30d"}}]}"#);
}

#[test]
#[should_panic(expected = "`Group` is not `Team`")]
fn an_entry_of_another_kind_is_an_error() {
    Document::parse(r#"{"teams": [{"type": "Group", "spec": {"name": "shop"}}]}"#);
}
