//! The command line `anu`. Under the provider's own name it is the provider: see `anu demo`.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    anu::cli::run(std::env::args_os())
}
