//! Kubernetes: namespaces, quotas and role bindings, on as many clusters as the registry names.
//!
//! Everything is written by server-side apply under the field manager [`MANAGER`], so the server itself knows which labels,
//! limits and subjects are ours, and tells whom we would overrule. Connections are made when a cluster is first needed: one
//! that is down fails only what is on it.
//!
//! | file | what |
//! |---|---|
//! | `connect` | from settings to a client for one cluster |
//! | `google` | Google's credentials, for GKE |
//! | `login` | the same, which logs in again when its credentials have run out |
//! | `cluster` | one cluster: requests with retries, and what an answer means |
//! | `objects` | our words to Kubernetes objects and back |
//! | `clusters` | the verbs of [`Clusters`](super::Clusters) |
//! | `manifests` | the same objects as YAML, for others to apply |
//! | `contents` | what a namespace holds that anu did not make |
//! | `deletion` | a namespace on its way out: what holds it, and waiting for it |

mod cluster;
mod clusters;
mod connect;
mod contents;
mod deletion;
mod google;
mod login;
mod manifests;
mod objects;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;

use super::{RequestContext, Result};
use crate::registry::names::ClusterName;
use cluster::Cluster;
pub use connect::{Access, Credentials, Exec, Token};
pub use manifests::{Counts, Manifests, manifests};

/// What messages call this platform.
const PLATFORM: &str = "kubernetes";

/// The field manager of all we apply.
pub const MANAGER: &str = "anu";

/// How clusters are reached, and how they are treated.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The kubeconfig whose contexts are looked at; by default where `kubectl` looks.
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

/// The platform. Cheap to clone: clones share their connections.
#[derive(Debug, Clone)]
pub struct Kubernetes {
    settings: Arc<Settings>,
    connections: Arc<Mutex<HashMap<ClusterName, Connection>>>,
}

type Connection = Arc<OnceCell<Cluster>>;

impl Kubernetes {
    /// A platform. Reads nothing and connects to nothing.
    pub fn new(settings: Settings) -> Self {
        Self { settings: Arc::new(settings), connections: Arc::default() }
    }

    /// A cluster, connected. What went wrong the first time is tried again the next.
    async fn cluster(&self, ctx: &RequestContext, name: &ClusterName) -> Result<Cluster> {
        let connection = {
            let mut all = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(name.clone()).or_default())
        };
        let connect = || async {
            let client = login::client(Arc::clone(&self.settings), name.clone()).await?;
            Ok(Cluster::new(name.clone(), client))
        };
        ctx.run(connection.get_or_try_init(connect)).await?.cloned()
    }
}
