//! The embedded platform: a local store in place of Google and of Kubernetes, for trials and for tests.
//!
//! One SQLite file contains projects, APIs and policies, and any number of clusters with their namespaces. It behaves like the
//! platforms that it replaces: a creation is two writes and can be interrupted between them, the id of a deleted project stays
//! reserved, policies have etags and concurrent writers, a namespace with objects of others is not deleted, a finalizer blocks
//! a deletion. Several processes may use one file at the same time, and each may be killed at any moment.
//!
//! - `store`: the file, read and write transactions; `schema`: its tables, and what can be wrong with it
//! - `projects` (over `project_rows`), `policy`, `accounts` (over `account_rows`), `clusters` (over `namespaces` and `servers`), `kubernetes_accounts` (over `kubernetes_account_rows`): the verbs of [`Projects`](super::Projects) and [`Clusters`](super::Clusters)
//! - `dump`: everything in the store, to print and to compare
//! - only with the feature `testing`: `testing`, the writes of others; `faults`, fault injection

mod account_rows;
mod accounts;
mod clusters;
mod dump;
#[cfg(feature = "testing")]
mod faults;
#[cfg(not(feature = "testing"))]
#[path = "no_faults.rs"]
mod faults;
mod kubernetes_account_rows;
mod kubernetes_accounts;
mod namespaces;
mod policy;
mod project_rows;
mod projects;
mod schema;
mod servers;
mod store;
#[cfg(feature = "testing")]
mod testing;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

pub use self::dump::{
    Dump, KubernetesServiceAccountDump, NamespaceDump, ProjectDump, ProjectRow, RoleBindingDump, ServiceAccountDump,
};
#[cfg(feature = "testing")]
pub use self::faults::{FAULTS_VARIABLE, FaultError, Faults};
pub use self::project_rows::{ProjectPhase, project_number};
pub use self::schema::OpenError;
pub use self::store::Store;
use super::{Error, RequestContext, Result};
use crate::registry::names::ProjectId;

/// The platform's name in messages and in configuration.
const PLATFORM: &str = "embedded";

/// The embedded platform. Clones share one open store.
#[derive(Debug, Clone)]
pub struct Embedded {
    store: Arc<Store>,
    /// One read-modify-write per project at a time within this process, so that only other processes are ever in its way.
    policy_turns: Arc<std::sync::Mutex<BTreeMap<ProjectId, Arc<tokio::sync::Mutex<()>>>>>,
}

impl Embedded {
    /// Opens the store at `path`, and creates it if there is none. With the feature `testing`, the variable
    /// `ANU_EMBEDDED_FAULTS` can make it fail.
    pub async fn open(path: &Path) -> std::result::Result<Self, OpenError> {
        let path = path.to_owned();
        Ok(Self::new(unblock(move || Store::open(&path)).await?))
    }

    /// Opens the store with these faults.
    #[cfg(feature = "testing")]
    pub async fn open_with(path: &Path, faults: Faults) -> std::result::Result<Self, OpenError> {
        let path = path.to_owned();
        Ok(Self::new(unblock(move || Store::open_with(&path, faults)).await?))
    }

    /// The platform over a store that is open.
    pub fn new(store: Store) -> Self {
        Self { store: Arc::new(store), policy_turns: Arc::default() }
    }

    /// The store itself: [`Store::dump`], and the writes of others in tests. Its methods block while another process writes.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Whether nothing was ever written to the store.
    pub async fn is_unwritten(&self, ctx: &RequestContext) -> Result<bool> {
        self.step(ctx, Store::is_unwritten).await
    }

    /// Runs one step of a verb where it may block. It ends early only between transactions, never within one.
    async fn step<T: Send + 'static>(
        &self,
        ctx: &RequestContext,
        work: impl FnOnce(&Store, &CancellationToken) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if ctx.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let (store, cancel) = (Arc::clone(&self.store), ctx.cancel.clone());
        unblock(move || work(&store, &cancel)).await
    }

    /// The time that a verb takes on a remote platform; none, unless a fault sets one.
    async fn travel(&self, ctx: &RequestContext) -> Result<()> {
        match self.store.delay() {
            Some(delay) => Ok(ctx.sleep(delay).await?),
            None if ctx.cancel.is_cancelled() => Err(Error::Cancelled),
            None => Ok(()),
        }
    }
}

/// Runs blocking work on a thread that may block; a panic in it continues here.
async fn unblock<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down, and drops the caller too.
            Err(_) => std::future::pending().await,
        },
    }
}
