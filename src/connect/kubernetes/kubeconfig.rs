//! From settings to one cluster's kubeconfig.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kube::config::{
    AuthInfo, Cluster, Context, ExecConfig, ExecInteractiveMode, Kubeconfig, KubeconfigError, NamedAuthInfo,
    NamedCluster, NamedContext,
};

use super::super::google;
use super::access::{Access, ClusterAccess, Credentials, Exec};
use super::error::ConnectError;

/// The name of everything in a kubeconfig that we make ourselves.
const ENDPOINT: &str = "endpoint";

/// A kubeconfig that has the cluster, and the context it has it under.
pub(super) async fn resolve(access: &ClusterAccess, cluster: &str) -> Result<(Kubeconfig, String), ConnectError> {
    let of_context = |context: &str| Ok((from_file(access, cluster, context)?, context.to_owned()));
    match access.clusters.get(cluster) {
        Some(Access::Context(context)) => of_context(context),
        Some(Access::Endpoint { url, ca_certificate, credentials }) => {
            let user = user(cluster, credentials).await?;
            Ok((from_endpoint(url, ca_certificate.as_deref(), user), ENDPOINT.to_owned()))
        }
        Some(Access::Unknown) => Err(ConnectError::Unavailable(format!(
            "the address or the credentials of cluster `{cluster}` are known only after apply"
        ))),
        None if access.clusters.is_empty() || access.kubeconfig.is_some() => of_context(cluster),
        None => Err(ConnectError::Invalid(format!(
            "cluster `{cluster}` is not in the provider block: add `cluster \"{cluster}\" {{ … }}` to `kubernetes`, with a \
             `context` of your kubeconfig or an `endpoint`"
        ))),
    }
}

/// The kubeconfig, if it has the context.
fn from_file(access: &ClusterAccess, cluster: &str, context: &str) -> Result<Kubeconfig, ConnectError> {
    let (read, place) = match &access.kubeconfig {
        Some(path) => {
            let path = home(path);
            (Kubeconfig::read_from(&path), format!("`{}`", path.display()))
        }
        None => (Kubeconfig::read(), "the kubeconfig (`KUBECONFIG`, else `~/.kube/config`)".to_owned()),
    };
    let kubeconfig = read.map_err(|error| {
        ConnectError::unreadable(cluster, format_args!("{place} cannot be read: {}", reason(&error)))
    })?;
    if kubeconfig.contexts.iter().any(|named| named.name == context) {
        return Ok(kubeconfig);
    }
    let contexts: Vec<String> = kubeconfig.contexts.iter().map(|named| format!("`{}`", named.name)).collect();
    let contexts = if contexts.is_empty() { "none".to_owned() } else { contexts.join(", ") };
    Err(ConnectError::unusable(
        cluster,
        format_args!(
            "{place} has no context `{context}` (contexts: {contexts}): set the right one in the provider block, as \
             `cluster \"{cluster}\" {{ context = \"…\" }}` in `kubernetes`"
        ),
    ))
}

/// The contexts of the kubeconfig that `kubectl` reads. None if there is no kubeconfig.
///
/// # Errors
/// What is wrong with it.
pub fn context_names() -> Result<Vec<String>, String> {
    match Kubeconfig::read() {
        Ok(kubeconfig) => Ok(kubeconfig.contexts.into_iter().map(|named| named.name).collect()),
        Err(KubeconfigError::ReadConfig(error, _)) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(reason(&error)),
    }
}

/// What is wrong with a kubeconfig. The parser's own words quote it, and with it what is secret in it.
fn reason(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::Parse(error) => match error.location() {
            Some(place) => format!("it is not a kubeconfig (line {}, column {})", place.line(), place.column()),
            None => "it is not a kubeconfig".to_owned(),
        },
        KubeconfigError::ReadConfig(error, _) => error.to_string(),
        error => error.to_string(),
    }
}

/// `~/` at the front, as a shell reads it.
fn home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

async fn user(cluster: &str, credentials: &Credentials) -> Result<AuthInfo, ConnectError> {
    let token = match credentials {
        Credentials::Exec(exec) => return Ok(AuthInfo { exec: Some(plugin(exec)), ..AuthInfo::default() }),
        Credentials::Token(token) => token.clone(),
        Credentials::Google => {
            google::access_token().await.map_err(|why| ConnectError::not_authenticated(cluster, why))?
        }
    };
    Ok(AuthInfo { token: Some(token.expose().to_owned().into()), ..AuthInfo::default() })
}

fn from_endpoint(url: &str, ca_certificate: Option<&str>, user: AuthInfo) -> Kubeconfig {
    let cluster = Cluster {
        server: Some(url.to_owned()),
        certificate_authority_data: ca_certificate.map(|pem| STANDARD.encode(pem)),
        ..Cluster::default()
    };
    let context = Context { cluster: ENDPOINT.into(), user: Some(ENDPOINT.into()), ..Context::default() };
    Kubeconfig {
        clusters: vec![NamedCluster { name: ENDPOINT.into(), cluster: Some(cluster), ..NamedCluster::default() }],
        auth_infos: vec![NamedAuthInfo { name: ENDPOINT.into(), auth_info: Some(user), ..NamedAuthInfo::default() }],
        contexts: vec![NamedContext { name: ENDPOINT.into(), context: Some(context), ..NamedContext::default() }],
        ..Kubeconfig::default()
    }
}

fn plugin(exec: &Exec) -> ExecConfig {
    let variable = |name: &str, value: &str| {
        HashMap::from([("name".to_owned(), name.to_owned()), ("value".to_owned(), value.to_owned())])
    };
    let api_version = exec.api_version.clone().unwrap_or_else(|| "client.authentication.k8s.io/v1".to_owned());
    ExecConfig {
        api_version: Some(api_version),
        command: Some(exec.command.clone()),
        args: Some(exec.args.clone()),
        env: Some(exec.env.iter().map(|(name, value)| variable(name, value.expose())).collect()),
        drop_env: None,
        install_hint: None,
        interactive_mode: Some(ExecInteractiveMode::Never),
        provide_cluster_info: true,
        cluster: None,
        other: BTreeMap::new(),
    }
}
