//! Rules for configured values: those of every schema (what is required is not null, and no item of a list or map is), and the
//! rules of single attributes. Unknown is always valid: core validates several times, at first with unknown values.

use super::visit::{Place, visit};
use super::{Diagnostic, Diagnostics, Path, Presence, Schema, Validator, Value};
use crate::codes;

/// Validates a configuration by all rules of its schema, including nested ones.
///
/// Core requires that a required attribute is written, not that it has a value: `name = null` passes it.
pub fn validate(schema: &Schema, config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    visit(schema, config, &mut |path, value, place| match place {
        Place::Attribute(attribute) if value.is_null() => {
            if attribute.presence == Presence::Required {
                let detail = format!(
                    "`{path}` is null, and it is required. Set a value. The usual cause is a variable or an output without one."
                );
                diagnostics.push(Diagnostic::new(codes::MISSING_VALUE, detail).at(path.clone()));
            }
        }
        Place::Item if value.is_null() => {
            let detail =
                format!("`{path}` is null. Set a value, or remove it from `{}`.", path.parent().unwrap_or_default());
            diagnostics.push(Diagnostic::new(codes::MISSING_VALUE, detail).at(path.clone()));
        }
        Place::Attribute(attribute) if !value.is_unknown() => {
            for validator in &attribute.validators {
                validator.check(path, value, &mut diagnostics);
            }
        }
        Place::Attribute(_) | Place::Item => {}
    });
    diagnostics
}

/// One of a fixed set of strings.
pub struct OneOf(pub &'static [&'static str]);

impl Validator for OneOf {
    fn check(&self, path: &Path, value: &Value, diagnostics: &mut Diagnostics) {
        if let Some(text) = value.as_str()
            && !self.0.contains(&text)
        {
            let detail = format!("`{path}` is `{text}`. It must be {}.", self.describe());
            diagnostics.push(Diagnostic::new(codes::INVALID_VALUE, detail).at(path.clone()));
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
            diagnostics.push(Diagnostic::new(codes::INVALID_VALUE, detail).at(path.clone()));
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
                diagnostics.push(Diagnostic::new(codes::INVALID_VALUE, format!("`{path}`: {wrong}.")).at(path));
            }
        }
    }

    fn describe(&self) -> String {
        self.describe.to_owned()
    }
}

/// A whole number in a range.
pub struct WholeNumber {
    /// The smallest.
    pub at_least: u64,
    /// The largest.
    pub at_most: u64,
}

impl Validator for WholeNumber {
    fn check(&self, path: &Path, value: &Value, diagnostics: &mut Diagnostics) {
        let Value::Number(number) = value else { return };
        if !number.as_u64().is_some_and(|number| (self.at_least..=self.at_most).contains(&number)) {
            let detail = format!("`{path}` is `{number}`. It must be {}.", self.describe());
            diagnostics.push(Diagnostic::new(codes::INVALID_VALUE, detail).at(path.clone()));
        }
    }

    fn describe(&self) -> String {
        format!("a whole number from {} to {}", self.at_least, self.at_most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::{Attribute, Type};

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

    #[test]
    fn whole_numbers() {
        let schema = Schema::new("").with(Attribute::number("count").rule(WholeNumber { at_least: 1, at_most: 10 }));
        let texts = |value: Value| -> Vec<String> {
            validate(&schema, &Value::object([("count", value)])).iter().map(|d| d.detail.clone()).collect()
        };
        let number = |text: &str| Value::Number(text.parse::<crate::sdk::Number>().unwrap());
        for good in [number("1"), number("10"), number("5.0"), Value::Null, Value::unknown()] {
            assert_eq!(texts(good.clone()), Vec::<String>::new(), "{good:?}");
        }
        for bad in ["0", "11", "-1", "1.5", "1e400"] {
            let shown = bad.parse::<crate::sdk::Number>().unwrap();
            let expected = format!("`count` is `{shown}`. It must be a whole number from 1 to 10.");
            assert_eq!(texts(number(bad)), [expected]);
        }
    }

    #[test]
    fn what_is_required_and_every_item_has_a_value_at_every_depth() {
        let schema = Schema::new("")
            .with(Attribute::string("name").required())
            .with(Attribute::string("note"))
            .with(Attribute::of("rows", Type::map(Type::map(Type::list(Type::String)))))
            .with(Attribute::block("store", vec![Attribute::string("path").required()]))
            .with(Attribute::blocks("step", vec![Attribute::bool("on").required()]))
            .with(Attribute::labelled_blocks("part", vec![Attribute::bool("on").required()]));
        let paths =
            |config: &Value| -> Vec<String> { validate(&schema, config).iter().map(|d| d.path.to_string()).collect() };
        let list = |items: Vec<Value>| Value::List(items);
        let off = || Value::object([("on", Value::Null)]);
        let row = Value::object([("a", list(vec!["x".into(), Value::Null])), ("b", Value::Null)]);
        let config = Value::object([
            ("rows", Value::object([("r", row), ("s", Value::Null), ("t", Value::unknown())])),
            ("store", Value::object([("path", Value::Null)])),
            ("step", list(vec![off()])),
            ("part", Value::object([("p", off())])),
        ]);
        let expected = [
            "name",
            r#"rows["r"]["a"][1]"#,
            r#"rows["r"]["b"]"#,
            r#"rows["s"]"#,
            "store.path",
            "step[0].on",
            r#"part["p"].on"#,
        ];
        assert_eq!(paths(&config), expected);
        assert_eq!(
            paths(&Value::object([("name", Value::unknown()), ("store", Value::unknown())])),
            Vec::<String>::new()
        );
    }
}
