//! IAM policies: etags, versions, conditions, members and limits.

use google_simulator::{Condition, Options};
use serde_json::{Value, json};

use crate::client::{Answer, Client};

const RESOURCE: &str = "projects/shop-production";

fn with_project() -> Client {
    let client = Client::new(Options::default());
    client.create("shop-production");
    client
}

fn read(client: &Client, version: u64) -> Value {
    client
        .post("/v3/projects/shop-production:getIamPolicy", json!({"options": {"requestedPolicyVersion": version}}))
        .ok()
}

fn write(client: &Client, policy: &Value) -> Answer {
    client.post("/v3/projects/shop-production:setIamPolicy", json!({ "policy": policy }))
}

#[test]
fn the_creator_is_owner_and_a_stale_etag_is_a_conflict() {
    let client = with_project();
    let policy = read(&client, 3);
    assert_eq!(policy["bindings"], json!([{"role": "roles/owner", "members": [google_simulator::ADMINISTRATOR]}]));
    let mut changed = policy.clone();
    changed["bindings"][0]["members"] = json!(["group:Platform@Example.com", google_simulator::ADMINISTRATOR]);
    let written = write(&client, &changed).ok();
    assert_eq!(written["bindings"][0]["members"][0], "group:platform@example.com");
    assert_ne!(written["etag"], policy["etag"]);
    let message =
        "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.";
    assert_eq!(write(&client, &changed).error(), (409, "ABORTED", message));
}

#[test]
fn conditions_need_version_3() {
    let client = with_project();
    let condition = Condition::new("until 2030", "request.time < timestamp(\"2030-01-01T00:00:00Z\")");
    client.simulator.add_conditional_member(RESOURCE, "roles/browser", "user:a@example.com", condition);
    let new = read(&client, 3);
    assert_eq!((&new["version"], &new["bindings"][0]["condition"]["title"]), (&json!(3), &json!("until 2030")));
    let mut old = read(&client, 1);
    assert!(old["bindings"][0]["role"].as_str().unwrap().starts_with("roles/browser_withcond_"));
    assert_eq!(write(&client, &old).error().0, 400);
    old["bindings"] = json!([]);
    assert_eq!(write(&client, &old).error().0, 400);
    old["etag"] = json!(null); // Google's trap: without an etag the conditions are lost
    assert_eq!(write(&client, &old).ok()["bindings"], json!(null));
}

#[test]
fn strangers_are_refused_and_grants_are_enough() {
    let mut client = with_project();
    client.login("user:reader@example.com");
    let denied = (403, "PERMISSION_DENIED", "The caller does not have permission");
    assert_eq!(client.get("/v3/projects/shop-production").error(), denied);
    assert_eq!(client.get("/v3/projects/does-not-exist").error(), denied);
    client.simulator.add_group_member("group:readers@example.com", "user:reader@example.com");
    client.simulator.add_member("folders/1234", "roles/browser", "group:readers@example.com");
    client.get("/v3/projects/shop-production").ok();
    assert_eq!(client.call("DELETE", "/v3/projects/shop-production", Value::Null).error(), denied);
    let all = json!({"permissions": ["resourcemanager.projects.get", "resourcemanager.projects.delete"]});
    let allowed = client.post("/v3/projects/shop-production:testIamPermissions", all).ok();
    assert_eq!(allowed, json!({"permissions": ["resourcemanager.projects.get"]}));
}
