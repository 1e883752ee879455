//! Every kind of Application Default Credentials logs in, and none of its secrets is printed: in a process of its own, since
//! credentials come from the environment, with all logs of all libraries at TRACE.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use anu::platform::Projects;
use anu::platform::google::{Google, GoogleAccess};
use google_simulator::{Authentication, Options, Simulator};
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::{access, ctx, name, unlimited, with_access};

const URL: &str = "ANU_TEST_GOOGLE_URL";
const IMPERSONATE: &str = "ANU_TEST_GOOGLE_IMPERSONATE";
const AUDIENCE: &str = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/gitlab";

/// Prints whatever is logged.
struct Everything;

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl<S: tracing::Subscriber> Layer<S> for Everything {
    fn on_new_span(&self, attributes: &tracing::span::Attributes<'_>, _: &tracing::span::Id, _: Context<'_, S>) {
        let mut text = Text(format!("LOG span {}", attributes.metadata().name()));
        attributes.record(&mut text);
        println!("{}", text.0);
    }

    fn on_record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>, _: Context<'_, S>) {
        let mut text = Text("LOG record".to_owned());
        values.record(&mut text);
        println!("{}", text.0);
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut text = Text(format!("LOG {} {}", event.metadata().level(), event.metadata().target()));
        event.record(&mut text);
        println!("{}", text.0);
    }
}

#[tokio::test]
#[ignore = "the process that the other tests of this file start"]
async fn one_read() {
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Everything)).expect("the only one");
    let url = std::env::var(URL).expect("started by the other tests");
    let google = Google::new(&with_access(GoogleAccess {
        access_token: None,
        impersonate_service_account: std::env::var(IMPERSONATE).ok(),
        retry_budget: std::time::Duration::from_secs(3),
        ..access(&url)
    }));
    let read = google.read_project(&ctx(), &name("gc-prd-shop")).await;
    println!("DEBUG {google:?}");
    match read {
        Ok(_) => println!("RESULT read"),
        Err(error) => println!("RESULT {error}"),
    }
}

/// A folder with credentials, a simulator that wants some, and the secrets that nothing may print.
struct Login {
    folder: tempfile::TempDir,
    simulator: Simulator,
    environment: BTreeMap<&'static str, String>,
    secrets: Vec<String>,
}

impl Login {
    fn new(secrets: &[&str]) -> Self {
        let simulator = Simulator::start(Options { authentication: Authentication::Required, ..unlimited() });
        simulator.add_project("gc-prd-shop", &[]);
        let secrets = secrets.iter().map(|&secret| secret.to_owned()).collect();
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, simulator, environment: BTreeMap::new(), secrets }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn file(mut self, credentials: &Value) -> Self {
        let path = self.path().join("credentials.json");
        std::fs::write(&path, credentials.to_string()).expect("written");
        self.environment.insert("GOOGLE_APPLICATION_CREDENTIALS", path.to_string_lossy().into_owned());
        self
    }

    fn set(mut self, variable: &'static str, value: &str) -> Self {
        self.environment.insert(variable, value.to_owned());
        self
    }

    /// What the process results in, and whose requests Google saw.
    fn read(&self) -> (String, Vec<String>) {
        let output = Command::new(std::env::current_exe().expect("this program"))
            .args(["credentials::one_read", "--exact", "--ignored", "--nocapture"])
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .env(URL, self.simulator.url())
            // Where no server is.
            .env("GCE_METADATA_HOST", "127.0.0.1:1")
            .envs(&self.environment)
            .output()
            .expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        for secret in self.secrets.iter().map(String::as_str).chain(["simulated-token"]) {
            assert!(!text.contains(secret), "`{secret}` is printed: {text}");
        }
        let mut callers = Vec::new();
        for exchange in self.simulator.exchanges() {
            if exchange.id.starts_with("cloudresourcemanager.") && !callers.contains(&exchange.principal) {
                callers.push(exchange.principal.clone());
            }
            let exchange = format!("{exchange:?}");
            assert!(self.secrets.iter().all(|secret| !exchange.contains(secret)), "{exchange}");
        }
        assert!(callers.is_empty() || text.contains("LOG "), "without its logs this shows nothing: {text}");
        let result = text.lines().find_map(|line| line.strip_prefix("RESULT ")).unwrap_or(&text).to_owned();
        (result, callers)
    }

    fn is(&self, principal: &str) {
        assert_eq!(self.read(), ("read".to_owned(), vec![principal.to_owned()]));
    }
}

pub fn user(simulator: &Simulator, refresh_token: &str) -> Value {
    json!({
        "type": "authorized_user",
        "client_id": "client",
        "client_secret": "canary-client-secret",
        "refresh_token": refresh_token,
        "token_uri": format!("{}/token", simulator.url()),
    })
}

pub fn external(simulator: &Simulator, source: Value) -> Value {
    json!({
        "type": "external_account",
        "audience": AUDIENCE,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": format!("{}/v1/token", simulator.url()),
        "credential_source": source,
    })
}

/// A JWT of this subject, without a valid signature.
pub fn jwt(subject: &str) -> String {
    use base64::Engine as _;
    let part = |value: Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.canary-signature", part(json!({"alg": "RS256"})), part(json!({"sub": subject, "iss": "ci"})))
}

/// A server on this machine that answers every `GET` with the same.
fn serve(answer: String, content_type: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut lines = BufReader::new(stream.try_clone().expect("a socket")).lines();
            let head = lines.next().and_then(Result::ok).unwrap_or_default();
            while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
            let (status, answer) =
                if head.contains("universe") { ("404 Not Found", "") } else { ("200 OK", answer.as_str()) };
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\nmetadata-flavor: Google\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
                answer.len()
            );
        }
    });
    address
}

#[test]
fn a_service_account_file() {
    let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).expect("a key");
    let pem = key.serialize_pem();
    let line = pem.lines().nth(3).expect("a long key").to_owned();
    let login = Login::new(&[&line]);
    let file = json!({
        "type": "service_account",
        "project_id": "gc-prd-ci",
        "private_key_id": "1",
        "private_key": pem,
        "client_email": "deployer@gc-prd-ci.iam.gserviceaccount.com",
        "client_id": "2",
        "universe_domain": "googleapis.com",
    });
    login.file(&file).is("serviceAccount:deployer@gc-prd-ci.iam.gserviceaccount.com");
}

#[test]
fn a_user() {
    let login = Login::new(&["refresh-canary@example.com", "canary-client-secret"]);
    let file = user(&login.simulator, "refresh-canary@example.com");
    login.file(&file).is("user:canary@example.com");
}

#[test]
fn a_user_in_the_file_of_gcloud() {
    let login = Login::new(&["refresh-canary@example.com"]);
    let folder = login.path().join(".config/gcloud");
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = user(&login.simulator, "refresh-canary@example.com").to_string();
    std::fs::write(folder.join("application_default_credentials.json"), file).expect("written");
    login.is("user:canary@example.com");
}

const SUBJECT: &str =
    "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/subject/repo:shop";

#[test]
fn federation_by_a_file() {
    let token = jwt("repo:shop");
    let login = Login::new(&[&token, "canary-signature"]);
    let path = login.path().join("token");
    std::fs::write(&path, &token).expect("written");
    let file = external(&login.simulator, json!({"file": path}));
    login.file(&file).is(SUBJECT);
}

#[test]
fn federation_by_an_address() {
    let token = jwt("repo:shop");
    let login = Login::new(&[&token, "canary-header"]);
    let server = serve(json!({"value": token}).to_string(), "application/json");
    let source = json!({
        "url": format!("http://{server}/token"),
        "headers": {"Authorization": "bearer canary-header"},
        "format": {"type": "json", "subject_token_field_name": "value"},
    });
    let file = external(&login.simulator, source);
    login.file(&file).is(SUBJECT);
}

#[test]
fn federation_by_a_program() {
    let token = jwt("repo:shop");
    let login = Login::new(&[&token]);
    let program = login.path().join("program");
    let answer = json!({
        "version": 1, "success": true, "token_type": "urn:ietf:params:oauth:token-type:id_token", "id_token": token,
        "expiration_time": 4_102_444_800_u64,
    });
    std::fs::write(&program, format!("#!/bin/sh\necho '{answer}'\n")).expect("written");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("executable");
    let mut file = external(&login.simulator, json!({"executable": {"command": program, "timeout_millis": 5000}}));
    file["subject_token_type"] = "urn:ietf:params:oauth:token-type:id_token".into();
    login.file(&file).set("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1").is(SUBJECT);
}

#[test]
fn federation_from_aws() {
    let login = Login::new(&["canary-aws-secret"]);
    let mut file = external(
        &login.simulator,
        json!({
            "environment_id": "aws1",
            "regional_cred_verification_url":
                "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
        }),
    );
    file["subject_token_type"] = "urn:ietf:params:aws:token-type:aws4_request".into();
    let login = login
        .file(&file)
        .set("AWS_REGION", "eu-west-1")
        .set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .set("AWS_SECRET_ACCESS_KEY", "canary-aws-secret")
        .set("AWS_SESSION_TOKEN", "canary-aws-session");
    let (result, callers) = login.read();
    assert_eq!(result, "read");
    // The subject is the signed request itself, which only AWS could resolve.
    assert!(callers.iter().all(|caller| caller.starts_with("principal://iam.googleapis.com/")), "{callers:?}");
}

#[test]
fn impersonation_in_the_file_and_in_the_settings() {
    let account = "applier@gc-prd-shop.iam.gserviceaccount.com";
    for in_file in [true, false] {
        let login = Login::new(&["refresh-canary@example.com"]);
        login.simulator.add_service_account(account);
        let resource = format!("serviceAccounts/{account}");
        login.simulator.add_member(&resource, "roles/iam.serviceAccountTokenCreator", "user:canary@example.com");
        let source = user(&login.simulator, "refresh-canary@example.com");
        let url = format!("{}/v1/projects/-/serviceAccounts/{account}:generateAccessToken", login.simulator.url());
        let login = if in_file {
            let file = json!({
                "type": "impersonated_service_account",
                "service_account_impersonation_url": url,
                "source_credentials": source,
            });
            login.file(&file)
        } else {
            login.file(&source).set(IMPERSONATE, account)
        };
        login.is(&format!("serviceAccount:{account}"));
    }
}

#[test]
fn impersonation_without_permission() {
    let login = Login::new(&["refresh-canary@example.com"]);
    let file = user(&login.simulator, "refresh-canary@example.com");
    let (result, _) = login.file(&file).set(IMPERSONATE, "applier@gc-prd-shop.iam.gserviceaccount.com").read();
    insta::assert_snapshot!(result, @"project `gc-prd-shop`: it cannot be read: cannot act as service account `applier@gc-prd-shop.iam.gserviceaccount.com`: Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist) (403); the identity that acts as it needs `roles/iam.serviceAccountTokenCreator` on it");
}

#[test]
fn a_metadata_server() {
    let login = Login::new(&["canary-metadata-token"]);
    login.simulator.add_token("canary-metadata-token", "serviceAccount:vm@gc-prd-ci.iam.gserviceaccount.com");
    let answer = json!({"access_token": "canary-metadata-token", "expires_in": 3600, "token_type": "Bearer"});
    let server = serve(answer.to_string(), "application/json");
    login.set("GCE_METADATA_HOST", &server).is("serviceAccount:vm@gc-prd-ci.iam.gserviceaccount.com");
}

#[test]
fn what_is_missing_or_wrong_is_explained() {
    let explained = |login: Login| {
        let folder = login.path().to_string_lossy().into_owned();
        let url = login.simulator.url();
        login.read().0.replace(&folder, "FOLDER").replace(&url, "URL")
    };
    insta::assert_snapshot!(explained(Login::new(&[])), @"project `gc-prd-shop`: it cannot be read: no credentials for Google's APIs (`GOOGLE_APPLICATION_CREDENTIALS` is not set, there is no file of `gcloud auth application-default login`, and no metadata server responds, as one does on Google's machines): run `gcloud auth application-default login`, or set `GOOGLE_APPLICATION_CREDENTIALS` to a credentials file");
    let gone = Login::new(&[]).set("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent/credentials.json");
    insta::assert_snapshot!(explained(gone), @"project `gc-prd-shop`: it cannot be read: no credentials for Google's APIs (could not find or open the credentials file /nonexistent/credentials.json. This file name was found in the `GOOGLE_APPLICATION_CREDENTIALS` environment variable. Verify this environment variable points to a valid file): run `gcloud auth application-default login`, or set `GOOGLE_APPLICATION_CREDENTIALS` to a credentials file");
    let login = Login::new(&["canary-field"]);
    let unknown = login.file(&json!({"type": "something", "private_key": "canary-field"}));
    insta::assert_snapshot!(explained(unknown), @"project `gc-prd-shop`: it cannot be read: no credentials for Google's APIs (unknown or invalid credentials type something): run `gcloud auth application-default login`, or set `GOOGLE_APPLICATION_CREDENTIALS` to a credentials file");
    let login = Login::new(&["canary-refresh"]);
    let file = user(&login.simulator, "canary-refresh");
    insta::assert_snapshot!(explained(login.file(&file)), @"project `gc-prd-shop`: it cannot be read: no credentials for Google's APIs (failed to refresh user access token: HTTP status client error (400 Bad Request) for url (URL/token): INVALID_ARGUMENT: invalid_grant: Bad Request): run `gcloud auth application-default login`, or set `GOOGLE_APPLICATION_CREDENTIALS` to a credentials file");
}
