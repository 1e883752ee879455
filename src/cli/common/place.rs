//! A registry that a verb reads: what names it, and where relative paths begin.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The source that is standard input.
const STANDARD_INPUT: &str = "-";

/// A registry that a verb reads.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Place<'p> {
    /// The option, argument or variable that names it, for errors.
    pub(super) named_by: &'static str,
    source: Cow<'p, str>,
    /// The folder of a relative path.
    folder: PathBuf,
    /// The root of a repository, whose files are read from `folder` as they were at another revision.
    repository: Option<PathBuf>,
    /// Whether its warnings are left out.
    pub(super) is_quiet: bool,
}

impl<'p> Place<'p> {
    /// The source that an argument names.
    pub(in crate::cli) fn named(named_by: &'static str, source: impl Into<Cow<'p, str>>) -> Self {
        let folder = std::env::current_dir().unwrap_or_default();
        Self { named_by, source: source.into(), folder, repository: None, is_quiet: false }
    }

    /// With relative paths in this folder.
    pub(in crate::cli) fn in_folder(self, folder: PathBuf) -> Self {
        Self { folder, ..self }
    }

    /// At another revision of the repository with this root: its files are in this folder.
    pub(in crate::cli) fn in_tree(self, folder: PathBuf, repository: PathBuf) -> Self {
        Self { folder, repository: Some(repository), ..self }
    }

    /// A folder of the user's, at the revision of the place if it is in the repository.
    pub(super) fn at_revision(&self, path: PathBuf) -> PathBuf {
        let Some(repository) = &self.repository else { return path };
        let absolute = path.canonicalize().unwrap_or_else(|_| path.clone());
        absolute.strip_prefix(repository).map_or(path, |within| self.folder.join(within))
    }

    /// Without the warnings about its contents.
    pub(in crate::cli) fn quietly(&self) -> Self {
        Self { is_quiet: true, ..self.clone() }
    }

    pub(in crate::cli) fn source(&self) -> &str {
        &self.source
    }

    pub(in crate::cli) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it is standard input and not a source.
    pub(in crate::cli) fn is_standard_input(&self) -> bool {
        self.source == STANDARD_INPUT
    }
}
