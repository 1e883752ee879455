//! Access tokens: from files of users and service accounts, from another identity provider, by impersonation.

use google_simulator::{Authentication, Options};
use serde_json::json;

use crate::client::Client;

/// `{"alg": "none"}`, `{"iss": "ci@shop-production.iam.gserviceaccount.com", "sub": "repository"}`
const ASSERTION: &str = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJjaUBzaG9wLXByb2R1Y3Rpb24uaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJzdWIiOiJyZXBvc2l0b3J5In0.";

fn client() -> Client {
    let client = Client::new(Options { authentication: Authentication::Required, ..Options::default() });
    client.simulator.add_project("shop-production", &[]);
    client
}

/// Who the last request was from.
fn principal(client: &mut Client, token: &str) -> String {
    client.set_token(token);
    client.get("/v3/projects/shop-production");
    client.simulator.exchanges().pop().unwrap().principal
}

#[test]
fn a_request_needs_a_token_that_is_known() {
    let mut client = client();
    assert_eq!(client.get("/v3/projects/shop-production").error().0, 401);
    client.set_token("unknown");
    assert_eq!(client.get("/v3/projects/shop-production").error().1, "UNAUTHENTICATED");
    assert_eq!(client.simulator.exchanges()[0].principal, "");
}

#[test]
fn each_kind_of_credential_has_its_principal() {
    let mut client = client();
    let user = json!({"grant_type": "refresh_token", "refresh_token": "refresh-a@example.com"});
    let token = client.post("/token", user).ok()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(principal(&mut client, &token), "user:a@example.com");

    let file = json!({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": ASSERTION});
    let token = client.post("/token", file).ok()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(principal(&mut client, &token), "serviceAccount:ci@shop-production.iam.gserviceaccount.com");

    let pool = "projects/1/locations/global/workloadIdentityPools/ci";
    let federated =
        json!({"subjectToken": ASSERTION, "audience": format!("//iam.googleapis.com/{pool}/providers/github")});
    let token = client.post("/v1/token", federated).ok()["access_token"].as_str().unwrap().to_owned();
    let principal_of_pool = format!("principal://iam.googleapis.com/{pool}/subject/repository");
    assert_eq!(principal(&mut client, &token), principal_of_pool);

    client.simulator.add_service_account("ci@shop-production.iam.gserviceaccount.com");
    let path = "/v1/projects/-/serviceAccounts/ci@shop-production.iam.gserviceaccount.com:generateAccessToken";
    let scope = json!({"scope": ["https://www.googleapis.com/auth/cloud-platform"]});
    assert_eq!(client.post(path, scope.clone()).error().0, 403);
    let account = "serviceAccounts/ci@shop-production.iam.gserviceaccount.com";
    client.simulator.add_member(account, "roles/iam.workloadIdentityUser", &principal_of_pool);
    let token = client.post(path, scope).ok()["accessToken"].as_str().unwrap().to_owned();
    assert_eq!(principal(&mut client, &token), "serviceAccount:ci@shop-production.iam.gserviceaccount.com");

    assert_eq!(principal(&mut client, ASSERTION), "serviceAccount:ci@shop-production.iam.gserviceaccount.com");

    let transcript = format!("{:?}", client.simulator.exchanges());
    assert!(
        !transcript.contains("simulated-token") && !transcript.contains("refresh-a") && !transcript.contains(ASSERTION)
    );
}

#[test]
fn a_token_expires() {
    let mut client = client();
    let user = json!({"grant_type": "refresh_token", "refresh_token": "refresh-a@example.com"});
    let token = client.post("/token", user).ok()["access_token"].as_str().unwrap().to_owned();
    client.set_token(&token);
    assert_eq!(client.get("/v3/projects/shop-production").error().0, 403);
    client.simulator.advance(std::time::Duration::from_secs(3601));
    assert_eq!(client.get("/v3/projects/shop-production").error().0, 401);
}

#[test]
fn a_quota_project_is_one_that_the_caller_may_use_and_that_has_the_api() {
    let mut client = client();
    client.simulator.add_project("shop-quota", &[]);
    client.login("user:a@example.com");
    client.simulator.add_member("projects/shop-production", "roles/browser", "user:a@example.com");
    client.set_quota_project("shop-quota");
    let reason = |client: &Client| {
        let refused = client.get("/v3/projects/shop-production");
        refused.body["error"]["details"][0]["reason"].clone()
    };
    assert_eq!(reason(&client), "USER_PROJECT_DENIED");
    client.simulator.add_member("projects/shop-quota", "roles/serviceusage.serviceUsageConsumer", "user:a@example.com");
    assert_eq!(reason(&client), "SERVICE_DISABLED");
    client.simulator.enable_service("shop-quota", "cloudresourcemanager.googleapis.com");
    client.get("/v3/projects/shop-production").ok();
    assert_eq!(client.simulator.exchanges().pop().unwrap().quota_project.as_deref(), Some("shop-quota"));
}
