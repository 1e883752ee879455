//! `anu access`: who may do what, as the registry has it. One file per verb.

mod can;
mod table;
mod who;

use clap::Subcommand;

use super::common::{Error, Printer};

/// Who may do what, as the registry grants it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  anu access who ledger -e production
  anu access who gc-prd-ledger-prod-a41f
  anu access can group:auditors@example.com
  anu access can core-banking";

#[derive(Debug, Subcommand)]
enum Verb {
    Who(Box<who::Options>),
    Can(Box<can::Options>),
}

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    match &options.verb {
        Verb::Who(options) => who::run(printer, options),
        Verb::Can(options) => can::run(printer, options),
    }
}
