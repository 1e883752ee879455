//! `anu service`: the services of the registry. One file per verb.

mod list;
mod place;
mod show;

use clap::Subcommand;

use super::common::{Error, Printer};

/// The services of the registry: which there are, and where each runs
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  anu service list --team core-banking
  anu service show ledger
  anu service where -e production";

#[derive(Debug, Subcommand)]
enum Verb {
    List(Box<list::Options>),
    Show(Box<show::Options>),
    Where(Box<place::Options>),
}

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    match &options.verb {
        Verb::List(options) => list::run(printer, options),
        Verb::Show(options) => show::run(printer, options),
        Verb::Where(options) => place::run(printer, options),
    }
}
