//! Properties of every registry, tested with random registries.

use std::collections::{BTreeMap, BTreeSet};

use anu::fanout;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::document::{Access, Document, Entry, Environment, Grantee, Namespace, Project, Service, Target, texts};
use crate::{fan_out, options, report_bytes, settings};

/// A small random registry without errors. Some of its services share a namespace of the first.
fn registry() -> impl Strategy<Value = Value> {
    let environment = (
        any::<bool>(),
        prop::collection::vec(0..4usize, 0..3),
        prop::collection::vec(0..4usize, 0..3),
        0..3usize,
        prop::option::of(1..50u32),
    );
    let service =
        (prop::collection::vec(environment, 0..3), prop::collection::btree_set(0..3usize, 0..3), any::<bool>());
    prop::collection::vec(service, 1..6).prop_map(|services| {
        let count = services.len();
        let owned = Namespace {
            cluster: "c1".to_owned(),
            name: "shared".to_owned(),
            owner: Some("service-0".to_owned()),
            shared_with: (1..count).map(|n| format!("service-{n}")).collect(),
            ..Namespace::default()
        };
        let project = |n: usize| Project {
            id: format!("project-{n}"),
            labels: texts([("n", n.to_string())]),
            ..Project::default()
        };
        let services = services.into_iter().enumerate();
        let document = Document {
            projects: (0..count).map(|n| project(n).into()).collect(),
            namespaces: vec![owned.into()],
            services: services
                .map(|(n, (environments, apis, shares))| one(n, environments, apis, shares).into())
                .collect(),
            extra: Map::from_iter([("logIndices".to_owned(), json!([{"name": "b"}, {"name": "a"}]))]),
            ..Document::named("properties").with_teams(&["team-0", "team-1", "team-2", "team-3"])
        };
        document.json()
    })
}

/// Whether it has a project, viewers, admins, how many targets, and pods.
type Drawn = (bool, Vec<usize>, Vec<usize>, usize, Option<u32>);

fn one(n: usize, environments: Vec<Drawn>, apis: BTreeSet<usize>, shares: bool) -> Service {
    let names = ["pubsub.googleapis.com", "run.googleapis.com", "storage.googleapis.com"];
    let environments =
        environments.into_iter().enumerate().map(|(place, (project, viewers, admins, targets, pods))| {
            let teams = |all: Vec<usize>| all.into_iter().map(|n| Grantee::Team(format!("team-{n}"))).collect();
            let target = |namespace: String, release: String| Target {
                kind: None,
                ..Target::of("", "c1", &namespace, &release)
            };
            let mut targets: Vec<Entry<Target>> =
                (0..targets).map(|t| target(format!("ns-{n}-{t}"), format!("r{place}")).into()).collect();
            if shares && place == 0 {
                targets.push(target("shared".to_owned(), format!("r{n}")).into());
            }
            Environment {
                name: format!("environment-{place}"),
                google_project: project.then(|| format!("project-{n}")),
                rbac: Access { viewers: teams(viewers), operators: Vec::new(), admins: teams(admins) },
                targets,
                quota: texts(pods.filter(|_| place == 0).map(|pods| ("pods", pods.to_string()))),
                ..Environment::default()
            }
        });
    Service {
        name: format!("service-{n}"),
        team: format!("team-{}", n % 4),
        google_services: apis.into_iter().map(|api| names[api].to_owned()).collect(),
        environments: environments.map(Entry::from).collect(),
        ..Service::default()
    }
}

/// The same document with every object, and every array without a meaningful order, rotated by a seed.
fn shuffled(value: &Value, seed: &mut u64, text: &mut String) {
    let mut next = |below: usize| {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) as usize % below.max(1)
    };
    match value {
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            let turn = next(entries.len());
            entries.rotate_left(turn);
            text.push('{');
            for (place, (key, value)) in entries.into_iter().enumerate() {
                text.push_str(if place > 0 { ", " } else { "" });
                text.push_str(&Value::String(key.clone()).to_string());
                text.push_str(": ");
                // The order of an unknown kind may have a meaning.
                if key == "logIndices" {
                    text.push_str(&value.to_string());
                } else {
                    shuffled(value, seed, text);
                }
            }
            text.push('}');
        }
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().collect();
            let turn = next(items.len());
            items.rotate_left(turn);
            text.push('[');
            for (place, item) in items.into_iter().enumerate() {
                text.push_str(if place > 0 { ",\n" } else { "" });
                shuffled(item, seed, text);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

/// A whole fan-out as one value.
fn everything(document: &str) -> (String, BTreeMap<String, String>, String) {
    let fan_out = fan_out(document);
    let digests = fan_out.services().map(|(name, service)| (name.to_string(), service.digest.clone())).collect();
    let view = serde_json::to_string(&fan_out.by_service()).expect("JSON");
    (fan_out.digest().to_owned(), digests, view)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_the_document_does_not_matter(registry in registry(), mut seed in any::<u64>()) {
        let mut other = String::new();
        shuffled(&registry, &mut seed, &mut other);
        prop_assert_eq!(everything(&registry.to_string()), everything(&other));
    }

    #[test]
    fn the_fan_out_is_deterministic(registry in registry()) {
        let text = registry.to_string();
        prop_assert_eq!(everything(&text), everything(&text));
    }

    #[test]
    fn another_service_changes_the_digest_of_the_owner_it_shares_with_and_no_other(registry in registry(), newcomer in any::<bool>()) {
        let before = everything(&registry.to_string());
        let mut after = registry;
        let mut service = one(7, vec![(true, vec![0], vec![1], 1, Some(3))], [0].into(), newcomer);
        service.team = "team-1".to_owned();
        after["services"].as_array_mut().expect("an array").insert(0, json!(Entry::from(service)));
        let own = Project { id: "project-7".to_owned(), ..Project::default() };
        after["projects"].as_array_mut().expect("an array").push(json!(Entry::from(own)));
        let shared = &mut after["namespaces"][0]["spec"]["sharedWith"];
        let mut sharers = shared.as_array().cloned().unwrap_or_default();
        sharers.push("service-7".into());
        *shared = sharers.into();
        let after = everything(&after.to_string());
        // The owner of what the newcomer shares is shown the newcomer.
        let owner = |service: &String| newcomer && service == "service-0";
        for (service, digest) in before.1.iter().filter(|(service, _)| !owner(service)) {
            prop_assert_eq!(Some(digest), after.1.get(service), "{}", service);
        }
        prop_assert_eq!(newcomer, before.1["service-0"] != after.1["service-0"]);
        prop_assert_ne!(before.0, after.0);
    }

    #[test]
    fn a_selection_of_all_environments_is_the_service(registry in registry()) {
        let fan_out = fan_out(&registry.to_string());
        for service in &fan_out.registry().services {
            let environments = service.environments.iter().map(|environment| environment.name.clone()).collect();
            let resources = fan_out.select(service.name.as_str(), &environments);
            prop_assert_eq!(&resources, &fan_out.service(service.name.as_str()).expect("a service").resources);
        }
    }

    #[test]
    fn random_bytes_are_reported_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(report_bytes(&bytes).starts_with("error: "));
    }

    #[test]
    fn any_json_is_reported_and_never_panics(
        registry in registry(),
        place in any::<prop::sample::Index>(),
        replacement in prop_oneof![Just("null"), Just("5"), Just("\"\""), Just("[]"), Just("{}"), Just("\"group:x\""), Just("[[]]"), Just("\"/~ `\"")],
    ) {
        // One value of the document is replaced.
        let mut registry = registry;
        let mut places = Vec::new();
        pointers(&registry, String::new(), &mut places);
        let pointer = place.get(&places);
        *registry.pointer_mut(pointer).expect("a place") = serde_json::from_str(replacement).expect("JSON");
        let _ = fanout::load(registry.to_string().as_bytes(), &options(), &settings());
    }
}

fn pointers(value: &Value, at: String, all: &mut Vec<String>) {
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| pointers(value, format!("{at}/{key}"), all)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, value)| pointers(value, format!("{at}/{n}"), all))
        }
        _ => {}
    }
    all.push(at);
}

#[test]
fn a_truncated_document_is_reported_and_never_panics() {
    let document = include_bytes!("article.json");
    let document = document.trim_ascii_end();
    for end in 0..document.len() {
        assert!(report_bytes(&document[..end]).starts_with("error: Registry is not valid JSON"), "{end}");
    }
}

#[test]
fn problems_point_to_existing_places() {
    let document: Value = serde_json::from_str(
        r#"{"teams": [{"type": "Team", "spec": {"name": "a b"}}], "services": [{"type": "Service", "spec": {"name": "x", "team": "y", "a/b~c": 1, "environments": [{"type": "Environment", "spec": {"name": "e", "quota": {"a/b~": "x"}, "rbac": {"viewers": ["z"]}, "targets": [{"type": "Target", "spec": {"cluster": "c", "namespace": "default"}}]}}]}}]}"#,
    )
    .expect("JSON");
    let problems = fanout::load(document.to_string().as_bytes(), &options(), &settings()).expect_err("problems");
    assert!(problems.len() > 4);
    for problem in problems {
        assert!(document.pointer(&problem.pointer).is_some(), "{problem}");
    }
}
