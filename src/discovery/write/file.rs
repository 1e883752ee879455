//! Writing a file: beside its place, then moved there, under a lock that all publishers of this machine use.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::connect::RequestContext;
use crate::printable::escape;

use super::super::failure::Failure;
use super::error::WriteError;
use super::version::Version;

/// How often a lock that another publisher has is tried.
const TRY: Duration = Duration::from_millis(5);

/// Why a file was not written.
pub(super) enum NotWritten {
    Changed,
    Error(WriteError),
}

/// The lock of a folder: its publishers compare and write one after the other. It ends when this is dropped, or with the
/// process, and leaves no file behind.
struct Lock {
    _folder: File,
}

impl Lock {
    async fn of(ctx: &RequestContext, place: &str, folder: &Path, within: Duration) -> Result<Self, WriteError> {
        let place = || place.to_owned();
        let file = File::open(folder).map_err(|error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => WriteError::NotFound {
                place: place(),
                reason: format!("the folder `{}` does not exist: create it", escape(&folder.to_string_lossy())),
            },
            _ => failed(place(), &error),
        })?;
        let began = tokio::time::Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _folder: file }),
                Err(TryLockError::WouldBlock) if began.elapsed() < within => {
                    ctx.sleep(TRY).await.map_err(|_| WriteError::Cancelled { place: place() })?;
                }
                Err(TryLockError::WouldBlock) => {
                    let reason = "another publisher has the lock of the folder: try again later".to_owned();
                    return Err(WriteError::Failed { place: place(), reason });
                }
                Err(TryLockError::Error(error)) => return Err(failed(place(), &error)),
            }
        }
    }
}

/// Writes the file if it has this version; none: if it does not exist.
pub(super) async fn write(
    ctx: &RequestContext,
    place: &str,
    path: &Path,
    bytes: &[u8],
    required: Option<&Version>,
    within: Duration,
) -> Result<Version, NotWritten> {
    // A link stays one: what it leads to is replaced.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let lock = Lock::of(ctx, place, folder, within).await.map_err(NotWritten::Error)?;
    let (target, text, bytes, required) = (path.clone(), place.to_owned(), bytes.to_vec(), required.cloned());
    let work = tokio::task::spawn_blocking(move || {
        // Kept until the work ends, also of a run that was cancelled.
        let _lock = lock;
        replace(&target, &text, &bytes, required.as_ref())
    });
    match work.await {
        Ok(outcome) => outcome,
        Err(_) => Err(NotWritten::Error(WriteError::of(place.to_owned(), Some(Failure::Unknown)))),
    }
}

fn replace(path: &Path, place: &str, bytes: &[u8], required: Option<&Version>) -> Result<Version, NotWritten> {
    let failed = |error: std::io::Error| NotWritten::Error(failed(place.to_owned(), &error));
    let found = match std::fs::read(path) {
        Ok(found) => Some(Version::of_bytes(&found)),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    if found.as_ref() != required {
        return Err(NotWritten::Changed);
    }
    let beside = Beside(beside(path));
    // Of a process that was killed.
    let _ = std::fs::remove_file(&beside.0);
    let mut file = OpenOptions::new().write(true).create_new(true).open(&beside.0).map_err(failed)?;
    if let Ok(metadata) = std::fs::metadata(path) {
        file.set_permissions(metadata.permissions()).map_err(failed)?;
    }
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    std::fs::rename(&beside.0, path).map_err(failed)?;
    Ok(Version::of_bytes(bytes))
}

/// A file under another name, which is removed if it was not moved to its place.
struct Beside(PathBuf);

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A name of this process alone; the lock leaves one writer at a time.
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.anu", std::process::id()));
    path.with_file_name(name)
}

fn failed(place: String, error: &std::io::Error) -> WriteError {
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            let reason = format!("permission denied: give this user write permission for the folder ({error})");
            WriteError::NotAllowed { place, reason }
        }
        ErrorKind::IsADirectory => WriteError::of(place, Some(Failure::Directory)),
        _ => WriteError::of(place, Some(Failure::Disk { reason: error.to_string() })),
    }
}
