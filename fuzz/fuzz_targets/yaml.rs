//! Any text as a registry in YAML: an error, or JSON in which every value has a position in the text.
#![no_main]

use anu::compile::{positions_in_yaml, yaml_to_json};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let json = match yaml_to_json("registry.yaml", text) {
        Ok(json) => json,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let value: serde_json::Value = serde_json::from_str(&json).expect("what was written is JSON");
    let mut pointers = vec![String::new()];
    match &value {
        serde_json::Value::Object(fields) => {
            pointers.extend(fields.keys().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))));
        }
        serde_json::Value::Array(items) => pointers.extend((0..items.len()).map(|nth| format!("/{nth}"))),
        _ => {}
    }
    let lines = text.split(['\n', '\r']).count();
    for position in positions_in_yaml(text, pointers.iter().map(String::as_str)).into_iter().flatten() {
        assert!((1..=lines.max(1)).contains(&position.line), "line {} of {lines}", position.line);
    }
});
