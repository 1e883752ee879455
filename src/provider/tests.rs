//! What the provider block, the data sources and the functions say when something is wrong, as a user reads it.

mod places;
mod rare;

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::sdk::{FunctionError, Presence, Type, from_json};

const REGISTRY: &str = r#"{
    "metadata": {"name": "acme"},
    "teams": [{"type": "Team", "spec": {"name": "pay", "email": "pay@example.com"}}],
    "clusters": [{"type": "Cluster", "spec": {"name": "compute"}}],
    "services": [{"type": "Service", "spec": {"name": "make-it-rain", "team": "pay", "environments": [
        {"type": "Environment", "spec": {"name": "staging", "rbac": {"admins": ["pay"]}, "targets": [
            {"type": "Target", "spec": {"kind": "argo", "cluster": "compute", "namespace": "rain"}}
        ]}}
    ]}}]
}"#;

/// A folder with a good registry in it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        std::fs::write(folder.path("registry.json"), REGISTRY).unwrap();
        folder
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }

    fn source(&self) -> Json {
        json!({"source": self.path("registry.json")})
    }

    /// Diagnostics as a user reads them, the folder's own path left out.
    fn texts(&self, diagnostics: &Diagnostics) -> String {
        let mut text = String::new();
        for d in diagnostics.iter() {
            let place = if d.path == crate::sdk::Path::root() { String::new() } else { format!(" ({})", d.path) };
            writeln!(text, "{:?}: {}{place}\n{}", d.severity, d.summary, d.text()).unwrap();
        }
        let folder = Path::new(&self.path("x")).parent().unwrap().to_string_lossy().into_owned();
        text.replace(&folder, "FOLDER")
    }
}

fn config(json: &Json, schema: &Schema) -> Value {
    from_json(json, &schema.ty()).unwrap()
}

/// What a user reads who has this provider block and this data source.
async fn data(folder: &Folder, block: Json, name: &str, arguments: Json) -> String {
    let provider = Anu::new();
    let mut call = Call::new(CancellationToken::new());
    provider
        .configure(&mut call, Configure { config: config(&block, &provider.schema()), ..Configure::default() })
        .await;
    let source = provider.data_sources().iter().find(|source| source.name() == name).unwrap();
    let arguments = config(&arguments, source.schema());
    call.diagnostics.extend(source.validate(CancellationToken::new(), arguments.clone()).await);
    if !call.diagnostics.has_errors() {
        let answer = source.read(CancellationToken::new(), arguments).await;
        assert_eq!(answer.state.is_none(), answer.diagnostics.has_errors());
        call.diagnostics.extend(answer.diagnostics);
    }
    folder.texts(&call.diagnostics)
}

/// Terraform 1.15 and 1.16 rewrite the whole value of a data source at every reference to it. Later ones do so if its schema has
/// anything deprecated.
#[test]
fn no_attribute_of_a_data_source_is_deprecated() {
    fn check(of: &str, attributes: &[crate::sdk::Attribute]) {
        for attribute in attributes {
            assert_eq!(attribute.deprecation, None, "{of}: {}", attribute.name);
            check(of, attribute.nested().unwrap_or_default());
        }
    }
    for source in Anu::new().data_sources() {
        check(source.name(), &source.schema().attributes);
    }
}

/// Core does not load a provider with another.
#[test]
fn every_resource_has_an_identity_of_texts_at_version_0() {
    for resource in Anu::new().resources() {
        let identity = resource.identity().unwrap_or_else(|| panic!("{} has none", resource.name()));
        assert_eq!(identity.version, 0, "an upgrade of every object that has none");
        assert!(identity.attributes.iter().any(|attribute| attribute.presence == Presence::Required));
        for attribute in &identity.attributes {
            let ty = attribute.ty();
            assert!(ty == Type::String || ty == Type::list(Type::String), "{}: {}", resource.name(), attribute.name);
        }
    }
}

#[tokio::test]
async fn data_sources() {
    let folder = Folder::new();
    let registry = || json!({"registry": folder.source()});
    let mut all = String::new();
    for (case, block, name, arguments) in [
        ("no registry", json!({}), "anu_registry", json!({})),
        ("no such file", json!({"registry": {"source": folder.path("other.json")}}), "anu_registry", json!({})),
        ("an empty selection", registry(), "anu_registry", json!({"select": {"services": []}})),
        (
            "names that nothing has",
            registry(),
            "anu_registry",
            json!({"select": {"services": ["make-it-rian", "ledger"], "teams": ["pays"], "environments": ["production"], "clusters": ["compute-9"]}}),
        ),
        ("names that nothing has", registry(), "anu_registry_resources", json!({"select": {"teams": ["core"]}})),
        ("no such service", registry(), "anu_registry_service", json!({"name": "make-it-rian"})),
        ("no platform", registry(), "anu_unmanaged_grants", json!({})),
        (
            "no platform for the one kind that is managed",
            json!({"registry": folder.source(), "manage": ["kubernetes"]}),
            "anu_unmanaged_grants",
            json!({}),
        ),
        (
            "a store that cannot be opened",
            json!({"registry": folder.source(), "embedded": {"path": folder.path("")}}),
            "anu_unmanaged_grants",
            json!({}),
        ),
        (
            "bad keys",
            json!({"registry": folder.source(), "embedded": {"path": folder.path("anu.db")}}),
            "anu_unmanaged_grants",
            json!({"also_projects": ["GC"], "also_namespaces": ["rain", "compute/Rain"]}),
        ),
    ] {
        let text = data(&folder, block, name, arguments).await;
        assert!(text.contains("Error: "), "{case} is not refused: {text}");
        writeln!(all, "== {name}: {case}\n{text}").unwrap();
    }
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn the_registry_shows_every_fence_in_force_and_the_pin() {
    let folder = Folder::new();
    let provider = Anu::new();
    let mut call = Call::new(CancellationToken::new());
    let pin: String = Sha256::digest(REGISTRY).iter().map(|byte| format!("{byte:02x}")).collect();
    let block = json!({
        "registry": {"source": folder.path("registry.json"), "sha256": pin.to_ascii_uppercase()},
        "fences": {"allowed_projects": ["gc-*"], "reserved_namespaces": ["team-*"], "exempt_namespaces": ["argocd"]},
    });
    let config_value = config(&block, &provider.schema());
    provider.configure(&mut call, Configure { config: config_value, ..Configure::default() }).await;
    let source = provider.data_sources().iter().find(|source| source.name() == "anu_registry").unwrap();
    let answer = source.read(CancellationToken::new(), config(&json!({}), source.schema())).await;
    let state = crate::sdk::to_json(&answer.state.expect("a state"));
    assert_eq!(state["sha256"], json!(pin));
    let shown = state["fences"].as_object().unwrap();
    let schema = provider.schema();
    let block = schema.attributes.iter().find(|attribute| attribute.name == "fences").unwrap();
    let settings: std::collections::BTreeSet<&str> = block.nested().unwrap().iter().map(|a| a.name.as_str()).collect();
    assert!(settings.iter().eq(&shown.keys().map(String::as_str).collect::<Vec<_>>()), "{settings:?} {shown:?}");
    assert_eq!((&shown["allowed_projects"], &shown["allowed_parents"]), (&json!(["gc-*"]), &Json::Null));
    let reserved = shown["reserved_namespaces"].as_array().unwrap();
    assert!(reserved.contains(&json!("kube-*")) && reserved.contains(&json!("team-*")), "{reserved:?}");
    assert_eq!(shown["exempt_namespaces"], json!(["argocd"]));
}

/// A plan may come of a copy, an apply may not.
#[tokio::test]
async fn a_copy_serves_reading_only() {
    let folder = Folder::new();
    let block = json!({"registry": {"source": folder.path("gone.json"), "fallbacks": [folder.path("registry.json")]}});
    let session = Session::new(config::read(config(&block, &config::schema())).unwrap());
    let mut call = Call::new(CancellationToken::new());
    assert!(session.registry(&mut call).await.is_ok());
    let mut text = format!("== reading\n{}\n", folder.texts(&call.diagnostics));
    let refused = session.registry_for_apply(&mut call).await.map(drop).unwrap_err();
    write!(text, "== applying\n{}", folder.texts(&refused)).unwrap();
    insta::assert_snapshot!(text);
}

/// In debug mode a process serves many runs: what the first came to when it was cancelled is not told to the second.
#[tokio::test]
async fn a_cancelled_read_of_the_registry_is_not_remembered() {
    let folder = Folder::new();
    let block = json!({"registry": folder.source()});
    let session = Session::new(config::read(config(&block, &config::schema())).unwrap());
    let cancel = CancellationToken::new();
    cancel.cancel();
    let cancelled = session.registry(&mut Call::new(cancel)).await.map(drop).unwrap_err();
    insta::assert_snapshot!(folder.texts(&cancelled), @"
    Error: Reading of the registry was cancelled
    The run was cancelled before the registry was read. Nothing was changed.

    anu:cancelled
    ");
    assert!(session.registry(&mut Call::new(CancellationToken::new())).await.is_ok());
}

fn refused(name: &str, arguments: Vec<Value>) -> FunctionError {
    let provider = Anu::new();
    let function = provider.functions().iter().find(|function| function.name() == name).unwrap();
    function.call(arguments).unwrap_err()
}

#[test]
fn functions() {
    let settings = |json: Json, ty: &crate::sdk::Type| vec![Value::from(REGISTRY), from_json(&json, ty).unwrap()];
    let object = |name: &'static str, ty| crate::sdk::Type::object([(name, ty)]);
    let object_of =
        |names: [&'static str; 2]| crate::sdk::Type::object(names.map(|name| (name, crate::sdk::Type::String)));
    let text = crate::sdk::Type::String;
    let two_problems = r#"{"services": [{"type": "Service", "spec": {"name": "A b", "environments": 1}}]}"#;
    let project_id = |prefix: &str, name: &str, environment: &str| {
        vec![Value::from(prefix), Value::from(name), Value::from(environment)]
    };
    let mut all = String::new();
    for (case, name, arguments) in [
        ("no JSON", "decode", vec![Value::from("services:")]),
        ("two problems", "decode", vec![Value::from(two_problems)]),
        ("two problems", "fan_out", vec![Value::from(two_problems)]),
        ("two settings", "fan_out", vec![Value::from(REGISTRY), Value::Null, Value::Null]),
        ("settings that are no object", "fan_out", settings(json!("x"), &text)),
        ("a setting there is not", "fan_out", settings(json!({"label": "x"}), &object("label", text.clone()))),
        (
            "a fence there is not",
            "fan_out",
            settings(
                json!({"fences": {"allowed_project": ["gc-*"]}}),
                &object("fences", object("allowed_project", crate::sdk::Type::list(text.clone()))),
            ),
        ),
        (
            "null in a list",
            "fan_out",
            settings(
                json!({"fences": {"allowed_projects": [null]}}),
                &object("fences", object("allowed_projects", crate::sdk::Type::list(text.clone()))),
            ),
        ),
        ("a setting of another type", "fan_out", settings(json!({"labels": "x"}), &object("labels", text.clone()))),
        (
            "a setting that is refused",
            "fan_out",
            settings(json!({"member_template": "all@example.com"}), &object("member_template", text.clone())),
        ),
        (
            "a label that nothing can have",
            "fan_out",
            settings(
                json!({"labels": {"a b": "x"}}),
                &object("labels", crate::sdk::Type::object([("a b", text.clone())])),
            ),
        ),
        (
            "a kind that cannot be managed",
            "fan_out",
            settings(json!({"manage": ["gogle"]}), &object("manage", crate::sdk::Type::list(text.clone()))),
        ),
        (
            "a setting of google that shapes nothing",
            "fan_out",
            settings(
                json!({"google": {"parent": "folders/1", "quota_project": "seed"}}),
                &object("google", object_of(["parent", "quota_project"])),
            ),
        ),
        (
            "a bad default",
            "fan_out",
            settings(json!({"google": {"parent": "1234"}}), &object("google", object("parent", text.clone()))),
        ),
        (
            "unknown settings",
            "fan_out",
            vec![Value::from(REGISTRY), Value::object([("member_template", Value::unknown())])],
        ),
        ("a bad prefix", "project_id", project_id("Gc", "rain", "staging")),
        ("a prefix that starts with a digit", "project_id", project_id("1c", "rain", "staging")),
        ("a prefix that is too long", "project_id", project_id("a-prefix-that-is-far-too-long", "rain", "staging")),
        ("a bad name", "project_id", project_id("gc", "-rain", "staging")),
        ("no environment", "project_id", project_id("gc", "rain", "")),
    ] {
        let error = refused(name, arguments);
        let argument = error.argument.map_or_else(String::new, |position| format!(" (argument {position})"));
        writeln!(all, "== {name}: {case}{argument}\n{error}\n").unwrap();
    }
    insta::assert_snapshot!(all);
}
