//! The libraries that are part of this program: `import 'anu/registry.libsonnet'` needs no set-up.

/// A file of a library.
#[derive(Debug)]
pub struct LibraryFile {
    /// What it is imported as.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// All files.
pub const LIBRARY: &[LibraryFile] =
    &[LibraryFile { name: "anu/registry.libsonnet", text: include_str!("../../lib/anu/registry.libsonnet") }];

/// The file that is imported as `name`.
pub(super) fn file(name: &str) -> Option<&'static LibraryFile> {
    LIBRARY.iter().find(|file| file.name == name)
}
