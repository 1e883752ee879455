//! `provider::anu::compile`: a registry written in Jsonnet as JSON text.

use crate::codes;
use std::collections::BTreeMap;

use crate::compile::{Limits, Request, compile_blocking};
use crate::sdk::{Attr, Field, Function, FunctionError, Parameter, Path, Signature, Type, Value};

/// The function.
pub struct CompileFunction;

impl Function for CompileFunction {
    fn name(&self) -> &'static str {
        "compile"
    }

    fn signature(&self) -> Signature {
        Signature {
            summary: "Compiles a registry from Jsonnet to JSON",
            description: "Evaluates a Jsonnet program and returns the JSON text, for `provider::anu::decode` and \
                          `provider::anu::fan_out`. The program may import only `anu/registry.libsonnet`, which is part of the \
                          provider: a text is in no folder. A program of several files is read by the provider's `registry` block \
                          or compiled by `anu registry compile`. Limited to 60 s and 2 GiB of memory.",
            parameters: vec![
                Parameter {
                    name: "source",
                    description: "The program: Jsonnet text, for example from `file(\"registry.jsonnet\")`.",
                    ty: Type::String,
                    allow_null: false,
                },
                Parameter {
                    name: "ext_vars",
                    description: "External variables (`std.extVar`), all strings. `{}` for none.",
                    ty: Type::map(Type::String),
                    allow_null: false,
                },
            ],
            variadic: None,
            returns: Type::String,
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let mut arguments = arguments.into_iter();
        let source = arguments.next().and_then(|value| value.as_str().map(ToOwned::to_owned)).unwrap_or_default();
        let variables = arguments.next().unwrap_or(Value::Null);
        let variables = <Attr<BTreeMap<String, Attr<String>>>>::from_value(variables, &Path::root())
            .map_err(|error| FunctionError::argument(codes::INVALID_VALUE, 1, error.to_string()))?;
        let mut request = Request::of_text("source", &source);
        for (name, value) in variables.into_known().into_iter().flatten() {
            let Some(value) = value.into_known() else {
                return Err(FunctionError::argument(
                    codes::INVALID_VALUE,
                    1,
                    format!("The external variable `{name}` is null. Leave it out, or set a string."),
                ));
            };
            request.variables.ext_vars.insert(name, value);
        }
        match compile_blocking(&request, Limits::default()) {
            Ok(compiled) => Ok(compiled.json.into()),
            Err(error) => Err(FunctionError::argument(
                codes::REGISTRY_NOT_COMPILED,
                0,
                format!("The program does not compile: {error}"),
            )),
        }
    }
}
