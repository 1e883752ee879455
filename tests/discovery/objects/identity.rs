//! Which identity the servers of stores receive.

use std::process::Stdio;

use crate::server::{Reply, Server};

use super::DATE;

const DOCUMENT: &str =
    r#"{"metadata": {"name": "acme"}, "services": [{"type": "Service", "spec": {"name": "ledger"}}]}"#;

/// Workload identity federation, from the file of credentials to the request of the store.
#[tokio::test]
async fn a_federated_identity_reads_a_bucket_with_its_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let tokens = Server::start(|_, _| {
        let token = r#"{"access_token": "federated-token", "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "token_type": "Bearer", "expires_in": 3600}"#;
        Reply::status("200 OK", &[("content-type", "application/json")], token)
    })
    .await;
    let store = Server::start(|request, _| match request.header("authorization") {
        Some("Bearer federated-token") => Reply::status("200 OK", &[("etag", "\"1\""), DATE], DOCUMENT),
        _ => Reply::status("401 Unauthorized", &[], ""),
    })
    .await;
    let subject = folder.path().join("subject-token");
    std::fs::write(&subject, "token-of-the-workflow").expect("written");
    let credentials = serde_json::json!({
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/ci",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": tokens.url("/token"),
        "credential_source": {"file": subject},
    });
    let file = folder.path().join("credentials.json");
    std::fs::write(&file, credentials.to_string()).expect("written");
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_anu"))
        .args(["registry", "manifests", "--registry", "gs://registry/team/registry.json"])
        .env_clear()
        .env("GOOGLE_APPLICATION_CREDENTIALS", &file)
        .env("GOOGLE_STORAGE_CUSTOM_ENDPOINT", store.url(""))
        .env("XDG_CACHE_HOME", folder.path())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .await
        .expect("anu starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    let requests = store.requests();
    assert_eq!(requests.len(), 1, "{errors}");
    assert_eq!(requests[0].header("authorization"), Some("Bearer federated-token"), "{errors}");
    assert!(requests[0].path.starts_with("/registry/team"), "{}", requests[0].path);
    let exchange = tokens.requests();
    assert_eq!(exchange.len(), 1);
    let body = String::from_utf8_lossy(&exchange[0].body).into_owned();
    assert!(body.contains("token-of-the-workflow") && body.contains("devstorage.read_only"), "{body}");
    assert!(!errors.contains("could not be read"), "{errors}");
}
