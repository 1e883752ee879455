//! The steps between core's proposal and a resource's own planning, in the order of HashiCorp's framework.

use super::{Attribute, Path, PlanModifier, Schema, Value};

/// Keeps what the state holds where the plan would say "known after apply": for values that never change once set.
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
/// 1. defaults, where the configuration is null;
/// 2. *only if something differs from the prior state*, computed attributes the configuration leaves out become
///    unknown (marking them always would make every plan noisy);
/// 3. each attribute's plan modifiers.
///
/// What the resource's own planning then does with it is step 4.
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
    fn nothing_changed_nothing_marked() {
        let prior = object("a", "prevent".into(), "7".into(), "x".into());
        let config = object("a", Value::Null, Value::Null, Value::Null);
        assert_eq!(prepare(&schema(), &config, &prior, prior.clone()), prior);
    }

    #[test]
    fn a_change_marks_computed_ones_but_keeps_what_a_modifier_keeps() {
        let prior = object("a", "prevent".into(), "7".into(), "x".into());
        let config = object("b", Value::Null, Value::Null, Value::Null);
        let proposed = object("b", "prevent".into(), "7".into(), "x".into());
        let planned = prepare(&schema(), &config, &prior, proposed);
        assert_eq!(planned, object("b", "prevent".into(), "7".into(), Value::unknown()));
    }
}
