//! The options for loading a registry.

use super::names::RegistryName;

/// Options of [`load`](super::load).
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// The version of anu that reads, for `metadata.requires.anu`.
    pub version: semver::Version,
    /// Whether a registry without services is valid. By default it is an error, because it would remove every service.
    pub allow_empty: bool,
    /// The registry's name, for a document without `metadata.name`. A document with another one is an error.
    pub name: Option<RegistryName>,
}
