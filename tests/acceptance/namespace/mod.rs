//! `anu_namespace` through real cores, on the embedded platform: its life, what it leaves alone, what it refuses.

mod failures;
mod ownership;
mod removal;

use anu::platform::embedded::{Dump, Faults, NamespaceDump, Store};
use anu::registry::names::NamespaceKey;
use serde_json::{Value as Json, json};

use super::document::{self, Document, Grantee};
use super::support::{Core, Output, Workspace};

const ADDRESS: &str = "anu_namespace.monitoring";
const KEY: &str = "compute-banking/monitoring";

/// The configuration of nearly every test; tests write other bodies.
const BODY: &str = r#"
  cluster     = "compute-banking"
  name        = "monitoring"
  labels      = { team = "platform", tier = "1" }
  annotations = { "example.com/contact" = "platform@example.com" }
  quota       = { "requests.cpu" = "8", "requests.memory" = "32Gi" }
  role_binding {
    name     = "operators"
    role     = "edit"
    subjects = ["Group:platform@example.com", "Group:banking@example.com"]
  }
  role_binding {
    name     = "viewers"
    role     = "view"
    subjects = ["User:auditor", "ServiceAccount:ci/deployer"]
  }
"#;

/// The platform of nearly every test.
const EMBEDDED: &str = r#"embedded {
    path     = "anu.db"
    replaces = ["kubernetes"]
  }"#;

fn main(body: &str) -> String {
    format!(
        r#"
terraform {{
  required_providers {{ anu = {{ source = "anu-registry/anu" }} }}
}}

provider "anu" {{
  registry {{ source = "registry.json" }}
  {EMBEDDED}
}}

resource "anu_namespace" "monitoring" {{
{body}
}}
"#
    )
}

/// A registry whose one service runs elsewhere.
pub(super) fn registry() -> Document {
    let production = document::Environment {
        name: "production".to_owned(),
        rbac: document::Access { admins: vec![Grantee::team("banking")], ..document::Access::default() },
        targets: vec![document::Target::of("argo", "compute-banking", "ledger", "ledger").into()],
        ..document::Environment::default()
    };
    let ledger = document::Service {
        name: "ledger".to_owned(),
        team: "banking".to_owned(),
        environments: vec![production.into()],
        ..document::Service::default()
    };
    let mut document = Document { services: vec![ledger.into()], ..Document::named("acme").with_teams(&["banking"]) };
    document.metadata.compiled_at = Some("2026-11-20T10:00:00Z".to_owned());
    document
}

fn with(core: &Core, body: &str) -> Workspace {
    Workspace::with(core, &main(body), &registry())
}

/// Applied, with an empty plan behind it.
fn applied(core: &Core, body: &str) -> Workspace {
    let workspace = with(core, body);
    workspace.apply();
    workspace.assert_empty_plan();
    workspace
}

fn write(workspace: &Workspace, body: &str) {
    workspace.write("main.tf", &main(body));
}

fn store(workspace: &Workspace) -> Store {
    Store::open_with(&workspace.path().join("anu.db"), Faults::none()).expect("the store")
}

fn dump(workspace: &Workspace) -> Dump {
    store(workspace).dump().expect("a dump")
}

fn key(text: &str) -> NamespaceKey {
    text.parse().expect("a key")
}

/// A namespace as it is, if it is there.
fn find(workspace: &Workspace, name: &str) -> Option<NamespaceDump> {
    let key = key(name);
    dump(workspace).clusters.remove(&key.cluster)?.remove(&key.namespace)
}

/// The namespace as it is, as JSON.
fn there(workspace: &Workspace) -> Json {
    serde_json::to_value(find(workspace, KEY).expect("the namespace")).expect("JSON")
}

fn summaries(output: &Output) -> Vec<String> {
    output.errors().into_iter().map(|error| error.summary).collect()
}

fn updates() -> std::collections::BTreeMap<String, String> {
    [(ADDRESS.to_owned(), "update".to_owned())].into()
}

fn creates() -> std::collections::BTreeMap<String, String> {
    [(ADDRESS.to_owned(), "create".to_owned())].into()
}

on_every_core! {
    fn create_update_import_destroy(core: &Core) {
        let workspace = with(core, BODY);
        let plan = workspace.plan();
        let change = plan.change(ADDRESS);
        assert!(change.unknown().is_empty(), "everything is known at plan: {:?}", change.unknown());
        assert!(plan.output.warnings().is_empty(), "{}", plan.output.report());
        assert_eq!((&change.after["id"], &change.after["registry"]), (&json!(KEY), &json!("acme")));
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace), json!({
            "labels": {"managed-by": "anu", "anu-registry": "acme", "team": "platform", "tier": "1"},
            "annotations": {"example.com/contact": "platform@example.com"},
            "quota": {"requests.cpu": "8", "requests.memory": "32Gi"},
            "quota_registry": "acme",
            "role_bindings": {
                "operators": {"role": "edit", "subjects": ["Group:banking@example.com", "Group:platform@example.com"], "registry": "acme"},
                "viewers": {"role": "view", "subjects": ["ServiceAccount:ci/deployer", "User:auditor"], "registry": "acme"},
            },
        }));

        // One of everything changes, comes and goes.
        write(&workspace, r#"
          cluster = "compute-banking"
          name    = "monitoring"
          labels  = { team = "platform", stage = "prod" }
          quota   = { "requests.cpu" = "16", pods = "40" }
          role_binding {
            name     = "operators"
            role     = "edit"
            subjects = ["Group:platform@example.com"]
          }
          role_binding {
            name     = "auditors"
            role     = "view"
            subjects = ["User:auditor"]
          }
        "#);
        let plan = workspace.plan();
        assert_eq!(plan.actions(), updates());
        let warned = plan.output.report();
        assert!(warned.contains(" will be deleted") && warned.contains("role binding compute-banking/monitoring/viewers"), "{warned}");
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        let changed = json!({
            "labels": {"managed-by": "anu", "anu-registry": "acme", "team": "platform", "stage": "prod"},
            "annotations": {},
            "quota": {"requests.cpu": "16", "pods": "40"},
            "quota_registry": "acme",
            "role_bindings": {
                "operators": {"role": "edit", "subjects": ["Group:platform@example.com"], "registry": "acme"},
                "auditors": {"role": "view", "subjects": ["User:auditor"], "registry": "acme"},
            },
        });
        assert_eq!(there(&workspace), changed);

        workspace.remove("terraform.tfstate");
        workspace.import(ADDRESS, KEY).success();
        workspace.assert_empty_plan();

        // The quota and all bindings go.
        write(&workspace, "cluster = \"compute-banking\"\nname = \"monitoring\"\ndeletion_policy = \"delete\"");
        let warned = workspace.plan().output.report();
        assert!(warned.contains("quota compute-banking/monitoring"), "{warned}");
        workspace.apply();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace), json!({"labels": {"managed-by": "anu", "anu-registry": "acme"}, "annotations": {}}));
        workspace.destroy(&[]).success();
        assert_eq!(find(&workspace, KEY), None);
        assert!(workspace.state().resources().is_empty());
    }
}

on_one_core! {
    fn drift_shows_per_key_and_is_put_back(core: &Core) {
        let workspace = applied(core, BODY);
        let whole = there(&workspace);
        let key = key(KEY);
        let theirs = anu::fanout::resource::RoleBinding { role: "view".parse().unwrap(), subjects: ["User:another".to_owned()].into() };
        store(&workspace).edit_namespace(&key, |settings| {
            settings.labels.insert("team".into(), "others".into());
            settings.labels.insert("argocd.argoproj.io/instance".into(), "monitoring".into());
            settings.annotations.clear();
            settings.annotations.insert("note".into(), "theirs".into());
        }).unwrap();
        store(&workspace).foreign_role_binding(&key, "theirs", &Default::default(), &theirs).unwrap();
        let plan = workspace.assert_drift();
        let before = &plan.change(ADDRESS).before;
        assert_eq!(before["labels"], json!({"team": "others", "tier": "1"}), "others' labels are no noise");
        assert_eq!(before["annotations"], json!({}));
        assert!(!plan.text().contains("User:another"), "others' bindings are no noise: {}", plan.text());
        workspace.apply();
        workspace.assert_empty_plan();
        let after = there(&workspace);
        assert_eq!(after["labels"]["argocd.argoproj.io/instance"], "monitoring");
        assert_eq!(after["annotations"], json!({"example.com/contact": "platform@example.com", "note": "theirs"}));
        assert_eq!(after["role_bindings"]["theirs"]["role"], "view");
        store(&workspace).remove_role_binding(&key, "theirs").unwrap();

        let mark = anu::platform::OwnerLabel::labels(&"acme".parse().unwrap());
        store(&workspace).foreign_quota(&key, &mark, &[("pods".to_owned(), "3".to_owned())].into()).unwrap();
        store(&workspace).foreign_role_binding(&key, "operators", &mark, &theirs).unwrap();
        store(&workspace).remove_role_binding(&key, "viewers").unwrap();
        let plan = workspace.assert_drift();
        let before = &plan.change(ADDRESS).before;
        assert_eq!(before["quota"], json!({"pods": "3"}));
        assert_eq!(before["role_binding"], json!([{"name": "operators", "role": "view", "subjects": ["User:another"]}]));
        workspace.apply();
        workspace.assert_empty_plan();
        store(&workspace).remove_quota(&key).unwrap();
        assert!(workspace.assert_drift().change(ADDRESS).before["quota"].is_null());
        workspace.apply();

        // The ownership label is removed: the namespace is still in the state, and the label is put back.
        store(&workspace).edit_namespace(&key, |settings| settings.labels.retain(|label, _| label == "team" || label == "tier")).unwrap();
        let plan = workspace.assert_drift();
        assert_eq!(plan.change(ADDRESS).before["registry"], "");
        workspace.apply();
        workspace.assert_empty_plan();
        store(&workspace).edit_namespace(&key, |settings| drop(settings.annotations.remove("note"))).unwrap();
        assert_eq!(there(&workspace), whole);
    }

    fn one_without_labels_whose_mark_is_off_is_put_back(core: &Core) {
        let workspace = applied(core, "cluster = \"compute-banking\"\nname = \"monitoring\"");
        store(&workspace).edit_namespace(&key(KEY), |settings| settings.labels.clear()).unwrap();
        workspace.assert_drift();
        workspace.apply();
        workspace.assert_empty_plan();
    }

    fn a_deleted_namespace_is_planned_again(core: &Core) {
        let workspace = applied(core, BODY);
        let whole = there(&workspace);
        store(&workspace).remove_namespace(&key(KEY)).unwrap();
        let plan = workspace.plan();
        assert_eq!(plan.actions(), creates());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace), whole);
        store(&workspace).remove_namespace(&key(KEY)).unwrap();
        workspace.apply();
        assert_eq!(there(&workspace), whole);
    }
}

on_every_core! {
    fn another_spelling_or_order_is_no_change(core: &Core) {
        let workspace = applied(core, BODY);
        write(&workspace, &BODY
            .replace("\"32Gi\"", "\"32768Mi\"")
            .replace("\"8\"", "\"8000m\"")
            .replace("\"Group:platform@example.com\", \"Group:banking@example.com\"", "\"Group:banking@example.com\", \"Group:platform@example.com\""));
        workspace.assert_empty_plan();
        let (rest, first) = BODY.split_once("  role_binding {").expect("bindings");
        let (first, second) = first.split_once("  role_binding {").expect("two bindings");
        write(&workspace, &format!("{rest}  role_binding {{{second}  role_binding {{{first}"));
        workspace.assert_empty_plan();
        write(&workspace, &BODY.replace("\"32Gi\"", "\"32768Mi\"").replace("\"8\"", "\"9\""));
        assert_eq!(workspace.plan().actions(), updates());
        workspace.apply();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace)["quota"], json!({"requests.cpu": "9", "requests.memory": "32Gi"}), "as an API server keeps it");
    }
}

on_one_core! {
    fn a_role_change_recreates_the_binding(core: &Core) {
        let workspace = applied(core, BODY);
        // In another order at the same time, which is no change: core holds each part of a binding to its own.
        write(&workspace, &BODY.replace("\"edit\"", "\"admin\"").replace(
            "\"Group:platform@example.com\", \"Group:banking@example.com\"",
            "\"Group:banking@example.com\", \"Group:platform@example.com\"",
        ));
        let plan = workspace.plan();
        let warned = plan.output.report();
        assert!(warned.contains("1 role binding will be deleted and created again"), "{warned}");
        assert!(warned.contains("role binding compute-banking/monitoring/operators: `edit` becomes `admin`"), "{warned}");
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace)["role_bindings"]["operators"]["role"], "admin");
        // Under a new name there is no gap, and no warning of one.
        write(&workspace, &BODY.replace("\"operators\"", "\"editors\""));
        let plan = workspace.plan();
        assert!(!plan.output.report().contains("created again"), "{}", plan.output.report());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace)["role_bindings"].as_object().unwrap().keys().collect::<Vec<_>>(), ["editors", "viewers"]);
    }
}

on_every_core! {
    fn what_is_known_only_after_apply_is_applied(core: &Core) {
        let workspace = with(core, &BODY
            .replace("name        = \"monitoring\"", "name        = terraform_data.later.output.name")
            .replace("\"platform\"", "terraform_data.later.output.team")
            .replace("\"8\"", "terraform_data.later.output.cpu")
            .replace("\"User:auditor\"", "terraform_data.later.output.who"));
        workspace.write("later.tf", r#"
            resource "terraform_data" "later" {
              input = { name = "monitoring", team = "platform", cpu = "8", who = "User:auditor" }
            }
        "#);
        workspace.apply();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace)["role_bindings"]["viewers"]["subjects"], json!(["ServiceAccount:ci/deployer", "User:auditor"]));
        // In an update: what is unknown decides over nothing that goes.
        workspace.write("later.tf", r#"
            resource "terraform_data" "later" {
              input            = { name = "monitoring", team = "platform", cpu = "16", who = "User:auditor-2" }
              triggers_replace = 1
            }
        "#);
        write(&workspace, &BODY
            .replace("\"8\"", "terraform_data.later.output.cpu")
            .replace("\"User:auditor\"", "terraform_data.later.output.who"));
        let plan = workspace.plan();
        assert!(!plan.output.report().contains("will be removed"), "{}", plan.output.report());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace)["quota"]["requests.cpu"], "16");
    }
}

impl Workspace {
    /// Plans an update, twice: after a refresh on its own as well.
    #[track_caller]
    fn assert_drift(&self) -> super::support::Plan {
        let plan = self.plan();
        assert_eq!(plan.actions(), updates(), "{}", plan.text());
        plan
    }
}
