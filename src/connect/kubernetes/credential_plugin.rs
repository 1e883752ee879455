//! Credential plugins: what a kubeconfig's `exec` runs.
//!
//! kube would run them itself, twice for each login and on a thread that nothing can stop. Ours is run once, and ends with
//! the run: giving up the wait kills it.

use std::process::Stdio;

use jiff::Timestamp;
use kube::config::ExecConfig;
use serde::Deserialize;
use serde_json::json;
use tokio::process::Command;

use super::super::secret::Secret;
use crate::printable::excerpt;

/// The output of a plugin.
#[derive(Debug)]
pub(super) struct Credential {
    pub token: Option<Secret>,
    pub certificate: Option<Certificate>,
    /// Its expiry, if it has one.
    pub expires: Option<Timestamp>,
}

/// A client certificate, in PEM.
#[derive(Debug)]
pub(super) struct Certificate {
    pub chain: String,
    pub key: Secret,
}

/// Why a plugin failed. Its standard output and its variables are left out: those contain secrets.
#[derive(Debug, thiserror::Error)]
pub(super) enum PluginError {
    #[error("the kubeconfig's `exec` has no command")]
    NoCommand,
    #[error("credential plugin `{command}` cannot be started: {error}")]
    NotStarted { command: String, error: std::io::Error },
    #[error("credential plugin `{command}` failed with {status}: {stderr}")]
    Failed { command: String, status: std::process::ExitStatus, stderr: String },
    #[error(
        "the output of credential plugin `{command}` is not an ExecCredential with a token or a client certificate"
    )]
    BadOutput { command: String },
    #[error("credential plugin `{command}` returned an invalid expirationTimestamp")]
    BadExpiry { command: String },
}

#[derive(Deserialize)]
struct ExecCredential {
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    expiration_timestamp: Option<String>,
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Runs a plugin. Dropping the future kills it.
pub(super) async fn run(exec: &ExecConfig) -> Result<Credential, PluginError> {
    let program = exec.command.as_ref().ok_or(PluginError::NoCommand)?;
    let command = || program.clone();
    let variables =
        exec.env.iter().flatten().filter_map(|variable| Some((variable.get("name")?, variable.get("value")?)));
    let mut plugin = Command::new(program);
    plugin
        .args(exec.args.iter().flatten())
        .envs(variables)
        .env("KUBERNETES_EXEC_INFO", exec_info(exec))
        // A provider has no terminal.
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let began = std::time::Instant::now();
    let child = plugin.spawn().map_err(|error| PluginError::NotStarted { command: command(), error })?;
    let output =
        child.wait_with_output().await.map_err(|error| PluginError::NotStarted { command: command(), error })?;
    // Its arguments may contain secrets.
    tracing::debug!(command = program, status = %output.status, ms = began.elapsed().as_millis() as u64, "ran a credential plugin");
    if !output.status.success() {
        let stderr = excerpt(&String::from_utf8_lossy(&output.stderr));
        return Err(PluginError::Failed { command: command(), status: output.status, stderr });
    }
    credential(&output.stdout, command)
}

/// The value of `KUBERNETES_EXEC_INFO`.
fn exec_info(exec: &ExecConfig) -> String {
    let mut spec = json!({"interactive": false});
    if let Some(cluster) = exec.cluster.as_ref().filter(|_| exec.provide_cluster_info) {
        spec["cluster"] = serde_json::to_value(cluster).unwrap_or_default();
    }
    json!({"apiVersion": exec.api_version, "kind": "ExecCredential", "spec": spec}).to_string()
}

/// Reads what a plugin printed: JSON, or YAML as client-go permits.
fn credential(stdout: &[u8], command: impl Fn() -> String) -> Result<Credential, PluginError> {
    let bad = || PluginError::BadOutput { command: command() };
    let text = std::str::from_utf8(stdout).map_err(|_| bad())?;
    let read: ExecCredential = serde_saphyr::from_str(text).map_err(|_| bad())?;
    let Status { expiration_timestamp, token, client_certificate_data, client_key_data } =
        read.status.ok_or_else(bad)?;
    let certificate = match (client_certificate_data, client_key_data) {
        (Some(chain), Some(key)) => Some(Certificate { chain, key: Secret::new(key) }),
        _ => None,
    };
    if token.is_none() && certificate.is_none() {
        return Err(bad());
    }
    let expires = expiration_timestamp.map(|text| text.parse()).transpose();
    let expires = expires.map_err(|_| PluginError::BadExpiry { command: command() })?;
    Ok(Credential { token: token.map(Secret::new), certificate, expires })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Credential, String> {
        credential(text.as_bytes(), || "login".to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_token_or_a_certificate_is_read_and_never_printed() {
        let token = r#"{"kind": "ExecCredential", "status": {"token": "hunter2", "expirationTimestamp": "2026-11-23T03:00:00Z"}}"#;
        let credential = read(token).expect("a token");
        assert_eq!(credential.token, Some(Secret::new("hunter2")));
        assert_eq!(credential.expires, Some("2026-11-23T03:00:00Z".parse().expect("a time")));
        assert!(!format!("{credential:?}").contains("hunter2"));
        let certificate =
            read("status:\n  clientCertificateData: PEM\n  clientKeyData: hunter2\n").expect("YAML").certificate;
        assert!(
            certificate.is_some_and(
                |certificate| certificate.chain == "PEM" && !format!("{certificate:?}").contains("hunter2")
            )
        );
    }

    #[test]
    fn what_is_no_credential_is_not_quoted() {
        let bad =
            "the output of credential plugin `login` is not an ExecCredential with a token or a client certificate";
        for text in ["hunter2", "{}", r#"{"status": {}}"#, r#"{"status": {"token": ["hunter2"]}}"#] {
            assert_eq!(read(text).map(drop), Err(bad.to_owned()), "{text}");
        }
        let expiry = read(r#"{"status": {"token": "hunter2", "expirationTimestamp": "soon"}}"#);
        assert_eq!(expiry.map(drop).unwrap_err(), "credential plugin `login` returned an invalid expirationTimestamp");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn giving_up_the_wait_ends_the_plugin() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("process");
        let script = format!("echo $$ > {0}.new; mv {0}.new {0}; exec sleep 60", file.display());
        let exec = ExecConfig {
            command: Some("sh".to_owned()),
            args: Some(vec!["-c".to_owned(), script]),
            ..serde_json::from_str("{}").expect("an empty exec")
        };
        let started = async {
            while !file.exists() {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            run = run(&exec) => panic!("ended by itself: {run:?}"),
            () = started => {}
        }
        let process = std::fs::read_to_string(&file).expect("its id");
        let proc = std::path::PathBuf::from(format!("/proc/{}", process.trim()));
        let began = std::time::Instant::now();
        // Killed, and then waited for by tokio.
        while proc.exists() && !std::fs::read_to_string(proc.join("stat")).is_ok_and(|stat| stat.contains(") Z ")) {
            assert!(began.elapsed().as_secs() < 2, "the plugin lives on");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
}
