//! Other programs: finding them, and becoming one of them.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

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
