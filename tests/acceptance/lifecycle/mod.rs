//! The resource's life through real cores: each promise, and each lifecycle fact that overturned an obvious design.

mod approval;
mod empty_store;
mod failures;
mod forgotten;
mod guard;
mod offline;
mod provider_block;
mod removal;
mod replacement;
mod unknown;

use std::collections::BTreeSet;

use anu::platform::embedded::{Dump, Faults, Store};

use super::document::{Access, Document, Entry, Environment, Project, Service, Target, teams, texts};
use super::support::{Core, Workspace};

/// The configuration of nearly every test: one resource per service.
pub const MAIN: &str = on_embedded!(
    r#"
resource "anu_registry_service" "this" {
  for_each = data.anu_registry.this.service_digests
  name     = each.key
  digest   = each.value
}
"#
);

/// A service with a project and a namespace in each of its two environments.
fn service(name: &str) -> Service {
    let environment = |env: &str, cluster: &str| Environment {
        name: env.to_owned(),
        google_project: Some(format!("gc-{name}-{env}")),
        rbac: Access {
            operators: teams(&["core-banking"]),
            admins: teams(&["banking-integrations"]),
            ..Access::default()
        },
        targets: vec![Target::of("argo", cluster, name, name).into()],
        ..Environment::default()
    };
    Service {
        name: name.to_owned(),
        team: "banking-integrations".to_owned(),
        google_services: ["pubsub.googleapis.com".to_owned()].into(),
        environments: vec![
            environment("staging", "compute-staging").into(),
            environment("production", "compute-banking").into(),
        ],
        ..Service::default()
    }
}

/// A registry of these services, with a listed project for each environment.
fn registry(services: impl IntoIterator<Item = Service>) -> Document {
    let services: Vec<Entry<Service>> = services.into_iter().map(Entry::from).collect();
    let ids = services.iter().flat_map(|service| projects(service));
    let project = |id: &str| Project { id: id.to_owned(), labels: texts([("tier", "2")]), ..Project::default() };
    let mut document = Document::named("acme").with_teams(&["banking-integrations", "core-banking"]);
    document.metadata.compiled_at = Some("2026-11-20T10:00:00Z".to_owned());
    document.projects = ids.map(|id| project(id).into()).collect();
    document.services = services;
    document
}

/// `make-it-rain` and `ledger`.
fn two() -> Document {
    registry([service("make-it-rain"), service("ledger")])
}

/// The projects of a service's environments.
fn projects(service: &Service) -> impl Iterator<Item = &str> {
    service.environments.iter().filter_map(|environment| environment.google_project.as_deref())
}

/// Takes a service out, with its projects.
fn drop_service(registry: &mut Document, name: &str) {
    let service = registry.remove_service(name);
    let ids: BTreeSet<&str> = projects(&service).collect();
    registry.projects.retain(|project| !ids.contains(project.id.as_str()));
}

/// Applied, with an empty plan behind it.
fn applied(core: &Core, registry: &Document) -> Workspace {
    let workspace = Workspace::with(core, MAIN, registry);
    workspace.apply();
    workspace.assert_empty_plan();
    workspace
}

fn store(workspace: &Workspace) -> Store {
    Store::open_with(&workspace.path().join("anu.db"), Faults::none()).expect("the store")
}

fn dump(workspace: &Workspace) -> Dump {
    store(workspace).dump().expect("a dump").active()
}

/// What the registry in the folder asks for, all of it.
fn asked(workspace: &Workspace) -> Dump {
    let options = anu::registry::LoadOptions { version: anu::version(), allow_empty: true, name: None };
    let bytes = workspace.read("registry.json").into_bytes();
    let (fan_out, _) = anu::fanout::load(&bytes, &options, &Default::default()).expect("a valid registry");
    let name = fan_out.registry().name().expect("a name");
    Dump::expected(name, fan_out.services().map(|(_, service)| &service.resources))
}

fn summaries(output: &super::support::Output) -> Vec<String> {
    output.errors().into_iter().map(|error| error.summary).collect()
}

fn address(name: &str) -> String {
    format!("anu_registry_service.this[\"{name}\"]")
}

on_every_core! {
    fn create_plan_update_import_destroy(core: &Core) {
        let workspace = Workspace::with(core, MAIN, &two());
        let plan = workspace.plan();
        for key in ["gc-ledger-staging", "compute-banking/make-it-rain", "roles/pubsub.admin", "anu:ledger:staging:admins:admin"] {
            assert!(plan.text().contains(key), "{key} is not in the plan");
        }
        for name in ["make-it-rain", "ledger"] {
            let numbers = ["staging", "production"].map(|env| format!("/projects/gc-{name}-{env}/number"));
            let unknown: BTreeSet<String> = plan.change(&address(name)).unknown().into_iter().collect();
            assert_eq!(unknown, numbers.into(), "only what the platform alone can know is unknown");
        }
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(dump(&workspace), asked(&workspace));

        workspace.edit_registry(|registry| {
            registry.service_mut("ledger").google_services.insert("storage.googleapis.com".to_owned());
        });
        let plan = workspace.plan();
        assert_eq!(plan.actions(), [(address("ledger"), "update".to_owned())].into(), "only that service");
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(dump(&workspace), asked(&workspace));

        workspace.edit_registry(|registry| {
            let fx = Service { google_services: BTreeSet::new(), ..service("fx") };
            let owner = Some("fx".to_owned());
            let existing = |id: &str| Project { id: id.to_owned(), existing: Some(true), owner: owner.clone(), ..Project::default() };
            registry.projects.extend(projects(&fx).map(|id| existing(id).into()));
            registry.services.push(fx.into());
        });
        assert_eq!(workspace.plan().actions(), [(address("fx"), "create".to_owned())].into());
        workspace.apply();

        std::fs::remove_file(workspace.path().join("terraform.tfstate")).unwrap();
        for name in ["make-it-rain", "ledger", "fx"] {
            workspace.import(&address(name), name).success();
        }
        workspace.assert_empty_plan();

        for name in ["make-it-rain", "ledger", "fx"] {
            workspace.edit_registry(|registry| registry.service_mut(name).deletion_policy = Some("delete".to_owned()));
        }
        workspace.apply();
        workspace.destroy(&[]).success();
        assert!(dump(&workspace).projects.is_empty() && dump(&workspace).clusters.is_empty(), "{:#?}", dump(&workspace));
        assert!(workspace.state().resources().is_empty());
    }

    fn a_rename_is_in_place(core: &Core) {
        let workspace = applied(core, &two());
        let before = dump(&workspace);
        workspace.edit_registry(|registry| registry.service_mut("ledger").name = "general-ledger".to_owned());
        workspace.write("moved.tf", &format!("moved {{\n  from = {}\n  to = {}\n}}\n", address("ledger"), address("general-ledger")));
        let plan = workspace.plan();
        assert_eq!(plan.actions(), [(address("general-ledger"), "update".to_owned())].into());
        assert!(plan.text().contains("moved from"), "{}", plan.text());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        let after = dump(&workspace);
        assert_eq!(after, asked(&workspace));
        assert_eq!(before.projects, after.projects, "projects keep their ids, numbers and grants");
    }

    fn drift_shows_per_key_and_is_put_back(core: &Core) {
        let workspace = applied(core, &two());
        let whole = dump(&workspace);
        let key = "compute-banking/ledger".parse().unwrap();
        let project = "gc-ledger-staging".parse().unwrap();
        store(&workspace).edit_namespace(&key, |settings| { settings.labels.insert("team".into(), "others".into()); }).unwrap();
        store(&workspace).remove_member(&project, "roles/pubsub.admin", "group:banking-integrations-team@example.com").unwrap();
        store(&workspace).foreign_member(&project, "roles/viewer", "user:somebody@example.com").unwrap();
        let plan = workspace.plan();
        assert_eq!(plan.actions(), [(address("ledger"), "update".to_owned())].into());
        assert!(plan.text().contains(r#""others" -> "banking-integrations""#), "{}", plan.text());
        assert!(!plan.text().contains("somebody"), "others' grants are never noise: {}", plan.text());
        workspace.try_apply(&["-refresh-only"]).success();
        assert_eq!(workspace.plan().actions(), [(address("ledger"), "update".to_owned())].into());
        workspace.apply();
        workspace.assert_empty_plan();
        store(&workspace).remove_member(&project, "roles/viewer", "user:somebody@example.com").unwrap();
        assert_eq!(dump(&workspace), whole);
    }
}
