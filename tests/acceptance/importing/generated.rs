//! `plan -generate-config-out`: what is written, that it plans to no changes, and that an edit afterwards plans as it should. Terraform
//! before 1.14 and OpenTofu write literals by themselves: there the message of the next change names the way out.

use insta::assert_snapshot;

use super::super::document::{Access, Grantee};
use super::super::namespace::registry;
use super::{Core, Workspace};

const PROVIDER: &str = on_embedded!("");

const RESOURCES: &str = r#"
resource "anu_registry_service" "ledger" { name = "ledger" }

resource "anu_namespace" "monitoring" {
  cluster = "compute-banking"
  name    = "monitoring"
  labels  = { team = "platform" }
  quota   = { pods = "40" }
  role_binding {
    name     = "viewers"
    role     = "view"
    subjects = ["User:auditor"]
  }
}

resource "anu_project" "logging" {
  project_id = "gc-prd-logging-7f3a"
  parent     = "folders/1234"
  labels     = { tier = "1" }
}

resource "anu_project_iam" "logging" {
  project_id = anu_project.logging.project_id
  members    = { "roles/logging.viewer" = ["group:platform@example.com"] }
}
"#;

const IDS: [(&str, &str); 4] = [
    ("anu_registry_service.ledger", "ledger"),
    ("anu_namespace.monitoring", "compute-banking/monitoring"),
    ("anu_project.logging", "gc-prd-logging-7f3a"),
    ("anu_project_iam.logging", "gc-prd-logging-7f3a"),
];

/// Whether the core leaves what is written to the provider: Terraform from 1.14 on.
fn asks_the_provider(core: &Core) -> bool {
    core.name.starts_with("terraform") && core.minor() >= 14
}

/// What exists, and then has no state and no configuration.
fn existing(core: &Core) -> Workspace {
    let workspace = Workspace::with(core, &format!("{PROVIDER}{RESOURCES}"), &registry());
    workspace.apply();
    workspace.remove("terraform.tfstate");
    workspace.write("main.tf", PROVIDER);
    workspace
}

/// Generates configuration for what exists, and imports it.
fn generate(core: &Core, workspace: &Workspace) -> String {
    // A defect of Terraform 1.16.0 to 1.16.2 (hashicorp/terraform#39144): without it, it looks for another provider.
    let provider = if asks_the_provider(core) { "  provider = anu\n" } else { "" };
    let imports = |provider: &str| -> String {
        IDS.map(|(address, id)| format!("import {{\n{provider}  to = {address}\n  id = \"{id}\"\n}}\n")).concat()
    };
    workspace.write("import.tf", &imports(provider));
    let plan = workspace.plan_with(&["-generate-config-out=generated.tf"]);
    let expected = IDS.map(|(address, _)| (address.to_owned(), "import/no-op".to_owned()));
    assert_eq!(plan.actions(), expected.into(), "{}", plan.text());
    workspace.write("import.tf", &imports(""));
    workspace.apply();
    workspace.remove("import.tf");
    workspace.assert_empty_plan();
    workspace.read("generated.tf")
}

/// Text without comments and empty lines, and its blocks in alphabetical order: a core writes them in any.
fn code(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    let mut blocks: Vec<&str> = text.split_inclusive("\n}\n").collect();
    blocks.sort_unstable();
    blocks.concat()
}

/// Another admin of the service.
fn change(workspace: &Workspace) {
    workspace.edit_registry(|registry| {
        let access = Access {
            admins: vec![Grantee::team("banking")],
            viewers: vec![Grantee::team("banking")],
            ..Access::default()
        };
        registry.service_mut("ledger").environments[0].rbac = access;
    });
}

on_all_cores! {
    fn what_is_generated_stays_as_it_is_and_follows_the_registry(core: &Core) {
        let workspace = existing(core);
        let generated = generate(core, &workspace);
        change(&workspace);
        if asks_the_provider(core) {
            assert_snapshot!(code(&generated), @r#"
            resource "anu_namespace" "monitoring" {
              adopt_existing = null
              annotations    = null
              cluster        = "compute-banking"
              labels = {
                team = "platform"
              }
              name = "monitoring"
              quota = {
                pods = "40"
              }
              role_binding {
                name     = "viewers"
                role     = "view"
                subjects = ["User:auditor"]
              }
            }
            resource "anu_project" "logging" {
              adopt_existing = null
              apis           = null
              labels = {
                tier = "1"
              }
              parent     = "folders/1234"
              project_id = "gc-prd-logging-7f3a"
            }
            resource "anu_project_iam" "logging" {
              members    = {}
              project_id = "gc-prd-logging-7f3a"
            }
            resource "anu_registry_service" "ledger" {
              adopt_existing = null
              environments   = null
              name           = "ledger"
            }
            "#);
        } else {
            // The way out of the message, which the test of that name has.
            let digest = generated.lines().find(|line| line.contains("digest ")).expect("a literal");
            let policy = generated.lines().find(|line| line.contains("deletion_policy")).expect("a literal");
            let reference = "  digest = data.anu_registry.this.service_digests[\"ledger\"]";
            workspace.write("generated.tf", &generated.replace(digest, reference).replace(policy, ""));
        }
        let plan = workspace.plan();
        assert_eq!(plan.actions(), [("anu_registry_service.ledger".to_owned(), "update".to_owned())].into());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();

        // What is managed by itself follows its configuration.
        let generated = workspace.read("generated.tf").replace("\"platform\"", "\"observability\"").replace("tier = \"1\"", "tier = \"2\"");
        workspace.write("generated.tf", &generated);
        let plan = workspace.plan();
        let updated = ["anu_namespace.monitoring", "anu_project.logging"].map(|address| (address.to_owned(), "update".to_owned()));
        assert_eq!(plan.actions(), updated.into(), "{}", plan.text());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
    }
}

on_every_core! {
    fn a_literal_digest_is_refused_with_the_way_out(core: &Core) {
        let workspace = existing(core);
        let generated = generate(core, &workspace);
        assert!(generated.contains("digest ") && generated.contains("deletion_policy = \"prevent\""), "{generated}");
        change(&workspace);
        let refused = workspace.refused(&[]);
        let digests = |text: &str| text.split("sha256:").count() - 1;
        assert_eq!(digests(&refused.report()), 2, "both digests: {refused}");
        let hidden: Vec<String> = refused.errors().iter().map(|error| {
            let text = error.to_string();
            text.split("sha256:").enumerate().map(|(nth, part)| if nth == 0 { part.to_owned() } else { format!("sha256:…{}", &part[64..]) }).collect()
        }).collect();
        assert_snapshot!(hidden.join("\n\n"), @r#"
        Error: Service `ledger`: `digest` is out of date

        `digest` is not the digest of service `ledger` in the registry.

          digest:   sha256:…
          registry: sha256:…

        Nothing was changed. A literal digest, as Terraform before 1.14 and OpenTofu write it into generated configuration (`-generate-config-out`), is out of date after each change of the service: write

          digest = data.anu_registry.this.service_digests["ledger"]

        with the name of your data source, or remove the line. A literal `deletion_policy` overrides the registry's: remove it too, unless you wrote it.

        anu:outdated-digest
        "#);
    }
}
