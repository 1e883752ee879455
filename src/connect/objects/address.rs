//! A bucket and an object in it.

use url::Url;

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
    /// Amazon S3, or a server of its kind.
    S3 {
        /// Its name.
        name: String,
        /// Its region; none: that of the environment.
        region: Option<String>,
        /// A server other than Amazon's.
        endpoint: Option<Url>,
    },
    /// Azure Blob Storage.
    Az {
        /// Its name: Azure calls it a container.
        container: String,
        /// The storage account; none: that of the environment.
        account: Option<String>,
        /// A server other than Azure's, with its path.
        endpoint: Option<Url>,
    },
}

impl Bucket {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Gs { name } | Self::S3 { name, .. } | Self::Az { container: name, .. } => name,
        }
    }
}
