//! A bucket and an object in it.

/// An object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectAddress {
    /// Where it is.
    pub bucket: Bucket,
    /// Its name, as it is.
    pub key: String,
    /// One version of it: a generation, a version id. Without, the newest.
    pub version: Option<String>,
}

/// A bucket of one of the stores.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Bucket {
    /// Google Cloud Storage.
    Gs {
        /// Its name.
        name: String,
    },
}

impl Bucket {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Gs { name } => name,
        }
    }
}
