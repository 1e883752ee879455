//! What a connection to a store is given beside the address, and what it writes.

use std::time::Duration;

use super::super::environment::Environment;

/// What a connection needs to know beside the address.
#[derive(Debug, Clone)]
pub struct ObjectSettings {
    /// Which servers and identities.
    pub environment: Environment,
    /// Certificates, in PEM, to trust beside those of the operating system.
    pub ca_certificate: Option<String>,
    /// For a connection.
    pub connect_timeout: Duration,
    /// What for.
    pub purpose: Purpose,
}

/// What objects are accessed for. Tokens are limited to it where a cloud can do that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To read only.
    Read,
    /// To read and to write.
    Write,
}

/// By what a store recognizes one content of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectVersion {
    /// The ETag of the answer: for conditional reads.
    pub etag: Option<String>,
    /// The generation or version id, if the store has such.
    pub version: Option<String>,
}

/// What is written, and what must be true for it.
#[derive(Debug, Clone)]
pub struct Write<'w> {
    /// The object's bytes.
    pub bytes: &'w [u8],
    /// What must be there now: nothing, or this version.
    pub replaces: Option<&'w ObjectVersion>,
    /// `Content-Type`
    pub content_type: &'w str,
    /// `Cache-Control`
    pub cache_control: &'w str,
}
