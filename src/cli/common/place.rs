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
    /// Whether its warnings are left out.
    pub(super) is_quiet: bool,
}

impl<'p> Place<'p> {
    /// The source that an argument names.
    pub(in crate::cli) fn named(named_by: &'static str, source: impl Into<Cow<'p, str>>) -> Self {
        let folder = std::env::current_dir().unwrap_or_default();
        Self { named_by, source: source.into(), folder, is_quiet: false }
    }

    /// With relative paths in this folder.
    pub(in crate::cli) fn in_folder(self, folder: PathBuf) -> Self {
        Self { folder, ..self }
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
