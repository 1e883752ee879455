//! How a registry is read.

/// How a registry is read.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// Our own version, for `metadata.requires.anu`.
    pub version: semver::Version,
    /// Whether a registry without services is one. Otherwise it is an error: it would remove everything there is.
    pub allow_empty: bool,
}
