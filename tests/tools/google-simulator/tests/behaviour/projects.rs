//! Resource Manager: projects and their life.

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
