//! Whether a body has the fields and values of its schema.
//!
//! Stricter than JSON Schema: what a schema does not name is an error, as Google refuses it; a request has no field that only
//! Google sets; and a message in an `Any` has the schema that its `@type` names.

use serde_json::{Map, Value};

/// Which body is checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Direction {
    Request,
    /// `integers`: enumerations may be numbers.
    Response {
        integers: bool,
    },
}

/// Checks values by the schemas of one document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checker<'a> {
    pub schemas: &'a Map<String, Value>,
    pub direction: Direction,
}

impl Checker<'_> {
    /// Adds what is wrong with a value. `at` names its place.
    pub fn check(&self, value: &Value, schema: &Value, at: &str, problems: &mut Vec<String>) {
        if let Some(name) = schema["$ref"].as_str() {
            return match self.schemas.get(name) {
                Some(schema) => self.check(value, schema, at, problems),
                None => problems.push(format!("{at}: the document has no schema {name}")),
            };
        }
        match (schema["type"].as_str().unwrap_or("object"), value) {
            ("any", _) => {}
            ("object", Value::Object(fields)) => self.check_object(fields, schema, at, problems),
            ("array", Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.check(item, &schema["items"], &format!("{at}[{index}]"), problems);
                }
            }
            ("string", Value::String(text)) => check_text(text, schema, at, problems),
            ("string", Value::Number(number)) if self.is_enum_number(number, schema) => {}
            ("boolean", Value::Bool(_)) => {}
            ("number", Value::Number(_)) => {}
            ("integer", Value::Number(number)) if number.as_i64().is_some_and(|it| i32::try_from(it).is_ok()) => {}
            (kind, value) => problems.push(format!("{at}: {value} is not of the type {kind}")),
        }
    }

    fn check_object(&self, fields: &Map<String, Value>, schema: &Value, at: &str, problems: &mut Vec<String>) {
        let properties = &schema["properties"];
        let additional = &schema["additionalProperties"];
        if let Some(name) = fields.get("@type").and_then(Value::as_str)
            && additional["type"] == "any"
        {
            return self.check_any(fields, name, at, problems);
        }
        let is_absent = |value: &Value| self.direction == Direction::Request && value.is_null(); // as protocol buffers read it
        for (name, value) in fields.iter().filter(|(_, value)| !is_absent(value)) {
            let at = format!("{at}.{name}");
            let property = &properties[name];
            if property.is_null() && additional.is_null() {
                problems.push(format!("{at}: there is no such field"));
            } else if property.is_null() {
                self.check(value, additional, &at, problems);
            } else if self.direction == Direction::Request && property["readOnly"] == true {
                problems.push(format!("{at}: the field is read-only"));
            } else {
                self.check(value, property, &at, problems);
            }
        }
    }

    /// A message with its type, as in operations and in the details of errors.
    fn check_any(&self, fields: &Map<String, Value>, name: &str, at: &str, problems: &mut Vec<String>) {
        let message = name.rsplit('.').next().unwrap_or(name);
        if let Some(schema) = self.schemas.get(message) {
            let mut fields = fields.clone();
            fields.remove("@type");
            self.check_object(&fields, schema, &format!("{at}({message})"), problems);
        }
    }

    fn is_enum_number(&self, number: &serde_json::Number, schema: &Value) -> bool {
        let values = schema["enum"].as_array().map_or(0, Vec::len);
        self.direction == (Direction::Response { integers: true })
            && number.as_u64().is_some_and(|number| usize::try_from(number).is_ok_and(|it| it < values))
    }
}

fn check_text(text: &str, schema: &Value, at: &str, problems: &mut Vec<String>) {
    if let Some(values) = schema["enum"].as_array()
        && !values.iter().any(|value| value == text)
    {
        problems.push(format!("{at}: {text:?} is none of the enumeration"));
    }
    let format = schema["format"].as_str().unwrap_or_default();
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number =
        |text: &str| text.split_once('.').map_or(is_digits(text), |(whole, part)| is_digits(whole) && is_digits(part));
    let without_sign = text.strip_prefix('-').unwrap_or(text);
    let good = match format {
        "google-datetime" => text.parse::<jiff::Timestamp>().is_ok(),
        "google-duration" => without_sign.strip_suffix('s').is_some_and(is_number),
        "int64" => is_digits(without_sign),
        "uint64" => is_digits(text),
        "byte" => {
            let letters = text.trim_end_matches('=');
            text.len() - letters.len() <= 2
                && letters.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte))
        }
        "google-fieldmask" => text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.,".contains(&byte)),
        _ => true,
    };
    if !good {
        problems.push(format!("{at}: {text:?} is not in the format {format}"));
    }
}
