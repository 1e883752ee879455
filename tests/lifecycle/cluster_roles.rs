//! ClusterRoles that a cluster does not have.

use std::collections::BTreeMap;

use anu::platform::embedded::Faults;
use anu::sdk::Value;

use crate::fake_core::State;
use crate::fixture::{Fixture, text};
use crate::generator::{Company, environment};

/// Two services and a namespace of its own in two clusters, all of whose bindings refer to `editor`.
async fn fixture(role: &str) -> Fixture {
    let production = environment("production", "", &["compute-a/pay", "compute-b/pay"], &["team-1"]);
    let other = environment("production", "", &["compute-a/other"], &["team-1"]);
    let company = Company::default().with("pay", None, &[production]).with("other", None, &[other]);
    let mut document = company.document();
    document["permissions"]["kubernetes"]["admins"] = role.into();
    let mut fixture = Fixture::open(&document, Faults::none()).await;
    let subjects = Value::List(vec![Value::from("Group:a@example.com")]);
    let binding = [("name", Value::from("ops")), ("role", Value::from(role)), ("subjects", subjects)];
    let namespace = Value::object([
        ("cluster", Value::from("compute-c")),
        ("name", Value::from("monitoring")),
        ("role_binding", Value::List(vec![Value::object(binding)])),
    ]);
    fixture.others = BTreeMap::from([("anu_namespace.monitoring".to_owned(), namespace)]);
    fixture
}

#[tokio::test]
async fn a_cluster_role_that_is_not_there_is_a_warning_once_for_each_cluster_and_run() {
    let fixture = fixture("editor").await;
    let (plan, _) = fixture.planned(&State::default()).await;
    let said = text(&plan.diagnostics);
    let mut titles: Vec<&str> = said.lines().filter(|line| line.ends_with("has no ClusterRole `editor`")).collect();
    titles.sort_unstable();
    let expected = ["a", "b", "c"].map(|name| format!("Warning: Cluster `compute-{name}` has no ClusterRole `editor`"));
    assert_eq!(titles, expected);
    let first = said.find("Warning: Cluster `compute-a`").expect("a warning");
    let first: Vec<&str> = said[first..].lines().take(6).collect();
    insta::assert_snapshot!(first.join("\n"), @"
    Warning: Cluster `compute-a` has no ClusterRole `editor`
    Role bindings of this configuration in cluster `compute-a` refer to the ClusterRole `editor`, which does not exist there. Did you mean `edit`? Such a binding grants nothing now, and everything that a ClusterRole of this name will contain.

    Correct the role (`permissions.kubernetes` in the registry or in the provider block, `roleBindings` of an environment, `role` of a `role_binding`), or create the ClusterRole first.

    anu:missing-cluster-role
    ");
    // While it is so, each plan says it.
    let state = fixture.apply(&State::default()).await;
    let (plan, _) = fixture.planned(&state).await;
    assert_eq!(text(&plan.diagnostics).matches("has no ClusterRole `editor`").count(), 3);
}

#[tokio::test]
async fn the_roles_that_every_cluster_has_are_no_warning() {
    for role in ["view", "edit", "admin"] {
        let fixture = fixture(role).await;
        let (plan, _) = fixture.planned(&State::default()).await;
        assert!(!text(&plan.diagnostics).contains("ClusterRole"), "{role}");
    }
}
