//! How two answers differ: in fields, types, and values that do not depend on where and when.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Values that each system makes for itself.
const GENERATED: &[&str] = &["createTime", "updateTime", "etag", "uniqueId", "oauth2ClientId"];

/// The differences of an answer from the recorded one: `status 403, recorded 404`, `extra etag`, `missing parent`.
pub fn differences(status: u16, body: &Value, recorded_status: u16, recorded: &Value) -> BTreeSet<String> {
    let mut differences = BTreeSet::new();
    if status != recorded_status {
        differences.insert(format!("status {status}, recorded {recorded_status}"));
    }
    let (ours, theirs) = (leaves(body), leaves(recorded));
    for (path, value) in &ours {
        match theirs.get(path) {
            None => drop(differences.insert(format!("extra {path}"))),
            Some(recorded) if value == recorded || is_generated(path, value, recorded) => {}
            Some(recorded) => drop(differences.insert(format!("{path} is {value}, recorded {recorded}"))),
        }
    }
    differences.extend(theirs.keys().filter(|path| !ours.contains_key(*path)).map(|path| format!("missing {path}")));
    // What is missing or extra as a whole is one difference.
    let whole: Vec<String> = differences.iter().cloned().collect();
    differences.retain(|it| !whole.iter().any(|outer| it.len() > outer.len() && it.starts_with(&format!("{outer}."))));
    differences
}

/// The fields of a body with their values. Of lists the kinds of items: all in one.
fn leaves(body: &Value) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::new();
    collect("", body, &mut leaves);
    leaves
}

fn collect(path: &str, value: &Value, leaves: &mut BTreeMap<String, Value>) {
    let field = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(fields) => {
            if !path.is_empty() {
                leaves.insert(path.to_owned(), Value::Null);
            }
            fields.iter().for_each(|(name, value)| collect(&field(name), value, leaves));
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let mut items = items.clone();
            items.sort_by_key(ToString::to_string);
            leaves.insert(path.to_owned(), Value::Array(items));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(path, item, leaves)),
        scalar => drop(leaves.insert(path.to_owned(), scalar.clone())),
    }
}

/// Whether two values of a field are the same but for what each system makes: times, etags, numbers.
fn is_generated(path: &str, ours: &Value, recorded: &Value) -> bool {
    let (Some(ours), Some(recorded)) = (ours.as_str(), recorded.as_str()) else { return false };
    let name = path.rsplit('.').next().unwrap_or(path);
    if GENERATED.contains(&name) {
        return true;
    }
    // A number that only the recorded system knew.
    let Some((before, rest)) = recorded.split_once("${") else {
        return matches!(name, "name" | "parent") && without_digits(ours) == without_digits(recorded);
    };
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    ours.starts_with(before) && ours.ends_with(after)
}

fn without_digits(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

#[test]
fn differences_are_in_status_fields_and_values() {
    use serde_json::json;
    let recorded =
        json!({"name": "operations/${operationID}", "state": "ACTIVE", "etag": "a", "a": {"b": 1}, "list": ["x", "y"]});
    let same = json!({"name": "operations/cp.1", "state": "ACTIVE", "etag": "b", "a": {"b": 1}, "list": ["y", "x"]});
    assert_eq!(differences(200, &same, 200, &recorded), BTreeSet::new());
    let other = json!({"name": "cp.1", "state": 1, "etag": 1, "list": ["x"], "more": {"c": 2}});
    let expected = [
        "etag is 1, recorded \"a\"",
        "extra more",
        "list is [\"x\"], recorded [\"x\",\"y\"]",
        "missing a",
        "name is \"cp.1\", recorded \"operations/${operationID}\"",
        "state is 1, recorded \"ACTIVE\"",
        "status 404, recorded 200",
    ];
    assert_eq!(Vec::from_iter(differences(404, &other, 200, &recorded)), expected);
}
