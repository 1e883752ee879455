//! From settings to a client for one cluster.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kube::Client;
use kube::client::AuthError;
use kube::config::{
    AuthInfo, Cluster, Config, Context, ExecConfig, ExecInteractiveMode, KubeConfigOptions, Kubeconfig, NamedAuthInfo,
    NamedCluster, NamedContext,
};

use super::{Settings, google};
use crate::platform::{Error, Result};
use crate::registry::names::ClusterName;

/// A server that takes no connection for this long is down.
const CONNECT: Duration = Duration::from_secs(10);
/// A server that says nothing for this long has forgotten us.
const READ: Duration = Duration::from_secs(60);

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
    /// Not known before something else has been applied.
    Unknown,
}

/// Who we are, to one cluster.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A bearer token.
    Token(Token),
    /// What a command says, as in a kubeconfig.
    Exec(Exec),
    /// Google's Application Default Credentials, which GKE accepts.
    Google,
}

/// A secret, which no log line shows.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Keeps a token.
    pub fn new(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
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
    pub env: BTreeMap<String, String>,
}

/// A client for a cluster. Opens no connection yet.
pub(super) async fn client(settings: &Settings, name: &ClusterName) -> Result<Client> {
    let context = |context: &str| in_kubeconfig(settings, name, context);
    let (kubeconfig, context) = match settings.clusters.get(name.as_str()) {
        Some(Access::Context(text)) => (context(text)?, text.clone()),
        Some(Access::Endpoint { url, ca_certificate, credentials }) => {
            let user = user(name, credentials).await?;
            (endpoint(url, ca_certificate.as_deref(), user), ENDPOINT.to_owned())
        }
        Some(Access::Unknown) => {
            return Err(Error::Unavailable(format!(
                "how cluster `{name}` is reached depends on something that is known only after apply"
            )));
        }
        None if settings.clusters.is_empty() || settings.kubeconfig.is_some() => {
            (context(name.as_str())?, name.to_string())
        }
        None => {
            return Err(Error::Invalid(format!(
                "nothing says how cluster `{name}` is reached: add it to `kubernetes.clusters` in the provider block, with \
                 a `context` of your kubeconfig or an `endpoint`"
            )));
        }
    };
    let unusable = |why: String| Error::Invalid(format!("cluster `{name}` cannot be reached: {why}"));
    let options = KubeConfigOptions { context: Some(context), cluster: None, user: None };
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
    let mut config = config.map_err(|error| unusable(error.to_string()))?;
    config.connect_timeout = Some(CONNECT);
    config.read_timeout = Some(READ);
    // Ours knows more kinds of failure, and when to stop.
    config.default_retry = false;
    // This is where an exec plugin runs, for as long as it likes.
    match tokio::task::spawn_blocking(|| Client::try_from(config)).await {
        Ok(Ok(client)) => Ok(client),
        Ok(Err(kube::Error::Auth(error))) => Err(Error::PermissionDenied(cannot_log_in(name, &error))),
        Ok(Err(error)) => Err(unusable(error.to_string())),
        Err(error) => Err(unusable(error.to_string())),
    }
}

/// Why there are no credentials. A plugin's standard output and its variables are left out: those hold secrets.
pub(super) fn cannot_log_in(name: &ClusterName, error: &AuthError) -> String {
    let why = match error {
        AuthError::AuthExecStart(error) => format!("the exec plugin cannot be started: {error}"),
        AuthError::AuthExecRun { out, .. } => {
            format!("the exec plugin ended with {}: {}", out.status, String::from_utf8_lossy(&out.stderr).trim())
        }
        AuthError::AuthExecParse(error) => format!("the exec plugin did not print an ExecCredential: {error}"),
        error => error.to_string(),
    };
    format!("nobody can log in to cluster `{name}`: {why}")
}

/// The kubeconfig, if it has the context.
fn in_kubeconfig(settings: &Settings, name: &ClusterName, context: &str) -> Result<Kubeconfig> {
    let (read, place) = match &settings.kubeconfig {
        Some(path) => {
            let path = home(path);
            (Kubeconfig::read_from(&path), format!("`{}`", path.display()))
        }
        None => (Kubeconfig::read(), "the kubeconfig (`KUBECONFIG`, else `~/.kube/config`)".to_owned()),
    };
    let kubeconfig = read.map_err(|error| {
        Error::Invalid(format!(
            "cluster `{name}` is reached by context `{context}`, and {place} cannot be read: {error}"
        ))
    })?;
    if kubeconfig.contexts.iter().any(|named| named.name == context) {
        return Ok(kubeconfig);
    }
    let contexts: Vec<String> = kubeconfig.contexts.iter().map(|named| format!("`{}`", named.name)).collect();
    let contexts = if contexts.is_empty() { "none".to_owned() } else { contexts.join(", ") };
    Err(Error::Invalid(format!(
        "cluster `{name}` is reached by context `{context}`, and {place} has no context of that name (there are: \
         {contexts}): write the right one in `kubernetes.clusters`, as `\"{name}\" = {{ context = \"…\" }}`"
    )))
}

/// `~/` at the front, as a shell reads it.
fn home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

/// The name of everything in a kubeconfig that we make ourselves.
const ENDPOINT: &str = "endpoint";

async fn user(name: &ClusterName, credentials: &Credentials) -> Result<AuthInfo> {
    let bearer = |token: String| AuthInfo { token: Some(token.into()), ..AuthInfo::default() };
    match credentials {
        Credentials::Token(token) => Ok(bearer(token.0.clone())),
        Credentials::Exec(exec) => Ok(AuthInfo { exec: Some(plugin(exec)), ..AuthInfo::default() }),
        Credentials::Google => {
            let token = google::access_token().await;
            token
                .map(bearer)
                .map_err(|why| Error::PermissionDenied(format!("nobody can log in to cluster `{name}`: {why}")))
        }
    }
}

fn endpoint(url: &str, ca_certificate: Option<&str>, user: AuthInfo) -> Kubeconfig {
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
    let variable = |(name, value): (&String, &String)| {
        HashMap::from([("name".to_owned(), name.clone()), ("value".to_owned(), value.clone())])
    };
    let api_version = exec.api_version.clone().unwrap_or_else(|| "client.authentication.k8s.io/v1".to_owned());
    ExecConfig {
        api_version: Some(api_version),
        command: Some(exec.command.clone()),
        args: Some(exec.args.clone()),
        env: Some(exec.env.iter().map(variable).collect()),
        drop_env: None,
        install_hint: None,
        // Nobody sits at a provider's terminal.
        interactive_mode: Some(ExecInteractiveMode::Never),
        provide_cluster_info: true,
        cluster: None,
        other: BTreeMap::new(),
    }
}
