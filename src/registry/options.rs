//! The options for loading a registry.

/// Options of [`load`](super::load).
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// The version of anu that reads, for `metadata.requires.anu`.
    pub version: semver::Version,
    /// Whether a registry without services is valid. By default it is an error, because it would remove every service.
    pub allow_empty: bool,
}
