//! Values in state files: JSON, decoded by type.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Number, Type, Value};

/// The error for JSON that is not a value of the type, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: expected {expected}")]
pub struct JsonError {
    at: String,
    expected: &'static str,
}

/// Reads a value of the type. Unknown attributes are ignored and missing ones are null, because state of an older or newer
/// release with the same schema version must load.
///
/// # Errors
/// If the JSON does not match the type.
pub fn from_json(json: &Json, ty: &Type) -> Result<Value, JsonError> {
    read(json, ty, &mut String::new())
}

fn read(json: &Json, ty: &Type, at: &mut String) -> Result<Value, JsonError> {
    let wrong =
        |at: &str, expected| Err(JsonError { at: if at.is_empty() { "/".into() } else { at.into() }, expected });
    match (ty, json) {
        (_, Json::Null) => Ok(Value::Null),
        (Type::String, Json::String(text)) => Ok(Value::String(text.clone())),
        (Type::Bool, Json::Bool(flag)) => Ok(Value::Bool(*flag)),
        (Type::Number, Json::Number(number)) => {
            number_of(&number.to_string()).map_or_else(|| wrong(at, "a number"), Ok)
        }
        (Type::Number, Json::String(text)) => number_of(text).map_or_else(|| wrong(at, "a number"), Ok),
        (Type::List(_) | Type::Set(_), Json::Array(items)) => {
            let (Type::List(element) | Type::Set(element)) = ty else { return wrong(at, "a list") };
            read_all(items.iter().map(|item| (item, element.as_ref())), at)
        }
        (Type::Tuple(elements), Json::Array(items)) if elements.len() == items.len() => {
            read_all(items.iter().zip(elements), at)
        }
        (Type::Map(element), Json::Object(items)) => {
            let mut values = BTreeMap::new();
            for (key, item) in items {
                values.insert(key.clone(), within(at, key, |at| read(item, element, at))?);
            }
            Ok(Value::Map(values))
        }
        (Type::Object(attributes), Json::Object(items)) => {
            let mut values = BTreeMap::new();
            for (name, ty) in attributes {
                let item = items.get(name).unwrap_or(&Json::Null);
                values.insert(name.clone(), within(at, name, |at| read(item, ty, at))?);
            }
            Ok(Value::Map(values))
        }
        (Type::Dynamic, Json::Object(pair)) => {
            let ty = pair.get("type").and_then(Type::from_json);
            match (ty, pair.get("value")) {
                // Only null has no type.
                (Some(Type::Dynamic), Some(Json::Null)) => Ok(Value::Null),
                (Some(ty), Some(value)) if ty != Type::Dynamic => {
                    let value = read(value, &ty, at)?;
                    Ok(Value::Dynamic(Box::new((ty, value))))
                }
                _ => wrong(at, "a dynamic value"),
            }
        }
        (Type::String, _) => wrong(at, "a string"),
        (Type::Bool, _) => wrong(at, "a bool"),
        (Type::Number, _) => wrong(at, "a number"),
        (Type::List(_) | Type::Set(_) | Type::Tuple(_), _) => wrong(at, "a list"),
        (Type::Map(_), _) => wrong(at, "a map"),
        (Type::Object(_), _) => wrong(at, "an object"),
        (Type::Dynamic, _) => wrong(at, "a dynamic value"),
    }
}

fn number_of(text: &str) -> Option<Value> {
    text.parse::<Number>().ok().map(Value::Number)
}

fn read_all<'a>(items: impl Iterator<Item = (&'a Json, &'a Type)>, at: &mut String) -> Result<Value, JsonError> {
    let mut values = Vec::new();
    for (position, (item, ty)) in items.enumerate() {
        values.push(within(at, &position.to_string(), |at| read(item, ty, at))?);
    }
    Ok(Value::List(values))
}

fn within<T>(at: &mut String, step: &str, inner: impl FnOnce(&mut String) -> T) -> T {
    let length = at.len();
    at.push('/');
    at.push_str(&step.replace('~', "~0").replace('/', "~1"));
    let result = inner(at);
    at.truncate(length);
    result
}

/// Writes a wholly known value in the form of state files. Unknown becomes null.
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::Null | Value::Unknown(_) => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::String(text) => Json::String(text.clone()),
        Value::Number(number) => serde_json::from_str(&number.to_string()).unwrap_or(Json::Null),
        Value::List(items) => Json::Array(items.iter().map(to_json).collect()),
        Value::Map(items) => Json::Object(items.iter().map(|(key, item)| (key.clone(), to_json(item))).collect()),
        Value::Dynamic(inner) => serde_json::json!({ "type": inner.0.to_json(), "value": to_json(&inner.1) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_round_trips_with_all_digits() {
        let ty = Type::object([("n", Type::Number), ("d", Type::Dynamic), ("l", Type::list(Type::Bool))]);
        let text = r#"{"d":{"type":["map","string"],"value":{"k":"v"}},"l":[true],"n":12345678901234567890123}"#;
        let value = from_json(&serde_json::from_str(text).unwrap(), &ty).unwrap();
        assert_eq!(to_json(&value).to_string(), text);
    }

    #[test]
    fn extra_keys_are_ignored_and_missing_ones_null() {
        let ty = Type::object([("a", Type::String)]);
        let value = from_json(&serde_json::json!({"gone": 1}), &ty).unwrap();
        assert_eq!(value, Value::object([("a", Value::Null)]));
    }

    #[test]
    fn errors_contain_the_place() {
        let ty = Type::object([("iam", Type::map(Type::list(Type::String)))]);
        let error = from_json(&serde_json::json!({"iam": {"a/b": ["x", 1]}}), &ty).unwrap_err();
        assert_eq!(error.to_string(), "/iam/a~1b/1: expected a string");
    }
}
