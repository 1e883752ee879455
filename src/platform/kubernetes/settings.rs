//! Connection settings of clusters, conflicts, timeouts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::connect::kubernetes::Access;

/// The settings of the platform.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The kubeconfig that has the contexts; by default the one `kubectl` uses.
    pub kubeconfig: Option<PathBuf>,
    /// Clusters by their names in the registry. One that is not here is the kubeconfig's context of the same name.
    pub clusters: BTreeMap<String, Access>,
    /// The uids of the clusters that were rebuilt, by the names of the new ones: a state may go over from that one, and no other.
    pub replaced: BTreeMap<String, String>,
    /// Overwrite fields that another manager applies, instead of failing.
    pub force_conflicts: bool,
    /// How long to wait for the deletion of one namespace.
    pub deletion_timeout: Duration,
}

impl Settings {
    /// Long enough for the usual clean-up by controllers.
    pub const DELETION_TIMEOUT: Duration = Duration::from_secs(300);
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            kubeconfig: None,
            clusters: BTreeMap::new(),
            replaced: BTreeMap::new(),
            force_conflicts: false,
            deletion_timeout: Self::DELETION_TIMEOUT,
        }
    }
}
