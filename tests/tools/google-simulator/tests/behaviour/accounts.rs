//! Service accounts, and what becomes of their grants.

use std::time::Duration;

use google_simulator::Options;
use serde_json::{Value, json};

use crate::client::Client;

const RESOURCE: &str = "projects/shop-production";
const EMAIL: &str = "web-server@shop-production.iam.gserviceaccount.com";

fn with_project(options: Options) -> Client {
    let client = Client::new(options);
    client.simulator.add_project("shop-production", &[]);
    client
}

fn create(client: &Client) -> Value {
    client.post("/v1/projects/shop-production/serviceAccounts", json!({"accountId": "web-server"})).ok()
}

fn grant(client: &Client) -> u16 {
    let policy = json!({"bindings": [{"role": "roles/browser", "members": [format!("serviceAccount:{EMAIL}")]}]});
    client.post("/v3/projects/shop-production:setIamPolicy", json!({ "policy": policy })).status
}

#[test]
fn policies_name_a_deleted_account_as_deleted() {
    let client = with_project(Options::default());
    assert_eq!(grant(&client), 400);
    let account = create(&client);
    assert_eq!(grant(&client), 200);
    client.call("DELETE", &format!("/v1/projects/-/serviceAccounts/{EMAIL}"), Value::Null).ok();
    let id = account["uniqueId"].as_str().unwrap();
    assert_eq!(
        client.simulator.members(RESOURCE, "roles/browser"),
        [format!("deleted:serviceAccount:{EMAIL}?uid={id}")]
    );
    client.post(&format!("/v1/projects/shop-production/serviceAccounts/{id}:undelete"), json!({})).ok();
    assert_eq!(client.simulator.members(RESOURCE, "roles/browser"), [format!("serviceAccount:{EMAIL}")]);
}

#[test]
fn a_new_account_is_seen_later() {
    let client = with_project(Options { read_delay: Duration::from_secs(10), ..Options::default() });
    client.simulator.advance(Duration::from_secs(11));
    create(&client);
    let path = format!("/v1/projects/shop-production/serviceAccounts/{EMAIL}");
    assert_eq!((client.get(&path).error().0, grant(&client)), (404, 400));
    client.simulator.advance(Duration::from_secs(11));
    assert_eq!((client.get(&path).status, grant(&client)), (200, 200));
}

#[test]
fn account_ids_have_a_form() {
    let client = with_project(Options::default());
    for bad in ["short", "Upper-case", "ends-with-", &"x".repeat(31)] {
        let answer = client.post("/v1/projects/shop-production/serviceAccounts", json!({ "accountId": bad }));
        assert_eq!(answer.error().0, 400, "{bad}");
    }
}
