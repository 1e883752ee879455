//! How clusters are reached, and how they are treated.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::connect::kubernetes::Access;

/// How clusters are reached, and how they are treated.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The kubeconfig that has the contexts; by default the one `kubectl` uses.
    pub kubeconfig: Option<PathBuf>,
    /// Clusters by their names in the registry. One that is not here is the kubeconfig's context of the same name.
    pub clusters: BTreeMap<String, Access>,
    /// Take over fields that another manager applies, instead of refusing.
    pub force_conflicts: bool,
    /// How long a namespace that is being deleted is waited for, each time.
    pub deletion_timeout: Duration,
}

impl Settings {
    /// Long enough for what controllers clean up as a rule.
    pub const DELETION_TIMEOUT: Duration = Duration::from_secs(300);
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            kubeconfig: None,
            clusters: BTreeMap::new(),
            force_conflicts: false,
            deletion_timeout: Self::DELETION_TIMEOUT,
        }
    }
}
