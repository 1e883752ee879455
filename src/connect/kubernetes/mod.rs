//! Clients for Kubernetes clusters.
//!
//! | file | what |
//! |---|---|
//! | `access` | how clusters are reached, as users configure it |
//! | `kubeconfig` | from there to one cluster's kubeconfig |
//! | `client_config` | from a kubeconfig to the settings of a client, its proxy included |
//! | `credential_plugin` | what a kubeconfig's `exec` runs |
//! | `connection` | from a kubeconfig to a client, logged in |
//! | `context` | a client by a context, or for the cluster in which this process runs |
//! | `config_map` | ConfigMaps: reading one, and writing one under a condition |
//! | `probe` | whether a cluster answers, and what we may do there |
//! | `login` | a client that logs in again when its credentials have run out |
//! | `error` | connection errors |

mod access;
mod client_config;
mod config_map;
mod connection;
mod context;
mod credential_plugin;
mod error;
mod kubeconfig;
mod login;
mod probe;

pub use access::{Access, ClusterAccess, Credentials, Exec};
pub use config_map::{ConfigMapCondition, ConfigMapContent, ConfigMapError, ConfigMapName};
pub use connection::{Endpoint, endpoint};
pub use context::{ContextClient, ContextError, context_client, is_pod};
pub use error::{ConnectError, no_connection, not_authenticated};
pub use kube::Client;
pub use kubeconfig::context_names;
pub use login::client;
pub use probe::{Action, Probe, probe};
