//! One owner for one namespace: no other user, registry, service or resource.

use super::super::document::Target;
use super::super::support::{Core, Output, Workspace};
use super::{ADDRESS, BODY, KEY, applied, dump, key, main, registry, store, summaries, there, with, write};

/// What makes the registry's services as well.
const SERVICES: &str = r#"
data "anu_registry" "this" {}

resource "anu_registry_service" "this" {
  for_each = data.anu_registry.this.service_digests
  name     = each.key
  digest   = each.value
}
"#;

/// The registry asks for the namespace, for `ledger`.
fn ownership(workspace: &Workspace) {
    workspace.edit_registry(|registry| {
        let target = Target::without_release("argo", "compute-banking", "monitoring");
        registry.services[0].environments[0].targets.push(target.into());
    });
}

/// Summaries in alphabetical order: cores print errors in that of the lines they point at.
fn sorted(output: &Output) -> Vec<String> {
    let mut all = summaries(output);
    all.sort();
    all
}

on_one_core! {
    fn what_others_made_is_taken_over_only_when_told(core: &Core) {
        let workspace = with(core, BODY);
        let theirs = [("team".to_owned(), "others".to_owned()), ("argocd.argoproj.io/instance".to_owned(), "x".to_owned())];
        store(&workspace).foreign_namespace(&key(KEY), &theirs.into()).unwrap();
        let binding = anu::fanout::resource::RoleBinding { role: "edit".parse().unwrap(), subjects: ["User:x".to_owned()].into() };
        store(&workspace).foreign_role_binding(&key(KEY), "operators", &Default::default(), &binding).unwrap();
        let refused = workspace.refused(&[]);
        assert_eq!(sorted(&refused), ["Namespace `compute-banking/monitoring` exists already", "Role binding `compute-banking/monitoring/operators` exists already"]);
        for words in ["Namespace `compute-banking/monitoring`", "Role binding `compute-banking/monitoring/operators`", "adopt_existing = true"] {
            assert!(refused.text().contains(words), "{words}: {refused}");
        }
        write(&workspace, &format!("{BODY}\n  adopt_existing = true"));
        let plan = workspace.plan();
        assert!(plan.output.report().contains(" exist already"), "{}", plan.output.report());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        let there = there(&workspace);
        assert_eq!(there["labels"]["team"], "platform");
        assert_eq!(there["labels"]["argocd.argoproj.io/instance"], "x");
        assert_eq!(there["role_bindings"]["operators"]["registry"], "acme");

        // Another registry's is never taken.
        let globex = anu::platform::OwnerLabel::labels(&"globex".parse().unwrap());
        store(&workspace).foreign_namespace(&key("compute-banking/other"), &globex).unwrap();
        write(&workspace, "cluster = \"compute-banking\"\nname = \"other\"\nadopt_existing = true");
        workspace.run(&["state", "rm", ADDRESS]).success();
        assert_eq!(summaries(&workspace.refused(&[])), ["Namespace `compute-banking/other` belongs to the registry `globex`"]);
        // Nor is ours given up silently.
        let workspace = applied(core, BODY);
        store(&workspace).edit_namespace(&key(KEY), |settings| settings.labels.extend(globex)).unwrap();
        assert_eq!(summaries(&workspace.refused(&[])), ["Namespace `compute-banking/monitoring` belongs to the registry `globex`"]);
    }

    fn what_the_registry_asks_for_is_refused_and_handed_over(core: &Core) {
        let workspace = with(core, BODY);
        ownership(&workspace);
        let refused = workspace.refused(&[]);
        assert_eq!(summaries(&refused), ["Namespace `compute-banking/monitoring` belongs to the registry"]);
        for words in ["service `ledger`", "terraform state rm ADDRESS", "destroy = false"] {
            assert!(refused.text().contains(words), "{words}: {refused}");
        }
        // It is made here first, and the registry comes to ask for it later.
        workspace.registry(&registry());
        workspace.apply();
        ownership(&workspace);
        assert_eq!(summaries(&workspace.refused(&[])), ["Namespace `compute-banking/monitoring` belongs to the registry"]);
        // Removing the resource leaves the namespace to the service, even under `prevent`.
        let text = main(BODY);
        let provider = text[..text.find("resource \"anu_namespace\"").unwrap()].replace("replaces = [\"kubernetes\"]", "replaces = [\"google\", \"kubernetes\"]");
        workspace.write("main.tf", &format!("{provider}\n{SERVICES}"));
        let plan = workspace.plan();
        assert!(plan.output.report().contains("namespace compute-banking/monitoring: still used by `ledger`"), "{}", plan.output.report());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        let name = "acme".parse().unwrap();
        let options = anu::registry::LoadOptions { version: anu::version(), allow_empty: true, name: None };
        let (fan_out, _) = anu::fanout::load(workspace.read("registry.json").as_bytes(), &options, &Default::default()).unwrap();
        let asked = anu::platform::embedded::Dump::expected(&name, fan_out.services().map(|(_, service)| &service.resources));
        assert_eq!(dump(&workspace).active(), asked, "exactly what the registry asks for");
    }

    fn a_registry_that_asks_after_the_destroy_was_planned_is_heard(core: &Core) {
        let workspace = applied(core, &format!("{BODY}\n  deletion_policy = \"delete\""));
        let whole = there(&workspace);
        let plan = workspace.plan_with(&["-destroy"]);
        ownership(&workspace);
        let refused = workspace.apply_saved(&plan).failure();
        assert_eq!(summaries(&refused), ["Namespace `compute-banking/monitoring`: 1 namespace in use since planning"]);
        assert!(refused.text().contains("used by `ledger`"), "{refused}");
        assert_eq!(there(&workspace), whole);
    }

    fn fences_hold_here_too(core: &Core) {
        let workspace = with(core, &BODY.replace("\"monitoring\"", "\"kube-system\"").replace("\"edit\"", "\"cluster-admin\""));
        let refused = workspace.refused(&[]);
        assert_eq!(sorted(&refused), ["Forbidden role", "Reserved namespace"]);
    }
}

on_every_core! {
    fn two_resources_for_one_namespace_are_refused(core: &Core) {
        let workspace = with(core, BODY);
        let second = "resource \"anu_namespace\" \"again\" {\n  cluster = \"compute-banking\"\n  name    = \"monitoring\"\n}\n";
        workspace.write("again.tf", second);
        assert_eq!(summaries(&workspace.refused(&[])), ["Namespace `compute-banking/monitoring` has two resources"]);
        workspace.remove("again.tf");
        workspace.apply();
        workspace.write("again.tf", second);
        // Whichever core comes to first.
        assert_eq!(summaries(&workspace.refused(&[])), ["Namespace `compute-banking/monitoring` is in the state already"]);
        workspace.remove("again.tf");
        workspace.assert_empty_plan();
    }
}

on_one_core! {
    fn bad_arguments_are_all_named_at_their_places(core: &Core) {
        let workspace = with(core, r#"
          cluster = "compute banking"
          name    = "Monitoring"
          labels  = { managed-by = "me" }
          quota   = { pods = "many" }
          role_binding {
            name     = "viewers"
            role     = "view"
            subjects = ["team-a"]
          }
          deletion_policy = "keep"
        "#);
        let refused = workspace.refused(&[]);
        assert_eq!(sorted(&refused), ["Invalid name", "Invalid name", "Invalid name", "Invalid quota", "Invalid value", "Reserved label"]);
        assert!(refused.text().contains("role_binding[0].subjects[0]"), "{refused}");
    }
}
