//! A registry on standard input.

use crate::codes;
use std::io::Read as _;
use std::path::Path;

use super::error::Error;
use crate::compile::SourceFormat;
use crate::estate::GivenText;
use crate::registry::MAX_BYTES;

/// What standard input is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum InputFormat {
    /// One JSON document
    Json,
    /// One YAML document
    Yaml,
    /// A program, whose imports are relative to the working folder
    Jsonnet,
}

/// What messages call it.
const NAME: &str = "standard input";

/// Everything on standard input.
pub(in crate::cli) fn standard_input() -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let read = std::io::stdin().lock().take(most.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| Error::failed(codes::STANDARD_INPUT, format!("Cannot read standard input: {error}")))?;
    if bytes.len() > MAX_BYTES {
        return Err(Error::failed(
            codes::STANDARD_INPUT,
            format!("Standard input is larger than {MAX_BYTES} bytes, the limit for a registry"),
        ));
    }
    if bytes.trim_ascii().is_empty() {
        return Err(Error::failed(codes::STANDARD_INPUT, "Standard input is empty")
            .because("The command that writes the registry printed nothing, so it may have failed.")
            .hint("run that command by itself; `set -o pipefail` makes a shell report its failure"));
    }
    Ok(bytes)
}

/// The registry on standard input. Without a format it is JSON if it begins as an object of JSON does, and otherwise YAML.
pub(super) fn given(format: Option<InputFormat>, folder: &Path) -> Result<GivenText, Error> {
    let text = standard_input()?;
    let format = match format {
        Some(InputFormat::Json) => SourceFormat::Json,
        Some(InputFormat::Yaml) => SourceFormat::Yaml,
        Some(InputFormat::Jsonnet) => SourceFormat::Jsonnet,
        None if text.trim_ascii_start().starts_with(b"{") => SourceFormat::Json,
        None => SourceFormat::Yaml,
    };
    if format != SourceFormat::Json && std::str::from_utf8(&text).is_err() {
        return Err(Error::failed(codes::STANDARD_INPUT, "Standard input is not UTF-8 text"));
    }
    Ok(GivenText { name: NAME.to_owned(), text, format, folder: folder.to_owned() })
}
