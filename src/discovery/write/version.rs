//! The version of what a place has.

use std::fmt;

use crate::connect::objects::ObjectVersion;

use super::super::digest::sha256;

/// What distinguishes one content of a place from another, in the place's own terms: a generation, an ETag, a digest. It is
/// obtained by reading or writing, and required of the next write.
#[derive(Debug, Clone)]
pub struct Version(Kind);

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Bytes(one), Kind::Bytes(two)) => one == two,
            // A generation or version id is unique; an ETag can be that of equal bytes.
            (Kind::Object(one), Kind::Object(two)) => match (&one.version, &two.version) {
                (Some(one), Some(two)) => one == two,
                _ => one.etag == two.etag,
            },
            _ => false,
        }
    }
}

impl Eq for Version {}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Of an object.
    Object(ObjectVersion),
    /// Of a file, or a key of a ConfigMap: the SHA-256 of its bytes.
    Bytes(String),
}

impl Version {
    pub(super) fn of_object(version: ObjectVersion) -> Self {
        Self(Kind::Object(version))
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        Self(Kind::Bytes(sha256(bytes)))
    }

    /// The version of an object. A version of another kind of place is that of no object.
    pub(super) fn object(&self) -> Option<&ObjectVersion> {
        match &self.0 {
            Kind::Object(version) => Some(version),
            Kind::Bytes(_) => None,
        }
    }
}

impl fmt::Display for Version {
    /// As the place writes it: `1700000000000000`, `"9a0364b9e99bb480dd25e1f0284c8555"`, `sha256:…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Object(ObjectVersion { version: Some(version), .. }) => f.write_str(version),
            Kind::Object(ObjectVersion { etag, .. }) => f.write_str(etag.as_deref().unwrap_or("unknown")),
            Kind::Bytes(digest) => write!(f, "sha256:{digest}"),
        }
    }
}
