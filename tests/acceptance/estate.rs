//! An estate of namespaces alone, in the style of a public repository of namespaces: from nothing to an empty second plan.
//!
//! `ANU_ESTATE_SERVICES=1458 cargo test --test acceptance estate:: -- --nocapture` runs all of one and prints the times.

use std::time::Instant;

use serde_json::json;

use crate::namespaces;
use crate::support::{Core, Plan, Workspace};

/// A configuration for every service of such a registry, on this platform.
pub fn main(platform: &str) -> String {
    MAIN.replace("PLATFORM", platform)
}

const MAIN: &str = r#"
terraform {
  required_providers { anu = { source = "anu-registry/anu" } }
}

locals {
  services = data.anu_registry.this.service_digests
  labels   = { "cloud-platform.justice.gov.uk/infrastructure" = "Live-1" }
  metadata = ["pod-security.kubernetes.io/*=restricted"]
}

provider "anu" {
  registry { source = "registry.json" }
  PLATFORM
  labels = local.labels
  fences { allowed_namespace_metadata = local.metadata }
}

data "anu_registry" "this" {}

resource "anu_registry_service" "this" {
  for_each = local.services
  name     = each.key
  digest   = each.value
}

output "by_the_function" {
  value = provider::anu::fan_out(file("registry.json"), {
    labels = local.labels
    fences = { allowed_namespace_metadata = local.metadata }
  }).service_digests == local.services
}
"#;

/// How many services: those of the public repository on demand.
fn services() -> usize {
    std::env::var("ANU_ESTATE_SERVICES").ok().and_then(|text| text.parse().ok()).unwrap_or(100)
}

fn measured<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    println!("{what}: {:.1} s", start.elapsed().as_secs_f64());
    done
}

/// The plan creates one namespace for each service, with the labels of the entry, of anu and of the provider block.
pub fn assert_creates(plan: &Plan, services: usize, suffix: &str) {
    assert!(plan.output.warnings().is_empty(), "{}", plan.output.report());
    let actions = plan.actions();
    assert_eq!(actions.len(), services);
    assert!(actions.values().all(|action| action == "create"));
    let change = plan.change(r#"anu_registry_service.this["calculate-release-0000-prod"]"#);
    let key = format!("live/calculate-release-0000-prod{suffix}");
    let labels = &change.after["namespaces"][&key]["labels"];
    let expected = json!({
        "anu-registry": format!("namespaces{suffix}"),
        "cloud-platform.justice.gov.uk/environment-name": "prod",
        "cloud-platform.justice.gov.uk/infrastructure": "Live-1",
        "cloud-platform.justice.gov.uk/is-production": "true",
        "environment": "prod",
        "managed-by": "anu",
        "pod-security.kubernetes.io/enforce": "restricted",
        "service": "calculate-release-0000-prod",
        "team": "hmpps-team-000",
    });
    assert_eq!(*labels, expected);
    let binding = &change.after["role_bindings"][&key]["anu:calculate-release-0000-prod:prod:admins:admin"];
    assert_eq!(*binding, json!({"role": "admin", "subjects": ["Group:github:hmpps-team-000"]}));
}

on_one_core! {
    fn namespaces_alone_from_nothing_to_an_empty_second_plan(core: &Core) {
        let services = services();
        let registry = namespaces::registry(services, "");
        let workspace = Workspace::with(core, &main(r#"embedded { path = "anu.db" }"#), &registry);
        println!("{} {}: {services} services, {} bytes of registry", core.name, core.version, registry.text().len());
        let plan = measured("first plan", || workspace.plan());
        assert_creates(&plan, services, "");
        measured("apply of it", || workspace.apply_saved(&plan).success());
        measured("second plan", || workspace.assert_empty_plan());
        assert_eq!(workspace.state().output("by_the_function"), json!(true));

        // One edit is one service.
        workspace.edit_registry(|registry| {
            registry.namespaces[0].labels.insert("cloud-platform.justice.gov.uk/is-production".to_owned(), "true".to_owned());
        });
        let plan = measured("plan of one edit", || workspace.plan());
        let edited = r#"anu_registry_service.this["calculate-release-0000-dev"]"#;
        assert_eq!(plan.actions(), [(edited.to_owned(), "update".to_owned())].into());
    }
}
