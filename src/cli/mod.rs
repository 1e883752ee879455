//! The command line `anu`. This file is the table of verbs: each is one file or folder, and `common` has what they share.
//!
//! A new verb is a file with its options and a function `run`, a line in `Verb`, and a line in [`run`]. `common::printer`
//! prints results and errors; exit codes are in `common::exit`.

mod access;
mod cluster;
mod common;
mod complete;
mod completions;
mod demo;
mod docs;
mod doctor;
mod explain;
mod kubectl;
mod man;
mod open_page;
mod picture;
mod plugin;
mod project;
mod recording;
mod registry;
mod service;
mod team;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use common::{Printer, exit_codes};

use crate::printable::escape;

/// Run a company's infrastructure from its service registry.
#[derive(Debug, Parser)]
#[command(name = "anu", version, max_term_width = 100, after_help = after_help())]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Demo(demo::Options),
    /// The services of the registry: which there are, and where each runs
    #[command(subcommand, after_help = service::EXAMPLES)]
    Service(service::Verb),
    /// The teams of the registry: their groups, services and access
    #[command(subcommand, after_help = team::EXAMPLES)]
    Team(team::Verb),
    /// The Google projects of the registry: who owns and who uses them
    #[command(subcommand, after_help = project::EXAMPLES)]
    Project(project::Verb),
    /// The clusters of the registry
    #[command(subcommand, after_help = cluster::EXAMPLES)]
    Cluster(cluster::Verb),
    /// Who may do what, as the registry grants it
    #[command(subcommand, after_help = access::EXAMPLES)]
    Access(access::Verb),
    Explain(Box<explain::Options>),
    Kubectl(Box<kubectl::Options>),
    Open(Box<open_page::Options>),
    Registry(Box<registry::Options>),
    Doctor(Box<doctor::Options>),
    Completions(completions::Options),
    Man(man::Options),
    /// A plugin: a program `anu-VERB` on PATH.
    #[command(external_subcommand)]
    Plugin(Vec<OsString>),
    #[command(hide = true)] // for those who work on anu itself
    Docs(docs::Options),
}

fn after_help() -> String {
    let examples = "\
Examples:
  anu demo                                 the provider in a real Terraform run, no account needed
  anu service where make-it-rain           where a service runs, and who has access
  anu explain anu:unknown-team             what an error means; or why a resource exists
  anu registry compile --to registry.json  a registry written in Jsonnet as one JSON document
  anu registry validate                    everything that is wrong with a registry, with its lines
  anu registry diff --base origin/main     what a pull request changes, and for whom
  anu registry manifests --dir clusters    a file of Kubernetes manifests for each cluster

`anu VERB --help` has more, with examples. A program `anu-VERB` on PATH is the verb VERB.";
    format!("{examples}\n\n{}", exit_codes())
}

/// Runs the command line, the program's name first, to its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // A shell that asks for candidates sets a variable. Nothing else happens then.
    if completions::answer(Arguments::command, &arguments) {
        return ExitCode::SUCCESS;
    }
    let arguments = match Arguments::try_parse_from(&arguments) {
        Ok(arguments) => arguments,
        // Help and version arrive here as well; clap prints each where it belongs. It quotes the arguments, so an error is
        // printed for arguments in which hidden characters are escaped.
        Err(usage) => {
            let code = ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2));
            let shown = arguments.iter().map(|argument| escape(&argument.to_string_lossy()).into_owned());
            let _ = Arguments::try_parse_from(shown).err().unwrap_or(usage).print();
            return code;
        }
    };
    let printer = Printer::new();
    let done = match arguments.verb {
        Verb::Demo(options) => demo::run(&printer, &options),
        Verb::Service(verb) => service::run(&printer, &verb),
        Verb::Team(verb) => team::run(&printer, &verb),
        Verb::Project(verb) => project::run(&printer, &verb),
        Verb::Cluster(verb) => cluster::run(&printer, &verb),
        Verb::Access(verb) => access::run(&printer, &verb),
        Verb::Explain(options) => explain::run(&printer, &options),
        Verb::Registry(options) => registry::run(&printer, &options),
        Verb::Kubectl(options) => kubectl::run(&printer, &options),
        Verb::Open(options) => open_page::run(&printer, &options),
        Verb::Plugin(arguments) => plugin::run(&arguments, &Arguments::command()),
        Verb::Doctor(options) => doctor::run(&printer, &options),
        Verb::Completions(options) => completions::run(&printer, &options),
        Verb::Man(options) => man::run(&printer, &options, Arguments::command()),
        Verb::Docs(options) => docs::run(&printer, &options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            printer.error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
