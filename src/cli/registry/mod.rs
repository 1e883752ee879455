//! `anu registry`: what is in the registry, and what follows from it. One file per verb; what they share is beside them.
//!
//! | file | what |
//! |---|---|
//! | `source` | where the registry is, reading it, and saying what is wrong with it |
//! | `provider_options` | what the provider block says beside the registry |
//! | `folder` | files that are written anew as a whole |

mod folder;
mod manifests;
mod provider_options;
mod source;

use clap::Subcommand;

use super::{Error, Printer};

/// Read the service registry, and show what follows from it
///
/// The registry is read from `registry.json` in the current folder unless --registry says otherwise. What a provider block
/// says beside the registry is said here with the options of the same names.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  anu registry manifests --cluster compute-banking | kubectl apply --server-side -f -
  anu registry manifests --output clusters";

#[derive(Debug, Subcommand)]
enum Verb {
    Manifests(manifests::Options),
}

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    match &options.verb {
        Verb::Manifests(options) => manifests::run(printer, options),
    }
}

/// `1 error`, `2 errors`.
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// `` `a`, `b` ``.
fn list<T: std::fmt::Display>(names: impl IntoIterator<Item = T>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
