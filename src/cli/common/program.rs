//! Other programs: finding them, and becoming one of them.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::error::Error;
use crate::codes;
use crate::printable::escape;

/// Replaces this process by a program with these arguments, so that its input, output, signals and exit code are the program's own. Returns
/// only if that fails.
pub(in crate::cli) fn become_program(path: &Path, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Error {
    let arguments: Vec<OsString> = arguments.into_iter().map(|each| each.as_ref().to_owned()).collect();
    let error = Command::new(path).args(arguments).exec();
    let what = format!("Cannot run `{}`: {error}", escape(&path.to_string_lossy()));
    match error.kind() {
        ErrorKind::NotFound => Error::missing(codes::NOT_FOUND, what),
        _ => Error::failed(codes::FILE_NOT_ACCESSIBLE, what),
    }
}

/// The version that a program prints; at a place in it, if that is JSON. `None` if it fails.
pub(in crate::cli) fn version_of(path: &Path, arguments: &[&str], pointer: Option<&str>) -> Option<String> {
    let mut command = Command::new(path);
    // Of Terraform: no check for a newer release, and no configuration of the command line.
    command.args(arguments).stdin(Stdio::null()).env("CHECKPOINT_DISABLE", "1").env("TF_CLI_CONFIG_FILE", "/dev/null");
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let version = match pointer {
        Some(pointer) => serde_json::from_str::<Value>(&text).ok()?.pointer(pointer)?.as_str()?.to_owned(),
        None => text.split(' ').next_back()?.to_owned(),
    };
    (!version.is_empty()).then_some(version)
}

/// git in a folder, with its messages in English. It writes nothing for others to wait for.
pub(in crate::cli) fn git(folder: &Path) -> Command {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).stdin(Stdio::null()).env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0");
    command
}

/// A program by its name on PATH, or by its path. The result is absolute, because the program may run in another folder.
pub(in crate::cli) fn find_program(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return std::path::absolute(name).ok().filter(|path| is_program(path));
    }
    std::env::split_paths(&std::env::var_os("PATH")?)
        .filter_map(|folder| std::path::absolute(folder.join(name)).ok())
        .find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}
