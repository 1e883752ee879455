//! The command line `anu`. One file or folder per verb; `printer` is the only place that prints.
//!
//! Exit codes, the same for every verb:
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | it did not work, or what was checked is not as it should be |
//! | 2 | the command line is wrong |
//! | 3 | something it needs is not there |
//! | 130 | stopped by Ctrl-C |

mod demo;
mod docs;
mod error;
mod printer;
mod registry;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use error::Error;
use printer::Printer;

/// Run a company's infrastructure from its service registry.
#[derive(Debug, Parser)]
#[command(name = "anu", version, max_term_width = 100, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  anu demo                                  the provider in a real Terraform run, no account needed
  anu registry manifests --output clusters  a file of Kubernetes manifests for each cluster

`anu VERB --help` says more, with examples.
Exit codes: 0 done, 1 it did not work, 2 wrong command line, 3 something needed is not there.";

#[derive(Debug, Subcommand)]
enum Verb {
    Demo(demo::Options),
    Registry(Box<registry::Options>),
    #[command(hide = true)] // for those who work on anu itself
    Docs(docs::Options),
}

/// Runs the command line, the program's name first, to its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        // Help and version come this way, too; clap knows where each goes.
        Err(usage) => {
            let _ = usage.print();
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2));
        }
    };
    let printer = Printer::new();
    let done = match arguments.verb {
        Verb::Demo(options) => demo::run(&printer, &options),
        Verb::Registry(options) => registry::run(&printer, &options),
        Verb::Docs(options) => docs::run(&printer, &options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            printer.error(&error);
            ExitCode::from(error.code())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
