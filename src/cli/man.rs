//! `anu man`: the manual pages.

use std::path::PathBuf;

use clap::Command;
use clap_mangen::Man;

use super::common::{Error, Folder, Printer, count, io};

/// Write the manual pages, one for each verb
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    /// The folder, which is created if it does not exist
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  anu man share/man/man1
  man share/man/man1/anu-service-where.1";

/// Writes the pages of this command line.
pub(super) fn run(printer: &Printer, options: &Options, command_line: Command) -> Result<(), Error> {
    let folder = Folder::create(&options.dir)?;
    let mut root = command_line.disable_help_subcommand(true);
    root.build();
    let mut written = 0;
    write(&root, &folder, &mut written)?;
    printer.line(format_args!("wrote {} to {}", count(written, "manual page"), options.dir.display()));
    Ok(())
}

fn write(command: &Command, folder: &Folder, written: &mut usize) -> Result<(), Error> {
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        write(verb, folder, written)?;
    }
    let page = Man::new(command.clone()).manual("anu");
    let (name, mut text) = (page.get_filename(), Vec::new());
    page.render(&mut text).map_err(io("write", &folder.path(&name)))?;
    folder.write(&name, &String::from_utf8_lossy(&text))?;
    *written += 1;
    Ok(())
}
