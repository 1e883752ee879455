//! Where an import is found, and what it may not reach.
//!
//! As in Jsonnet's own implementations an import is looked for beside the importing file, then in each library folder; and then,
//! unlike there, among the libraries that are part of this program. What is found must be inside the repository or a library
//! folder once all links are followed: who may write a registry must not be able to read other files of the machine that
//! compiles it.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::library;
use super::request::Request;

/// The most that one imported file may have.
const MOST_BYTES: u64 = 64 << 20;

/// The folders that may be read.
#[derive(Debug)]
pub(super) struct Imports {
    /// The repository, without links.
    root: Option<PathBuf>,
    /// The library folders as given, and without links where they exist.
    libraries: Vec<(PathBuf, Option<PathBuf>)>,
}

/// What an import is.
#[derive(Debug)]
pub(super) enum Import {
    /// A file.
    File {
        /// Its path without links: what it is known by, so that it is read once.
        real: PathBuf,
        /// Its path as the import wrote it: what messages and `std.thisFile` say.
        shown: PathBuf,
    },
    /// A file that is part of this program.
    Library(&'static library::LibraryFile),
}

/// Why an import cannot be used: a sentence without a full stop, and what to do.
#[derive(Debug)]
pub(super) struct ImportFailure {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl ImportFailure {
    fn new(message: String) -> Self {
        Self { message, help: None }
    }
}

impl Imports {
    pub(super) fn new(request: &Request) -> Self {
        let real = |path: &PathBuf| path.canonicalize().ok();
        Self {
            root: request.root.as_ref().map(|root| real(root).unwrap_or_else(|| root.clone())),
            libraries: request.library_paths.iter().map(|path| (path.clone(), real(path))).collect(),
        }
    }

    /// Finds what a file in `folder` imports as `written`.
    pub(super) fn find(&self, folder: Option<&Path>, written: &str) -> Result<Import, ImportFailure> {
        if written.is_empty() || written.contains('\0') {
            return Err(ImportFailure::new("Import path is empty or contains a zero byte".into()));
        }
        let mut escapes = false;
        for base in folder.into_iter().chain(self.libraries.iter().map(|(given, _)| given.as_path())) {
            let path = base.join(written);
            match path.canonicalize() {
                Ok(real) if !self.encloses(&real) => return Err(self.outside(written)),
                Ok(real) if real.is_dir() => {}
                Ok(real) => return Ok(Import::File { real, shown: lexical(&path) }),
                // Whether a file outside exists is not told either.
                Err(_) if !self.encloses(&lexical(&real_folder(base).join(written))) => escapes = true,
                // A folder in which a file is looked for may be a file, and the other way round.
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
                Err(error) => return Err(unreadable(written, &error)),
            }
        }
        if escapes {
            return Err(self.outside(written));
        }
        library::file(written).map(Import::Library).ok_or_else(|| ImportFailure {
            message: format!("Import `{written}` not found"),
            help: Some(self.searched(folder)),
        })
    }

    fn encloses(&self, real: &Path) -> bool {
        let folders = self.root.iter().chain(self.libraries.iter().filter_map(|(_, real)| real.as_ref()));
        // A root of `/` would be no limit.
        folders.filter(|folder| folder.parent().is_some()).any(|folder| real.starts_with(folder))
    }

    fn outside(&self, written: &str) -> ImportFailure {
        let mut folders: Vec<String> = self.root.iter().map(|root| format!("`{}`", root.display())).collect();
        folders.extend(self.libraries.iter().map(|(given, _)| format!("`{}`", given.display())));
        let help = if folders.is_empty() {
            "A program that is not read from a file may import only `anu/registry.libsonnet`.".to_owned()
        } else {
            format!(
                "A program may read only files in its repository and in the library paths ({}): otherwise a change of the \
                 registry could read any file of the machine that compiles it.",
                folders.join(", ")
            )
        };
        ImportFailure { message: format!("Import `{written}` is outside the repository"), help: Some(help) }
    }

    fn searched(&self, folder: Option<&Path>) -> String {
        let mut folders: Vec<String> = folder.iter().map(|folder| format!("`{}`", shown_folder(folder))).collect();
        folders.extend(self.libraries.iter().map(|(given, _)| format!("`{}`", given.display())));
        if folders.is_empty() {
            return "A program that is not read from a file may import only `anu/registry.libsonnet`.".to_owned();
        }
        let library = if self.libraries.is_empty() { "; there is no library path" } else { "" };
        format!("Searched: {}{library}.", folders.join(", "))
    }
}

/// Reads a file that was found, or the program itself. `written` is what messages call it.
pub(super) fn read(path: &Path, written: &str) -> Result<Vec<u8>, ImportFailure> {
    let failed = |error: io::Error| unreadable(written, &error);
    // Before it is opened, because opening a pipe waits for a writer.
    let metadata = fs::metadata(path).map_err(failed)?;
    check(&metadata, written)?;
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(too_large(written));
    }
    Ok(bytes)
}

fn check(metadata: &Metadata, written: &str) -> Result<(), ImportFailure> {
    if !metadata.is_file() {
        // A device or a pipe may never end.
        return Err(ImportFailure::new(format!("`{written}` is not a regular file")));
    }
    if metadata.len() > MOST_BYTES { Err(too_large(written)) } else { Ok(()) }
}

fn too_large(written: &str) -> ImportFailure {
    ImportFailure::new(format!("`{written}` is larger than {} MiB", MOST_BYTES >> 20))
}

fn unreadable(written: &str, error: &io::Error) -> ImportFailure {
    let reason = match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => "it does not exist".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    };
    ImportFailure::new(format!("Cannot read `{written}`: {reason}"))
}

/// A folder without links.
fn real_folder(folder: &Path) -> PathBuf {
    let named = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    named.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

/// A path without `.` and `..`, whether or not it exists.
fn lexical(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            std::path::Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

fn shown_folder(folder: &Path) -> String {
    if folder.as_os_str().is_empty() { ".".into() } else { folder.display().to_string() }
}
