//! Services, environments and namespaces that are renamed, leave, come or change.

use anu::fanout::impact::{Kind, ServiceChange};
use insta::assert_snapshot;
use serde_json::json;

use super::{acme, between, impact, lines, production, resources};
use crate::document::{Project, Target};

#[test]
fn a_renamed_service_keeps_its_projects_and_its_people() {
    let impact = impact(|registry| {
        registry.service_mut("ledger").name = "accounts".to_owned();
        registry.namespaces[0].owner = Some("accounts".to_owned());
    });
    assert_snapshot!(lines(&impact), @"
    Changed accounts from ledger
      name: ledger → accounts
    namespaces main/ledger: owner: ledger → accounts
    ");
    assert_eq!(impact.counts.kinds[&Kind::Project].removed, 0);
    assert_eq!(impact.counts.access.revoked, 0, "role bindings have another name, and people keep their access");
    assert_eq!((impact.counts.services.created, impact.counts.services.removed), (0, 0));
}

#[test]
fn a_renamed_environment_is_no_new_access() {
    let impact = impact(|registry| production(registry).name = "live".to_owned());
    assert_snapshot!(lines(&impact), @"
    Changed ledger
      live environments: production → live
    ");
}

#[test]
fn a_renamed_namespace_is_a_removal_and_a_creation() {
    let impact = impact(|registry| {
        registry.service_mut("ledger").environments[0].targets[0].namespace = "ledger-stag".to_owned();
    });
    assert_snapshot!(lines(&impact), @"
    refused-removal ledger/staging: namespace `main/ledger-staging`: its deletion policy is `prevent`, so the plan is refused. To remove it, first apply a registry in which the policy is `delete`.
    Changed ledger
      staging targets.namespace: main/ledger-staging → main/ledger-stag
    ");
    assert_snapshot!(resources(&impact), @"
    ledger/staging Namespace main/ledger-stag: created
    ledger/staging Namespace main/ledger-staging: removed Refused
    ledger/staging Quota main/ledger-stag: created
    ledger/staging Quota main/ledger-staging: removed Refused
    ledger/staging RoleBinding main/ledger-stag/anu:ledger:staging:admins:admin: created
    ledger/staging RoleBinding main/ledger-stag/anu:ledger:staging:operators:edit: created
    ledger/staging RoleBinding main/ledger-stag/anu:ledger:staging:viewers:view: created
    ledger/staging RoleBinding main/ledger-staging/anu:ledger:staging:admins:admin: removed Refused
    ledger/staging RoleBinding main/ledger-staging/anu:ledger:staging:operators:edit: removed Refused
    ledger/staging RoleBinding main/ledger-staging/anu:ledger:staging:viewers:view: removed Refused
    ");
}

#[test]
fn what_another_service_uses_is_released_and_what_it_used_is_joined() {
    let impact = impact(|registry| {
        let target = Target::of("argo", "main", "search", "search");
        registry.service_mut("search").environments[0].targets = vec![target.into()];
        registry.namespaces.clear();
    });
    assert_snapshot!(lines(&impact), @"
    Changed search
      production targets.namespace: main/ledger → main/search
    namespaces : namespaces: listed → -
    namespaces main/ledger: name: main/ledger → -
    sharing lost: main/ledger of ledger with search (used)
    ");
    assert_snapshot!(resources(&impact), @r#"
    search/production Namespace main/ledger: released ["ledger"]
    search/production Namespace main/search: created
    search/production RoleBinding main/ledger/anu:search:production:admins:admin: removed Deleted
    search/production RoleBinding main/ledger/anu:search:production:operators:edit: removed Deleted
    search/production RoleBinding main/ledger/anu:search:production:viewers:view: removed Deleted
    search/production RoleBinding main/search/anu:search:production:admins:admin: created
    search/production RoleBinding main/search/anu:search:production:operators:edit: created
    search/production RoleBinding main/search/anu:search:production:viewers:view: created
    "#);
    let back = {
        let mut old = acme();
        old.service_mut("search").environments[0].targets.clear();
        between(&old.text(), &acme().text())
    };
    assert_snapshot!(resources(&back), @r#"
    search/production Namespace main/ledger: joined [ServiceName("ledger")]
    search/production RoleBinding main/ledger/anu:search:production:admins:admin: created
    search/production RoleBinding main/ledger/anu:search:production:operators:edit: created
    search/production RoleBinding main/ledger/anu:search:production:viewers:view: created
    "#);
    assert_snapshot!(lines(&back), @r#"
    new-access search/production: `group:finders-team@example.com` (team `finders`) is granted `admins` in `main/ledger`, which the environment uses now.
    new-sharing ledger: `search` uses `main/ledger` of service `ledger`.
    Changed search
      production targets: - → main/ledger
    Won group:finders-team@example.com search/production in main/ledger: [] → ["admins"]
    sharing won: main/ledger of ledger with search (used)
    "#);
}

#[test]
fn a_service_that_leaves_and_one_that_comes() {
    let impact = impact(|registry| {
        let mut search = registry.remove_service("search");
        registry.namespaces.clear();
        search.name = "find".to_owned();
        search.environments[0].google_project = Some("gc-prd-find".to_owned());
        search.environments[0].targets.clear();
        registry.projects.push(Project { id: "gc-prd-find".to_owned(), ..Project::default() }.into());
        registry.services.push(search.into());
    });
    assert_snapshot!(lines(&impact), @r#"
    refused-removal search/production: project `gc-prd-search`: its deletion policy is `prevent`, so the plan is refused. To remove it, first apply a registry in which the policy is `delete`.
    removed-service search: The registry does not contain `search` any more.
    Created find
    Removed search
    projects gc-prd-find: name: - → gc-prd-find
    namespaces : namespaces: listed → -
    namespaces main/ledger: name: main/ledger → -
    Won group:audit-team@example.com find/production: [] → ["viewers"]
    Lost group:audit-team@example.com search/production: ["viewers"] → []
    Won group:finders-team@example.com find/production: [] → ["admins"]
    Lost group:finders-team@example.com search/production: ["admins"] → []
    Won user:jane@example.com find/production: [] → ["operators"]
    Lost user:jane@example.com search/production: ["operators"] → []
    sharing lost: main/ledger of ledger with search (used)
    "#);
    let changes: Vec<ServiceChange> = impact.services.iter().map(|service| service.change).collect();
    assert_eq!(changes, [ServiceChange::Created, ServiceChange::Removed]);
}

#[test]
fn what_has_no_effect_is_listed_as_an_edit() {
    let mut new = acme().json();
    new["services"][0]["spec"]["repository"] = json!("example/ledger");
    new["services"][0]["spec"]["runbook"] = json!({"url": "x".repeat(500)});
    new["services"][0]["spec"]["environments"][1]["spec"]["targets"][0]["spec"]["release"] = json!("green");
    new["logIndices"] = json!([]);
    let impact = between(&acme().text(), &new.to_string());
    assert_snapshot!(lines(&impact).replace(&"x".repeat(50), "X"), @r#"
    Changed ledger
      repository: - → example/ledger
      runbook: - → {"url":"XXxxxxxxxxxxxx…
      production targets.release: ledger → green
    logIndices : logIndices: - → []
    "#);
    assert_eq!(impact.services[0].resources, []);
}
