//! The guard against mass removal, and the list of mistakes and ordinary edits ([`reviews`](crate::reviews)), by every core.

use crate::reviews::{Case, Change, SERVICES, mistakes, ordinary, registry};
use crate::support::{Core, Output, Workspace};

const MAIN: &str = r#"
terraform {
  required_providers { anu = { source = "anu-registry/anu" } }
}

variable "only" {
  type    = list(string)
  default = null
}

provider "anu" {
  registry { source = "registry.json" }
  embedded { path = "anu.db" }
  # guard
}

data "anu_registry" "this" {}

locals {
  services = { for name, digest in data.anu_registry.this.service_digests : name => digest if contains(coalesce(var.only, [name]), name) }
}

resource "anu_registry_service" "this" {
  for_each = local.services
  name     = each.key
  digest   = each.value
}
"#;

const STATE: &str = "terraform.tfstate";

/// Makes the change of a case, and plans.
fn plan(workspace: &Workspace, case: &Case) -> Output {
    let mut document = registry();
    let mut arguments = vec!["plan".to_owned(), "-input=false".to_owned(), "-refresh=false".to_owned()];
    match &case.change {
        Change::Document(edit) => edit(&mut document),
        Change::Moved(edit, from, to) => {
            edit(&mut document);
            let address = |name: &str| format!("anu_registry_service.this[{name:?}]");
            let moved = format!("moved {{\n  from = {}\n  to   = {}\n}}\n", address(from), address(to));
            workspace.write("moved.tf", &moved);
        }
        Change::State(names) => {
            let mut state = workspace.read_json(STATE);
            for resource in state["resources"].as_array_mut().expect("resources") {
                let instances = resource["instances"].as_array_mut().expect("instances");
                instances.retain(|one| one["index_key"].as_str().is_none_or(|key| names.contains(&key)));
            }
            workspace.write(STATE, &state.to_string());
        }
        Change::Configuration(names) => arguments.push(format!("-var=only={names:?}")),
        Change::Destroy => arguments.push("-destroy".to_owned()),
        Change::Text(_) => {}
    }
    let text = document.to_string();
    workspace.write("registry.json", &if let Change::Text(edit) = &case.change { edit(text) } else { text });
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    workspace.run(&arguments)
}

on_every_core! {
    fn every_mistake_is_refused_and_no_ordinary_edit_is(core: &Core) {
        let workspace = Workspace::with(core, MAIN, &registry());
        workspace.apply();
        let applied = workspace.read(STATE);
        let mut wrong = Vec::new();
        for case in mistakes().iter().chain(&ordinary()) {
            let output = plan(&workspace, case);
            let report = output.report();
            let is_right = match case.refused {
                Some(words) => output.code == 1 && report.contains(words),
                None => output.code == 0 && !report.contains("Error"),
            };
            if !is_right {
                wrong.push(format!("{}: {}\n{report}", case.name, output.code));
            }
            workspace.write(STATE, &applied);
            if let Change::Moved(..) = case.change {
                workspace.remove("moved.tf");
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
    }

    /// Refused with one resource at a time and with ten; acknowledged, the saved plan is applied in both ways.
    fn a_mass_removal_is_refused_and_applied_once_acknowledged(core: &Core) {
        let workspace = Workspace::with(core, MAIN, &registry());
        workspace.apply();
        let emptied = mistakes().into_iter().find(|case| case.name == "all environments are emptied").expect("a case");
        let mut digests = Vec::new();
        plan(&workspace, &emptied);
        for parallelism in ["-parallelism=1", "-parallelism=10"] {
            let report = workspace.refused(&[parallelism]).report();
            assert_eq!(report.matches("mass removal refused").count(), SERVICES - 1 - 5, "{report}");
            let shown = report.split("acknowledge = \"").nth(1).and_then(|rest| rest.split_once('"'));
            digests.push(shown.expect("a digest").0.to_owned());
        }
        assert_eq!(digests[0], digests[1], "in every order");
        let guard = format!("guard {{ acknowledge = {:?} }}", digests[0]);
        workspace.write("main.tf", &MAIN.replace("# guard", &guard));
        for parallelism in ["-parallelism=1", "-parallelism=10"] {
            // Everything as it was: nothing is removed by that.
            workspace.registry(&registry());
            workspace.apply();
            plan(&workspace, &emptied);
            let saved = workspace.plan_with(&[parallelism]);
            workspace.run(&["apply", "-input=false", parallelism, &saved.file.to_string_lossy()]).success();
            workspace.assert_empty_plan();
        }
    }
}
