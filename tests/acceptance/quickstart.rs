//! The quickstart's whole life: what its plan says, what an apply leaves, what one edit touches, how it is imported.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::support::{Core, Plan, Workspace};

fn address(service: &str) -> String {
    format!("anu_registry_service.this[\"{service}\"]")
}

fn specs<'a>(entries: &'a Json) -> impl Iterator<Item = &'a Json> + use<'a> {
    entries.as_array().into_iter().flatten().map(|entry| &entry["spec"])
}

fn keys(object: &Json) -> BTreeSet<String> {
    object.as_object().expect("an object").keys().cloned().collect()
}

fn strings(list: &Json) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().map(|item| item.as_str().expect("a string").to_owned()).collect()
}

/// What the document itself says of one service, read without any code of ours.
struct Expected {
    projects: BTreeSet<String>,
    apis: BTreeMap<String, BTreeSet<String>>,
    namespaces: BTreeSet<String>,
    quotas: BTreeSet<String>,
    /// Projects and namespaces with anybody in `rbac`.
    granted: BTreeSet<String>,
}

impl Expected {
    fn of(registry: &Json, service: &Json) -> Self {
        let text = |json: &Json| json.as_str().expect("a string").to_owned();
        let listed: BTreeSet<String> = specs(&registry["projects"])
            .filter(|spec| spec["existing"] != true)
            .map(|spec| text(&spec["id"]))
            .collect();
        let mut expected = Self {
            projects: BTreeSet::new(),
            apis: BTreeMap::new(),
            namespaces: BTreeSet::new(),
            quotas: BTreeSet::new(),
            granted: BTreeSet::new(),
        };
        for environment in specs(&service["environments"]) {
            let anybody =
                ["viewers", "operators", "admins"].iter().any(|level| environment["rbac"][level] != json!([]));
            if let Some(project) = environment["googleProject"].as_str() {
                if listed.contains(project) {
                    expected.projects.insert(project.to_owned());
                }
                let apis = strings(&service["googleServices"]);
                if !apis.is_empty() {
                    expected.apis.entry(project.to_owned()).or_default().extend(apis);
                    expected.granted.extend(anybody.then(|| project.to_owned()));
                }
            }
            for target in specs(&environment["targets"]) {
                let key = format!("{}/{}", text(&target["cluster"]), text(&target["namespace"]));
                if environment["quota"].is_object() {
                    expected.quotas.insert(key.clone());
                }
                expected.granted.extend(anybody.then(|| key.clone()));
                expected.namespaces.insert(key);
            }
        }
        for declared in specs(&registry["namespaces"]) {
            let key = format!("{}/{}", text(&declared["cluster"]), text(&declared["name"]));
            if declared["owner"] == service["name"] && declared["quota"].is_object() {
                expected.quotas.insert(key);
            }
        }
        expected
    }
}

fn assert_tells_everything(plan: &Plan, registry: &Json) {
    let printed = plan.text();
    for service in specs(&registry["services"]) {
        let name = service["name"].as_str().expect("a name");
        let change = plan.change(&address(name));
        let after = &change.after;
        let expected = Expected::of(registry, service);
        assert_eq!(keys(&after["projects"]), expected.projects, "projects of {name}");
        assert_eq!(keys(&after["namespaces"]), expected.namespaces, "namespaces of {name}");
        assert_eq!(keys(&after["quotas"]), expected.quotas, "quotas of {name}");
        let apis: BTreeMap<String, BTreeSet<String>> = keys(&after["apis"])
            .into_iter()
            .map(|project| (project.clone(), strings(&after["apis"][&project])))
            .collect();
        assert_eq!(apis, expected.apis, "APIs of {name}");
        let granted: BTreeSet<String> = keys(&after["iam"]).union(&keys(&after["role_bindings"])).cloned().collect();
        assert_eq!(granted, expected.granted, "grants of {name}");

        // Everything is known but what only the platform can know.
        for pointer in change.unknown() {
            assert!(pointer.starts_with("/projects/") && pointer.ends_with("/number"), "{name}: {pointer} is unknown");
        }
        for key in expected.projects.iter().chain(&expected.namespaces).chain(expected.apis.keys()) {
            assert!(printed.contains(&format!("\"{key}\"")), "{key} of {name} does not show in the plan");
        }
    }
}

on_every_core! {
    fn the_plan_tells_everything_and_the_apply_does_it(core: &Core) {
        let workspace = Workspace::of_example(core, "quickstart");
        let registry = workspace.read_json("registry.json");
        let names: BTreeSet<String> =
            specs(&registry["services"]).map(|spec| spec["name"].as_str().expect("a name").to_owned()).collect();

        let plan = workspace.plan();
        let expected: BTreeMap<String, String> =
            names.iter().map(|name| (address(name), "create".to_owned())).collect();
        assert_eq!(plan.actions(), expected);
        assert!(plan.output.diagnostics().is_empty(), "{}", plan.output.report());
        assert_tells_everything(&plan, &registry);

        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        // What was planned is what stands in the state, with the numbers filled in.
        for name in &names {
            let (planned, state) = (plan.change(&address(name)).after, workspace.state().resource(&address(name)));
            for (attribute, value) in planned.as_object().expect("an object") {
                if attribute != "projects" {
                    assert_eq!(&state[attribute], value, "{attribute} of {name}");
                }
            }
            for (id, project) in state["projects"].as_object().expect("projects") {
                // A project of another's is told there.
                let told = project["number"].is_string() || project["shared"] == true;
                assert!(told, "{id} of {name} has no number");
            }
        }
    }

    fn an_edit_touches_its_own_service_only(core: &Core) {
        let workspace = Workspace::of_example(core, "quickstart");
        workspace.apply();
        workspace.edit_registry(|registry| {
            registry.service_mut("make-it-rain").google_services.insert("storage.googleapis.com".to_owned());
        });
        let plan = workspace.plan();
        assert_eq!(plan.actions(), [(address("make-it-rain"), "update".to_owned())].into());
        let change = plan.change(&address("make-it-rain"));
        assert_eq!(change.unknown(), Vec::<String>::new());
        assert_eq!(
            change.after["apis"]["gc-prd-make-it-stag-833e"],
            json!(["pubsub.googleapis.com", "storage.googleapis.com"])
        );
        assert!(plan.output.warnings().is_empty(), "{}", plan.output.report());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
    }

    fn everything_can_be_imported_into_a_fresh_state(core: &Core) {
        let workspace = Workspace::of_example(core, "quickstart");
        workspace.apply();
        workspace.remove("terraform.tfstate");

        // One by hand, the others by a block.
        workspace.import(&address("make-it-rain"), "make-it-rain").success();
        let registry = workspace.read_json("registry.json");
        let others: BTreeMap<&str, &str> = specs(&registry["services"])
            .filter_map(|spec| spec["name"].as_str())
            .filter(|name| *name != "make-it-rain")
            .map(|name| (name, name))
            .collect();
        workspace.write(
            "import.tf",
            &format!(
                "import {{\n  for_each = {}\n  to = anu_registry_service.this[each.key]\n  id = each.value\n}}\n",
                json!(others)
            ),
        );
        let plan = workspace.plan();
        let expected: BTreeMap<String, String> =
            others.keys().map(|name| (address(name), "import/no-op".to_owned())).collect();
        assert_eq!(plan.actions(), expected, "{}", plan.text());
        workspace.apply_saved(&plan).success();
        workspace.remove("import.tf");
        workspace.assert_empty_plan();
    }
}
