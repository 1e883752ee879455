//! What can go wrong with a ConfigMap, with the next step.

use crate::connect::kubernetes::{ConfigMapName, ConnectError, ContextError};

/// Why a ConfigMap could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigMapFailure {
    /// No cluster.
    #[error("{0}: write `configmap://CONTEXT/NAMESPACE/NAME` with a context of the kubeconfig")]
    Context(ContextError),
    /// No connection.
    #[error("{0}")]
    Connect(ConnectError),
    /// 404.
    #[error("ConfigMap `{}` not found in namespace `{}` (404): check the address, and which cluster it is in", .0.name, .0.namespace)]
    NotFound(ConfigMapName),
    /// Something that is not a cluster.
    #[error("the server does not respond as a Kubernetes API server: check the server of the context, and any proxy")]
    NoCluster,
    /// The ConfigMap exists, the key does not.
    #[error(
        "the ConfigMap has no key `{key}` (keys: {existing}): write the key, `configmap://CONTEXT/NAMESPACE/NAME/KEY`"
    )]
    NoKey {
        /// The key.
        key: String,
        /// Those that exist, as a text.
        existing: String,
    },
    /// 401.
    #[error("authentication required (401): log in to the cluster again, or check the credentials of the context")]
    Unauthenticated,
    /// 403.
    #[error(
        "permission denied (403): permit the identity of the context to `get` it, for example with a role from `kubectl -n {} create role \
         registry-reader --verb=get --resource=configmaps --resource-name={}`", .0.namespace, .0.name
    )]
    Forbidden(ConfigMapName),
    /// 403 when it is written.
    #[error(
        "permission denied (403): permit the identity of the context to `get`, `create` and `update` ConfigMap `{}` in namespace `{}`",
        .0.name, .0.namespace
    )]
    NotWritable(ConfigMapName),
    /// 404 when it is created.
    #[error("namespace `{0}` not found (404): create it, or check the address and which cluster it is in")]
    NoNamespace(String),
    /// 413 or 422.
    #[error(
        "the cluster does not accept it, because a ConfigMap has at most 1 MiB: compress the registry, and publish it as a key that ends in `.gz`"
    )]
    TooLarge,
}

impl ConfigMapFailure {
    /// Whether the cluster refuses access.
    pub(in super::super) fn is_not_allowed(&self) -> bool {
        matches!(self, Self::Unauthenticated | Self::Forbidden(_) | Self::NotWritable(_))
    }

    /// Whether there is no such document.
    pub(in super::super) fn is_missing(&self) -> bool {
        matches!(self, Self::NotFound(_) | Self::NoKey { .. } | Self::NoNamespace(_))
    }
}
