//! What goes wrong by number and by rule: quotas and faults. And what is kept: transcript and state.

use std::path::PathBuf;
use std::time::Duration;

use google_simulator::{Api, Fault, Metric, Options, Quotas};
use serde_json::{Value, json};

use crate::client::Client;

fn create(client: &Client, number: usize) -> crate::client::Answer {
    client.post("/v3/projects", json!({"projectId": format!("project-{number}"), "parent": "folders/1234"}))
}

#[test]
fn a_minute_has_sixty_creations_of_projects() {
    let client = Client::new(Options::default());
    for number in 0..60 {
        create(&client, number).ok();
    }
    let refused = create(&client, 60);
    assert_eq!(refused.error().1, "RESOURCE_EXHAUSTED");
    assert_eq!(refused.body["error"]["details"][0]["metadata"]["quota_limit_value"], "600");
    assert_eq!(client.simulator.peak(Api::ResourceManager, Metric::Write), 600);
    client.simulator.advance(Duration::from_secs(60));
    create(&client, 60).ok();
}

#[test]
fn quotas_can_be_off_and_the_peak_is_counted_nevertheless() {
    let client = Client::new(Options { quotas: Quotas::off(), ..Options::default() });
    for number in 0..61 {
        create(&client, number).ok();
    }
    assert_eq!(client.simulator.peak(Api::ResourceManager, Metric::Write), 610);
}

#[test]
fn the_number_of_projects_is_limited_by_an_operation_that_fails() {
    let client = Client::new(Options { project_quota: Some(1), ..Options::default() });
    client.create("shop-production");
    client.simulator.delete_project("shop-production"); // it counts until it is purged
    let operation = client.ended(create(&client, 1));
    assert_eq!(operation["error"]["code"], 8);
    assert_eq!(operation["error"]["details"][0]["@type"], "type.googleapis.com/google.rpc.QuotaFailure");
}

#[test]
fn faults_answer_delay_and_cut() {
    let client = Client::new(Options::default());
    client.simulator.fault(Fault::on("POST", "/v3/projects").times(1).retry_after(503, 7));
    client.simulator.fault(Fault::on("POST", "/v3/projects").after(1).times(1).cut_before());
    client.simulator.fault(Fault::on("POST", "/v3/projects").after(2).times(1).cut_after());
    client.simulator.fault(Fault::on("GET", "*").times(1).delay(Duration::from_millis(50)));
    let body = json!({"projectId": "shop-production", "parent": "folders/1234"});
    let send = || client.send("POST", "/v3/projects", &body);
    assert_eq!(send().unwrap().error(), (503, "UNAVAILABLE", "The service is currently unavailable."));
    assert_eq!(send(), None);
    assert_eq!(client.simulator.project("shop-production"), None);
    assert_eq!(send(), None);
    assert!(client.simulator.project("shop-production").is_some());
    let start = std::time::Instant::now();
    client.get("/v3/projects/shop-production").ok();
    assert!(start.elapsed() >= Duration::from_millis(50));
    let statuses: Vec<u16> = client.simulator.exchanges().iter().map(|exchange| exchange.status).collect();
    assert_eq!(statuses, [503, 0, 0, 200]);
    assert_eq!(client.simulator.requests("cloudresourcemanager.projects.create"), 3);
}

#[test]
fn any_request_fails_by_its_number() {
    let client = Client::new(Options::default());
    client.create("shop-production");
    client.simulator.fault(Fault::nth(2).error(409, "There were concurrent changes."));
    assert_eq!([0, 1, 2].map(|_| client.get("/v3/projects/shop-production").status), [200, 409, 200]);
}

#[test]
fn the_state_survives_a_restart_and_the_transcript_has_every_exchange() {
    let folder = folder_of("restart");
    let options = || Options {
        state: Some(folder.join("state.json")),
        transcript: Some(folder.join("transcript.jsonl")),
        ..Options::default()
    };
    let client = Client::new(options());
    client.create("shop-production");
    client.simulator.add_member("projects/shop-production", "roles/browser", "user:a@example.com");
    let (project, policy) =
        (client.simulator.project("shop-production"), client.simulator.policy("projects/shop-production"));
    drop(client);
    let client = Client::new(options());
    assert_eq!(client.simulator.project("shop-production"), project);
    assert_eq!(client.simulator.policy("projects/shop-production"), policy);
    assert_eq!(client.get("/v3/projects/shop-production").ok(), project.unwrap());
    let transcript = std::fs::read_to_string(folder.join("transcript.jsonl")).unwrap();
    let lines: Vec<Value> = transcript.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&str> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!(ids[0], "cloudresourcemanager.projects.create");
    assert_eq!(ids.last(), Some(&"cloudresourcemanager.projects.get"));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A folder of this test.
pub fn folder_of(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("google-simulator-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
