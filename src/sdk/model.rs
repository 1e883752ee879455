//! From values to structs and back.
//!
//! [`model!`](crate::model) declares a struct whose fields are the attributes of a block, and implements [`Field`]. The type
//! of a field defines which values are valid: `String` (known and set), `Option<T>` (also null), [`Attr<T>`] (also null or
//! unknown).

use std::collections::BTreeMap;

use super::{Number, Path, Value};

/// An attribute that may be null or unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Attr<T> {
    /// Not set.
    #[default]
    Null,
    /// Known only after apply.
    Unknown,
    /// Set.
    Known(T),
}

impl<T> Attr<T> {
    /// The value, if known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    /// The value, if known.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    /// Whether it is unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl<T> Attr<Vec<Attr<T>>> {
    /// The known items, if the list is known.
    pub fn into_known_items(self) -> Option<Vec<T>> {
        Some(self.into_known()?.into_iter().filter_map(Attr::into_known).collect())
    }
}

impl<T> From<T> for Attr<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> From<Option<T>> for Attr<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Known)
    }
}

/// A value that does not match a field. Core checks types before, so this is a bug in anu or a manually edited state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` is {found}, expected {expected}")]
pub struct FieldError {
    /// The place.
    pub path: Path,
    /// The expected kind of value.
    pub expected: &'static str,
    /// The kind of the value, never the value itself.
    pub found: &'static str,
}

impl FieldError {
    /// A mismatch at a place.
    pub fn new(path: &Path, expected: &'static str, value: &Value) -> Self {
        Self { path: path.clone(), expected, found: value.kind() }
    }
}

/// A field of a model, or a model.
pub trait Field: Sized {
    /// Converts from a value.
    ///
    /// # Errors
    /// If the value does not match.
    fn from_value(value: Value, path: &Path) -> Result<Self, FieldError>;
    /// Converts to a value.
    fn into_value(self) -> Value;
}

impl Field for Value {
    fn from_value(value: Value, _: &Path) -> Result<Self, FieldError> {
        Ok(value)
    }
    fn into_value(self) -> Value {
        self
    }
}

impl Field for String {
    fn from_value(value: Value, path: &Path) -> Result<Self, FieldError> {
        match value {
            Value::String(text) => Ok(text),
            other => Err(FieldError::new(path, "a string", &other)),
        }
    }
    fn into_value(self) -> Value {
        Value::String(self)
    }
}

impl Field for bool {
    fn from_value(value: Value, path: &Path) -> Result<Self, FieldError> {
        match value {
            Value::Bool(flag) => Ok(flag),
            other => Err(FieldError::new(path, "a bool", &other)),
        }
    }
    fn into_value(self) -> Value {
        Value::Bool(self)
    }
}

impl Field for Number {
    fn from_value(value: Value, path: &Path) -> Result<Self, FieldError> {
        match value {
            Value::Number(number) => Ok(number),
            other => Err(FieldError::new(path, "a number", &other)),
        }
    }
    fn into_value(self) -> Value {
        Value::Number(self)
    }
}

impl Field for u64 {
    fn from_value(value: Value, path: &Path) -> Result<Self, FieldError> {
        match &value {
            Value::Number(number) => number.as_u64(),
            _ => None,
        }
        .ok_or_else(|| FieldError::new(path, "a whole number of at least 0", &value))
    }
    fn into_value(self) -> Value {
        Value::Number(self.into())
    }
}

impl<T: Field> Field for Option<T> {
    fn from_value(value: Value, path: &Path) -> Result<Self, FieldError> {
        if value.is_null() { Ok(None) } else { T::from_value(value, path).map(Some) }
    }
    fn into_value(self) -> Value {
        self.map_or(Value::Null, Field::into_value)
    }
}

impl<T: Field> Field for Attr<T> {
    fn from_value(value: Value, path: &Path) -> Result<Self, FieldError> {
        if value.is_null() {
            Ok(Self::Null)
        } else if value.is_unknown() {
            Ok(Self::Unknown)
        } else {
            T::from_value(value, path).map(Self::Known)
        }
    }
    fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Unknown => Value::unknown(),
            Self::Known(value) => value.into_value(),
        }
    }
}

impl<T: Field> Field for Vec<T> {
    fn from_value(value: Value, path: &Path) -> Result<Self, FieldError> {
        match value {
            Value::List(items) => items
                .into_iter()
                .enumerate()
                .map(|(position, item)| T::from_value(item, &path.clone().index(position)))
                .collect(),
            other => Err(FieldError::new(path, "a list", &other)),
        }
    }
    fn into_value(self) -> Value {
        Value::List(self.into_iter().map(Field::into_value).collect())
    }
}

impl<T: Field> Field for BTreeMap<String, T> {
    fn from_value(value: Value, path: &Path) -> Result<Self, FieldError> {
        match value {
            Value::Map(items) => items
                .into_iter()
                .map(|(key, item)| {
                    let value = T::from_value(item, &path.clone().key(&key))?;
                    Ok((key, value))
                })
                .collect(),
            other => Err(FieldError::new(path, "a map", &other)),
        }
    }
    fn into_value(self) -> Value {
        Value::Map(self.into_iter().map(|(key, item)| (key, item.into_value())).collect())
    }
}

/// Declares a model: a struct whose fields are attributes of the same names.
///
/// ```
/// use anu::sdk::{Attr, Field, Path, Value};
/// anu::model! {
///     /// A team.
///     pub struct Team { pub name: String, pub email: Option<String> }
/// }
/// let value = Value::object([("name", "payments".into()), ("email", Value::Null)]);
/// let team = Team::from_value(value.clone(), &Path::root()).unwrap();
/// assert_eq!(team.name, "payments");
/// assert_eq!(team.into_value(), value);
/// ```
#[macro_export]
macro_rules! model {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$field_meta:meta])* $field_vis:vis $field:ident : $ty:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        $vis struct $name { $($(#[$field_meta])* $field_vis $field: $ty),* }

        impl $crate::sdk::Field for $name {
            fn from_value(value: $crate::sdk::Value, path: &$crate::sdk::Path) -> Result<Self, $crate::sdk::FieldError> {
                let $crate::sdk::Value::Map(mut map) = value else {
                    return Err($crate::sdk::FieldError::new(path, "an object", &value));
                };
                let _ = &mut map;
                Ok(Self {
                    $($field: <$ty as $crate::sdk::Field>::from_value(
                        map.remove(stringify!($field)).unwrap_or_default(),
                        &path.clone().then(stringify!($field)),
                    )?),*
                })
            }

            fn into_value(self) -> $crate::sdk::Value {
                $crate::sdk::Value::object([
                    $((stringify!($field), $crate::sdk::Field::into_value(self.$field))),*
                ] as [(&str, $crate::sdk::Value); [$(stringify!($field)),*].len()])
            }
        }
    )*};
}
