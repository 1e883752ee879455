//! `anu man`: the manual pages.

use std::path::PathBuf;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use super::Arguments;
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

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let folder = Folder::create(&options.dir)?;
    let mut root = Arguments::command().disable_help_subcommand(true);
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
