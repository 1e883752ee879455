//! Violations of Google's discovery documents are found: the negative controls of the check.

use google_simulator::Options;
use serde_json::{Value, json};

use crate::client::Client;

#[track_caller]
fn violations(send: impl FnOnce(&Client)) -> Vec<String> {
    let client = Client::new(Options::default());
    client.create("shop-production");
    assert_eq!(client.simulator.take_violations(), [""; 0]);
    send(&client);
    client.simulator.take_violations()
}

/// Whether the documents are there: without them there is nothing to find.
fn is_checked() -> bool {
    !violations(|client| drop(client.get("/v3/nope"))).is_empty()
}

#[test]
fn what_is_not_documented_is_found() {
    if !is_checked() {
        return;
    }
    type Send = fn(&Client);
    let cases: &[(&str, Send)] = &[
        ("request.labelz: there is no such field", |client| {
            client
                .post("/v3/projects", json!({"projectId": "shop-staging", "parent": "folders/1234", "labelz": {}}))
                .ok();
        }),
        ("request.etag: the field is read-only", |client| {
            client
                .post("/v3/projects", json!({"projectId": "shop-staging", "parent": "folders/1234", "etag": "a"}))
                .ok();
        }),
        ("request.checkIfServiceHasUsage: \"PERHAPS\" is none of the enumeration", |client| {
            client.simulator.enable_service("shop-production", "pubsub.googleapis.com");
            let path = "/v1/projects/shop-production/services/pubsub.googleapis.com:disable";
            client.post(path, json!({"checkIfServiceHasUsage": "PERHAPS"})).ok();
        }),
        ("cloudresourcemanager.projects.get has no query parameter view", |client| {
            client.get("/v3/projects/shop-production?view=FULL").ok();
        }),
        ("the query parameter pageSize cannot be many", |client| {
            client.get("/v3/projects:search?pageSize=many");
        }),
        ("request.labels: [] is not of the type object", |client| {
            client
                .post("/v3/projects", json!({"projectId": "shop-staging", "parent": "folders/1234", "labels": []}))
                .ok();
        }),
        ("no document has a method GET /v3/projects/shop-production/labels", |client| {
            client.get("/v3/projects/shop-production/labels");
        }),
        ("the method has no request body", |client| {
            client.call("DELETE", "/v3/projects/shop-production", json!({"force": true})).ok();
        }),
    ];
    for (expected, send) in cases {
        let found = violations(*send);
        assert!(found.len() == 1 && found[0].ends_with(expected), "{expected}: {found:?}");
    }
}

#[test]
#[should_panic(expected = "request.labelz: there is no such field")]
fn a_simulator_with_violations_ends_the_test() {
    assert!(is_checked(), "request.labelz: there is no such field (the documents are missing)");
    let client = Client::new(Options::default());
    client.post("/v3/projects", json!({"projectId": "shop-staging", "parent": "folders/1234", "labelz": {}}));
}

#[test]
fn numbers_for_enumerations_are_as_documented() {
    let client = Client::new(Options { integer_enums: true, ..Options::default() });
    client.create("shop-production");
    let alternative = "%24alt=json%3Benum-encoding%3Dint";
    let read = client.get(&format!("/v3/projects/shop-production?{alternative}")).ok();
    assert_eq!(read["state"], 1);
    let services =
        client.get(&format!("/v1/projects/shop-production/services?filter=state:ENABLED&{alternative}")).ok();
    assert_eq!(services["services"][0]["state"], 2);
    assert_eq!(client.get("/v3/projects/shop-production").ok()["state"], "ACTIVE");
    assert_eq!(client.call("DELETE", "/v3/projects/shop-production", Value::Null).status, 200);
}
