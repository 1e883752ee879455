//! Running the core in the demo's folder, with the same standard output and error.

use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};

use super::core::Core;
use super::folder::Folder;
use crate::cli::common::{Error, block_on};

/// How a command ended.
pub(super) struct Ended {
    pub(super) code: i32,
    pub(super) took: Duration,
}

/// Runs a command to its end. Ctrl-C is passed on, so that Terraform stops gracefully and its state is complete; a second
/// Ctrl-C stops it at once. No process runs on when this one ends.
pub(super) fn run(core: &Core, folder: &Folder, arguments: &[&str], colours: bool) -> Result<Ended, Error> {
    block_on(drive(core, command(core, folder, arguments, colours)))?
}

fn command(core: &Core, folder: &Folder, arguments: &[&str], colours: bool) -> Command {
    let mut command = Command::new(core.path());
    command.args(arguments).current_dir(folder.root()).stdin(Stdio::null());
    // The user's own settings would change the output or the place. Logging is set on purpose.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("TF_") && !text.starts_with("TF_LOG") {
            command.env_remove(&name);
        }
    }
    command.env("TF_CLI_CONFIG_FILE", folder.configuration()).env("CHECKPOINT_DISABLE", "1");
    if !colours {
        command.env("TF_CLI_ARGS", "-no-color"); // cores check neither for a terminal nor for NO_COLOR
    }
    // A process group of its own: a Ctrl-C on the terminal reaches only this process, which passes it on once. If the terminal
    // signalled the core as well, the core would count two, which means "at once".
    command.process_group(0);
    command
}

async fn drive(core: &Core, mut command: Command) -> Result<Ended, Error> {
    let unable = |error: std::io::Error| Error::failed(format!("Cannot run `{}`: {error}", core.shown()));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(unable)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(unable)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(unable)?;

    let started = Instant::now();
    let mut child = command.spawn().map_err(unable)?;
    let id = i32::try_from(child.id()).unwrap_or(0);
    let mut ended = tokio::task::spawn_blocking(move || child.wait());
    let mut stopped = false;
    let status = loop {
        tokio::select! {
            biased;
            status = &mut ended => break status.map_err(std::io::Error::other).and_then(|status| status).map_err(unable)?,
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
        stopped = true;
        if id > 0 {
            #[expect(unsafe_code, reason = "the standard library sends no signals but SIGKILL")]
            // SAFETY: no memory is involved, and the child was not waited for a moment ago.
            unsafe {
                libc::kill(id, libc::SIGINT)
            };
        }
    };
    if stopped {
        return Err(Error::stopped("Stopped").hint("run the demo again: it continues in the same folder"));
    }
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok(Ended { code, took: started.elapsed() })
}
