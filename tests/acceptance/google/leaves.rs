//! `anu_project` and `anu_project_iam` on Google, beside the services of the registry.

use serde_json::json;

use super::super::support::Core;
use super::{Fixture, policy_of};

const ID: &str = "acme-logging-7f3a";
const TEAM: &str = "group:core-banking-team@example.com";
const VIEWER: &str = "roles/logging.viewer";
const UNTIL: &str = "user:ada@example.com until 2099-01-31T00:00:00Z";

fn resources(policy: &str) -> String {
    format!(
        r#"
resource "anu_project" "logging" {{
  project_id      = "{ID}"
  labels          = {{ tier = "1" }}
  apis            = ["logging.googleapis.com"]
  deletion_policy = "{policy}"
}}

resource "anu_project_iam" "logging" {{
  project_id = anu_project.logging.project_id
  members    = {{ "{VIEWER}" = ["{TEAM}", "{UNTIL}"] }}
}}
"#
    )
}

on_one_core! {
    fn a_project_and_its_grants_are_created_repaired_and_deleted(core: &Core) {
        let fixture = Fixture::new(core);
        let (workspace, google) = (&fixture.workspace, &fixture.simulator);
        let services = workspace.read("main.tf");
        workspace.write("main.tf", &format!("{services}{}", resources("delete")));
        let plan = workspace.plan();
        assert_eq!(plan.change("anu_project.logging").after["parent"], "folders/1234", "the default of the provider block");
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert!(google.services(ID).contains(&"logging.googleapis.com".to_owned()));
        assert_eq!(google.members(&policy_of(ID), VIEWER), [TEAM]);
        let policy = google.policy(&policy_of(ID)).to_string();
        assert!(policy.contains("anu: expires 2099-01-31T00:00:00Z"), "a grant that ends is a condition: {policy}");

        google.remove_member(&policy_of(ID), VIEWER, TEAM);
        google.set_label(ID, "tier", "9");
        let plan = workspace.plan();
        assert_eq!(plan.change("anu_project_iam.logging").before["members"], json!({VIEWER: [UNTIL]}));
        assert_eq!(plan.change("anu_project.logging").before["labels"], json!({"tier": "9"}));
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();

        // Both leave, and the services stay.
        workspace.write("main.tf", &services);
        workspace.apply();
        workspace.assert_empty_plan();
        let policy = google.policy(&policy_of(ID)).to_string();
        assert!(!policy.contains(TEAM) && !policy.contains("anu: expires"), "{policy}");
        assert_eq!(google.project(ID).expect("it can be restored")["state"], "DELETE_REQUESTED");
    }
}
