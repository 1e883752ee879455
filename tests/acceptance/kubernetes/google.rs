//! Google's credentials without a plugin: as GKE takes them, but that the cluster is one of ours.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use k8s_openapi::api::core::v1::Namespace;
use kube::api::Api;
use serde_json::json;

use super::super::clusters::Clusters;
use super::super::rights;
use super::super::support::{Core, Workspace};
use super::wait;

/// Stands in for Google's security token service: exchanges the right identity for this token, and anything else for nothing.
/// Where it listens. It ends with the test process.
fn token_service(identity: &'static str, token: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let answer = move |stream: TcpStream| -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        let (mut line, mut length) = (String::new(), 0);
        while reader.read_line(&mut line)? > 2 {
            let header = line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            if let Some((_, value)) = header {
                length = value.trim().parse().unwrap_or(0);
            }
            line.clear();
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let (status, body) = match String::from_utf8_lossy(&body).contains(identity) {
            true => (
                "200 OK",
                json!({
                    "access_token": token, "token_type": "Bearer", "expires_in": 3600,
                    "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
                }),
            ),
            false => ("400 Bad Request", json!({"error": "invalid_grant", "error_description": "who is that?"})),
        };
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        reader.get_mut().write_all((head + &body).as_bytes())
    };
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = answer(stream);
        }
    });
    format!("http://{address}/v1/token")
}

on_one_core! {
    fn credentials_open_a_cluster(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        wait(rights::grant(&clusters));
        let cluster = clusters.cluster("cluster-1");
        let name = format!("google-{}", core.name);
        let registry = json!({
            "metadata": {"name": name},
            "teams": [{"type": "Team", "spec": {"name": "shop", "email": "shop@example.com"}}],
            "clusters": [{"type": "Cluster", "spec": {"name": "gke"}}],
            "services": [{"type": "Service", "spec": {"name": "cart", "team": "shop", "environments": [
                {"type": "Environment", "spec": {
                    "name": "production", "rbac": {"admins": ["shop"]},
                    "targets": [{"type": "Target", "spec": {"kind": "argo", "cluster": "gke", "namespace": name, "release": "cart"}}],
                }},
            ]}}],
        });
        let main = format!(r#"
            terraform {{
              required_providers {{
                anu = {{ source = "anu-registry/anu" }}
              }}
            }}

            provider "anu" {{
              registry {{ source = "registry.json" }}
              manage   = ["kubernetes"]
              kubernetes {{
                cluster "gke" {{
                  endpoint           = "{}"
                  ca_certificate     = file("ca.pem")
                  google_credentials = true
                }}
              }}
            }}

            resource "anu_registry_service" "this" {{
              name = "cart"
            }}
        "#, cluster.endpoint);
        let mut workspace = Workspace::with(core, &main, &registry);
        workspace.write("ca.pem", &cluster.ca_certificate);
        let service = token_service("identity-of-a-pipeline", cluster.token(rights::PROVIDER).to_owned());
        let credentials = json!({
            "type": "external_account",
            "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/ci",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": &service,
            "credential_source": {"file": workspace.path().join("identity")},
        });
        workspace.write("credentials.json", &credentials.to_string());
        let file = workspace.path().join("credentials.json");
        workspace.set("GOOGLE_APPLICATION_CREDENTIALS", file);

        workspace.write("identity", "identity-of-a-stranger");
        let refused = workspace.refused(&[]).report();
        insta::assert_snapshot!(refused.replace(&service, "SERVICE"), @r"
        Error: Authentication failed

        Cannot read:

          cluster `gke`

        Cause: Google returned no access token (HTTP status client error (400 Bad Request) for url (SERVICE)): run `gcloud auth application-default login`, or set `GOOGLE_APPLICATION_CREDENTIALS` to a credentials file.

        All requests with these credentials fail in this way, those of other resources too. Correct the credentials, then run again.

        anu:authentication-failed
        ");

        workspace.write("identity", "identity-of-a-pipeline");
        workspace.apply();
        workspace.assert_empty_plan();
        let namespaces = Api::<Namespace>::all(wait(clusters.client("cluster-1", "human")));
        wait(namespaces.get(&name)).expect("made");
    }
}
