//! One client per cluster.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use super::cluster::Cluster;
use super::settings::Settings;
use crate::connect::kubernetes::{
    ClusterAccess, ConnectError, Endpoint, client, endpoint, no_connection, not_authenticated,
};
use crate::platform::{Error, Outage, RequestContext, Result, ServerId};
use crate::registry::names::ClusterName;

/// The platform. Cheap to clone: clones share their connections.
#[derive(Debug, Clone)]
pub struct Kubernetes {
    pub(super) settings: Arc<Settings>,
    access: Arc<ClusterAccess>,
    connections: Arc<Mutex<HashMap<ClusterName, Connection>>>,
}

type Connection = Arc<OnceCell<Cluster>>;

impl Kubernetes {
    /// A platform. Reads nothing and connects to nothing.
    pub fn new(settings: Settings) -> Self {
        let access = ClusterAccess { kubeconfig: settings.kubeconfig.clone(), clusters: settings.clusters.clone() };
        Self { settings: Arc::new(settings), access: Arc::new(access), connections: Arc::default() }
    }

    /// A connected cluster. A failed connection is tried again at the next call.
    pub(super) async fn cluster(&self, ctx: &RequestContext, name: &ClusterName) -> Result<Cluster> {
        let connection = {
            let mut all = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(name.clone()).or_default())
        };
        let connect = || async {
            let client = client(Arc::clone(&self.access), name.as_str()).await?;
            Ok::<_, ConnectError>(Cluster::new(name.clone(), client))
        };
        Ok(ctx.run(connection.get_or_try_init(connect)).await?.cloned()?)
    }

    /// A cluster that is identified by its address, because the uid of its namespace `kube-system` is not readable.
    pub(super) async fn by_address(&self, ctx: &RequestContext, name: &ClusterName) -> Result<ServerId> {
        let Endpoint { address, authority } = ctx.run(endpoint(&self.access, name.as_str())).await??;
        if authority.is_empty() {
            return Ok(ServerId::Address(address));
        }
        let mut hash = Sha256::new();
        authority.iter().for_each(|certificate| hash.update(certificate));
        let hex: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(ServerId::Address(format!("{address} sha256:{hex}")))
    }
}

impl From<ConnectError> for Error {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Invalid(text) => Self::Invalid(text),
            ConnectError::Unauthenticated { cluster, why } => {
                Self::Unauthenticated(Outage::new(not_authenticated(&cluster), why))
            }
            ConnectError::Unreadable { cluster, why } => Self::Misconfigured(Outage::new(no_connection(&cluster), why)),
            ConnectError::Unavailable(text) => Self::Unavailable(text.into()),
        }
    }
}
