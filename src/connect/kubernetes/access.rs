//! How clusters are reached, as users configure it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::super::secret::Secret;

/// How each cluster is reached.
#[derive(Debug, Clone, Default)]
pub struct ClusterAccess {
    /// The kubeconfig that has the contexts; by default the one `kubectl` uses.
    pub kubeconfig: Option<PathBuf>,
    /// Clusters by name. One that is not here is the kubeconfig's context of the same name.
    pub clusters: BTreeMap<String, Access>,
}

/// How one cluster is reached.
#[derive(Debug, Clone)]
pub enum Access {
    /// By a context of the kubeconfig.
    Context(String),
    /// Directly.
    Endpoint {
        /// `https://…`
        url: String,
        /// PEM of the authority that signed the server's certificate; the system's authorities by default.
        ca_certificate: Option<String>,
        /// Who we are.
        credentials: Credentials,
    },
    /// Not known before another resource has been applied.
    Unknown,
}

/// Who we are, to one cluster.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A bearer token.
    Token(Secret),
    /// What a command prints, as in a kubeconfig.
    Exec(Exec),
    /// Google's Application Default Credentials, which GKE accepts.
    Google,
}

/// A client-go credential plugin (`client.authentication.k8s.io`).
#[derive(Debug, Clone)]
pub struct Exec {
    /// The API version it speaks, `client.authentication.k8s.io/v1` by default.
    pub api_version: Option<String>,
    /// The program, on PATH or by its path.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables for it, beside our own.
    pub env: BTreeMap<String, Secret>,
}
