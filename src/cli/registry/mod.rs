//! `anu registry`: the registry, and what it fans out into. One file per verb.

mod base;
mod compile;
mod diff;
mod fmt;
mod forms;
mod layout;
mod manifests;
mod print;
mod publish;
mod schema;
mod validate;

use clap::Subcommand;

use super::common::{Error, Printer, Source};

/// Read, check and compare the service registry, and write what it fans out into
///
/// Without a verb it prints the registry as JSON, without a check of its contents. The registry is read from the source that --registry names. Without it, the variable ANU_REGISTRY, the working folder and the
/// folders above it are searched, and a note on standard error says what was found. The settings that a provider block has beside
/// the registry are options of the same names.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(super) struct Options {
    #[command(flatten)]
    source: Source,
    #[command(subcommand)]
    verb: Option<Verb>,
}

const EXAMPLES: &str = "\
Examples:
  anu registry | jq '.services | length'
  anu registry validate
  cue export | anu registry validate -
  anu registry compile registry.jsonnet --to registry.json
  anu registry diff --base origin/main
  anu registry manifests --cluster compute-banking | kubectl apply --server-side -f -
  anu registry manifests --dir clusters";

#[derive(Debug, Subcommand)]
enum Verb {
    Compile(Box<compile::Options>),
    Validate(Box<validate::Options>),
    Diff(Box<diff::Options>),
    Manifests(Box<manifests::Options>),
    Publish(Box<publish::Options>),
    Fmt(fmt::Options),
    Schema(schema::Options),
}

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let Some(verb) = &options.verb else { return print::run(printer, &options.source) };
    match verb {
        Verb::Compile(options) => compile::run(printer, options),
        Verb::Validate(options) => validate::run(printer, options),
        Verb::Diff(options) => diff::run(printer, options),
        Verb::Manifests(options) => manifests::run(printer, options),
        Verb::Publish(options) => publish::run(printer, options),
        Verb::Fmt(options) => fmt::run(printer, options),
        Verb::Schema(options) => schema::run(printer, options),
    }
}
