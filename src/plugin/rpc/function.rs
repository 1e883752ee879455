//! Functions.

use std::sync::Arc;

use super::super::panics::blocking;
use super::super::proto::tfplugin6 as wire;
use super::super::{from_wire, to_wire};
use super::Rpc;
use crate::sdk::{Diagnostics, FunctionError};

pub(super) async fn call(
    rpc: &Rpc,
    request: wire::call_function::Request,
) -> Result<wire::call_function::Response, Diagnostics> {
    let (function, signature) = rpc.function(&request.name)?;
    // Variadic arguments follow the others one by one.
    let types = signature.parameters.iter().chain(signature.variadic.iter().cycle()).map(|parameter| &parameter.ty);
    let arguments = request.arguments.into_iter().zip(types).enumerate().map(|(position, (argument, ty))| {
        from_wire::value(Some(argument), ty)
            .map_err(|error| FunctionError::argument(error.code, position, error.detail))
    });
    let result = match arguments.collect::<Result<Vec<_>, _>>() {
        Ok(arguments) => {
            let function = Arc::clone(function);
            blocking(move || function.call(arguments)).await // a registry as text takes a second
        }
        Err(error) => Err(error),
    };
    Ok(match result {
        Ok(value) => {
            wire::call_function::Response { result: Some(to_wire::value(&value, &signature.returns)), error: None }
        }
        Err(error) => wire::call_function::Response {
            result: None,
            error: Some(wire::FunctionError {
                text: error.sentence(),
                function_argument: error.argument.and_then(|position| i64::try_from(position).ok()),
            }),
        },
    })
}
