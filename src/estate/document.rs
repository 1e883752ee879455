//! From what was read to the JSON document: a source that is written in Jsonnet or YAML is compiled.

use std::path::{Path, PathBuf};

use super::error::LoadError;
use super::origin::Origin;
use super::request::LoadRequest;
use crate::compile::{CompileFailure, Entry, Limits, Request, SourceFormat, compile, yaml_to_json};
use crate::connect::{Encoding, RequestContext};
use crate::discovery::{FetchContext, Fetched, Proof, Source, Warning, discover};

/// Refuses a digest or a signature of what is compiled from several files.
fn refuse_fixed_program(request: &LoadRequest, is_folder: bool) -> Result<(), LoadError> {
    let registry = &request.registry;
    let mut sources = std::iter::once(&registry.source).chain(&registry.fallbacks);
    if !is_folder && !sources.any(|source| SourceFormat::of(source) == SourceFormat::Jsonnet) {
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

/// A registry as JSON, before it is checked.
#[derive(Debug)]
pub struct Document {
    /// The JSON text.
    pub json: Vec<u8>,
    /// The source that it is from, without secrets.
    pub source: String,
    /// What people wrote.
    pub(super) origin: Origin,
    /// Who published it, where that had to be proved.
    pub(super) proof: Option<Proof>,
    /// The failure of every place before the one that was read.
    pub(super) warnings: Vec<Warning>,
    /// Why it must not be applied: it is not from the source itself.
    pub(super) fallback_reason: Option<String>,
}

impl Document {
    /// The text in which problems are located, unless that is in several files.
    pub fn text(&self) -> Option<&str> {
        match &self.origin {
            Origin::Json => std::str::from_utf8(&self.json).ok(),
            Origin::Yaml(text) => Some(text),
            Origin::Folder(_) | Origin::Jsonnet { .. } => None,
        }
    }

    /// Why it was not read from its source, if it was not: to the first caller only.
    pub fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings)
    }
}

/// A text that is given, and not read from a source.
#[derive(Debug, Clone)]
pub struct GivenText {
    /// What messages call it.
    pub name: String,
    /// The text.
    pub text: Vec<u8>,
    /// What it is written in.
    pub format: SourceFormat,
    /// The folder that imports are relative to.
    pub folder: PathBuf,
}

/// Reads a registry from its source, and compiles it if it is a program.
///
/// # Errors
/// When the run is cancelled, when no source can be read, and when it does not compile.
pub async fn read(ctx: &RequestContext, request: &LoadRequest, context: &FetchContext) -> Result<Document, LoadError> {
    let folder = folder(request, context);
    refuse_fixed_program(request, folder.is_some())?;
    if let Some((folder, shown)) = folder {
        return read_folder(ctx, &as_written(&folder), shown).await;
    }
    let (fetched, warnings) = discover(ctx, &request.registry, request.mode, context).await?;
    let from_source = !fetched.from_fallback && fetched.stale_age.is_none();
    let fallback_reason =
        (!from_source).then(|| warnings.iter().map(|warning| warning.detail.as_str()).collect::<Vec<_>>().join("\n"));
    let Fetched { bytes, source, path, proof, .. } = fetched;
    let format = SourceFormat::of(&source);
    let program = |text: &str| match (format, &path) {
        // The file is read again, with what it imports.
        (SourceFormat::Jsonnet, Some(path)) if Encoding::of(&source).is_none() => Request::of_file(&as_written(path)),
        (SourceFormat::Jsonnet, Some(path)) => {
            let path = as_written(path);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Request::of_text_in(path.parent().unwrap_or(&path), &name, text)
        }
        _ => Request::of_text(&source, text),
    };
    let (json, origin) = compiled(ctx, request, format, &source, bytes, program).await?;
    Ok(Document { json, source, origin, proof, warnings, fallback_reason })
}

/// The folder that the source is, if it is one, and what messages call it. A fallback is a document: folders are where registries are written.
fn folder(request: &LoadRequest, context: &FetchContext) -> Option<(PathBuf, String)> {
    let source = Source::parse(&request.registry.source, &context.base).ok()?;
    match &source {
        Source::File { path, .. } if path.is_dir() => Some((path.clone(), source.to_string())),
        _ => None,
    }
}

/// Compiles the files of a folder.
async fn read_folder(ctx: &RequestContext, folder: &Path, source: String) -> Result<Document, LoadError> {
    match compile(ctx, &Request::of_file(folder), Limits::default()).await {
        Ok(compiled) => Ok(Document {
            json: compiled.json.into_bytes(),
            source,
            origin: Origin::Folder(folder.to_owned()),
            proof: None,
            warnings: Vec::new(),
            fallback_reason: None,
        }),
        Err(CompileFailure::Cancelled(cancelled)) => Err(LoadError::Cancelled(cancelled)),
        Err(CompileFailure::Program(error)) => Err(LoadError::Compile { source_name: source, error }),
    }
}

/// Compiles a text that is given, if it is a program.
///
/// # Errors
/// When the run is cancelled, and when it does not compile.
pub async fn read_given(ctx: &RequestContext, request: &LoadRequest, given: GivenText) -> Result<Document, LoadError> {
    let GivenText { name, text, format, folder } = given;
    let program = |text: &str| Request::of_text_in(&folder, &name, text);
    let (json, origin) = compiled(ctx, request, format, &name, text, program).await?;
    Ok(Document { json, source: name, origin, proof: None, warnings: Vec::new(), fallback_reason: None })
}

/// The JSON of a text, and what people wrote.
async fn compiled(
    ctx: &RequestContext,
    request: &LoadRequest,
    format: SourceFormat,
    source_name: &str,
    bytes: Vec<u8>,
    program: impl FnOnce(&str) -> Request,
) -> Result<(Vec<u8>, Origin), LoadError> {
    let failed = |error| LoadError::Compile { source_name: source_name.to_owned(), error };
    if format == SourceFormat::Json {
        return Ok((bytes, Origin::Json));
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let is_yaml = format == SourceFormat::Yaml;
    if is_yaml && SourceFormat::of(source_name) != SourceFormat::Yaml {
        // The child that compiles tells YAML by its name.
        let json = yaml_to_json(source_name, &text).map_err(|error| failed(Box::new(error)))?;
        return Ok((json.into_bytes(), Origin::Yaml(text)));
    }
    let program = program(&text).with(&request.jsonnet);
    match compile(ctx, &program, Limits::default()).await {
        Ok(compiled) => {
            let origin = if is_yaml {
                Origin::Yaml(text)
            } else {
                let is_file = matches!(program.entry, Entry::File(_));
                let text = (!is_file).then(|| (program.entry.name().into_owned(), text));
                Origin::Jsonnet { files: compiled.files, text }
            };
            Ok((compiled.json.into_bytes(), origin))
        }
        Err(CompileFailure::Cancelled(cancelled)) => Err(LoadError::Cancelled(cancelled)),
        Err(CompileFailure::Program(error)) => Err(failed(error)),
    }
}
