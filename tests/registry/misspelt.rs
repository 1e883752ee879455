//! Misspelt fields: what is near a field of the format is an error, in every entry; what is not is kept.

use std::collections::BTreeSet;

use anu::registry::schema;
use serde_json::{Value, json};

use crate::complete::complete;
use crate::{options, report, settings};

/// One object of the document, with the fields that the schema defines for it.
struct Object {
    pointer: String,
    fields: BTreeSet<String>,
    closed: bool,
    /// The name of its definition in the schema.
    name: String,
}

/// Every object of a value that a schema describes.
fn objects(root: &Value, schema: &Value, value: &Value, pointer: &str, name: &str, found: &mut Vec<Object>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().expect("a name");
        return objects(root, &root["$defs"][name], value, pointer, name, found);
    }
    for variant in schema["anyOf"].as_array().into_iter().flatten() {
        objects(root, variant, value, pointer, name, found);
    }
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                objects(root, &schema["items"], item, &format!("{pointer}/{index}"), name, found);
            }
        }
        Value::Object(entries) => {
            if let Some(properties) = schema["properties"].as_object() {
                let fields = properties.keys().cloned().collect();
                let closed = schema["additionalProperties"] == json!(false);
                found.push(Object { pointer: pointer.to_owned(), fields, closed, name: name.to_owned() });
            }
            for (key, value) in entries {
                let pointer = format!("{pointer}/{}", key.replace('/', "~1"));
                let further = match schema["properties"].get(key) {
                    Some(further) => further,
                    None => &schema["additionalProperties"],
                };
                objects(root, further, value, &pointer, name, found);
            }
        }
        _ => {}
    }
}

/// Every object of the registry with every field. `requires` is free for other programs in the schema.
fn all_objects(document: &Value) -> Vec<Object> {
    let (schema, mut found) = (schema(), Vec::new());
    objects(&schema, &schema, document, "", "document", &mut found);
    let fields = BTreeSet::from(["anu".to_owned()]);
    found.push(Object { pointer: "/metadata/requires".into(), fields, closed: false, name: "Requires".into() });
    found
}

/// The document with a key of one object renamed.
fn renamed(document: &Value, pointer: &str, key: &str, to: &str) -> Value {
    let mut document = document.clone();
    let object = document.pointer_mut(pointer).and_then(Value::as_object_mut).expect("an object");
    let value = object.remove(key).expect("a field");
    object.insert(to.to_owned(), value);
    document
}

/// One letter dropped, doubled, swapped with the next; other cases and separators; singular and plural.
fn misspellings(field: &str) -> BTreeSet<String> {
    let letters: Vec<char> = field.chars().collect();
    let text = |letters: &[char]| letters.iter().collect::<String>();
    let mut all = BTreeSet::new();
    for place in 0..letters.len() {
        let mut dropped = letters.clone();
        dropped.remove(place);
        let mut doubled = letters.clone();
        doubled.insert(place, letters[place]);
        let mut swapped = letters.clone();
        if place + 1 < letters.len() {
            swapped.swap(place, place + 1);
        }
        all.extend([text(&dropped), text(&doubled), text(&swapped)]);
    }
    let words = |separator: &str| {
        let word =
            |c: &char| if c.is_uppercase() { format!("{separator}{}", c.to_ascii_lowercase()) } else { c.to_string() };
        letters.iter().map(word).collect::<String>()
    };
    let capital = letters[0].to_uppercase().chain(letters[1..].iter().copied()).collect();
    all.extend([field.to_uppercase(), field.to_lowercase(), capital, words("_"), words("-")]);
    all.insert(if field.ends_with('s') { format!("{field}es") } else { format!("{field}s") });
    all.extend(field.strip_suffix('y').map(|stem| format!("{stem}ies")));
    all.extend(field.strip_suffix('s').map(str::to_owned));
    all.remove(field);
    all.remove("");
    all
}

#[test]
fn every_misspelling_of_every_field_is_an_error_that_names_the_field() {
    let document = complete();
    assert_eq!(report(&document.to_string()), "");
    let objects = all_objects(&document);
    let (mut tried, mut suggested) = (0, 0);
    let mut covered: BTreeSet<(String, String)> = BTreeSet::new();
    for Object { pointer, fields, name, .. } in &objects {
        let object = document.pointer(pointer).and_then(Value::as_object).expect("an object");
        for field in fields.iter().filter(|field| object.contains_key(*field)) {
            // Of entries of one kind, one with the field is enough.
            if !covered.insert((name.clone(), field.clone())) {
                continue;
            }
            for to in misspellings(field).iter().filter(|to| !fields.contains(*to)) {
                let edited = renamed(&document, pointer, field, to);
                let problems = anu::fanout::load(edited.to_string().as_bytes(), &options(), &settings()).err();
                let problems = problems.unwrap_or_else(|| panic!("`{to}` for `{field}` of {name} is accepted"));
                tried += 1;
                let place = format!("{pointer}/{to}");
                suggested += usize::from(problems.iter().any(|problem| {
                    problem.is_error() && problem.pointer == place && problem.detail.contains("Did you mean")
                }));
            }
        }
    }
    // Every field that the schema has was tried.
    let schema = schema();
    let defined = |name: &str, schema: &Value| -> Vec<(String, String)> {
        let fields = schema["properties"].as_object().into_iter().flatten();
        fields.map(|(field, _)| (name.to_owned(), field.clone())).collect()
    };
    let definitions = schema["$defs"].as_object().expect("definitions").iter();
    let all: BTreeSet<_> =
        definitions.flat_map(|(name, schema)| defined(name, schema)).chain(defined("document", &schema)).collect();
    assert_eq!(all.difference(&covered).collect::<Vec<_>>(), Vec::<&(String, String)>::new());
    // What is left of `id` is too short for a suggestion: the missing field is the error.
    assert_eq!((covered.len(), tried, tried - suggested), (101, 2_536, 3));
}

/// The schema and the reader agree on which objects have no further fields.
#[test]
fn a_field_that_is_near_no_other_is_refused_in_closed_sets_and_kept_elsewhere() {
    let document = complete();
    let (mut open, mut closed) = (BTreeSet::new(), BTreeSet::new());
    for object in all_objects(&document) {
        let mut edited = document.clone();
        edited.pointer_mut(&object.pointer).expect("an object")["xylophone"] = json!(["core"]);
        let refused = report(&edited.to_string()).contains("error: Unknown field");
        assert_eq!(refused, object.closed, "{}", object.pointer);
        if refused {
            closed.insert(object.name)
        } else {
            open.insert(object.name)
        };
    }
    insta::assert_snapshot!(format!("open: {open:?}\nclosed: {closed:?}"), @r#"
    open: {"Cluster", "ClusterEntry", "Environment", "EnvironmentEntry", "Metadata", "Namespace", "NamespaceEntry", "Principals", "Project", "ProjectEntry", "Requires", "Service", "ServiceEntry", "Target", "TargetEntry", "Team", "TeamEntry", "document"}
    closed: {"Access", "AccessEntry", "BoundRole", "Gke", "KubernetesRow", "Permissions", "Row", "ServiceAccount"}
    "#);
}

/// A registry in which access is given at levels that there are not.
#[test]
fn an_unknown_access_level_is_an_error() {
    let access = |levels: Value| {
        let mut document = complete();
        document["services"][0]["spec"]["environments"][0]["spec"]["rbac"] = levels;
        report(&document.to_string())
    };
    let levels = json!({"viewers": [], "developers": ["core"], "maintainers": ["core"], "operator": ["core"], "admins": ["core"]});
    insta::assert_snapshot!(access(levels), @"
    error: Unknown field
      at `/services/0/spec/environments/0/spec/rbac/developers`, service `ledger`, environment `production`
      `developers` is not a field of `rbac`, and would have no effect. Fields: `viewers`, `operators`, `admins`.
      anu:undefined-field
    error: Unknown field
      at `/services/0/spec/environments/0/spec/rbac/maintainers`, service `ledger`, environment `production`
      `maintainers` is not a field of `rbac`, and would have no effect. Fields: `viewers`, `operators`, `admins`.
      anu:undefined-field
    error: Unknown field
      at `/services/0/spec/environments/0/spec/rbac/operator`, service `ledger`, environment `production`
      `operator` is not a field of `rbac`, and would have no effect. Fields: `viewers`, `operators`, `admins`. Did you mean `operators`?
      anu:undefined-field
    ");
    let row = |document: &mut Value| {
        document["permissions"] = json!({"goggle": {}, "google": {"pubsub.googleapis.com": {"admin": ["roles/pubsub.admin"]}}, "kubernetes": {"developers": "edit"}});
    };
    let mut document = complete();
    row(&mut document);
    insta::assert_snapshot!(report(&document.to_string()), @"
    error: Unknown field
      at `/permissions/goggle`
      `goggle` is not a field of `permissions`, and would have no effect. Fields: `builtin`, `google`, `kubernetes`. Did you mean `google`?
      anu:undefined-field
    error: Unknown field
      at `/permissions/google/pubsub.googleapis.com/admin`
      `admin` is not a field of a row of `permissions.google`, and would have no effect. Fields: `viewers`, `operators`, `admins`. Did you mean `admins`?
      anu:undefined-field
    error: Unknown field
      at `/permissions/kubernetes/developers`
      `developers` is not a field of `permissions.kubernetes`, and would have no effect. Fields: `viewers`, `operators`, `admins`.
      anu:undefined-field
    ");
}

#[test]
fn misplaced_fields() {
    let mut document = complete();
    document["services"][1]["team"] = json!("core");
    document["services"][1]["enviroments"] = json!([]);
    document["services"][1]["spec"]["rbac"] = json!({});
    document["teams"][0]["spec"]["alertsChannel"] = json!("core-alerts");
    document["clusters"][0]["spec"]["rbac"] = json!({});
    document["services"][2]["spec"]["teams"] = json!(["core"]);
    insta::assert_snapshot!(report(&document.to_string()), @"
    error: Misplaced field
      at `/clusters/0/spec/rbac`
      `rbac` has no effect here. It is a field of an environment. Move it there, or remove it.
      anu:misplaced-field
    error: Misplaced field
      at `/services/1/enviroments`, service `statements`
      The field `enviroments` beside `spec` is unknown and has no effect. Did you mean `environments`? It belongs into `spec`.
      anu:misplaced-field
    error: Misplaced field
      at `/services/1/spec/rbac`, service `statements`
      `rbac` has no effect here. It is a field of an environment. Move it there, or remove it.
      anu:misplaced-field
    error: Misplaced field
      at `/services/1/team`, service `statements`
      `team` is beside `spec` and has no effect there. Move it into `spec`.
      anu:misplaced-field
    error: Unknown field
      at `/services/2/spec/teams`, service `search`
      The field `teams` is unknown and has no effect. It is too near to `team`, which is here as well. Remove it, or give it another name.
      anu:misspelt-field
    warning: Misplaced field
      at `/teams/0/spec/alertsChannel`
      `alertsChannel` has no effect here. It is a field of a service. Move it there, or remove it.
      anu:stray-field
    ");
}

/// Fields that companies add, beside the format's.
#[test]
fn fields_of_ones_own_are_kept() {
    let own = [
        "description",
        "runbook",
        "dashboards",
        "slack",
        "tier",
        "language",
        "onCall",
        "costCenter",
        "$comment",
        "_note",
        "x-owner",
        "sla",
        "tags",
        "wiki",
        "docs",
    ];
    let document = complete();
    for object in all_objects(&document).iter().filter(|object| !object.closed) {
        let mut edited = document.clone();
        for field in own {
            edited.pointer_mut(&object.pointer).expect("an object")[field] = json!("x");
        }
        assert_eq!(report(&edited.to_string()), "", "{}", object.pointer);
    }
}
