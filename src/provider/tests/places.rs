//! Every place of every schema that a user writes, generated from the schemas: no objects, from which core would remove unknown
//! names; and unknown, null and null items, each of which is an error at its place or has a documented meaning.

use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use super::super::{Anu, config};
use crate::connect::kubernetes::Access;
use crate::sdk::{
    Attribute, Diagnostics, Kind, Path, Presence, Provider, Schema, Step, Type, Value, configured_places, from_json,
    replaced,
};

/// The schemas by name: the provider block, resources and data sources.
fn schemas(provider: &Anu) -> Vec<(String, Schema)> {
    let mut all = vec![("provider".to_owned(), provider.schema())];
    all.extend(provider.resources().iter().map(|each| (format!("resource {}", each.name()), each.schema().clone())));
    all.extend(provider.data_sources().iter().map(|each| (format!("data {}", each.name()), each.schema().clone())));
    all
}

/// Whether a type contains an object or may be one.
fn has_object(ty: &Type) -> bool {
    match ty {
        Type::String | Type::Number | Type::Bool => false,
        Type::List(element) | Type::Set(element) | Type::Map(element) => has_object(element),
        Type::Object(_) | Type::Tuple(_) | Type::Dynamic => true,
    }
}

fn count_without_objects(name: &str, attributes: &[Attribute]) -> usize {
    let written = attributes.iter().filter(|attribute| attribute.presence != Presence::Computed);
    written
        .map(|attribute| {
            let object = match &attribute.kind {
                Kind::Plain(ty) => has_object(ty),
                Kind::Single(_) | Kind::List(_) | Kind::Map(_) => true,
                Kind::Block(_) | Kind::Blocks(_) | Kind::LabelledBlocks(_) => false,
            };
            let place = format!("{name}.{}", attribute.name);
            assert!(!object, "{place} is an object: core removes unknown names from it. Make it a block");
            1 + count_without_objects(&place, attribute.nested().unwrap_or_default())
        })
        .sum()
}

#[test]
fn no_user_writes_an_object() {
    let counts: Vec<String> = schemas(&Anu::new())
        .iter()
        .map(|(name, schema)| format!("{name}: {}", count_without_objects(name, &schema.attributes)))
        .collect();
    insta::assert_snapshot!(counts.join("\n"));
}

/// Values for what `given` leaves out, so that no place is missing: one item in each list and map.
fn sample(attributes: &[Attribute], given: &Json) -> Json {
    let written = attributes.iter().filter(|attribute| attribute.presence != Presence::Computed);
    let value = |attribute: &Attribute| match (given.get(&attribute.name), &attribute.kind) {
        (given, Kind::Block(nested)) => sample(nested, given.unwrap_or(&Json::Null)),
        (Some(given), _) => given.clone(),
        (None, Kind::Blocks(nested)) => json!([sample(nested, &Json::Null)]),
        (None, Kind::LabelledBlocks(nested)) => json!({"x": sample(nested, &Json::Null)}),
        (None, Kind::Plain(ty)) => of_type(ty),
        (None, Kind::Single(_) | Kind::List(_) | Kind::Map(_)) => panic!("{} is an object", attribute.name),
    };
    Json::Object(written.map(|attribute| (attribute.name.clone(), value(attribute))).collect())
}

fn of_type(ty: &Type) -> Json {
    match ty {
        Type::String => json!("x"),
        Type::Bool => json!(true),
        Type::Number => json!(1),
        Type::List(element) | Type::Set(element) => json!([of_type(element)]),
        // A resource that a quota can limit, and a quantity; also a label of a project. The only maps whose keys are checked here.
        Type::Map(element) if **element == Type::String => json!({"pods": "1"}),
        // The only map of lists whose keys are checked here.
        Type::Map(element) if **element == Type::list(Type::String) => json!({"roles/viewer": of_type(element)}),
        Type::Map(element) => json!({"x": of_type(element)}),
        Type::Dynamic | Type::Tuple(_) | Type::Object(_) => panic!("{ty:?}"),
    }
}

fn names(diagnostics: &Diagnostics, path: &Path) -> bool {
    diagnostics.iter().any(|d| d.path == *path && d.detail.contains(&format!("`{path}`")))
}

/// An error about this place, or about what contains it.
fn only_around(diagnostics: &Diagnostics, path: &Path) -> bool {
    diagnostics.iter().all(|d| d.summary != "Bug in anu" && path.steps().starts_with(d.path.steps()))
}

#[tokio::test]
async fn every_place_of_the_provider_block() {
    let provider = Anu::new();
    let schema = provider.schema();
    let pem = "-----BEGIN CERTIFICATE-----";
    let given = json!({
        "registry": {"source": "registry.jsonnet", "sha256": "a".repeat(64), "accept_older": format!("sha256:{}", "a".repeat(64)),
            "max_age": "7d", "max_stale": "7d", "headers": {"X-Api-Key": "hunter2"},
            "verify": {"minisign": ["RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"], "trusted_comment": ["branch:main"]},
        },
        "embedded": {"replaces": ["google"]},
        "google": {
            "parent": "folders/1234",
            "billing_account": "000000-AAAAAA-000000",
            "quota_project": "example-seed",
            "impersonate_service_account": "applier@example-seed.iam.gserviceaccount.com",
            "universe_domain": "googleapis.com",
            "retry_budget": "5m",
            "endpoints": {
                "default": "http://127.0.0.1:8080",
                "resource_manager": "https://a.example.com",
                "service_usage": "https://b.example.com",
                "billing": "https://c.example.com",
                "iam": "https://d.example.com",
            },
        },
        "kubernetes": {
            "contexts": {"d": "gke_d"},
            "deletion_timeout": "5m",
            "cluster": {
                "a": {"context": "gke_a", "replaces": "uid"},
                "b": {"endpoint": "https://10.0.0.1", "ca_certificate": pem, "token": "t"},
                "c": {"endpoint": "https://10.0.0.1", "exec": {"api_version": "v1", "command": "c", "args": ["a"], "env": {"A": "b"}}},
                "e": {"endpoint": "https://10.0.0.1", "google_credentials": true},
            },
        },
        "manage": ["google", "kubernetes"],
        "member_template": "group:{team}@example.com",
        "permissions": {
            "google": {"pubsub.googleapis.com": {"admins": ["roles/pubsub.admin"]}},
            "kubernetes": {"admins": "admin"},
        },
        "guard": {"max_removals": "10% or 5", "max_revocations": "5", "acknowledge": format!("sha256:{}", "a".repeat(64))},
    });
    let whole = from_json(&sample(&schema.attributes, &given), &schema.ty()).unwrap();
    assert!(config::read(whole.clone()).is_ok(), "{:?}", config::read(whole).unwrap_err());
    let (mut known, mut meant, mut missing, mut absent) = (0, 0, 0, 0);
    for (path, required) in configured_places(&schema, &whole) {
        let unknown = replaced(&whole, &path, &Value::unknown());
        let validated = provider.validate(unknown.clone()).await;
        assert!(!validated.has_errors(), "{path}: may be known later: {validated:?}");
        match config::read(unknown) {
            Err(errors) => {
                assert!(names(&errors, &path) && only_around(&errors, &path), "{path}: {errors:?}");
                known += 1;
            }
            Ok(config) => {
                let Step::Key(cluster) = &path.steps()[2] else { panic!("{path}: unknown, and used nevertheless") };
                let access = &config.clusters.expect("clusters").clusters[cluster];
                assert!(matches!(access, Access::Unknown), "{path}: {access:?}");
                meant += 1;
            }
        }
        let null = replaced(&whole, &path, &Value::Null);
        let errors = provider.validate(null.clone()).await;
        assert_eq!(config::read(null).is_err(), errors.has_errors(), "{path}");
        if required {
            assert!(names(&errors, &path) && only_around(&errors, &path), "{path}: {errors:?}");
            missing += 1;
        } else {
            assert!(only_around(&errors, &path), "{path}: {errors:?}");
            absent += 1;
        }
    }
    insta::assert_snapshot!(format!(
        "unknown: {known} errors at the place, {meant} with the meaning that a cluster is not there yet\n\
         null: {missing} errors at the place, {absent} as if left out"
    ));
}

#[tokio::test]
async fn every_place_of_resources_and_data_sources() {
    let provider = Anu::new();
    let cancel = CancellationToken::new;
    let mut counts = Vec::new();
    for (position, (name, schema)) in schemas(&provider).into_iter().skip(1).enumerate() {
        let resource = provider.resources().get(position);
        let data = position.checked_sub(provider.resources().len()).map(|position| &provider.data_sources()[position]);
        let validate = async |config: Value| match (resource, data) {
            (Some(resource), _) => resource.validate(cancel(), config).await,
            (_, Some(data)) => data.validate(cancel(), config).await,
            _ => unreachable!("{name}"),
        };
        let whole = from_json(&sample(&schema.attributes, &Json::Null), &schema.ty()).unwrap();
        let (mut unknown, mut missing, mut absent) = (0, 0, 0);
        for (path, required) in configured_places(&schema, &whole) {
            let config = replaced(&whole, &path, &Value::unknown());
            let errors = validate(config.clone()).await;
            assert!(!names(&errors, &path), "{name}.{path}: may be known later: {errors:?}");
            assert!(errors.iter().all(|d| d.summary != "Bug in anu"), "{name}.{path}: {errors:?}");
            if let Some(data) = data {
                // Core defers the read, so that this never happens.
                let answer = data.read(cancel(), config).await;
                assert!(answer.state.is_none() && names(&answer.diagnostics, &path), "{name}.{path}: {answer:?}");
            }
            unknown += 1;
            let errors = validate(replaced(&whole, &path, &Value::Null)).await;
            assert_eq!(names(&errors, &path), required, "{name}.{path}: {errors:?}");
            assert!(errors.iter().all(|d| d.summary != "Bug in anu"), "{name}.{path}: {errors:?}");
            *(if required { &mut missing } else { &mut absent }) += 1;
        }
        counts.push(format!("{name}: {unknown} unknown; null: {missing} errors at the place, {absent} as if left out"));
    }
    insta::assert_snapshot!(counts.join("\n"));
}
