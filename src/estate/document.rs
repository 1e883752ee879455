//! From what was read to the JSON document: a source whose name ends in `.jsonnet` is compiled.

use super::error::LoadError;
use super::load::LoadRequest;
use crate::compile::{CompileFailure, Limits, Request, compile, is_program};
use crate::connect::RequestContext;
use crate::discovery::Fetched;

/// The document of what was read.
///
/// # Errors
/// When a program is pinned to a digest, when it does not compile, and when the run is cancelled.
pub(super) async fn document(
    ctx: &RequestContext,
    request: &LoadRequest,
    fetched: Fetched,
) -> Result<Vec<u8>, LoadError> {
    if !is_program(&fetched.source) {
        return Ok(fetched.bytes);
    }
    let source_name = fetched.source.clone();
    if request.registry.sha256.is_some() {
        return Err(LoadError::PinnedProgram { source_name, setting: request.registry.names.sha256 });
    }
    let program = match &fetched.path {
        // The file is read again, which costs nothing beside its evaluation.
        Some(path) => Request::of_file(path),
        None => Request::of_text(&source_name, &String::from_utf8_lossy(&fetched.bytes)),
    };
    match compile(ctx, &program.with(&request.jsonnet), Limits::default()).await {
        Ok(compiled) => Ok(compiled.json.into_bytes()),
        Err(CompileFailure::Cancelled(cancelled)) => Err(LoadError::Cancelled(cancelled)),
        Err(CompileFailure::Program(error)) => Err(LoadError::Compile { source_name, error }),
    }
}
