//! From what was read to the JSON document: a source whose name ends in `.jsonnet` is compiled.

use std::path::{Path, PathBuf};

use super::error::LoadError;
use super::request::LoadRequest;
use crate::compile::{CompileFailure, Limits, Request, compile, is_program};
use crate::connect::RequestContext;
use crate::discovery::Fetched;

/// Refuses a digest of a program.
pub(super) fn refuse_pinned_program(request: &LoadRequest) -> Result<(), LoadError> {
    let registry = &request.registry;
    let mut sources = std::iter::once(&registry.source).chain(&registry.fallbacks);
    if registry.sha256.is_some() && sources.any(|source| is_program(source)) {
        return Err(LoadError::PinnedProgram { setting: registry.names.sha256 });
    }
    Ok(())
}

/// A path relative to the current folder, if it is in it: messages name files as users do.
fn as_written(path: &Path) -> PathBuf {
    let current = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(current).unwrap_or(path).to_owned()
}

/// The document of what was read.
///
/// # Errors
/// When a program does not compile, and when the run is cancelled.
pub(super) async fn document(
    ctx: &RequestContext,
    request: &LoadRequest,
    fetched: Fetched,
) -> Result<Vec<u8>, LoadError> {
    if !is_program(&fetched.source) {
        return Ok(fetched.bytes);
    }
    let source_name = fetched.source.clone();
    let program = match &fetched.path {
        // The file is read again, which costs nothing beside its evaluation.
        Some(path) => Request::of_file(&as_written(path)),
        None => Request::of_text(&source_name, &String::from_utf8_lossy(&fetched.bytes)),
    };
    match compile(ctx, &program.with(&request.jsonnet), Limits::default()).await {
        Ok(compiled) => Ok(compiled.json.into_bytes()),
        Err(CompileFailure::Cancelled(cancelled)) => Err(LoadError::Cancelled(cancelled)),
        Err(CompileFailure::Program(error)) => Err(LoadError::Compile { source_name, error }),
    }
}
