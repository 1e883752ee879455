//! `anu registry fmt`: the layout of registries in JSON.

use crate::codes;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::layout::layout;
use crate::cli::common::{Error, Printer, Source, count, io, not_json, standard_input};
use crate::compile::SourceFormat;
use crate::printable::escape;

/// Format registries in JSON
///
/// Two spaces for each level, one value a line, one line break at the end. Keys keep their order, and texts and numbers their spelling.
/// Prints the names of the files that it changes.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    /// The files, or `-` for standard input to standard output [default: the registry that is found]
    files: Vec<String>,
    /// Write nothing; exit code 1 if a file is not formatted
    #[arg(long)]
    check: bool,
}

const EXAMPLES: &str = "\
Examples:
  anu registry fmt registry.json
  anu registry fmt --check registry.json
  anu registry compile registry.jsonnet | anu registry fmt -";

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let files = match options.files.as_slice() {
        [] => vec![Source::found(printer)?],
        files => files.to_vec(),
    };
    if let [file] = files.as_slice()
        && file == "-"
    {
        return format_standard_input(printer, options.check);
    }
    if files.iter().any(|file| file == "-") {
        return Err(Error::usage("Standard input (`-`) and files are formatted separately")
            .because("What is read from standard input is printed, and files are changed."));
    }
    // All are read first: a mistake in one of them changes none.
    let texts = files.iter().map(|file| File::read(printer, file)).collect::<Result<Vec<_>, _>>()?;
    let changed: Vec<&File> = texts.iter().filter(|file| file.text != file.formatted).collect();
    for file in &changed {
        if !options.check {
            file.write()?;
        }
        printer.line(escape(&file.path.to_string_lossy()));
    }
    if options.check && !changed.is_empty() {
        let be = if changed.len() == 1 { "is" } else { "are" };
        return Err(Error::failed(
            codes::NOT_FORMATTED,
            format!("{} {be} not formatted", count(changed.len(), "file")),
        )
        .because("Nothing was written.")
        .hint("format them: anu registry fmt FILE…"));
    }
    Ok(())
}

fn format_standard_input(printer: &Printer, check: bool) -> Result<(), Error> {
    let bytes = standard_input()?;
    let formatted = formatted(printer, &bytes, "standard input")?;
    if !check {
        return printer.text(&crate::printable::escape_json(&formatted));
    }
    if bytes == formatted.as_bytes() {
        return Ok(());
    }
    Err(Error::failed(codes::NOT_FORMATTED, "Standard input is not formatted"))
}

/// The text in its layout, or what is wrong with it.
fn formatted(printer: &Printer, bytes: &[u8], name: &str) -> Result<String, Error> {
    let text = std::str::from_utf8(bytes).ok().and_then(|text| layout(text).ok());
    text.ok_or_else(|| not_json(printer, bytes, name))
}

/// A file, and how it is formatted.
struct File {
    path: PathBuf,
    text: Vec<u8>,
    formatted: Vec<u8>,
}

impl File {
    fn read(printer: &Printer, name: &str) -> Result<Self, Error> {
        refuse_other_formats(name)?;
        let path = PathBuf::from(name);
        if !path.exists() {
            return Err(Error::missing(codes::NOT_FOUND, format!("`{}` not found", escape(name))));
        }
        let text = std::fs::read(&path).map_err(io("read", &path))?;
        let formatted = formatted(printer, &text, &escape(name))?.into_bytes();
        Ok(Self { path, text, formatted })
    }

    /// Replaces the file as a whole, with its permissions; a link remains one.
    fn write(&self) -> Result<(), Error> {
        let written = || {
            let path = self.path.canonicalize()?;
            let permissions = path.metadata()?.permissions();
            let folder = path.parent().unwrap_or(Path::new("."));
            let mut file = tempfile::Builder::new().prefix(".anu-").permissions(permissions).tempfile_in(folder)?;
            file.write_all(&self.formatted)?;
            file.persist(&path).map_err(|error| error.error)
        };
        written().map(drop).map_err(io("write", &self.path))
    }
}

/// What has comments is formatted by tools that keep them.
fn refuse_other_formats(name: &str) -> Result<(), Error> {
    let shown = escape(name);
    if name.contains("://") {
        return Err(Error::usage(format!("`{shown}` is not a path")).because("Only files are formatted."));
    }
    if name.ends_with(".libsonnet") || SourceFormat::of(name) == SourceFormat::Jsonnet {
        return Err(Error::usage(format!("`{shown}` is Jsonnet, and anu formats JSON"))
            .because("Jsonnet has its own formatter.")
            .hint(format!("jsonnetfmt -i {}", crate::cli::common::quote(&shown))));
    }
    if SourceFormat::of(name) == SourceFormat::Yaml {
        return Err(Error::usage(format!("`{shown}` is YAML, and anu formats JSON"))
            .because("YAML has comments and many spellings of a value, which a formatter of JSON does not keep."));
    }
    Ok(())
}
