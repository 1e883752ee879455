//! Rules for configured values. Null and unknown are always valid: core validates several times, at first with unknown
//! values.

use super::{Attribute, Diagnostic, Diagnostics, Kind, Path, Schema, Validator, Value};

/// Validates a configuration by all rules of its schema, including nested ones.
pub fn validate(schema: &Schema, config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    check_object(&schema.attributes, config, &Path::root(), &mut diagnostics);
    diagnostics
}

fn check_object(attributes: &[Attribute], object: &Value, path: &Path, diagnostics: &mut Diagnostics) {
    for attribute in attributes {
        let Some(value) = object.get(&attribute.name) else { continue };
        if value.is_null() || value.is_unknown() {
            continue;
        }
        let here = path.clone().then(&attribute.name);
        for validator in &attribute.validators {
            validator.check(&here, value, diagnostics);
        }
        match (&attribute.kind, value) {
            (Kind::Single(nested) | Kind::Block(nested), value) => check_object(nested, value, &here, diagnostics),
            (Kind::List(nested) | Kind::Blocks(nested), Value::List(items)) => {
                for (position, item) in items.iter().enumerate() {
                    check_object(nested, item, &here.clone().index(position), diagnostics);
                }
            }
            (Kind::Map(nested) | Kind::LabelledBlocks(nested), Value::Map(items)) => {
                for (key, item) in items {
                    check_object(nested, item, &here.clone().key(key), diagnostics);
                }
            }
            _ => {}
        }
    }
}

/// One of a fixed set of strings.
pub struct OneOf(pub &'static [&'static str]);

impl Validator for OneOf {
    fn check(&self, path: &Path, value: &Value, diagnostics: &mut Diagnostics) {
        if let Some(text) = value.as_str()
            && !self.0.contains(&text)
        {
            let detail = format!("`{path}` is `{text}`. It must be {}.", self.describe());
            diagnostics.push(Diagnostic::error("Invalid value", detail).at(path.clone()));
        }
    }

    fn describe(&self) -> String {
        let quoted: Vec<String> = self.0.iter().map(|text| format!("`{text}`")).collect();
        format!("one of {}", quoted.join(", "))
    }
}

/// A string, list or map of at least this length.
pub struct LengthAtLeast(pub usize);

impl Validator for LengthAtLeast {
    fn check(&self, path: &Path, value: &Value, diagnostics: &mut Diagnostics) {
        let length = match value {
            Value::String(text) => text.chars().count(),
            Value::List(items) => items.len(),
            Value::Map(items) => items.len(),
            _ => return,
        };
        if length < self.0 {
            let detail = match length {
                0 => format!("`{path}` must not be empty."),
                _ => format!("`{path}` has {length}. It must have {}.", self.describe()),
            };
            diagnostics.push(Diagnostic::error("Invalid value", detail).at(path.clone()));
        }
    }

    fn describe(&self) -> String {
        format!("at least {} element{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

/// A string that a function accepts. On an error the function returns the broken rule, as a sentence without the final
/// period.
pub struct Predicate {
    /// The rule, for the documentation.
    pub describe: &'static str,
    /// The check.
    pub check: fn(&str) -> Result<(), String>,
}

impl Validator for Predicate {
    fn check(&self, path: &Path, value: &Value, diagnostics: &mut Diagnostics) {
        let texts: Vec<(Path, &str)> = match value {
            Value::String(text) => vec![(path.clone(), text)],
            Value::List(items) => items
                .iter()
                .enumerate()
                .filter_map(|(position, item)| Some((path.clone().index(position), item.as_str()?)))
                .collect(),
            _ => return,
        };
        for (path, text) in texts {
            if let Err(wrong) = (self.check)(text) {
                diagnostics.push(Diagnostic::error("Invalid value", format!("`{path}`: {wrong}.")).at(path));
            }
        }
    }

    fn describe(&self) -> String {
        self.describe.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(value: Value) -> Vec<String> {
        let schema = Schema::new("").with(Attribute::list(
            "items",
            vec![Attribute::string("policy").rule(OneOf(&["keep", "drop"])).rule(LengthAtLeast(1))],
        ));
        let config = Value::object([("items", Value::List(vec![Value::object([("policy", value)])]))]);
        validate(&schema, &config).iter().map(|d| format!("{}: {}", d.path, d.detail)).collect()
    }

    #[test]
    fn good_bad_empty_null_and_unknown() {
        assert_eq!(texts("keep".into()), Vec::<String>::new());
        assert_eq!(texts("x".into()), ["items[0].policy: `items[0].policy` is `x`. It must be one of `keep`, `drop`."]);
        assert_eq!(texts("".into()).len(), 2);
        assert_eq!(texts(Value::Null), Vec::<String>::new());
        assert_eq!(texts(Value::unknown()), Vec::<String>::new());
    }
}
