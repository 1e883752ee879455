//! Registries in files.

use std::io::{ErrorKind, Read};
use std::path::Path;

use super::failure::Failure;
use crate::printable::escape;

/// Reads a file of at most `limit` bytes. Anything that can be read to its end will do, a pipe as well.
pub(super) async fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let path = path.to_owned();
    match tokio::task::spawn_blocking(move || read_blocking(&path, limit)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Failure::Unknown),
    }
}

fn read_blocking(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let failure = |error: std::io::Error| match error.kind() {
        // A file in the place of a folder on the way there is a path that leads nowhere, too.
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            Failure::Missing { path: escape(&path.to_string_lossy()).into_owned() }
        }
        ErrorKind::PermissionDenied => Failure::Unreadable,
        ErrorKind::IsADirectory => Failure::Directory,
        _ => Failure::Disk { reason: error.to_string() },
    };
    let file = std::fs::File::open(path).map_err(failure)?;
    let metadata = file.metadata().map_err(failure)?;
    if metadata.is_dir() {
        return Err(Failure::Directory);
    }
    if metadata.len() > limit {
        return Err(Failure::TooLarge { limit });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // One byte more than the limit distinguishes a file of exactly that size from one that grew since.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failure)?;
    if bytes.len() as u64 > limit {
        return Err(Failure::TooLarge { limit });
    }
    Ok(bytes)
}
