//! terraform-provider-anu: a company's infrastructure, run from its service registry.
pub mod cli;
pub mod discovery;
pub mod docgen;
pub mod fanout;
pub mod platform;
pub mod plugin;
pub mod provider;
pub mod registry;
pub mod sdk;

/// This release's version.
pub fn version() -> semver::Version {
    // Cargo checks the form of a package's version.
    env!("CARGO_PKG_VERSION").parse().unwrap_or_else(|_| semver::Version::new(0, 0, 0))
}
