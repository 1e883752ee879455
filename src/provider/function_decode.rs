//! `provider::anu::decode`: a registry's text as typed values.

use super::views;
use crate::codes;
use crate::registry::{Excerpt, LoadOptions, Problem, Severity};
use crate::sdk::{Attribute, Field, Function, FunctionError, Parameter, Signature, Type, Value};

/// The function.
pub struct Decode;

/// The parameter that takes a registry's text.
pub(super) fn text_parameter() -> Parameter {
    Parameter {
        name: "text",
        description: "A compiled registry: the JSON text, for example from `file(\"registry.json\")`.",
        ty: Type::String,
        allow_null: false,
    }
}

/// All problems of a text as one error: a function returns no diagnostics.
pub(super) fn refuse(problems: &[Problem]) -> FunctionError {
    let excerpt = Excerpt::of(problems.iter().filter(|problem| problem.is_error()));
    let count = excerpt.count(Severity::Error);
    let mut text = format!("The registry has {count} error{}.", if count == 1 { "" } else { "s" });
    for problem in &excerpt.shown {
        text.push_str(&format!("\n\n{problem}"));
    }
    if let Some(rest) = excerpt.rest(Severity::Error, "The registry") {
        text.push_str(&format!("\n\n{rest}"));
    }
    text.push_str("\n\nCorrect the registry and run again");
    FunctionError::argument(codes::INVALID_REGISTRY, 0, text)
}

/// Options of a function: it has no provider block.
pub(super) fn options() -> LoadOptions {
    LoadOptions { version: crate::version(), allow_empty: true, name: None }
}

fn returns() -> Vec<Attribute> {
    let mut attributes = vec![Attribute::string("name"), Attribute::string("revision"), Attribute::string("digest")];
    attributes.extend(views::registry_attributes());
    attributes
}

impl Function for Decode {
    fn name(&self) -> &'static str {
        "decode"
    }

    fn signature(&self) -> Signature {
        Signature {
            summary: "Decodes a registry's text into typed values",
            description: "Checks a compiled registry and returns it typed: `name`, `revision`, `digest`, and `services`, \
                          `teams`, `clusters`, `projects` as maps by name, of the same shape as in `data \
                          \"anu_registry\"`. Needs no provider block. Every problem is reported at once.",
            parameters: vec![text_parameter()],
            variadic: None,
            returns: Type::Object(returns().iter().map(|a| (a.name.clone(), a.ty())).collect()),
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let text = arguments.first().and_then(Value::as_str).unwrap_or_default();
        let (registry, _) = crate::registry::load(text.as_bytes(), &options()).map_err(|all| refuse(&all))?;
        let services: std::collections::BTreeMap<String, views::ServiceView> = registry
            .services
            .iter()
            .map(|service| (service.name.to_string(), views::service_view(service, |_| true, |_| true)))
            .collect();
        Ok(Value::object([
            ("name", registry.name().map(ToString::to_string).into_value()),
            ("revision", registry.metadata.revision.clone().into_value()),
            ("digest", registry.digest().into()),
            ("services", services.into_value()),
            ("teams", views::teams(&registry).into_value()),
            ("clusters", views::clusters(&registry).into_value()),
            ("projects", views::projects(&registry).into_value()),
        ]))
    }
}
