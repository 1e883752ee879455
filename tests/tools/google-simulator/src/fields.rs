//! Partial answers: the system parameter `fields`, such as `services/name,nextPageToken` or `projects(projectId,labels/a)`.

use serde_json::{Map, Value};

/// The part of a body that a mask selects. A mask that cannot be read selects nothing.
pub(crate) fn select(body: &Value, mask: &str) -> Value {
    match body {
        Value::Array(items) => Value::Array(items.iter().map(|item| select(item, mask)).collect()),
        Value::Object(fields) => {
            let mut selected = Map::new();
            for part in split(mask) {
                let end = part.find(['/', '(']).unwrap_or(part.len());
                let (name, rest) = part.split_at(end);
                let inner = rest.strip_prefix('/').or(rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')));
                for (key, value) in fields.iter().filter(|(key, _)| name == "*" || key.as_str() == name) {
                    selected.insert(key.clone(), inner.map_or_else(|| value.clone(), |inner| select(value, inner)));
                }
            }
            Value::Object(selected)
        }
        scalar => scalar.clone(),
    }
}

/// The parts between commas that are in no parentheses.
fn split(mask: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, letter) in mask.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&mask[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&mask[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mask_selects_fields_in_lists_and_in_parentheses() {
        let body = json!({"services": [{"name": "a", "state": "ENABLED", "config": {"name": "b", "title": "c"}}], "nextPageToken": "d"});
        assert_eq!(select(&body, "services/name"), json!({"services": [{"name": "a"}]}));
        let expected = json!({"services": [{"name": "a", "config": {"name": "b"}}], "nextPageToken": "d"});
        assert_eq!(select(&body, "services(name,config/name),nextPageToken"), expected);
    }
}
