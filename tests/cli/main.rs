//! The command line `anu`, as a shell sees it: its output, its errors and its exit code.

mod buckets;
mod ci_guide;
mod compile;
mod diff;
#[path = "../support/document.rs"]
mod document;
#[path = "../support/estate.rs"]
mod estate;

mod folder;
mod guide;
mod help;
mod hidden;
mod input;
mod layout;
mod manifests;
mod print;
mod publish;
mod publishing_guide;
mod questions;
mod reference_pages;
mod registry;
mod schema;
mod search;
#[allow(dead_code, reason = "shared with the tests of discovery")]
#[path = "../discovery/server.rs"]
mod server;
mod signed;
#[path = "../support/signer.rs"]
mod signer;
#[path = "../support/store_server.rs"]
mod store_server;
mod validate;
mod workflows;

use std::fmt;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde::Serialize;

use document::Document;

/// A folder of its own to run `anu` in.
struct Shell {
    scratch: tempfile::TempDir,
    environment: Vec<(&'static str, &'static str)>,
}

/// How a command ended. `Display` is for snapshots.
struct Ended {
    code: Option<i32>,
    stdout: String,
    /// Without the notes: most tests name no registry, and `search.rs` has the note of each that is found.
    stderr: String,
    /// The lines of standard error that are neither error nor warning.
    notes: String,
}

impl Shell {
    /// An empty folder.
    fn new() -> Self {
        Self { scratch: tempfile::tempdir().expect("a folder"), environment: Vec::new() }
    }

    /// A folder with this `registry.json`.
    fn with(registry: &impl Serialize) -> Self {
        let shell = Self::new();
        shell.registry(registry);
        shell
    }

    /// Writes `registry.json`: a [`Document`], or JSON that is meant to be none.
    fn registry(&self, registry: &impl Serialize) {
        self.write("registry.json", &serde_json::to_string(registry).expect("a registry is JSON"));
    }

    /// A folder with the registry of `examples/kubernetes`.
    fn of_example() -> Self {
        Self::with(&example())
    }

    fn set(&mut self, name: &'static str, value: &'static str) {
        self.environment.push((name, value));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    #[track_caller]
    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names in a folder.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(folder)).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
        names.sort();
        names
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anu"));
        command.args(arguments).current_dir(self.scratch.path()).stdin(Stdio::null());
        // None of the user's own settings, and no last good copy of another test.
        command.env_clear().env("ANU_CACHE_DIR", self.path(".cache")).envs(self.environment.iter().copied());
        command
    }

    /// Runs `anu` with these arguments.
    fn run(&self, arguments: &[&str]) -> Ended {
        self.ended(&mut self.command(arguments))
    }

    /// Runs a command to its end.
    fn ended(&self, command: &mut Command) -> Ended {
        self.end_of(command.output().expect("anu runs"))
    }

    /// Runs `anu` with a text on its standard input.
    fn piped(&self, arguments: &[&str], input: &str) -> Ended {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("anu runs");
        let mut pipe = child.stdin.take().expect("a pipe");
        let _ = pipe.write_all(input.as_bytes()); // what refuses its command line does not read
        drop(pipe);
        self.end_of(child.wait_with_output().expect("anu ends"))
    }

    /// Runs a line in a shell that finds `anu`, and scripts of [`Shell::script`] before others.
    fn line(&self, line: &str) -> Ended {
        self.ended(&mut self.line_command(line))
    }

    fn line_command(&self, line: &str) -> Command {
        let folder = Path::new(env!("CARGO_BIN_EXE_anu")).parent().expect("a folder");
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail", "-c", line]).current_dir(self.scratch.path()).stdin(Stdio::null());
        command.env_clear().env("ANU_CACHE_DIR", self.path(".cache")).envs(self.environment.iter().copied());
        command.env("PATH", format!("{}:{}:{path}", self.path("bin").display(), folder.display()));
        command
    }

    /// A program of others: a script of that name.
    fn script(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.path("bin")).expect("a folder");
        let name = format!("bin/{name}");
        self.write(&name, &format!("#!/bin/sh\n{text}\n"));
        std::fs::set_permissions(self.path(&name), std::fs::Permissions::from_mode(0o755)).expect("set");
    }

    fn end_of(&self, output: Output) -> Ended {
        // The temporary folder has another name in every run.
        let scratch = self.scratch.path().canonicalize().expect("a folder");
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).expect("UTF-8");
            text.replace(&scratch.display().to_string(), "HERE")
        };
        let (notes, stderr): (Vec<String>, Vec<String>) =
            text(output.stderr).split_inclusive('\n').map(str::to_owned).partition(|line| line.starts_with("note: "));
        Ended {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: stderr.concat(),
            notes: notes.concat(),
        }
    }
}

impl Ended {
    /// The output of a command that is expected to succeed without warnings.
    #[track_caller]
    fn quietly(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{self}");
        self.stdout
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.stdout, self.stderr)?;
        match self.code {
            Some(code) => write!(f, "(exit code {code})"),
            None => write!(f, "(killed)"),
        }
    }
}

/// The registry of `examples/kubernetes`.
fn example() -> Document {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/kubernetes/registry.json");
    Document::parse(&std::fs::read_to_string(path).expect("a registry"))
}
