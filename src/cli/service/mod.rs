//! `anu service`: the services of the registry. One file per verb.

mod list;
mod place;
mod show;

use clap::Subcommand;

use super::common::{Error, Printer};

/// Of all its verbs.
pub(super) const EXAMPLES: &str = "\
Examples:
  anu service list --team core-banking
  anu service show ledger
  anu service where -e production";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    List(Box<list::Options>),
    Show(Box<show::Options>),
    Where(Box<place::Options>),
}

pub(super) fn run(printer: &Printer, verb: &Verb) -> Result<(), Error> {
    match verb {
        Verb::List(options) => list::run(printer, options),
        Verb::Show(options) => show::run(printer, options),
        Verb::Where(options) => place::run(printer, options),
    }
}
