//! The evaluation in a child process, with limits.
//!
//! A Jsonnet program can loop for ever and grow without end, and an evaluation within a thread can be neither stopped nor
//! limited. So a program of ours starts itself again, with an argument that no user types, and without environment: what is
//! evaluated there reaches neither credentials nor variables. The child watches its own time and memory and ends when it is
//! over either limit; it also ends when its parent does.

use std::io::{self, Read as _, Write as _};
use std::process::{ExitCode, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt as _;

use super::error::{CompileError, CompileFailure};
use super::evaluator::{Compiled, evaluate};
use super::request::Request;
use crate::connect::RequestContext;

/// The first argument of a child.
const ARGUMENT: &str = "compile-jsonnet-for-parent";

/// The exit codes of a child that is over a limit.
const OVER_TIME: u8 = 97;
const OVER_MEMORY: u8 = 98;

/// Whether this program is one that answers as a child. A test is not.
static IS_OWN_CHILD: AtomicBool = AtomicBool::new(false);

/// What a compilation may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// How long it may take.
    pub time: Duration,
    /// How much memory the process that evaluates may have, in MiB.
    pub memory: u64,
}

impl Default for Limits {
    /// A registry of 10,000 services takes seconds and a few hundred MiB.
    fn default() -> Self {
        Self { time: Duration::from_secs(60), memory: 2048 }
    }
}

#[derive(Serialize, Deserialize)]
struct Task {
    request: Request,
    limits: Limits,
    /// The process that waits for the answer. It may have ended before the child looks who its parent is.
    parent: u32,
}

/// The first line that a child writes; after one without an error comes the document.
#[derive(Serialize, Deserialize)]
enum Header {
    Compiled { files: Vec<std::path::PathBuf> },
    Failed(CompileError),
}

/// Compiles a program within limits.
///
/// # Errors
/// Those of [`evaluate`]; when a limit is exceeded; when the run is cancelled.
pub async fn compile(ctx: &RequestContext, request: &Request, limits: Limits) -> Result<Compiled, CompileFailure> {
    if !IS_OWN_CHILD.load(Ordering::Relaxed) {
        let request = request.clone();
        let work = tokio::task::spawn_blocking(move || evaluate(&request));
        return match ctx.run(work).await? {
            Ok(compiled) => Ok(compiled?),
            Err(failed) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
            Err(failed) => Err(broken(&failed.to_string()).into()),
        };
    }
    let task = Task { request: request.clone(), limits, parent: std::process::id() };
    match ctx.run(in_child(&task)).await? {
        Ok(compiled) => Ok(compiled?),
        Err(error) => Err(broken(&error.to_string()).into()),
    }
}

/// As [`compile`], for a thread that may wait, and whose caller cannot be cancelled.
///
/// # Errors
/// Those of [`compile`].
pub fn compile_blocking(request: &Request, limits: Limits) -> Result<Compiled, CompileError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| broken(&error.to_string()))?;
    match runtime.block_on(compile(&RequestContext::default(), request, limits)) {
        Ok(compiled) => Ok(compiled),
        Err(CompileFailure::Program(error)) => Err(*error),
        Err(CompileFailure::Cancelled(cancelled)) => Err(broken(&cancelled.to_string())),
    }
}

/// The outer error is one of the process, the inner one of the program.
async fn in_child(task: &Task) -> io::Result<Result<Compiled, CompileError>> {
    let mut child = tokio::process::Command::new(std::env::current_exe()?)
        .arg(ARGUMENT)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true) // a cancelled run drops it
        .spawn()?;
    let text = serde_json::to_vec(task)?;
    let mut input = child.stdin.take().ok_or_else(|| io::Error::other("no standard input"))?;
    let write = async move {
        // A child that ended early says why by its exit code.
        let _ = input.write_all(&text).await;
    };
    let (output, ()) = tokio::join!(child.wait_with_output(), write);
    let output = output?;
    if !output.status.success() {
        return Ok(Err(ended(task, output.status, &output.stderr)));
    }
    let end = output.stdout.iter().position(|&byte| byte == b'\n').unwrap_or(output.stdout.len());
    Ok(match serde_json::from_slice(&output.stdout[..end])? {
        Header::Failed(error) => Err(error),
        Header::Compiled { files } => {
            let mut document = output.stdout;
            document.drain(..=end);
            Ok(Compiled { json: String::from_utf8(document).map_err(io::Error::other)?, files })
        }
    })
}

/// Why a child ended without an answer.
fn ended(task: &Task, status: ExitStatus, messages: &[u8]) -> CompileError {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    let (message, help) = match code {
        Some(OVER_TIME) => (
            format!("The program did not finish within {} s", task.limits.time.as_secs_f64()),
            "A registry of thousands of services compiles in seconds: check for recursion that does not end.",
        ),
        Some(OVER_MEMORY) => (
            format!("The program needs more than {} MiB of memory", task.limits.memory),
            "A registry of thousands of services needs a few hundred MiB: check for recursion that does not end.",
        ),
        _ => {
            let messages = String::from_utf8_lossy(messages);
            if messages.contains("overflowed its stack") {
                return CompileError::plain(
                    "The program is nested too deeply: its evaluation exceeds the stack".into(),
                );
            }
            let first = messages.lines().next().unwrap_or_default();
            return broken(&format!("its process ended with {status}: {first}"));
        }
    };
    CompileError { help: Some(help.into()), ..CompileError::plain(message) }
}

fn broken(reason: &str) -> CompileError {
    let help = Some("If this repeats, it is a bug of anu: please report it with the program.".into());
    CompileError { help, ..CompileError::plain(format!("The program could not be compiled: {reason}")) }
}

/// Does the work of a child, if this process is one. Called first by each program.
pub fn answer_if_child() -> Option<ExitCode> {
    IS_OWN_CHILD.store(true, Ordering::Relaxed);
    if std::env::args_os().nth(1).is_none_or(|argument| argument != ARGUMENT) {
        return None;
    }
    Some(match answer() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    })
}

fn answer() -> io::Result<()> {
    let mut text = Vec::new();
    io::stdin().read_to_end(&mut text)?;
    let task: Task = serde_json::from_slice(&text)?;
    let (limits, parent) = (task.limits, task.parent);
    std::thread::spawn(move || watch(limits, parent));
    let (header, document) = match evaluate(&task.request) {
        Ok(compiled) => (Header::Compiled { files: compiled.files }, compiled.json),
        Err(error) => (Header::Failed(error), String::new()),
    };
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, &header)?;
    output.write_all(b"\n")?;
    output.write_all(document.as_bytes())?;
    output.flush()
}

/// Ends this process when it is over a limit or has lost its parent.
#[allow(clippy::disallowed_methods, reason = "a thread of a process that serves nothing else")]
fn watch(limits: Limits, parent: u32) {
    let started = Instant::now();
    loop {
        std::thread::sleep(Duration::from_millis(5));
        if started.elapsed() > limits.time {
            std::process::exit(OVER_TIME.into());
        }
        if most_memory() >> 20 > limits.memory {
            std::process::exit(OVER_MEMORY.into());
        }
        if std::os::unix::process::parent_id() != parent {
            std::process::exit(1);
        }
    }
}

/// The most memory that this process had so far, in bytes.
#[expect(unsafe_code, reason = "the standard library does not know how much memory a process has")]
fn most_memory() -> u64 {
    // SAFETY: a `rusage` of zeros is valid, and `getrusage` only writes to it.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    let most = u64::try_from(usage.ru_maxrss).unwrap_or_default();
    if cfg!(target_os = "macos") { most } else { most * 1024 } // Linux counts KiB
}
