//! Resource Manager: projects and their life.

use std::time::Duration;

use google_simulator::Options;
use serde_json::json;

use crate::client::Client;

#[test]
fn a_project_is_created_read_changed_deleted_and_restored() {
    let client = Client::new(Options::default());
    let body =
        json!({"projectId": "shop-production", "parent": "folders/1234", "displayName": "Shop", "labels": {"a": "1"}});
    let created = client.done(client.post("/v3/projects", body));
    assert_eq!(created["projectId"], "shop-production");
    let read = client.get("/v3/projects/shop-production").ok();
    assert_eq!((&read["labels"], &read["state"]), (&json!({"a": "1"}), &json!("ACTIVE")));
    assert_eq!(client.get(&format!("/v3/{}", read["name"].as_str().unwrap())).ok(), read);

    let patch = client.call(
        "PATCH",
        "/v3/projects/shop-production?updateMask=display_name,labels",
        json!({"displayName": "Shop 2"}),
    );
    let patched = client.done(patch);
    assert_eq!((&patched["displayName"], &patched["labels"]), (&json!("Shop 2"), &json!(null)));
    assert_ne!(patched["etag"], read["etag"]);

    client.done(client.call("DELETE", "/v3/projects/shop-production", json!(null)));
    assert_eq!(client.get("/v3/projects/shop-production").ok()["state"], "DELETE_REQUESTED");
    client.done(client.post("/v3/projects/shop-production:undelete", json!({})));
    assert_eq!(client.get("/v3/projects/shop-production").ok()["state"], "ACTIVE");
}

#[test]
fn an_id_is_taken_until_its_project_is_purged_and_after() {
    let client = Client::new(Options::default());
    client.create("shop-production");
    let create = || client.post("/v3/projects", json!({"projectId": "shop-production", "parent": "folders/1234"}));
    let taken = (409, "ALREADY_EXISTS", "Requested entity already exists");
    client.simulator.delete_project("shop-production");
    assert_eq!(create().error(), taken);
    client.simulator.advance(Duration::from_secs(29 * 24 * 3600));
    assert_eq!(client.get("/v3/projects/shop-production").ok()["state"], "DELETE_REQUESTED");
    client.simulator.advance(Duration::from_secs(24 * 3600));
    assert_eq!(client.get("/v3/projects/shop-production").error().0, 403);
    assert_eq!(create().error(), taken);
}

#[test]
fn a_project_is_there_when_its_operation_is_done() {
    let client = Client::new(Options { operation_delay: Duration::from_secs(30), ..Options::default() });
    let body = json!({"projectId": "shop-production", "parent": "folders/1234"});
    let operation = format!("/v3/{}", client.post("/v3/projects", body.clone()).ok()["name"].as_str().unwrap());
    assert_eq!(client.get("/v3/projects/shop-production").error().0, 403);
    assert_eq!(client.post("/v3/projects", body).error().0, 409);
    assert_eq!(client.get(&operation).ok()["done"], json!(null));
    client.simulator.advance(Duration::from_secs(30));
    let done = client.get(&operation).ok();
    assert_eq!((&done["done"], &done["metadata"]["ready"]), (&json!(true), &json!(true)));
    client.get("/v3/projects/shop-production").ok();
}

#[test]
fn a_lien_refuses_deletion() {
    let client = Client::new(Options::default());
    let parent = client.create("shop-production")["name"].clone();
    let lien = json!({"parent": parent, "restrictions": ["resourcemanager.projects.delete"], "reason": "in use", "origin": "anu"});
    let lien = client.post("/v3/liens", lien).ok();
    let text = "A lien to prevent deletion was placed on the project by [anu]. Remove the lien to allow deletion.";
    let delete = || client.call("DELETE", "/v3/projects/shop-production", json!(null));
    assert_eq!(delete().error(), (400, "FAILED_PRECONDITION", text));
    client.call("DELETE", &format!("/v3/{}", lien["name"].as_str().unwrap()), json!(null)).ok();
    client.done(delete());
}

#[test]
fn a_change_is_seen_later() {
    let client = Client::new(Options { read_delay: Duration::from_secs(5), ..Options::default() });
    client.create("shop-production");
    assert_eq!(client.get("/v3/projects/shop-production").error().0, 403);
    client.simulator.advance(Duration::from_secs(6));
    client.done(client.call("PATCH", "/v3/projects/shop-production?updateMask=labels", json!({"labels": {"a": "1"}})));
    assert_eq!(client.get("/v3/projects/shop-production").ok()["labels"], json!(null));
    client.simulator.advance(Duration::from_secs(6));
    assert_eq!(client.get("/v3/projects/shop-production").ok()["labels"], json!({"a": "1"}));
}

#[test]
fn a_creator_needs_a_permission_on_the_parent_and_a_service_account_needs_a_parent() {
    let mut client = Client::new(Options::default());
    let applier = "serviceAccount:applier@example.iam.gserviceaccount.com";
    client.login(applier);
    let create = |client: &Client| {
        client.post("/v3/projects", json!({"projectId": "shop-production", "parent": "folders/1234"}))
    };
    assert_eq!(create(&client).error().0, 403);
    let orphan = client.post("/v3/projects", json!({"projectId": "shop-production"}));
    assert_eq!(orphan.error(), (403, "PERMISSION_DENIED", "Service accounts cannot create projects without a parent."));
    client.simulator.add_member("folders/1234", "roles/resourcemanager.projectCreator", applier);
    client.done(create(&client));
    assert_eq!(client.simulator.members("projects/shop-production", "roles/owner"), [applier]);
}
