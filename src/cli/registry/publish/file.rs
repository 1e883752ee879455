//! A file that a registry is written to. Publishers exclude each other by a lock of its folder, which leaves nothing behind.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::document::sha256;
use super::step::Action;
use super::target::{Target, Version};
use crate::cli::common::{Error, io, readable_by_all};

/// A file.
#[derive(Debug)]
pub(super) struct FileTarget {
    path: PathBuf,
}

impl FileTarget {
    pub(super) fn of(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn head(&self) -> Result<Option<Version>, Error> {
        let found = read(&self.path).map_err(io("read", &self.path))?;
        Ok(found.map(|bytes| Version::Digest(sha256(&bytes))))
    }

    /// Replaces each file as a whole: a reader finds the old text or the new one, also if this process is killed.
    pub(super) fn write(
        &self,
        target: &Target,
        bytes: &[u8],
        signature: Option<&str>,
        replaces: Option<&Version>,
        action: Action,
    ) -> Result<(), Error> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(io("create the folder", folder))?;
        let lock = File::open(folder).map_err(io("open the folder", folder))?;
        lock.lock().map_err(io("lock the folder", folder))?;
        let found = read(&self.path).map_err(io("read", &self.path))?;
        if found.as_deref().map(|bytes| Version::Digest(sha256(bytes))).as_ref() != replaces {
            return Err(target.changed());
        }
        if action == Action::Write {
            if let Some(found) = found {
                let previous = beside(&self.path, ".previous");
                replace(&previous, &found).map_err(io("write", &previous))?;
            }
            replace(&self.path, bytes).map_err(io("write", &self.path))?;
        }
        let path = beside(&self.path, ".minisig");
        match signature {
            Some(signature) => replace(&path, signature.as_bytes()).map_err(io("write", &path)),
            // It is of the document before.
            None => match std::fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(io("delete", &path)(error)),
                _ => Ok(()),
            },
        }
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn read(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a file in place of the one of that name, with its permissions; a link remains one.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let permissions = path.metadata().map_or_else(|_| readable_by_all(), |found| found.permissions());
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".anu-").permissions(permissions).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
