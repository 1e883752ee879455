//! What a connection to a store needs to know beside the address.

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
