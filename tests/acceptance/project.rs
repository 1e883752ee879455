//! `anu_project` and `anu_project_iam` through real cores, on the embedded platform: create, update, import, drift, removal.

use anu::platform::embedded::{Dump, Faults, Store};
use anu::registry::names::ProjectId;
use serde_json::{Value as Json, json};

use super::namespace::registry;
use super::support::{Core, Workspace};

const ADDRESS: &str = "anu_project.logging";
const ID: &str = "gc-prd-logging-7f3a";

const BODY: &str = r#"
  parent          = "folders/1234"
  billing_account = "000000-AAAAAA-000000"
  labels          = { team = "platform" }
  apis            = ["logging.googleapis.com", "bigquery.googleapis.com"]
"#;

fn main(body: &str) -> String {
    format!(
        r#"
terraform {{
  required_providers {{ anu = {{ source = "anu-registry/anu" }} }}
}}

provider "anu" {{
  registry {{ source = "registry.json" }}
  embedded {{ path = "anu.db" }}
}}

resource "anu_project" "logging" {{
  project_id = "{ID}"
{body}
}}
"#
    )
}

fn store(workspace: &Workspace) -> Store {
    Store::open_with(&workspace.path().join("anu.db"), Faults::none()).expect("the store")
}

fn dump(workspace: &Workspace) -> Dump {
    store(workspace).dump().expect("a dump")
}

fn id() -> ProjectId {
    ID.parse().expect("an id")
}

/// The project as it is, without its number.
fn there(workspace: &Workspace) -> Json {
    let mut there = serde_json::to_value(&dump(workspace).projects[&id()]).expect("JSON");
    there["project"].as_object_mut().expect("a project").remove("number");
    there
}

on_every_core! {
    fn create_update_import_destroy(core: &Core) {
        let workspace = Workspace::with(core, &main(BODY), &registry());
        let plan = workspace.plan();
        let change = plan.change(ADDRESS);
        assert_eq!(change.unknown(), ["/number"], "only Google knows the number");
        assert!(plan.output.warnings().is_empty(), "{}", plan.output.report());
        assert_eq!((&change.after["display_name"], &change.after["registry"]), (&json!(ID), &json!("acme")));
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace), json!({
            "project": {
                "phase": "ACTIVE", "display_name": ID, "parent": "folders/1234", "billing_account": "000000-AAAAAA-000000",
                "labels": {"managed-by": "anu", "anu-registry": "acme", "team": "platform"},
            },
            "apis": ["bigquery.googleapis.com", "logging.googleapis.com"],
        }));

        // One of everything changes, comes and leaves; the parent is not set any more, and stays.
        workspace.write("main.tf", &main(r#"
          display_name = "logging production"
          labels       = { tier = "1" }
          apis         = ["logging.googleapis.com", "pubsub.googleapis.com"]
        "#));
        let plan = workspace.plan();
        assert_eq!(plan.actions(), [(ADDRESS.to_owned(), "update".to_owned())].into());
        let warned = plan.output.report();
        assert!(warned.contains("Project `gc-prd-logging-7f3a`: 1 API will be deleted"), "{warned}");
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        let changed = json!({
            "project": {
                "phase": "ACTIVE", "display_name": "logging production", "parent": "folders/1234",
                "billing_account": "000000-AAAAAA-000000", "labels": {"managed-by": "anu", "anu-registry": "acme", "tier": "1"},
            },
            "apis": ["logging.googleapis.com", "pubsub.googleapis.com"],
        });
        assert_eq!(there(&workspace), changed);

        // Drift is found per argument, and what others set is no noise.
        store(&workspace).edit_project(&id(), |project| {
            project.display_name = "other".into();
            project.labels.insert("theirs".into(), "yes".into());
        }).unwrap();
        let drift = workspace.plan();
        assert_eq!(drift.actions(), [(ADDRESS.to_owned(), "update".to_owned())].into());
        assert_eq!((&drift.change(ADDRESS).before["display_name"], &drift.change(ADDRESS).before["labels"]), (&json!("other"), &json!({"tier": "1"})));
        workspace.apply();
        store(&workspace).edit_project(&id(), |project| drop(project.labels.remove("theirs"))).unwrap();
        assert_eq!(there(&workspace), changed);

        // An import knows no APIs; the next apply adopts those that are listed.
        workspace.remove("terraform.tfstate");
        workspace.import(ADDRESS, ID).success();
        let plan = workspace.plan();
        let warned = plan.output.report();
        assert!(warned.contains("2 existing resources will be adopted"), "{warned}");
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace), changed);

        // A replacement is refused, and a removal takes two steps.
        assert!(workspace.refused(&["-replace", ADDRESS]).report().contains("Replacement of project `gc-prd-logging-7f3a` is refused"));
        assert!(workspace.destroy(&[]).failure().report().contains("Project `gc-prd-logging-7f3a`: deletion is refused"));
        workspace.write("main.tf", &main("deletion_policy = \"delete\"\napis = [\"logging.googleapis.com\", \"pubsub.googleapis.com\"]\nlabels = { tier = \"1\" }\ndisplay_name = \"logging production\""));
        workspace.apply();
        workspace.destroy(&[]).success();
        assert_eq!(there(&workspace)["project"]["phase"], "DELETE_REQUESTED");
        assert!(workspace.state().resources().is_empty());

        // Its id is reserved: the same configuration restores it.
        let plan = workspace.plan();
        assert!(plan.output.report().contains("1 project will be restored"), "{}", plan.output.report());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace)["project"]["phase"], "ACTIVE");
    }
}

const IAM: &str = "anu_project_iam.logging";

/// The service account is known only at apply, as one is that the same apply creates.
fn iam(members: &str) -> String {
    let project = main("apis = [\"logging.googleapis.com\"]\ndeletion_policy = \"delete\"");
    format!(
        r#"{project}
resource "terraform_data" "account" {{
  input = "serviceAccount:writer@{ID}.iam.gserviceaccount.com"
}}

resource "anu_project_iam" "logging" {{
  project_id = anu_project.logging.project_id
  members    = {{
    {members}
  }}
}}
"#
    )
}

on_one_core! {
    fn grants_on_a_project_are_added_repaired_and_revoked(core: &Core) {
        let first = r#"
            "roles/logging.logWriter" = [terraform_data.account.output]
            "roles/logging.viewer"    = ["group:Platform@example.com", "group:banking@example.com"]
        "#;
        let workspace = Workspace::with(core, &iam(first), &registry());
        let plan = workspace.plan();
        assert!(plan.output.warnings().is_empty(), "{}", plan.output.report());
        assert_eq!(plan.change(IAM).unknown(), ["/members/roles~1logging.logWriter/0"]);
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        let account = format!("serviceAccount:writer@{ID}.iam.gserviceaccount.com");
        let granted = json!({
            "roles/logging.logWriter": [account],
            "roles/logging.viewer": ["group:banking@example.com", "group:platform@example.com"],
        });
        assert_eq!(there(&workspace)["iam"], granted);

        // What others grant is no noise; what others revoke is granted again.
        store(&workspace).foreign_member(&id(), "roles/logging.viewer", "user:theirs@example.com").unwrap();
        workspace.assert_empty_plan();
        store(&workspace).remove_member(&id(), "roles/logging.viewer", "group:banking@example.com").unwrap();
        let drift = workspace.plan();
        assert_eq!(drift.actions(), [(IAM.to_owned(), "update".to_owned())].into());
        assert_eq!(drift.change(IAM).before["members"]["roles/logging.viewer"], json!(["group:Platform@example.com"]));
        workspace.apply();

        // One member leaves, one with an end comes.
        workspace.write("main.tf", &iam(r#"
            "roles/logging.logWriter" = [terraform_data.account.output]
            "roles/logging.viewer"    = ["group:platform@example.com", "user:on-call@example.com until 2099-01-31T00:00:00Z"]
        "#));
        let plan = workspace.plan();
        let warned = plan.output.report();
        assert!(warned.contains("Project IAM `gc-prd-logging-7f3a`: 1 grant will be deleted"), "{warned}");
        let timed = r#""user:on-call@example.com until 2099-01-31T00:00:00Z""#;
        assert!(plan.text().contains(timed), "a reviewer sees when a grant ends: {}", plan.text());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        let viewers = json!(["group:platform@example.com", "user:on-call@example.com until 2099-01-31T00:00:00Z", "user:theirs@example.com"]);
        assert_eq!(there(&workspace)["iam"]["roles/logging.viewer"], viewers);

        // An import adopts what is listed, and nothing else.
        workspace.run(&["state", "rm", IAM]).success();
        workspace.import(IAM, ID).success();
        let plan = workspace.plan();
        assert!(plan.output.report().contains("3 existing resources will be adopted"), "{}", plan.output.report());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace)["iam"]["roles/logging.viewer"], viewers);

        // A destroy of all: the grants first, then the project.
        let output = workspace.destroy(&[]).success();
        assert!(output.report().contains("Project IAM `gc-prd-logging-7f3a`: 3 grants will be deleted"), "{}", output.report());
        assert_eq!(there(&workspace)["iam"], json!({"roles/logging.viewer": ["user:theirs@example.com"]}));
        assert_eq!(there(&workspace)["project"]["phase"], "DELETE_REQUESTED");
    }
}
