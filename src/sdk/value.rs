//! Terraform's values.

use std::collections::BTreeMap;

use super::{Number, Type};

/// A value. Its type is in the schema, except that of [`Value::Dynamic`].
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// Known only after apply.
    Unknown(Refinement),
    /// `bool`
    Bool(bool),
    /// `number`
    Number(Number),
    /// `string`
    String(String),
    /// `list`, `set`, `tuple`
    List(Vec<Value>),
    /// `map`, `object`
    Map(BTreeMap<String, Value>),
    /// A value of an attribute of type [`Type::Dynamic`], with its own type.
    Dynamic(Box<(Type, Value)>),
}

/// Facts about an unknown value. They are decoded and never sent, because a sent refinement is a promise.
#[derive(Debug, Clone, Default)]
pub struct Refinement {
    /// Whether the value will not be null.
    pub not_null: bool,
    /// The prefix of the string.
    pub prefix: Option<String>,
    /// The lower bound of the number, and whether it is included.
    pub lower: Option<(Number, bool)>,
    /// The upper bound of the number, and whether it is included.
    pub upper: Option<(Number, bool)>,
    /// The minimum length of the collection.
    pub length_min: Option<i64>,
    /// The maximum length of the collection.
    pub length_max: Option<i64>,
}

impl PartialEq for Refinement {
    /// Refinements do not count for equality, as in core's comparison of plan and configuration.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Value {
    /// A plain unknown.
    pub fn unknown() -> Self {
        Self::Unknown(Refinement::default())
    }

    /// An object or map from pairs.
    pub fn object<K: Into<String>>(pairs: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Map(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// Whether it is null, or a dynamic value with a typed null.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Dynamic(inner) => inner.1.is_null(),
            _ => false,
        }
    }

    /// Whether it is itself unknown.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Dynamic(inner) => inner.1.is_unknown(),
            _ => false,
        }
    }

    /// Whether it contains no unknown value.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::List(items) => items.iter().all(Value::is_wholly_known),
            Self::Map(items) => items.values().all(Value::is_wholly_known),
            Self::Dynamic(inner) => inner.1.is_wholly_known(),
            _ => true,
        }
    }

    /// The attribute or element of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Map(items) => items.get(name),
            Self::Dynamic(inner) => inner.1.get(name),
            _ => None,
        }
    }

    /// The text, if it is a known string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            Self::Dynamic(inner) => inner.1.as_str(),
            _ => None,
        }
    }

    /// The kind of value, for messages: never the value itself, which may be secret.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Unknown(_) => "an unknown value",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Dynamic(inner) => inner.1.kind(),
        }
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}
