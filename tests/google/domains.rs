//! A project whose id has a domain (`example.com:shop`): everything but its creation, on the simulator.

use google_simulator::Simulator;
use serde_json::json;

use crate::fake_core::State;
use crate::fixture::address;
use crate::{runs, unlimited};

const PROJECT: &str = "example.com:shop";

#[tokio::test]
async fn an_existing_project_with_a_domain_is_managed_like_any_other() {
    let registry = |accounts: serde_json::Value| {
        json!({
            "metadata": {"name": "acme"},
            "teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}],
            "clusters": [{"type": "Cluster", "spec": {"name": "c1", "googleProject": "example.com:gke", "gke": {"clusterViewer": true, "groups": true}}}],
            "projects": [
                {"type": "Project", "spec": {"id": PROJECT, "existing": true, "owner": "pay"}},
                {"type": "Project", "spec": {"id": "example.com:gke", "existing": true, "sharedWith": ["pay"]}}],
            "services": [{"type": "Service", "spec": {"name": "pay", "team": "core", "deletionPolicy": "delete", "googleServices": ["pubsub.googleapis.com"], "environments": [
                {"type": "Environment", "spec": {"name": "production", "googleProject": PROJECT, "rbac": {"admins": ["core"]},
                    "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "pay"}}], "serviceAccounts": accounts}}]}}]
        })
    };
    let account =
        json!([{"name": "rain-maker", "roles": ["roles/pubsub.publisher"], "kubernetesServiceAccount": "rain"}]);
    let folder = tempfile::tempdir().expect("a folder");
    let simulator = Simulator::start(unlimited());
    simulator.add_registry(&registry(account.clone()).to_string()).expect("a registry");
    let fixture = runs::fixture(folder.path(), &simulator.url());
    fixture.publish(&registry(account));
    let state = fixture.apply(&State::default()).await;
    fixture.assert_settled(&state).await;
    assert!(state.0.contains_key(&address("pay")));

    let policy = format!("projects/{PROJECT}");
    let email = "rain-maker@shop.example.com.iam.gserviceaccount.com";
    assert!(simulator.service_account(email).is_some());
    assert_eq!(simulator.members(&policy, "roles/pubsub.publisher"), [format!("serviceAccount:{email}")]);
    assert_eq!(simulator.members(&policy, "roles/pubsub.admin"), ["group:core@example.com"]);
    assert_eq!(
        simulator.members("projects/example.com:gke", "roles/container.clusterViewer"),
        ["group:core@example.com"]
    );
    let account = format!("serviceAccounts/{email}");
    let pods = "serviceAccount:gke.example.com.svc.id.goog[pay/rain]";
    assert_eq!(simulator.members(&account, "roles/iam.workloadIdentityUser"), [pods]);
    assert!(simulator.services(PROJECT).contains(&"pubsub.googleapis.com".to_owned()));

    // What leaves the registry is withdrawn.
    fixture.publish(&registry(json!([])));
    let state = fixture.apply(&state).await;
    fixture.assert_settled(&state).await;
    assert!(simulator.service_account(email).is_none());
    assert!(simulator.members(&policy, "roles/pubsub.publisher").is_empty());
}
