//! No secret of any kind of credentials leaves the provider: not in its log at TRACE, its diagnostics, its plans and states, nor
//! in the simulator's transcript. The program itself, as core starts it.

use std::path::Path;

use anu::sdk::{Type, Value, from_json};
use google_simulator::{Authentication, Fault, Options, Simulator};
use serde_json::{Value as Json, json};

use crate::credentials::{external, jwt, user};
use crate::plugin_client::{Plugin, command};
use crate::unlimited;

/// Credentials, and the secrets in them.
struct Kind {
    name: &'static str,
    file: Option<Json>,
    access_token: Option<&'static str>,
    principal: &'static str,
    secrets: Vec<String>,
}

const SERVICE_ACCOUNT: &str = "deployer@gc-prd-ci.iam.gserviceaccount.com";

fn kinds(folder: &Path, simulator: &Simulator) -> Vec<Kind> {
    let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).expect("a key");
    let pem = key.serialize_pem();
    let lines = pem.lines().filter(|line| !line.starts_with("-----")).map(str::to_owned).collect();
    let service_account = json!({
        "type": "service_account", "project_id": "gc-prd-ci", "private_key_id": "1", "private_key": pem,
        "client_email": SERVICE_ACCOUNT, "client_id": "2", "token_uri": format!("{}/token", simulator.url()),
        "universe_domain": "googleapis.com",
    });
    let assertion = jwt("repo:shop");
    std::fs::write(folder.join("assertion"), &assertion).expect("written");
    let pieces = assertion.split('.').map(str::to_owned).collect();
    vec![
        Kind {
            name: "a given token",
            file: None,
            access_token: Some("canary-access-token"),
            principal: "user:given@example.com",
            secrets: vec!["canary-access-token".to_owned()],
        },
        Kind {
            name: "a user's refresh token",
            file: Some(user(simulator, "refresh-canary@example.com")),
            access_token: None,
            principal: "user:canary@example.com",
            secrets: vec!["refresh-canary".to_owned(), "canary-client-secret".to_owned()],
        },
        Kind {
            name: "an assertion of workload identity federation",
            file: Some(external(simulator, json!({"file": folder.join("assertion")}))),
            access_token: None,
            principal: "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/subject/repo:shop",
            secrets: pieces,
        },
        Kind {
            name: "a service account's key",
            file: Some(service_account),
            access_token: None,
            principal: "serviceAccount:deployer@gc-prd-ci.iam.gserviceaccount.com",
            secrets: lines,
        },
    ]
}

/// A value of this type, in which everything that is not named is null.
fn filled(json: Json, ty: &Type) -> Value {
    fn fill(json: Json, ty: &Type) -> Json {
        match (ty, json) {
            (Type::Object(types), Json::Object(mut fields)) => types
                .iter()
                .map(|(name, ty)| (name.clone(), fill(fields.remove(name).unwrap_or_default(), ty)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            (Type::Map(element), Json::Object(fields)) => fields
                .into_iter()
                .map(|(key, value)| (key, fill(value, element)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            (_, json) => json,
        }
    }
    from_json(&fill(json, ty), ty).expect("a value of the type")
}

/// Everything that a run of the provider gives core or prints, with credentials that are accepted and then refused.
async fn run(folder: &Path, simulator: &Simulator, kind: &Kind) -> String {
    let registry = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/google/registry.json");
    let mut command = command(env!("CARGO_BIN_EXE_terraform-provider-anu"));
    for variable in ["GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_QUOTA_PROJECT"] {
        command.env_remove(variable);
    }
    let logs = ["TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_ANU", "RUST_LOG"];
    command.envs(logs.map(|variable| (variable, "trace"))).env("HOME", folder).env("GCE_METADATA_HOST", "127.0.0.1:1");
    if let Some(file) = &kind.file {
        let path = folder.join("credentials.json");
        std::fs::write(&path, file.to_string()).expect("written");
        command.env("GOOGLE_APPLICATION_CREDENTIALS", path);
    }
    let plugin = Plugin::start(command).await;
    let block = json!({
        "registry": {"source": registry},
        "manage": ["google"],
        "google": {
            "parent": "folders/1234", "billing_account": "000000-AAAAAA-000000", "access_token": kind.access_token,
            "retry_budget": "3s", "endpoints": {"default": simulator.url()},
        },
    });
    let mut said = String::new();
    let mut say = |what: &dyn std::fmt::Debug| said.push_str(&format!("{what:?}\n"));
    let configured = plugin.configure(filled(block, &plugin.offer.block)).await;
    assert!(!configured.has_errors(), "{configured:?}");
    let data = plugin.read_data("anu_registry", &filled(json!({}), &plugin.offer.data_sources["anu_registry"])).await;
    say(&data);
    let digest = data.0.get("service_digests").and_then(|digests| digests.get("ledger")).and_then(Value::as_str);
    let name = "anu_registry_service";
    let config = filled(json!({"name": "ledger", "digest": digest.expect("a digest")}), &plugin.offer.resources[name]);
    let planned = plugin.plan(name, &Value::Null, &config, &[]).await;
    let stored = plugin.apply(name, &Value::Null, &planned, &config).await;
    assert!(!stored.diagnostics.has_errors(), "{}: {:?}", kind.name, stored.diagnostics);
    let read = plugin.read(name, &stored.state, &stored.private).await;
    assert!(!read.diagnostics.has_errors() && !read.state.is_null(), "{read:?}");
    simulator.fault(Fault::on("*", "*").error(401, "Request had invalid authentication credentials."));
    let refused = plugin
        .plan(
            name,
            &read.state,
            &filled(json!({"name": "ledger", "digest": "0"}), &plugin.offer.resources[name]),
            &read.private,
        )
        .await;
    let gone = plugin.read(name, &read.state, &read.private).await;
    simulator.clear_faults();
    for private in [&planned.private, &stored.private, &read.private] {
        say(&String::from_utf8_lossy(private));
    }
    say(&(&configured, &planned, &stored, &read, &refused, &gone));
    let log = plugin.process.stderr_until(":setIamPolicy").join("\n");
    said + &log
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_leaves_the_provider() {
    let folder = tempfile::tempdir().expect("a folder");
    for number in 0..4 {
        let transcript = folder.path().join(format!("transcript-{number}.jsonl"));
        let simulator = Simulator::start(Options {
            authentication: Authentication::Required,
            transcript: Some(transcript.clone()),
            ..unlimited()
        });
        let kind = kinds(folder.path(), &simulator).remove(number);
        if let Some(token) = kind.access_token {
            simulator.add_token(token, kind.principal);
        }
        // The creator of a project is its owner.
        let roles = [
            ("folders/1234", "roles/resourcemanager.projectCreator"),
            ("billingAccounts/000000-AAAAAA-000000", "roles/billing.user"),
        ];
        for (resource, role) in roles {
            simulator.add_member(resource, role, kind.principal);
        }
        let said = run(folder.path(), &simulator, &kind).await;
        let transcript = std::fs::read_to_string(transcript).expect("a transcript");
        for secret in kind.secrets.iter().map(String::as_str).chain(["simulated-token"]) {
            assert!(!said.contains(secret), "{}: `{secret}` is in {said}", kind.name);
            assert!(!transcript.contains(secret), "{}: `{secret}` is in {transcript}", kind.name);
        }
        println!("{}: {} bytes of answers and log, {} of transcript", kind.name, said.len(), transcript.len());
    }
}
