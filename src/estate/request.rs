//! What a load is given.

use crate::compile::JsonnetSettings;
use crate::discovery::{Mode, RegistryConfig};
use crate::fanout::Settings;
use crate::registry::names::RegistryName;

/// Which registry is loaded, and how.
#[derive(Debug, Clone)]
pub struct LoadRequest {
    /// Where it is read from.
    pub registry: RegistryConfig,
    /// How it is compiled, if its source is a program.
    pub jsonnet: JsonnetSettings,
    /// Whether a fallback or the last good copy will do.
    pub mode: Mode,
    /// What shapes the fan-out besides the registry.
    pub fan_out: Settings,
    /// Whether a registry without services is accepted.
    pub allow_empty: bool,
    /// The name of a registry that has none in its document.
    pub name: Option<RegistryName>,
    /// The digest of the one registry that is accepted although it is older than states that it is applied to.
    pub accept_older: Option<String>,
}
