//! Running the core in the demo's folder.

use crate::codes;
use std::io::{BufRead as _, BufReader, PipeReader};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};

use super::core::Core;
use super::folder::Folder;
use crate::cli::common::{Error, block_on};

/// How a command ended.
pub(super) struct Ended {
    pub(super) code: i32,
    pub(super) took: Duration,
    /// What it printed, if that was not shown.
    pub(super) output: String,
}

/// How much of what a command prints is shown.
pub(super) enum Shown<'s> {
    /// All of it, at once.
    All,
    /// None of it. Every tenth of a second the number of resources that are done so far is told.
    Progress(&'s dyn Fn(usize, Duration)),
}

/// Runs a command to its end. Ctrl-C is passed on, so that Terraform stops gracefully and its state is complete; a second
/// Ctrl-C stops it at once. No process runs on when this one ends.
pub(super) fn run(
    core: &Core,
    folder: &Folder,
    arguments: &[&str],
    colours: bool,
    shown: &Shown<'_>,
) -> Result<Ended, Error> {
    let mut command = command(core, folder, arguments, colours);
    let Shown::Progress(_) = shown else {
        return block_on(drive(core, command, shown, &AtomicUsize::new(0)))?;
    };
    let unable =
        |error: std::io::Error| Error::failed(codes::DEMO_FAILED, format!("Cannot run `{}`: {error}", core.shown()));
    let (reader, writer) = std::io::pipe().map_err(unable)?;
    command.stdout(writer.try_clone().map_err(unable)?).stderr(writer);
    let done = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&done);
    let reading = std::thread::spawn(move || read(reader, &counter));
    // The writers are dropped with the command, so the reading ends with the last process that has one.
    let ended = block_on(drive(core, command, shown, &done))?;
    let output = reading.join().unwrap_or_default();
    ended.map(|ended| Ended { output, ..ended })
}

/// Reads what a core prints to its end, and counts the resources that are done.
fn read(reader: PipeReader, done: &AtomicUsize) -> String {
    let (mut reader, mut output) = (BufReader::new(reader), Vec::new());
    loop {
        let start = output.len();
        match reader.read_until(b'\n', &mut output) {
            Ok(0) | Err(_) => return String::from_utf8_lossy(&output).into_owned(),
            Ok(_) => {
                let line = String::from_utf8_lossy(&output[start..]);
                if ["Creation", "Modifications", "Destruction"]
                    .iter()
                    .any(|what| line.contains(&format!(": {what} complete")))
                {
                    done.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }
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

async fn drive(core: &Core, mut command: Command, shown: &Shown<'_>, done: &AtomicUsize) -> Result<Ended, Error> {
    let unable =
        |error: std::io::Error| Error::failed(codes::DEMO_FAILED, format!("Cannot run `{}`: {error}", core.shown()));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(unable)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(unable)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(unable)?;

    let started = Instant::now();
    let mut child = command.spawn().map_err(unable)?;
    drop(command);
    let mut ticks = tokio::time::interval(Duration::from_millis(100));
    let id = i32::try_from(child.id()).unwrap_or(0);
    let mut ended = tokio::task::spawn_blocking(move || child.wait());
    let mut stopped = false;
    let status = loop {
        tokio::select! {
            biased;
            status = &mut ended => break status.map_err(std::io::Error::other).and_then(|status| status).map_err(unable)?,
            _ = ticks.tick() => {
                if let Shown::Progress(tell) = shown {
                    tell(done.load(Ordering::Relaxed), started.elapsed());
                }
                continue;
            }
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
        return Err(Error::cancelled("Demo was cancelled").hint("run the demo again: it continues in the same folder"));
    }
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok(Ended { code, took: started.elapsed(), output: String::new() })
}
