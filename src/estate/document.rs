//! From what was read to the JSON document: a source that is written in Jsonnet or YAML is compiled.

use std::path::{Path, PathBuf};

use super::error::LoadError;
use super::request::LoadRequest;
use crate::compile::{CompileFailure, Limits, Request, SourceFormat, compile, lines_of_yaml};
use crate::connect::RequestContext;
use crate::discovery::Fetched;
use crate::registry::Problem;

/// Refuses a digest or a signature of a program.
pub(super) fn refuse_fixed_program(request: &LoadRequest) -> Result<(), LoadError> {
    let registry = &request.registry;
    if !std::iter::once(&registry.source)
        .chain(&registry.fallbacks)
        .any(|source| SourceFormat::of(source) == SourceFormat::Jsonnet)
    {
        return Ok(());
    }
    if registry.sha256.is_some() {
        return Err(LoadError::PinnedProgram { setting: registry.names.sha256 });
    }
    if registry.verify.is_some() {
        return Err(LoadError::SignedProgram { setting: registry.names.minisign });
    }
    Ok(())
}

/// A path relative to the current folder, if it is in it: messages name files as users do.
fn as_written(path: &Path) -> PathBuf {
    let current = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(current).unwrap_or(path).to_owned()
}

/// A JSON document, and what it was compiled from.
pub(super) struct Document {
    json: Vec<u8>,
    /// The YAML.
    yaml: Option<String>,
}

impl Document {
    /// Adds the lines of problems, where they are known.
    pub(super) fn locate(yaml: Option<&str>, problems: &mut [Problem]) {
        let Some(yaml) = yaml.filter(|_| !problems.is_empty()) else { return };
        let lines = lines_of_yaml(yaml, problems.iter().map(|problem| problem.pointer.as_str()));
        for (problem, line) in problems.iter_mut().zip(lines) {
            problem.line = line;
        }
    }

    /// Its parts.
    pub(super) fn into_parts(self) -> (Vec<u8>, Option<String>) {
        (self.json, self.yaml)
    }
}

/// The document of what was read.
///
/// # Errors
/// When it does not compile, and when the run is cancelled.
pub(super) async fn document(
    ctx: &RequestContext,
    request: &LoadRequest,
    fetched: Fetched,
) -> Result<Document, LoadError> {
    let format = SourceFormat::of(&fetched.source);
    if format == SourceFormat::Json {
        return Ok(Document { json: fetched.bytes, yaml: None });
    }
    let source_name = fetched.source.clone();
    let text = String::from_utf8_lossy(&fetched.bytes).into_owned();
    let program = match (format, &fetched.path) {
        // The file is read again, with what it imports.
        (SourceFormat::Jsonnet, Some(path)) => Request::of_file(&as_written(path)),
        _ => Request::of_text(&source_name, &text),
    };
    match compile(ctx, &program.with(&request.jsonnet), Limits::default()).await {
        Ok(compiled) => {
            Ok(Document { json: compiled.json.into_bytes(), yaml: (format == SourceFormat::Yaml).then_some(text) })
        }
        Err(CompileFailure::Cancelled(cancelled)) => Err(LoadError::Cancelled(cancelled)),
        Err(CompileFailure::Program(error)) => Err(LoadError::Compile { source_name, error }),
    }
}
