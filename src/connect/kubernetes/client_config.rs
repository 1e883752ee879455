//! From a kubeconfig to the settings of a client. kube's own reader finds the proxy by other rules than kubectl: it compares `NO_PROXY`
//! with the address of the proxy, applies it to the kubeconfig's `proxy-url`, and refuses lists with an empty entry.

use std::fmt::Display;

use http::Uri;
use kube::config::{AuthInfo, Cluster, Config, Context, ExecAuthCluster, Kubeconfig, KubeconfigError};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use url::Url;

use super::super::environment::Environment;
use super::super::proxy::{Proxies, ProxyError, parse};

/// The settings of a context.
pub(super) fn config(kubeconfig: &Kubeconfig, name: &str, environment: &Environment) -> Result<Config, String> {
    let of_kube = |error: KubeconfigError| error.to_string();
    let context = context(kubeconfig, name).map_err(of_kube)?;
    let cluster = cluster(kubeconfig, &context.cluster).map_err(of_kube)?;
    let server = cluster.server.clone().ok_or(KubeconfigError::MissingClusterUrl).map_err(of_kube)?;
    let server: Uri = server.parse().map_err(KubeconfigError::ParseClusterUrl).map_err(of_kube)?;
    // With the authority read from wherever it is.
    let known = ExecAuthCluster::try_from(cluster).map_err(of_kube)?;
    let mut config = Config::new(server);
    config.default_namespace = context.namespace.clone().unwrap_or_else(|| "default".to_owned());
    config.root_cert = known.certificate_authority_data.as_deref().map(certificates).transpose()?;
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or_default();
    config.disable_compression = cluster.disable_compression.unwrap_or_default();
    config.tls_server_name.clone_from(&cluster.tls_server_name);
    config.proxy_url = proxy(cluster.proxy_url.as_deref(), &config.cluster_url, environment)?;
    config.auth_info = user(kubeconfig, context);
    if let Some(exec) = &mut config.auth_info.exec
        && exec.provide_cluster_info
    {
        exec.cluster = Some(known);
    }
    Ok(config)
}

fn context<'k>(kubeconfig: &'k Kubeconfig, name: &str) -> Result<&'k Context, KubeconfigError> {
    let found = kubeconfig.contexts.iter().find(|named| named.name == name);
    found.and_then(|named| named.context.as_ref()).ok_or_else(|| KubeconfigError::LoadContext(name.to_owned()))
}

fn cluster<'k>(kubeconfig: &'k Kubeconfig, name: &str) -> Result<&'k Cluster, KubeconfigError> {
    let found = kubeconfig.clusters.iter().find(|named| named.name == name);
    found.and_then(|named| named.cluster.as_ref()).ok_or_else(|| KubeconfigError::LoadClusterOfContext(name.to_owned()))
}

/// A user that does not exist is none, as for kubectl.
fn user(kubeconfig: &Kubeconfig, context: &Context) -> AuthInfo {
    let named = |user: &String| kubeconfig.auth_infos.iter().find(|named| named.name == *user);
    context.user.as_ref().and_then(named).and_then(|named| named.auth_info.clone()).unwrap_or_default()
}

fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let all = CertificateDer::pem_slice_iter(pem).map(|each| each.map(|certificate| certificate.to_vec()));
    all.collect::<Result<_, _>>().map_err(|error| format!("the certificate authority is not PEM: {error}"))
}

/// The proxy: that of the kubeconfig for every address, else that of the environment.
fn proxy(of_cluster: Option<&str>, server: &Uri, environment: &Environment) -> Result<Option<Uri>, String> {
    let text = |error: &dyn Display| error.to_string();
    let proxy = match of_cluster.map(str::trim).filter(|proxy| !proxy.is_empty()) {
        Some(proxy) => Some(parse(proxy, "`proxy-url` of the kubeconfig".to_owned()).map_err(|error| text(&error))?),
        None => {
            let proxies = Proxies::of(environment).map_err(|error: ProxyError| text(&error))?;
            let url: Option<Url> = server.to_string().parse().ok();
            url.and_then(|url| proxies.proxy_for(&url).cloned())
        }
    };
    let Some(mut proxy) = proxy else { return Ok(None) };
    if proxy.scheme() == "socks5h" {
        // kube knows one name only, and has the proxy look names up.
        proxy.set_scheme("socks5").map_err(|()| "the scheme of the proxy cannot be set".to_owned())?;
    }
    if proxy.scheme() == "socks5" && !proxy.username().is_empty() {
        return Err("a SOCKS proxy with a user is not supported: use one of HTTP, or one without a user".to_owned());
    }
    proxy.as_str().parse().map(Some).map_err(|error| text(&error))
}
