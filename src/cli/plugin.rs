//! Plugins: a program `anu-VERB` on PATH is the verb VERB.

use std::ffi::OsString;

use clap::Command;

use super::common::{Error, become_program, find_program};
use crate::codes;
use crate::printable::escape;
use crate::registry::suggest::{did_you_mean, nearest};

/// Becomes the plugin. The first argument is the verb, all others are the plugin's.
pub(super) fn run(arguments: &[OsString], command_line: &Command) -> Result<(), Error> {
    let (verb, rest) = arguments
        .split_first()
        .map_or((String::new(), arguments), |(verb, rest)| (verb.to_string_lossy().into_owned(), rest));
    // A path is no name of a verb: `anu ../x` must not run a file that PATH does not have.
    let is_name =
        !verb.is_empty() && verb.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    match find_program(&format!("anu-{verb}")).filter(|_| is_name) {
        Some(path) => Err(become_program(&path, rest)),
        None => {
            let verbs = command_line.get_subcommands().filter(|verb| !verb.is_hide_set()).map(Command::get_name);
            let hint = did_you_mean(nearest(&verb, verbs));
            let what = format!("Unknown verb `{}`", escape(&verb));
            let rule = match is_name {
                true => format!("It is not a verb of anu, and PATH has no program `anu-{verb}`.{hint}"),
                false => format!("It is not a verb of anu.{hint}"),
            };
            Err(Error::usage(what).coded(codes::UNKNOWN_VERB).because(rule).hint("anu --help lists the verbs"))
        }
    }
}
