//! What a provider binary is called.

/// What a provider binary is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeOptions {
    /// Its full address: `registry.terraform.io/anu-registry/anu`.
    pub address: &'static str,
    /// Its version, as released.
    pub version: &'static str,
    /// The name of the binary.
    pub name: &'static str,
}

impl ServeOptions {
    /// The last part of the address: what configurations call the provider.
    pub(super) fn local_name(&self) -> &'static str {
        self.address.rsplit('/').next().unwrap_or(self.address)
    }
}
