//! Terraform's types, and their JSON form on the wire.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// A Terraform type. `Set` and `Tuple` occur only in dynamic values from users: no schema of this provider has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `string`
    String,
    /// `number`: any precision.
    Number,
    /// `bool`
    Bool,
    /// Any type. The value has its own.
    Dynamic,
    /// `list(T)`
    List(Box<Type>),
    /// `set(T)`
    Set(Box<Type>),
    /// `map(T)`
    Map(Box<Type>),
    /// `tuple([…])`
    Tuple(Vec<Type>),
    /// `object({…})`
    Object(BTreeMap<String, Type>),
}

impl Type {
    /// `list(element)`
    pub fn list(element: Type) -> Self {
        Self::List(Box::new(element))
    }

    /// `map(element)`
    pub fn map(element: Type) -> Self {
        Self::Map(Box::new(element))
    }

    /// `object({…})` from name and type pairs.
    pub fn object<'a>(attributes: impl IntoIterator<Item = (&'a str, Type)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, ty)| (name.to_owned(), ty)).collect())
    }

    /// The JSON form in the plugin protocol: `"string"`, `["list","string"]`, …
    pub fn to_json(&self) -> Json {
        let collection = |kind: &str, element: &Type| Json::Array(vec![kind.into(), element.to_json()]);
        match self {
            Self::String => "string".into(),
            Self::Number => "number".into(),
            Self::Bool => "bool".into(),
            Self::Dynamic => "dynamic".into(),
            Self::List(element) => collection("list", element),
            Self::Set(element) => collection("set", element),
            Self::Map(element) => collection("map", element),
            Self::Tuple(elements) => {
                Json::Array(vec!["tuple".into(), Json::Array(elements.iter().map(Type::to_json).collect())])
            }
            Self::Object(attributes) => Json::Array(vec![
                "object".into(),
                Json::Object(attributes.iter().map(|(name, ty)| (name.clone(), ty.to_json())).collect()),
            ]),
        }
    }

    /// Reads the JSON form. `None` if it is not a type.
    ///
    /// An object with a third part (optional attributes) is read as a plain object: that part is for conversions, which core
    /// has done before.
    pub fn from_json(json: &Json) -> Option<Self> {
        if let Json::String(name) = json {
            return Some(match name.as_str() {
                "string" => Self::String,
                "number" => Self::Number,
                "bool" => Self::Bool,
                "dynamic" => Self::Dynamic,
                _ => return None,
            });
        }
        let parts = json.as_array()?;
        let element = || Some(Box::new(Self::from_json(parts.get(1)?)?));
        match (parts.first()?.as_str()?, parts.len()) {
            ("list", 2) => Some(Self::List(element()?)),
            ("set", 2) => Some(Self::Set(element()?)),
            ("map", 2) => Some(Self::Map(element()?)),
            ("tuple", 2) => parts[1].as_array()?.iter().map(Self::from_json).collect::<Option<_>>().map(Self::Tuple),
            ("object", 2 | 3) => parts[1]
                .as_object()?
                .iter()
                .map(|(name, ty)| Some((name.clone(), Self::from_json(ty)?)))
                .collect::<Option<_>>()
                .map(Self::Object),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_round_trips_through_json() {
        let all = Type::object([
            ("a", Type::list(Type::String)),
            ("b", Type::map(Type::Number)),
            ("c", Type::Set(Box::new(Type::Bool))),
            ("d", Type::Tuple(vec![Type::Dynamic, Type::String])),
        ]);
        assert_eq!(Type::from_json(&all.to_json()), Some(all));
    }

    #[test]
    fn invalid_types_are_none() {
        for text in [r#""str""#, "1", r#"["list"]"#, r#"["list","x"]"#, r#"["object",[]]"#, "[]", r#"[1,2]"#] {
            assert_eq!(Type::from_json(&serde_json::from_str(text).unwrap()), None, "{text}");
        }
    }
}
