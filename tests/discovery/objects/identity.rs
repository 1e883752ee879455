//! Which identity the servers of stores receive.

use std::fmt::Write as _;
use std::process::Stdio;

use anu::connect::Environment;

use crate::Place;
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

/// Gives out the tokens of all clouds, each as its own server does.
async fn tokens() -> Server {
    Server::start(|request, _| {
        let aws = r#"{"AccessKeyId": "KEY", "SecretAccessKey": "hunter2", "Token": "TOKEN", "SessionToken": "TOKEN",
            "Expiration": "2099-01-01T00:00:00Z", "Code": "Success"}"#;
        let web_identity = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
            <SessionToken>TOKEN</SessionToken><SecretAccessKey>hunter2</SecretAccessKey>\
            <Expiration>2099-01-01T00:00:00Z</Expiration><AccessKeyId>KEY</AccessKeyId>\
            </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";
        let azure =
            r#"{"access_token": "TOKEN", "expires_in": 3600, "expires_on": "4102444800", "token_type": "Bearer"}"#;
        let body = match request.path.split('?').next().unwrap_or_default() {
            "/sts" | "/sts/" => web_identity,
            "/latest/api/token" => "IMDS",
            "/latest/meta-data/iam/security-credentials/" => "role",
            "/latest/meta-data/iam/security-credentials/role" | "/eks" => aws,
            path if path.contains("oauth2") || path == "/msi" => azure,
            _ => return Reply::status("400 Bad Request", &[], r#"{"error": "invalid_grant"}"#),
        };
        Reply::ok(body)
    })
    .await
}

/// A name, a source, and the variables with the credentials.
type Case<'c> = (&'c str, &'c str, Vec<(&'c str, &'c str)>);

#[tokio::test]
async fn each_kind_of_credentials_reaches_the_store() {
    let store = Server::start(|_, _| Reply::status("200 OK", &[("etag", "\"1\""), DATE], crate::REGISTRY)).await;
    let tokens = tokens().await;
    let place = Place::new();
    place.write("token", "token-of-the-workload");
    let (file, server) = (place.path().join("token").display().to_string(), store.url(""));
    let url = |path: &str| tokens.url(path);
    let (sts, eks, metadata, authority, msi) = (url("/sts"), url("/eks"), url(""), url(""), url("/msi"));
    let s3 = "s3://bucket/registry.json";
    let az = "az://container/registry.json?account=acme";
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port");
    let nowhere = format!("http://{nowhere}");
    let azure = [("AZURE_CLIENT_ID", "client"), ("AZURE_TENANT_ID", "tenant"), ("AZURE_AUTHORITY_HOST", &authority)];
    let cases: Vec<Case<'_>> = vec![
        ("static", s3, vec![("AWS_ACCESS_KEY_ID", "KEY"), ("AWS_SECRET_ACCESS_KEY", "hunter2")]),
        (
            "session",
            s3,
            vec![("AWS_ACCESS_KEY_ID", "KEY"), ("AWS_SECRET_ACCESS_KEY", "hunter2"), ("AWS_SESSION_TOKEN", "TOKEN")],
        ),
        (
            "web identity",
            s3,
            vec![
                ("AWS_WEB_IDENTITY_TOKEN_FILE", &file),
                ("AWS_ROLE_ARN", "arn:aws:iam::1:role/ci"),
                ("AWS_ENDPOINT_URL_STS", &sts),
            ],
        ),
        (
            "EKS",
            s3,
            vec![("AWS_CONTAINER_CREDENTIALS_FULL_URI", &eks), ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &file)],
        ),
        ("EC2", s3, vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata)]),
        ("account key", az, vec![("AZURE_STORAGE_ACCOUNT_KEY", "aHVudGVyMg==")]),
        ("SAS", az, vec![("AZURE_STORAGE_SAS_TOKEN", "?sv=2021&sig=hunter2")]),
        ("client secret", az, [&azure[..], &[("AZURE_CLIENT_SECRET", "hunter2")]].concat()),
        ("workload identity", az, [&azure[..], &[("AZURE_FEDERATED_TOKEN_FILE", &file)]].concat()),
        ("managed identity", az, vec![("IDENTITY_ENDPOINT", &msi)]),
        ("refused", az, vec![("IDENTITY_ENDPOINT", &authority)]),
        ("no server", s3, vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", &nowhere)]),
    ];
    let mut table = String::new();
    for (name, source, variables) in cases {
        let of_store = [("AWS_ENDPOINT_URL", server.as_str()), ("AZURE_STORAGE_ENDPOINT", server.as_str())];
        let environment = Environment::of(variables.into_iter().chain(of_store));
        let place = Place { environment, ..Place::new() };
        let before = store.requests().len();
        let read = place.read(source).await;
        let shown = match (read, store.requests().get(before)) {
            (Ok(_), Some(request)) => {
                let authorization = request.header("authorization").unwrap_or("none");
                let authorization = authorization.split([',', '/']).next().unwrap_or_default();
                let authorization = authorization.split("acme:").next().unwrap_or_default();
                let token =
                    request.header("x-amz-security-token").map(|token| format!(", {token}")).unwrap_or_default();
                let query = request.path.split_once('?').map(|(_, query)| format!(", ?{query}")).unwrap_or_default();
                format!("{authorization}{token}{query}")
            }
            (Ok(_), None) => "no request".to_owned(),
            (Err(error), _) => {
                assert!(!error.contains("hunter"), "{error}");
                error
            }
        };
        let _ = writeln!(table, "{name}: {shown}");
    }
    insta::assert_snapshot!("credentials", table);
}
