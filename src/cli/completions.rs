//! `anu completions`: what a shell needs to complete the arguments of `anu`.

use std::ffi::OsString;

use clap::Command;
use clap_complete::CompleteEnv;
use clap_complete::env::Shells;

use super::common::{Error, Printer};
use crate::codes;

/// The variable by which a shell asks for candidates.
const VARIABLE: &str = "ANU_COMPLETE";

/// Print the script by which a shell completes arguments of anu
///
/// It completes verbs and options, and the services, environments, teams, clusters and projects of the registry that is found. The script
/// asks `anu` itself, which must be on PATH, so it need not change with the registry. Load it when the shell starts: after an update of
/// anu an old script may no longer work.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

const EXAMPLES: &str = "\
Examples:
  For bash, in ~/.bashrc:
    source <(anu completions bash)

  For zsh, in ~/.zshrc, after compinit:
    source <(anu completions zsh)

  For fish, in ~/.config/fish/completions/anu.fish:
    anu completions fish | source

  For PowerShell, in $PROFILE:
    anu completions powershell | Out-String | Invoke-Expression";

impl Shell {
    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
        }
    }
}

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let mut script = Vec::new();
    let failed = || Error::failed(codes::BUG, format!("Cannot write the script of {}", options.shell.name()));
    let shells = Shells::builtins();
    let shell = shells.completer(options.shell.name()).ok_or_else(failed)?;
    shell.write_registration(VARIABLE, "anu", "anu", "anu", &mut script).map_err(|_| failed())?;
    printer.text(&String::from_utf8_lossy(&script))
}

/// Answers a shell that asks for candidates of this command line; false if none does.
pub(super) fn answer(command_line: impl Fn() -> Command, arguments: &[OsString]) -> bool {
    if std::env::var_os(VARIABLE).is_none() {
        return false;
    }
    let current = std::env::current_dir().ok();
    let complete = CompleteEnv::with_factory(command_line).var(VARIABLE).bin("anu").completer("anu");
    // A shell that this version does not know is answered with nothing: an error would be printed into the line that is typed.
    complete.try_complete(arguments.iter().cloned(), current.as_deref()).unwrap_or(true)
}
