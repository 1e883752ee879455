//! The options of a provider binary.

/// The names of a provider binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeOptions {
    /// The full address: `registry.terraform.io/anu-registry/anu`.
    pub address: &'static str,
    /// The released version.
    pub version: &'static str,
    /// The name of the binary.
    pub name: &'static str,
}

impl ServeOptions {
    /// The last part of the address: the provider's name in configurations.
    pub(super) fn local_name(&self) -> &'static str {
        self.address.rsplit('/').next().unwrap_or(self.address)
    }
}
