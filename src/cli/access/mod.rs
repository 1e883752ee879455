//! `anu access`: who may do what, as the registry has it. One file per verb.

mod can;
mod table;
mod who;

use clap::Subcommand;

use super::common::{Error, Printer};

/// Of all its verbs.
pub(super) const EXAMPLES: &str = "\
Examples:
  anu access who ledger -e production
  anu access who gc-prd-ledger-prod-a41f
  anu access can group:auditors@example.com
  anu access can core-banking";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    Who(Box<who::Options>),
    Can(Box<can::Options>),
}

pub(super) fn run(printer: &Printer, verb: &Verb) -> Result<(), Error> {
    match verb {
        Verb::Who(options) => who::run(printer, options),
        Verb::Can(options) => can::run(printer, options),
    }
}
