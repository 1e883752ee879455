//! `provider::anu::fan_out`: what a registry's text fans out into.

use crate::codes;
use std::collections::BTreeMap;

use super::config::google;
use super::function_decode::{options, refuse, text_parameter};
use super::{config, views};
use crate::registry::{LoadOptions, Problem};
use crate::sdk::{Attribute, Field, Function, FunctionError, Kind, Parameter, Path, Schema, Signature, Type, Value};

/// The function.
pub struct FanOutFunction;

/// What of the provider block shapes a fan-out.
const SETTINGS: [&str; 6] = ["manage", "member_template", "labels", "permissions", "fences", "google"];

fn returns() -> Vec<Attribute> {
    let mut attributes = vec![Attribute::of("service_digests", Type::map(Type::String))];
    attributes.extend(views::fan_out_attributes());
    attributes
}

impl Function for FanOutFunction {
    fn name(&self) -> &'static str {
        "fan_out"
    }

    fn signature(&self) -> Signature {
        Signature {
            summary: "Fans out a registry's text into resources",
            description: "Returns `service_digests` and, for each kind of `data \"anu_registry_resources\"`, \
                          `map(service => map(resource key => entry))`. Needs no provider block; its settings can be passed \
                          as an object with any of `manage`, `member_template`, `labels`, `permissions`, `fences`, `google`.",
            parameters: vec![text_parameter()],
            variadic: Some(Parameter {
                name: "settings",
                description: "At most one object with any of `manage`, `member_template`, `labels`, `permissions`, `fences` and, with \
                              its `parent` and `billing_account`, `google`, as in the provider block.",
                ty: Type::Dynamic,
                allow_null: true,
            }),
            returns: Type::Object(returns().iter().map(|a| (a.name.clone(), a.ty())).collect()),
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let text = arguments.first().and_then(Value::as_str).unwrap_or_default();
        if arguments.len() > 2 {
            return Err(FunctionError::argument(codes::INVALID_VALUE, 2, "At most one settings object is allowed."));
        }
        let settings = settings(arguments.get(1))?;
        let (fan_out, _) = crate::fanout::load(text.as_bytes(), &options(), &settings).map_err(|all| refuse(&all))?;
        let digests: BTreeMap<String, String> =
            fan_out.digests().map(|(name, digest)| (name.to_string(), digest.to_owned())).collect();
        let mut values = views::fan_out(&fan_out.by_service())
            .map_err(|error| FunctionError::whole(codes::BUG, format!("Bug in anu: {error}.")))?;
        values.insert("service_digests".into(), digests.into_value());
        Ok(Value::Map(values))
    }
}

/// The settings object, read as the part of the provider block that it is.
fn settings(argument: Option<&Value>) -> Result<crate::fanout::Settings, FunctionError> {
    let given = match argument {
        None => return Ok(crate::fanout::Settings::default()),
        Some(value) if value.is_null() => return Ok(crate::fanout::Settings::default()),
        Some(Value::Dynamic(inner)) => &inner.1,
        Some(other) => other,
    };
    let given = plain(given);
    if !matches!(given, Value::Map(_)) {
        return Err(FunctionError::argument(
            codes::INVALID_VALUE,
            1,
            format!("Settings must be an object, not {}.", given.kind()),
        ));
    }
    let schema = schema();
    check_names(&schema.attributes, &given, &Path::root())?;
    if !given.is_wholly_known() {
        return Err(FunctionError::argument(codes::INVALID_VALUE, 1, "Settings must be known at plan."));
    }
    // Through JSON and the block's own type: an object literal's lists are tuples and its maps are objects.
    of_json(&crate::sdk::to_json(&given), &schema)
}

/// The problems of a registry with these settings, a JSON object as the function has it: errors, or warnings if there are none.
///
/// # Errors
/// If the settings are not valid.
pub fn problems_of(document: &str, settings: &str) -> Result<Vec<Problem>, FunctionError> {
    let json = serde_json::from_str(settings)
        .map_err(|error| FunctionError::argument(codes::INVALID_VALUE, 1, error.to_string()))?;
    let settings = of_json(&json, &schema())?;
    let options = LoadOptions { allow_empty: false, ..options() };
    Ok(crate::fanout::load(document.as_bytes(), &options, &settings).map_or_else(|all| all, |(_, warnings)| warnings))
}

/// The part of the provider block that shapes a fan-out.
fn schema() -> Schema {
    let mut schema = config::schema();
    schema.attributes.retain(|attribute| SETTINGS.contains(&attribute.name.as_str()));
    for attribute in &mut schema.attributes {
        if let ("google", Kind::Block(nested)) = (attribute.name.as_str(), &mut attribute.kind) {
            nested.retain(|attribute| google::DEFAULTS.contains(&attribute.name.as_str()));
        }
    }
    schema
}

fn of_json(json: &serde_json::Value, schema: &Schema) -> Result<crate::fanout::Settings, FunctionError> {
    let block = crate::sdk::from_json(json, &schema.ty()).map_err(|error| {
        FunctionError::argument(codes::INVALID_VALUE, 1, format!("Settings do not fit the provider block: {error}."))
    })?;
    config::read(block).map(|config| config.fan_out).map_err(|wrong| {
        let (code, text) = wrong.iter().next().map_or((codes::BUG, ""), |first| (first.code, first.detail.as_str()));
        FunctionError::argument(code, 1, text)
    })
}

/// Refuses a name that the group of settings at this place does not have: nothing else would, since an object may have any.
fn check_names(attributes: &[Attribute], given: &Value, path: &Path) -> Result<(), FunctionError> {
    let Value::Map(given) = given else { return Ok(()) };
    for (name, value) in given {
        let Some(attribute) = attributes.iter().find(|attribute| attribute.name == *name) else {
            let known: Vec<String> = attributes.iter().map(|attribute| format!("`{}`", attribute.name)).collect();
            let (place, known) = (path.clone().then(name), known.join(", "));
            let text = if path.is_root() {
                format!("`{place}` is not a setting. Settings: {known}.")
            } else {
                format!("`{place}` is not a setting. Settings of `{path}`: {known}.")
            };
            return Err(FunctionError::argument(codes::INVALID_VALUE, 1, text));
        };
        if let Kind::Block(nested) = &attribute.kind {
            check_names(nested, value, &path.clone().then(name))?;
        }
    }
    Ok(())
}

/// Without the types that dynamic values carry.
fn plain(value: &Value) -> Value {
    match value {
        Value::Dynamic(inner) => plain(&inner.1),
        Value::List(items) => Value::List(items.iter().map(plain).collect()),
        Value::Map(items) => Value::Map(items.iter().map(|(key, item)| (key.clone(), plain(item))).collect()),
        other => other.clone(),
    }
}
