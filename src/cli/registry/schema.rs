//! `anu registry schema`: the JSON Schema of registries.

use std::path::PathBuf;

use crate::cli::common::{Error, Printer, write_or_print};
use crate::docgen;

/// Print the JSON Schema of registries, for editors and other programs
///
/// The same bytes as `docs/registry.schema.json` of this version. It describes one document; `anu registry validate` also checks what
/// a schema cannot: references between entries, sharing, and the fences.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    /// Write it to this file, which is replaced as a whole, instead of to standard output
    #[arg(long = "to", short = 'o', value_name = "FILE")]
    to: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  anu registry schema --to registry.schema.json
  anu registry schema | jq '.\"$defs\" | keys'";

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    write_or_print(printer, options.to.as_deref(), &docgen::registry_schema())
}
