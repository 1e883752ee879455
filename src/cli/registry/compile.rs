//! `anu registry compile`: the one JSON document that a registry written in Jsonnet compiles to.

use crate::codes;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::common::{
    Error, JsonnetOptions, Printer, block_on, not_compiled, program, standard_input, write_or_print,
};
use crate::compile::{CompileFailure, Limits, Request, compile};
use crate::connect::RequestContext;
use crate::printable::escape;

/// Compile a registry from Jsonnet or YAML to JSON
///
/// Writes the document that the program evaluates to, indented as `jsonnet` does it. The result is not checked: `anu registry
/// manifests` and every Terraform run check it. A program may import files of its own repository (the nearest folder above it
/// with a `.git`), of the folders that --jpath names, and `anu/registry.libsonnet`, which is part of anu.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    /// The program, a folder of YAML files by kind, or `-` for Jsonnet on standard input [default: the program that is found]
    ///
    /// Found is `registry.jsonnet`, `registry.yaml` or `registry.yml` in the working folder, or in the nearest folder above it, up
    /// to the root of the repository.
    #[arg(value_name = "FILE", conflicts_with = "exec")]
    file: Option<PathBuf>,
    /// Compile this text instead of a file
    #[arg(long, short = 'e', value_name = "CODE")]
    exec: Option<String>,
    /// Write the document to this file, which is replaced as a whole, instead of to standard output
    #[arg(long = "to", short = 'o', value_name = "FILE")]
    to: Option<PathBuf>,
    /// Fail after this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    max_time: u64,
    /// Fail at this much memory
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    max_memory: u64,
    /// Fail at this depth of nested calls
    #[arg(long, short = 's', value_name = "FRAMES", default_value_t = Request::MAX_STACK)]
    max_stack: usize,
    #[command(flatten)]
    jsonnet: JsonnetOptions,
}

const EXAMPLES: &str = "\
Examples:
  anu registry compile registry.jsonnet --to registry.json
  anu registry compile -e \"(import 'anu/registry.libsonnet').new('acme')\"
  anu registry compile registry.jsonnet --tla-str environment=production | jq '.services | length'";

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let (request, source) = options.program(printer)?;
    let request =
        Request { max_stack: options.max_stack, indented: true, ..request.with(&options.jsonnet.settings()?) };
    let limits = Limits { time: Duration::from_secs(options.max_time), memory: options.max_memory };
    let compiled = block_on(compile(&RequestContext::default(), &request, limits))?;
    let compiled = compiled.map_err(|failure| match failure {
        CompileFailure::Cancelled(_) => Error::cancelled("Compilation was cancelled"),
        CompileFailure::Program(error) => not_compiled(&source, &error),
    })?;
    let document = compiled.json + "\n";
    write_or_print(printer, options.to.as_deref(), &document)
}

impl Options {
    /// What is compiled, and its name.
    fn program(&self, printer: &Printer) -> Result<(Request, String), Error> {
        if let Some(code) = &self.exec {
            return Ok((Request::of_text_in(Path::new(""), "--exec", code), "--exec".to_owned()));
        }
        if self.file.as_deref() == Some(Path::new("-")) {
            let text = String::from_utf8(standard_input()?);
            let text = text.map_err(|_| Error::failed(codes::STANDARD_INPUT, "Standard input is not UTF-8 text"))?;
            return Ok((Request::of_text_in(Path::new(""), "standard input", &text), "standard input".to_owned()));
        }
        let file = match &self.file {
            Some(file) if !file.exists() => {
                return Err(Error::missing(
                    codes::NOT_FOUND,
                    format!("`{}` not found", escape(&file.to_string_lossy())),
                ));
            }
            Some(file) => file.clone(),
            None => program(printer)?,
        };
        Ok((Request::of_file(&file), file.to_string_lossy().into_owned()))
    }
}
