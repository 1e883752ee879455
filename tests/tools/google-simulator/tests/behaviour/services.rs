//! Service Usage: enabling, its refusals, and other changes at the same time.

use std::time::Duration;

use google_simulator::{Fault, Options};
use serde_json::{Value, json};

use crate::client::Client;

const BATCH: &str = "/v1/projects/shop-production/services:batchEnable";

fn with_project(options: Options) -> Client {
    let client = Client::new(options);
    client.simulator.add_project("shop-production", &[]);
    client
}

#[test]
fn an_api_brings_those_that_it_depends_on_and_takes_its_dependents_along_when_told() {
    let client = with_project(Options::default());
    client.simulator.set_billing_account("shop-production", Some("billingAccounts/000000-AAAAAA-000000"));
    client.done(client.post(BATCH, json!({"serviceIds": ["container.googleapis.com"]})));
    assert!(client.simulator.services("shop-production").contains(&"compute.googleapis.com".to_owned()));
    let disable = "/v1/projects/shop-production/services/compute.googleapis.com:disable";
    assert!(client.post(disable, json!({})).error().2.contains("is depended on by the following active service(s)"));
    client.done(client.post(disable, json!({"disableDependentServices": true})));
    assert!(!client.simulator.services("shop-production").contains(&"container.googleapis.com".to_owned()));
}

#[test]
fn a_batch_is_enabled_as_a_whole_or_not_at_all() {
    let client = with_project(Options::default());
    client.simulator.add_missing("nope.googleapis.com");
    let before = client.simulator.services("shop-production");
    let answer = client.post(BATCH, json!({"serviceIds": ["pubsub.googleapis.com", "nope.googleapis.com"]}));
    let text = "Not found or permission denied for service(s): nope.googleapis.com.";
    assert_eq!(answer.error(), (403, "PERMISSION_DENIED", text));
    let answer = client.post(BATCH, json!({"serviceIds": ["pubsub.googleapis.com", "run.googleapis.com"]}));
    assert_eq!(
        (answer.status, &answer.body["error"]["details"][1]["reason"]),
        (400, &json!("UREQ_PROJECT_BILLING_NOT_FOUND"))
    );
    assert_eq!(client.simulator.services("shop-production"), before);
}

#[test]
fn a_second_change_waits_for_the_first() {
    let client = with_project(Options { operation_delay: Duration::from_secs(60), ..Options::default() });
    let first = client.post(BATCH, json!({"serviceIds": ["pubsub.googleapis.com"]})).ok();
    let second = client.post(BATCH, json!({"serviceIds": ["secretmanager.googleapis.com"]}));
    assert!(second.error().2.starts_with("Another activation or deactivation is in progress"), "{second:?}");
    let operation = format!("/v1/{}", first["name"].as_str().unwrap());
    assert_eq!(client.get(&operation).ok()["done"], Value::Null);
    client.simulator.advance(Duration::from_secs(61));
    assert_eq!(client.get(&operation).ok()["done"], true);
    client.post(BATCH, json!({"serviceIds": ["secretmanager.googleapis.com"]})).ok();
}

#[test]
fn an_operation_fails_by_a_rule() {
    let client = with_project(Options::default());
    client
        .simulator
        .fault(Fault::on("POST", "*:batchEnable").times(1).fail_operation(500, "Internal error encountered."));
    let operation = client.ended(client.post(BATCH, json!({"serviceIds": ["pubsub.googleapis.com"]})));
    assert_eq!(operation["error"], json!({"code": 13, "message": "Internal error encountered."}));
    assert!(!client.simulator.services("shop-production").contains(&"pubsub.googleapis.com".to_owned()));
}

#[test]
fn a_deleted_project_has_no_apis_to_change() {
    let client = with_project(Options::default());
    client.simulator.delete_project("shop-production");
    let answer = client.post(BATCH, json!({"serviceIds": ["pubsub.googleapis.com"]}));
    assert_eq!(answer.error(), (403, "PERMISSION_DENIED", "Project 'shop-production' not found or deleted."));
}
