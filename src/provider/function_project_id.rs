//! `provider::anu::project_id`: a Google project id from what it is for.

use crate::codes;
use sha2::{Digest, Sha256};

use crate::registry::names::ProjectId;
use crate::sdk::{Function, FunctionError, Parameter, Signature, Type, Value};

/// Google's limit.
const MOST: usize = 30;
/// How much of the environment's name is kept, as in `stag`, `prod`.
const ENVIRONMENT: usize = 4;

/// The function.
pub struct ProjectIdFunction;

fn parameter(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, description, ty: Type::String, allow_null: false }
}

impl Function for ProjectIdFunction {
    fn name(&self) -> &'static str {
        "project_id"
    }

    fn signature(&self) -> Signature {
        Signature {
            summary: "Returns a valid Google project id, the same for the same arguments",
            description: "Joins prefix, name and the first four characters of the environment, shortens the name to fit \
                          Google's 30 characters, and ends with four hexadecimal digits of a digest of all three, so that \
                          long names with the same beginning get different ids.",
            parameters: vec![
                parameter("prefix", "Beginning of all project ids, for example `gc-prd`: at most 16 characters."),
                parameter("name", "Purpose of the project, usually the service's name."),
                parameter("environment", "The environment's name."),
            ],
            variadic: None,
            returns: Type::String,
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let text = |position: usize| arguments.get(position).and_then(Value::as_str).unwrap_or_default();
        project_id(text(0), text(1), text(2)).map(|id| id.to_string().into())
    }
}

fn project_id(prefix: &str, name: &str, environment: &str) -> Result<ProjectId, FunctionError> {
    let parts = [("prefix", prefix), ("name", name), ("environment", environment)];
    for (position, (what, part)) in parts.into_iter().enumerate() {
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if part.is_empty() || !part.bytes().all(good) || part.starts_with('-') || part.ends_with('-') {
            let text = format!(
                "`{part}` cannot be part of a project id: the {what} must be lowercase letters, digits and hyphens, with a \
                 letter or digit at both ends."
            );
            return Err(FunctionError::argument(codes::INVALID_VALUE, position, text));
        }
    }
    if !prefix.as_bytes()[0].is_ascii_lowercase() {
        return Err(FunctionError::argument(
            codes::INVALID_VALUE,
            0,
            format!("`{prefix}` must start with a letter, as project ids do."),
        ));
    }
    let digest = Sha256::digest(format!("{prefix}/{name}/{environment}"));
    let end = format!(
        "-{}-{:02x}{:02x}",
        environment[..environment.len().min(ENVIRONMENT)].trim_end_matches('-'),
        digest[0],
        digest[1]
    );
    let room = MOST.saturating_sub(prefix.len() + 1 + end.len());
    // Fewer than four characters of the name would say nothing about what the project is for.
    if room < name.len().min(4) {
        let text = format!("`{prefix}` leaves no room for the name: an id has at most {MOST} characters.");
        return Err(FunctionError::argument(codes::INVALID_VALUE, 0, text));
    }
    let name = name[..name.len().min(room)].trim_end_matches('-');
    format!("{prefix}-{name}{end}")
        .parse()
        .map_err(|error| FunctionError::argument(codes::BAD_NAME, 1, format!("{error}")))
}

#[cfg(test)]
mod tests {
    use super::project_id;

    #[test]
    fn ids_are_valid_stable_and_apart() {
        let id = |name: &str| project_id("gc-prd", name, "staging").unwrap().to_string();
        assert_eq!(id("make-it-rain"), "gc-prd-make-it-rain-stag-097f");
        let (a, b) = (id("a-very-long-service-name-one"), id("a-very-long-service-name-two"));
        assert_ne!(a, b);
        assert!(a.len() <= 30 && a.starts_with("gc-prd-a-very-long"), "{a}");
    }

    #[test]
    fn each_bad_argument_is_named() {
        for (arguments, position) in [
            (("Gc", "a", "b"), 0),
            (("1c", "a", "b"), 0),
            (("a-prefix-that-is-far-too-long", "name", "b"), 0),
            (("gc", "-a", "b"), 1),
            (("gc", "a", ""), 2),
        ] {
            let error = project_id(arguments.0, arguments.1, arguments.2).unwrap_err();
            assert_eq!(error.argument, Some(position), "{error}");
        }
    }
}
