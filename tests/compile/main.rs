//! The compilation of registries written in Jsonnet: the language, what a program may read, the errors, the library.

mod errors;
mod guide;
mod imports;
mod library;
mod limits;
mod suite;
mod written;
mod yaml;

use anu::compile::{CompileError, Compiled, Request, evaluate};

/// Compiles a text that is not a file.
fn compile_text(text: &str) -> Result<Compiled, CompileError> {
    evaluate(&Request::of_text("registry.jsonnet", text))
}

/// The complete text of a failure.
#[track_caller]
fn failure(compiled: Result<Compiled, CompileError>) -> String {
    match compiled {
        Ok(compiled) => panic!("compiles to {}", compiled.json),
        Err(error) => error.to_string(),
    }
}
