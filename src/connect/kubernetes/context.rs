//! A client for a cluster that is named by a context of the kubeconfig, or by where this process runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kube::Client;
use kube::config::{Kubeconfig, KubeconfigError};

use super::super::environment::Environment;
use super::super::secret::Secret;
use super::access::{Access, ClusterAccess, Credentials};
use super::connection::endpoint;
use super::error::ConnectError;
use super::login::client;

/// Where a pod has its credentials.
const POD: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Why there is no client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    /// The kubeconfig has other contexts.
    #[error("the kubeconfig has no context `{context}` (contexts: {existing})")]
    Unknown {
        /// As it was requested.
        context: String,
        /// Those that exist, as a text.
        existing: String,
    },
    /// No kubeconfig, and not in a cluster.
    #[error(
        "no kubeconfig with a current context (`KUBECONFIG`, else `~/.kube/config`), and no service account of a pod"
    )]
    Nowhere,
    /// Anything else.
    #[error(transparent)]
    Connect(#[from] ConnectError),
}

/// A client, and the address of the server that it is for.
pub struct ContextClient {
    /// The client. It has opened no connection yet.
    pub client: Client,
    /// For messages: host and port.
    pub address: String,
}

/// A client for the cluster of a context; without one, of the current context of the kubeconfig, else of the cluster in which
/// this process is a pod.
///
/// # Errors
/// When there is no such context, and when there are no credentials.
pub async fn context_client(environment: &Environment, context: Option<&str>) -> Result<ContextClient, ContextError> {
    let kubeconfig = environment.get("KUBECONFIG").filter(|list| std::env::split_paths(list).count() == 1);
    let kubeconfig = kubeconfig.map(PathBuf::from);
    let known = match &kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    let (known, is_absent) = match known {
        Ok(known) => (known, false),
        Err(KubeconfigError::ReadConfig(error, _)) if error.kind() == std::io::ErrorKind::NotFound => {
            (Kubeconfig::default(), true)
        }
        // Read again below, where the error gets its text.
        Err(_) => (Kubeconfig::default(), false),
    };
    let name = match context {
        Some(context) if is_absent => Some(context.to_owned()),
        Some(context) => {
            if !known.contexts.is_empty() && !known.contexts.iter().any(|named| named.name == context) {
                let existing: Vec<String> = known.contexts.iter().map(|named| format!("`{}`", named.name)).collect();
                return Err(ContextError::Unknown { context: context.to_owned(), existing: existing.join(", ") });
            }
            Some(context.to_owned())
        }
        None => known.current_context.filter(|name| !name.is_empty()),
    };
    let (cluster, access) = match name {
        Some(name) => {
            let clusters = [(name.clone(), Access::Context(name.clone()))].into();
            (name, ClusterAccess { kubeconfig, clusters })
        }
        None => {
            let access = in_cluster(environment, Path::new(POD)).ok_or(ContextError::Nowhere)?;
            let name = "in-cluster".to_owned();
            (name.clone(), ClusterAccess { kubeconfig: None, clusters: [(name, access)].into() })
        }
    };
    let address = endpoint(&access, &cluster).await?.address;
    let address = address.split_once("://").map_or(address.as_str(), |(_, host)| host).to_owned();
    Ok(ContextClient { client: client(Arc::new(access), &cluster).await?, address })
}

/// Whether this process is a pod with a service account.
pub fn is_pod(environment: &Environment) -> bool {
    in_cluster(environment, Path::new(POD)).is_some()
}

/// How a pod reaches the cluster that it runs in.
fn in_cluster(environment: &Environment, folder: &Path) -> Option<Access> {
    let host = environment.get("KUBERNETES_SERVICE_HOST")?;
    let port = environment.get("KUBERNETES_SERVICE_PORT").unwrap_or_else(|| "443".to_owned());
    let token = std::fs::read_to_string(folder.join("token")).ok()?;
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    Some(Access::Endpoint {
        url: format!("https://{host}:{port}"),
        ca_certificate: std::fs::read_to_string(folder.join("ca.crt")).ok(),
        credentials: Credentials::Token(Secret::new(token.trim())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_reaches_its_own_cluster() {
        let folder = tempfile::tempdir().expect("a folder");
        let pod = Environment::of([("KUBERNETES_SERVICE_HOST", "fd00::1"), ("KUBERNETES_SERVICE_PORT", "6443")]);
        assert!(in_cluster(&pod, folder.path()).is_none(), "no service account");
        std::fs::write(folder.path().join("token"), "hunter2\n").expect("written");
        std::fs::write(folder.path().join("ca.crt"), "PEM").expect("written");
        let Some(Access::Endpoint { url, ca_certificate, credentials }) = in_cluster(&pod, folder.path()) else {
            panic!("an endpoint")
        };
        assert_eq!((url.as_str(), ca_certificate.as_deref()), ("https://[fd00::1]:6443", Some("PEM")));
        assert!(matches!(credentials, Credentials::Token(token) if token.expose() == "hunter2"));
        assert!(in_cluster(&Environment::of([]), folder.path()).is_none(), "not a pod");
    }

    #[tokio::test]
    async fn a_machine_without_a_kubeconfig_and_a_context_that_does_not_exist_are_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config");
        let environment = Environment::of([("KUBECONFIG", path.to_str().expect("text"))]);
        let error = context_client(&environment, None).await.err().expect("no cluster");
        assert_eq!(error, ContextError::Nowhere);
        let config = "{apiVersion: v1, kind: Config, contexts: [{name: a, context: {cluster: a}}, {name: b, context: {cluster: b}}]}";
        std::fs::write(&path, config).expect("written");
        let error = context_client(&environment, Some("c")).await.err().expect("no context");
        assert_eq!(error.to_string(), "the kubeconfig has no context `c` (contexts: `a`, `b`)");
        assert_eq!(context_client(&environment, None).await.err().expect("no current context"), ContextError::Nowhere);
        std::fs::write(&path, "{").expect("written");
        let error = context_client(&environment, Some("a")).await.err().expect("no kubeconfig");
        assert!(error.to_string().contains("it is not a kubeconfig"), "{error}");
    }
}
