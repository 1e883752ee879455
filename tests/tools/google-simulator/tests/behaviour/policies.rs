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

#[test]
fn members_exist_and_have_a_form() {
    let client = with_project();
    client.simulator.add_missing("group:Missing@example.com");
    client.simulator.add_missing("serviceAccount:pool.svc.id.goog[a/b]");
    let refusal = |member: &str| {
        let policy = json!({"bindings": [{"role": "roles/browser", "members": [member]}]});
        write(&client, &policy).error().2.to_owned()
    };
    assert_eq!(refusal("group:missing@Example.com"), "Group missing@example.com does not exist.");
    let missing = "serviceAccount:nope@shop-production.iam.gserviceaccount.com";
    assert_eq!(refusal(missing), "Service account nope@shop-production.iam.gserviceaccount.com does not exist.");
    assert!(
        refusal("serviceAccount:pool.svc.id.goog[a/b]").starts_with("Identity Pool does not exist (pool.svc.id.goog).")
    );
    let form = "The member a@example.com is of an unknown type. Please set a valid type prefix for the member.";
    assert_eq!(refusal("a@example.com"), form);
    assert_eq!(refusal("allUsers"), "The member allUsers is not supported for this resource.");
    client.simulator.remove_missing("group:missing@example.com");
    assert_eq!(refusal("group:missing@Example.com"), "");
}

#[test]
fn a_policy_has_at_most_1500_members_and_250_groups() {
    let client = with_project();
    let policy = |kind: &str, count: usize| {
        let members: Vec<String> = (0..count).map(|number| format!("{kind}:a{number}@example.com")).collect();
        json!({"bindings": [{"role": "roles/browser", "members": members}]})
    };
    write(&client, &policy("user", 1500)).ok();
    let text = "The number of members in the policy (1,501) is larger than the maximum allowed size 1,500.";
    assert_eq!(write(&client, &policy("user", 1501)).error().2, text);
    write(&client, &policy("group", 250)).ok();
    let text = "The number of groups in the policy (251) is larger than the maximum allowed size 250.";
    assert_eq!(write(&client, &policy("group", 251)).error().2, text);
}

#[test]
fn a_grant_ends_at_the_time_of_its_condition() {
    let mut client = with_project();
    client.login("user:a@example.com");
    let until = |client: &Client, time: &str| {
        let condition = Condition::new("until", &format!("request.time < timestamp(\"{time}\")"));
        client.simulator.add_conditional_member(RESOURCE, "roles/browser", "user:a@example.com", condition);
        client.get("/v3/projects/shop-production").status
    };
    assert_eq!(until(&client, "2020-01-01T00:00:00Z"), 403);
    assert_eq!(until(&client, "2999-01-01T00:00:00Z"), 200);
}
