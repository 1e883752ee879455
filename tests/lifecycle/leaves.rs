//! The resources that manage one object by themselves, with an example of each: what rules about all of them are tested with.

use anu::sdk::Value;

use crate::generator::{Company, environment};

/// One of these resources, and its example.
pub struct Leaf {
    pub address: &'static str,
    /// The object at the start of a message.
    pub title: &'static str,
    /// The object as a message lists it.
    pub line: &'static str,
    /// Its import id.
    pub import: &'static str,
    /// A configuration with this policy; `tier` is a value that can change.
    pub configuration: fn(policy: &str, tier: &str) -> Value,
    /// The argument that names the object, and the name of another one.
    pub moved: (&'static str, &'static str),
    /// A registry with one service, which uses the object or not.
    pub company: fn(used: bool) -> Company,
}

pub const ALL: [&Leaf; 3] = [&NAMESPACE, &PROJECT, &PROJECT_IAM];

pub const NAMESPACE: Leaf = Leaf {
    address: "anu_namespace.monitoring",
    title: "Namespace `compute-a/monitoring`",
    line: "namespace compute-a/monitoring",
    import: "compute-a/monitoring",
    configuration: namespace,
    moved: ("name", "metrics"),
    company: |used| pay("", if used { &["compute-a/own", "compute-a/monitoring"] } else { &["compute-a/own"] }),
};

pub const PROJECT: Leaf = Leaf {
    address: "anu_project.log",
    title: "Project `proj-of-log`",
    line: "project proj-of-log",
    import: "proj-of-log",
    configuration: project,
    moved: ("project_id", "proj-of-logs"),
    company: |used| match used {
        true => pay("proj-of-log", &["compute-a/own"]).listed("proj-of-log", "pay", &["a"]),
        false => pay("", &["compute-a/own"]),
    },
};

/// Its service grants one of the same members.
pub const PROJECT_IAM: Leaf = Leaf {
    address: "anu_project_iam.log",
    title: "Project IAM `proj-of-log`",
    line: "IAM member proj-of-log/roles/pubsub.admin/group:team-1@example.com",
    import: "proj-of-log",
    configuration: project_iam,
    moved: ("project_id", "proj-of-logs"),
    company: |used| pay(if used { "proj-of-log" } else { "" }, &["compute-a/own"]),
};

/// A registry with the service `pay` in this project and these namespaces.
fn pay(project: &str, targets: &[&str]) -> Company {
    Company::default().with("pay", Some("delete"), &[environment("production", project, targets, &["team-1"])])
}

fn namespace(policy: &str, tier: &str) -> Value {
    let role = if tier == "1" { "view" } else { "edit" };
    let binding = Value::object([
        ("name", Value::from("operators")),
        ("role", Value::from(role)),
        ("subjects", list(&["Group:a@example.com"])),
    ]);
    Value::object([
        ("cluster", Value::from("compute-a")),
        ("name", Value::from("monitoring")),
        ("labels", texts(&[("tier", tier)])),
        ("quota", texts(&[("pods", "10")])),
        ("role_binding", Value::List(vec![binding])),
        ("deletion_policy", Value::from(policy)),
    ])
}

fn project(policy: &str, tier: &str) -> Value {
    let api = if tier == "1" { "redis.googleapis.com" } else { "storage.googleapis.com" };
    Value::object([
        ("project_id", Value::from("proj-of-log")),
        ("parent", Value::from("folders/1")),
        ("billing_account", Value::from("000000-BBBBBB-000000")),
        ("labels", texts(&[("tier", tier)])),
        ("apis", list(&["logging.googleapis.com", api])),
        ("deletion_policy", Value::from(policy)),
    ])
}

fn project_iam(_: &str, tier: &str) -> Value {
    let role = if tier == "1" { "roles/logging.viewer" } else { "roles/logging.admin" };
    let members = [
        ("roles/pubsub.admin".to_owned(), list(&["group:team-1@example.com", "user:b@example.com"])),
        (role.to_owned(), list(&["group:a@example.com"])),
    ];
    Value::object([("project_id", Value::from("proj-of-log")), ("members", Value::Map(members.into()))])
}

pub fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| Value::from(*item)).collect())
}

pub fn texts(pairs: &[(&str, &str)]) -> Value {
    Value::Map(pairs.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect())
}

/// A configuration with another value of an argument.
pub fn set(configuration: Value, attribute: &str, value: impl Into<Value>) -> Value {
    let Value::Map(mut attributes) = configuration else { panic!("a configuration") };
    attributes.insert(attribute.to_owned(), value.into());
    Value::Map(attributes)
}
