//! Every place of a resource's configuration, generated from the schemas: unknown at plan is known after apply, and null after
//! unknown is an error at its place where a value is required.

use std::collections::BTreeMap;

use anu::provider::Anu;
use anu::sdk::{Path, Provider, Value, configured_places, replaced};

use crate::fake_core::{self, Apply, Config, Process, State};
use crate::fixture::{Fixture, address, text};
use crate::generator::{Company, environment};
use crate::leaves::{self, list};

const NAMESPACE: &str = leaves::NAMESPACE.address;
const PROJECT: &str = leaves::PROJECT.address;
const PROJECT_IAM: &str = leaves::PROJECT_IAM.address;

fn company() -> Company {
    let production = environment("production", "proj-of-pay", &["compute-a/pay"], &["team-1"]);
    Company::default().with("pay", Some("delete"), &[production]).listed("proj-of-pay", "pay", &["a"])
}

/// A configuration with every argument of all resources.
async fn whole(fixture: &mut Fixture) -> Config {
    fixture.arguments = BTreeMap::from([
        ("environments".to_owned(), list(&["production"])),
        ("deletion_policy".to_owned(), Value::from("delete")),
        ("adopt_existing".to_owned(), Value::from(true)),
    ]);
    let binding = Value::object([
        ("name", Value::from("operators")),
        ("role", Value::from("edit")),
        ("subjects", list(&["Group:a@example.com", "User:b"])),
    ]);
    let namespace = Value::object([
        ("cluster", Value::from("compute-a")),
        ("name", Value::from("monitoring")),
        ("labels", Value::object([("tier", Value::from("1"))])),
        ("annotations", Value::object([("note", Value::from("x"))])),
        ("quota", Value::object([("pods", Value::from("10"))])),
        ("role_binding", Value::List(vec![binding])),
        ("adopt_existing", Value::from(true)),
        ("deletion_policy", Value::from("delete")),
    ]);
    let project = Value::object([
        ("project_id", Value::from("proj-of-log")),
        ("display_name", Value::from("logging")),
        ("parent", Value::from("folders/1")),
        ("billing_account", Value::from("000000-BBBBBB-000000")),
        ("labels", Value::object([("tier", Value::from("1"))])),
        ("apis", list(&["logging.googleapis.com"])),
        ("adopt_existing", Value::from(true)),
        ("deletion_policy", Value::from("delete")),
    ]);
    let members = Value::object([("roles/logging.viewer", list(&["group:a@example.com", "user:b@example.com"]))]);
    let project_iam = Value::object([("project_id", Value::from("proj-of-log")), ("members", members)]);
    fixture.others = BTreeMap::from([
        (NAMESPACE.to_owned(), namespace),
        (PROJECT.to_owned(), project),
        (PROJECT_IAM.to_owned(), project_iam),
    ]);
    let process = Process::start(&fixture.block()).await.unwrap();
    fixture.config(&process, None).await.unwrap()
}

fn with(config: &Config, address: &str, path: &Path, value: &Value) -> Config {
    let mut config = config.clone();
    let instance = config.resources.get_mut(address).expect("an instance");
    *instance = replaced(instance, path, value);
    config
}

#[tokio::test]
async fn unknown_at_plan_is_known_after_apply_and_never_null_where_a_value_is_required() {
    let provider = Anu::new();
    let mut counts = Vec::new();
    for (address, name) in [
        (address("pay"), "anu_registry_service"),
        (NAMESPACE.to_owned(), "anu_namespace"),
        (PROJECT.to_owned(), "anu_project"),
        (PROJECT_IAM.to_owned(), "anu_project_iam"),
    ] {
        let schema = provider.resources().iter().find(|each| each.name() == name).expect("a resource").schema().clone();
        let sample = whole(&mut Fixture::new(&company().document())).await.resources[&address].clone();
        let (mut unknown, mut null) = (0, 0);
        for (path, required) in configured_places(&schema, &sample) {
            let mut fixture = Fixture::new(&company().document());
            let known = whole(&mut fixture).await;
            let planned = with(&known, &address, &path, &Value::unknown());
            let plan = fake_core::plan(&State::default(), &planned).await;
            let plan = plan.unwrap_or_else(|errors| panic!("{name}.{path}: {}", text(&errors)));
            if required {
                let mut fixture = Fixture::new(&company().document());
                let known = whole(&mut fixture).await;
                let plan = fake_core::plan(&State::default(), &with(&known, &address, &path, &Value::unknown())).await;
                let nulled = with(&known, &address, &path, &Value::Null);
                let (state, errors) = Apply::start(plan.unwrap(), &nulled).await.unwrap().finish().await;
                let named = errors.iter().any(|d| d.path == path && d.detail.contains(&format!("`{path}` is null")));
                assert!(named && errors.iter().count() == 1, "{name}.{path}: {}", text(&errors));
                assert!(!state.0.contains_key(&address), "{name}.{path}");
                null += 1;
            }
            let (state, errors) = Apply::start(plan, &known).await.unwrap().finish().await;
            assert!(!errors.has_errors(), "{name}.{path}: {}", text(&errors));
            fixture.assert_settled(&state).await;
            unknown += 1;
        }
        counts.push(format!("{name}: {unknown} unknown and then known, {null} unknown and then null"));
    }
    insta::assert_snapshot!(counts.join("\n"), @r"
    anu_registry_service: 6 unknown and then known, 2 unknown and then null
    anu_namespace: 17 unknown and then known, 11 unknown and then null
    anu_project: 10 unknown and then known, 3 unknown and then null
    anu_project_iam: 5 unknown and then known, 5 unknown and then null
    ");
}
