//! The steps between core's proposed state and a resource's own plan, in the order of HashiCorp's framework.

use super::{Attribute, Path, PlanModifier, Schema, Value};

/// Replaces "known after apply" by the value in the state, for values that never change once set.
pub struct UseStateForUnknown;

impl PlanModifier for UseStateForUnknown {
    fn modify(&self, _: &Path, config: &Value, prior: &Value, planned: &mut Value) {
        if planned.is_unknown() && !prior.is_null() && !config.is_unknown() {
            *planned = prior.clone();
        }
    }
}

/// Prepares a plan for create or update:
///
/// 1. defaults, if the configuration is null;
/// 2. *only if the plan differs from the prior state*: computed attributes that are not configured become unknown (otherwise
///    every plan would have changes);
/// 3. each attribute's plan modifiers.
///
/// The resource's own plan is step 4.
pub fn prepare(schema: &Schema, config: &Value, prior: &Value, proposed: Value) -> Value {
    let Value::Map(mut planned) = proposed else { return proposed };
    for attribute in &schema.attributes {
        if let Some(default) = &attribute.default
            && configured(config, attribute).is_null()
        {
            planned.insert(attribute.name.clone(), default.clone());
        }
    }
    let changed = !matches!(prior, Value::Map(prior) if *prior == planned);
    for attribute in &schema.attributes {
        let config = configured(config, attribute);
        let slot = planned.entry(attribute.name.clone()).or_default();
        if changed && attribute.is_computed() && config.is_null() && attribute.default.is_none() {
            *slot = Value::unknown();
        }
        let before = prior.get(&attribute.name).unwrap_or(&Value::Null);
        for modifier in &attribute.plan_modifiers {
            modifier.modify(&Path::attribute(&attribute.name), config, before, slot);
        }
    }
    Value::Map(planned)
}

fn configured<'v>(config: &'v Value, attribute: &Attribute) -> &'v Value {
    config.get(&attribute.name).unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        Schema::new("")
            .with(Attribute::string("name").required())
            .with(Attribute::string("policy").default("prevent"))
            .with(Attribute::string("number").computed().modify(UseStateForUnknown))
            .with(Attribute::string("seen").computed())
    }

    fn object(name: &str, policy: Value, number: Value, seen: Value) -> Value {
        Value::object([("name", name.into()), ("policy", policy), ("number", number), ("seen", seen)])
    }

    #[test]
    fn a_create_has_defaults_and_unknowns() {
        let config = object("a", Value::Null, Value::Null, Value::Null);
        let planned = prepare(&schema(), &config, &Value::Null, config.clone());
        assert_eq!(planned, object("a", "prevent".into(), Value::unknown(), Value::unknown()));
    }

    #[test]
    fn without_a_change_nothing_becomes_unknown() {
        let prior = object("a", "prevent".into(), "7".into(), "x".into());
        let config = object("a", Value::Null, Value::Null, Value::Null);
        assert_eq!(prepare(&schema(), &config, &prior, prior.clone()), prior);
    }

    #[test]
    fn with_a_change_computed_attributes_become_unknown_except_by_a_modifier() {
        let prior = object("a", "prevent".into(), "7".into(), "x".into());
        let config = object("b", Value::Null, Value::Null, Value::Null);
        let proposed = object("b", "prevent".into(), "7".into(), "x".into());
        let planned = prepare(&schema(), &config, &prior, proposed);
        assert_eq!(planned, object("b", "prevent".into(), "7".into(), Value::unknown()));
    }
}
