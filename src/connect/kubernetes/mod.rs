//! Clients for Kubernetes clusters.
//!
//! | file | what |
//! |---|---|
//! | `access` | how clusters are reached, as users configure it |
//! | `kubeconfig` | from there to one cluster's kubeconfig |
//! | `credential_plugin` | what a kubeconfig's `exec` runs |
//! | `connection` | from a kubeconfig to a client, logged in |
//! | `login` | a client that logs in again when its credentials have run out |
//! | `error` | connection errors |

mod access;
mod connection;
mod credential_plugin;
mod error;
mod kubeconfig;
mod login;

pub use access::{Access, ClusterAccess, Credentials, Exec};
pub use connection::{Endpoint, endpoint};
pub use error::{ConnectError, no_connection, not_authenticated};
pub use kube::Client;
pub use login::client;
