//! Identities: the attributes of a resource by which an object can be imported, and which name it outside a state.

use super::{Attribute, Presence, Schema, Value};

/// The schema of an identity of these attributes. Its version is 0 and stays so: for a higher one core requires an upgrade of
/// every object that is in a state without an identity.
pub(super) fn schema(resource: &Schema, attributes: &[&str]) -> Option<Schema> {
    let attribute = |name: &&str| {
        let mut attribute = resource.attributes.iter().find(|attribute| attribute.name == **name)?.clone();
        if attribute.presence != Presence::Required {
            attribute.presence = Presence::Optional;
        }
        Some(attribute)
    };
    let attributes: Vec<Attribute> = attributes.iter().filter_map(attribute).collect();
    (!attributes.is_empty()).then(|| Schema { version: 0, description: String::new(), attributes })
}

/// The identity of a state or plan. Unless all of it is known there is none, and of no object either.
pub(super) fn of(identity: &Schema, state: &Value) -> Option<Value> {
    let Value::Map(values) = state else { return None };
    let pick = |attribute: &Attribute| {
        let value = values.get(&attribute.name).cloned().unwrap_or_default();
        let complete = attribute.presence != Presence::Required || !value.is_null();
        (complete && value.is_wholly_known()).then(|| (attribute.name.clone(), value))
    };
    Some(Value::Map(identity.attributes.iter().map(pick).collect::<Option<_>>()?))
}

/// What of a state a user would write: nothing that only the provider sets, no defaults.
pub(super) fn configuration(schema: &Schema, state: Value) -> Value {
    let Value::Map(mut values) = state else { return state };
    for attribute in &schema.attributes {
        let slot = values.entry(attribute.name.clone()).or_default();
        if attribute.presence == Presence::Computed || attribute.default.as_ref() == Some(slot) {
            *slot = Value::Null;
        }
    }
    Value::Map(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::Type;

    fn resource() -> Schema {
        Schema::new("")
            .with(Attribute::string("name").required())
            .with(Attribute::of("parts", Type::list(Type::String)))
            .with(Attribute::string("policy").default("prevent"))
            .with(Attribute::string("made").computed())
    }

    fn state(name: Value, parts: Value, policy: &str) -> Value {
        Value::object([("name", name), ("parts", parts), ("policy", policy.into()), ("made", "by anu".into())])
    }

    #[test]
    fn an_identity_has_the_attributes_named_and_their_presence() {
        let identity = schema(&resource(), &["name", "parts"]).expect("an identity");
        let presences: Vec<_> = identity.attributes.iter().map(|each| (each.name.as_str(), each.presence)).collect();
        assert_eq!(presences, [("name", Presence::Required), ("parts", Presence::Optional)]);
        assert!(schema(&resource(), &[]).is_none());
    }

    #[test]
    fn there_is_an_identity_only_if_all_of_it_is_known() {
        let identity = schema(&resource(), &["name", "parts"]).expect("an identity");
        let of = |name: Value, parts: Value| of(&identity, &state(name, parts, "prevent"));
        let known = Value::object([("name", "a".into()), ("parts", Value::Null)]);
        assert_eq!(of("a".into(), Value::Null), Some(known));
        assert_eq!(of("a".into(), Value::unknown()), None);
        assert_eq!(of("a".into(), Value::List(vec![Value::unknown()])), None);
        assert_eq!(of(Value::unknown(), Value::Null), None);
        assert_eq!(of(Value::Null, Value::Null), None);
        assert_eq!(super::of(&identity, &Value::Null), None);
    }

    #[test]
    fn a_generated_configuration_has_what_a_user_would_write() {
        let parts = Value::List(vec!["x".into()]);
        let written = |policy: Value| {
            Value::object([("name", "a".into()), ("parts", parts.clone()), ("policy", policy), ("made", Value::Null)])
        };
        let generated = |policy| configuration(&resource(), state("a".into(), parts.clone(), policy));
        assert_eq!(generated("prevent"), written(Value::Null));
        assert_eq!(generated("delete"), written("delete".into()));
    }
}
