//! From a kubeconfig to a client, logged in.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use jiff::Timestamp;
use kube::Client;
use kube::config::{AuthInfo, Config};

use super::super::environment::Environment;
use super::access::ClusterAccess;
use super::client_config;
use super::credential_plugin::{self, Credential};
use super::error::ConnectError;
use super::kubeconfig;

/// A server that accepts no connection for this long is unreachable.
const CONNECT: Duration = Duration::from_secs(10);
/// A server that sends nothing for this long has lost the request.
const READ: Duration = Duration::from_secs(60);

/// A client for one cluster.
pub(super) struct Connection {
    pub client: Client,
    /// The server's address, for the log.
    pub address: String,
    /// When its credentials are no longer valid, as far as that is known.
    pub expires: Option<Timestamp>,
}

/// Where an API server is.
pub struct Endpoint {
    /// Its address.
    pub address: String,
    /// The certificates (DER) of the authority that signed its own; none for the system's authorities.
    pub authority: Vec<Vec<u8>>,
}

/// Where a cluster's API server is. Opens no connection.
///
/// # Errors
/// When the settings name no cluster of that name.
pub async fn endpoint(access: &ClusterAccess, cluster: &str) -> Result<Endpoint, ConnectError> {
    let config = config(access, cluster).await?;
    Ok(Endpoint { address: address(&config.cluster_url), authority: config.root_cert.unwrap_or_default() })
}

async fn config(access: &ClusterAccess, cluster: &str) -> Result<Config, ConnectError> {
    let (kubeconfig, context) = kubeconfig::resolve(access, cluster).await?;
    let config = client_config::config(&kubeconfig, &context, &Environment::of_this_process());
    config.map_err(|error| ConnectError::unusable(cluster, error))
}

/// Logs in. Opens no connection to the cluster yet; dropping the future ends a credential plugin.
pub(super) async fn connect(access: &ClusterAccess, cluster: &str) -> Result<Connection, ConnectError> {
    let unusable = |error: &dyn std::fmt::Display| ConnectError::unusable(cluster, error);
    let mut config = config(access, cluster).await?;
    config.connect_timeout = Some(CONNECT);
    config.read_timeout = Some(READ);
    // The time in which a connection was idle is not the server's.
    config.reset_reader_on_write = true;
    // Ours knows more kinds of failure, and when to stop.
    config.default_retry = false;
    let expires =
        authenticate(&mut config.auth_info).await.map_err(|error| ConnectError::not_authenticated(cluster, error))?;
    let address = address(&config.cluster_url);
    // It reads certificates from disk, and runs what the old `auth-provider` of a kubeconfig names.
    match tokio::task::spawn_blocking(|| Client::try_from(config)).await {
        Ok(Ok(client)) => Ok(Connection { client, address, expires }),
        Ok(Err(kube::Error::Auth(error))) => Err(ConnectError::not_authenticated(cluster, error)),
        Ok(Err(error)) => Err(unusable(&error)),
        Err(error) => Err(unusable(&error)),
    }
}

/// Replaces a credential plugin with its output, so that kube runs none.
async fn authenticate(user: &mut AuthInfo) -> Result<Option<Timestamp>, credential_plugin::PluginError> {
    // The order in which kube uses them.
    let other = user.auth_provider.is_some()
        || user.username.is_some() && user.password.is_some()
        || user.token.is_some()
        || user.token_file.is_some();
    let Some(exec) = user.exec.take().filter(|_| !other) else { return Ok(None) };
    let Credential { token, certificate, expires } = credential_plugin::run(&exec).await?;
    user.token = token.map(|token| token.expose().to_owned().into());
    if let Some(certificate) = certificate {
        user.client_certificate_data = Some(STANDARD.encode(certificate.chain));
        user.client_key_data = Some(STANDARD.encode(certificate.key.expose()).into());
    }
    Ok(expires)
}

/// Scheme, host, port and path.
fn address(url: &Uri) -> String {
    let scheme = url.scheme_str().unwrap_or("https");
    let port = url.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{scheme}://{}{port}{}", url.host().unwrap_or_default(), url.path().trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_the_log_has_no_user_and_no_query() {
        let shown = |text: &str| address(&text.parse().expect("an address"));
        assert_eq!(shown("https://user:hunter2@10.0.0.1:6443/?x=hunter3"), "https://10.0.0.1:6443");
        assert_eq!(
            shown("https://rancher.example.com/k8s/clusters/c-1"),
            "https://rancher.example.com/k8s/clusters/c-1"
        );
    }
}
