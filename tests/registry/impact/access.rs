//! Access that is won, widened and lost, and by what.

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use super::{acme, between, impact, lines, person, production, resources};
use crate::document::{Team, teams};

#[test]
fn access_for_the_first_time_is_told_from_more_of_it() {
    let impact = impact(|registry| {
        let production = production(registry);
        // Nowhere before; in staging only; everywhere, lower; less than before; none any more.
        production.rbac.viewers = vec![person("user:eve@example.com", None), person("user:joe@example.com", None)];
        production.rbac.operators = teams(&["audit"]);
        production.rbac.admins.push(person("user:jane@example.com", None));
        registry.service_mut("search").environments[0].rbac.operators.clear();
    });
    assert_snapshot!(lines(&impact), @r#"
    first-access ledger/production: `user:eve@example.com` is granted `viewers`, and had no access to anything before.
    first-access ledger/production: `user:joe@example.com` is granted `viewers`, and had no access to any environment `production` before.
    widened-access ledger/production: `group:audit-team@example.com` (team `audit`) is granted `operators`, before `viewers`.
    widened-access ledger/production: `user:jane@example.com` is granted `admins`, before `operators`.
    Changed ledger
      production rbac.viewers: team audit → -
      production rbac.viewers: - → user:eve@example.com
      production rbac.viewers: - → user:joe@example.com
      production rbac.operators: user:jane@example.com → -
      production rbac.operators: - → team audit
      production rbac.admins: - → user:jane@example.com
    Changed search
      production rbac.operators: user:jane@example.com → -
    Widened group:audit-team@example.com ledger/production: ["viewers"] → ["operators"]
    Won user:eve@example.com ledger/production: [] → ["viewers"], first Anything
    Widened user:jane@example.com ledger/production: ["operators"] → ["admins"]
    Lost user:jane@example.com search/production: ["operators"] → []
    Won user:joe@example.com ledger/production: [] → ["viewers"], first Environment
    "#);
}

#[test]
fn a_later_end_is_wider_and_an_earlier_one_narrower() {
    let document = |ends: [Option<&str>; 4]| {
        let mut registry = acme();
        let production = production(&mut registry);
        production.targets.clear();
        production.rbac.operators = ["a", "b", "c", "d"]
            .into_iter()
            .zip(ends)
            .map(|(name, end)| person(&format!("user:{name}@example.com"), end))
            .collect();
        registry.namespaces.clear();
        registry.service_mut("search").environments[0].targets.clear();
        registry.text()
    };
    let (early, late) = (Some("2027-01-01T00:00:00Z"), Some("2027-02-01T00:00:00Z"));
    let impact = between(&document([early, late, None, early]), &document([late, early, early, None]));
    assert_snapshot!(lines(&impact), @r#"
    widened-access ledger/production: `user:a@example.com` is granted `operators until 2027-02-01T00:00:00Z`, before `operators until 2027-01-01T00:00:00Z`.
    widened-access ledger/production: `user:d@example.com` is granted `operators`, before `operators until 2027-01-01T00:00:00Z`.
    Changed ledger
      production rbac.operators: user:a@example.com until 2027-01-01T00:00:00Z → -
      production rbac.operators: user:b@example.com until 2027-02-01T00:00:00Z → -
      production rbac.operators: user:c@example.com → -
      production rbac.operators: user:d@example.com until 2027-01-01T00:00:00Z → -
      production rbac.operators: - → user:a@example.com until 2027-02-01T00:00:00Z
      production rbac.operators: - → user:b@example.com until 2027-01-01T00:00:00Z
      production rbac.operators: - → user:c@example.com until 2027-01-01T00:00:00Z
      production rbac.operators: - → user:d@example.com
    Widened user:a@example.com ledger/production: ["operators until 2027-01-01T00:00:00Z"] → ["operators until 2027-02-01T00:00:00Z"]
    Narrowed user:b@example.com ledger/production: ["operators until 2027-02-01T00:00:00Z"] → ["operators until 2027-01-01T00:00:00Z"]
    Narrowed user:c@example.com ledger/production: ["operators"] → ["operators until 2027-01-01T00:00:00Z"]
    Widened user:d@example.com ledger/production: ["operators until 2027-01-01T00:00:00Z"] → ["operators"]
    "#);
}

/// No access list changes, and yet staging's people reach production's project.
#[test]
fn an_environment_that_moves_into_another_project_brings_its_people() {
    let impact = impact(|registry| {
        let staging = &mut registry.service_mut("ledger").environments[0];
        staging.google_project = Some("gc-prd-ledger".to_owned());
    });
    assert_snapshot!(lines(&impact), @r#"
    refused-removal ledger/staging: project `gc-stag-ledger`: its deletion policy is `prevent`, so the plan is refused. To remove it, first apply a registry in which the policy is `delete`.
    new-access ledger/staging: `user:joe@example.com` is granted `viewers` in `gc-prd-ledger`, which the environment uses now.
    Changed ledger
      staging googleProject: gc-stag-ledger → gc-prd-ledger
    Won user:joe@example.com ledger/staging in gc-prd-ledger: [] → ["viewers"]
    "#);
}

#[test]
fn the_last_admin_of_an_environment_is_missed() {
    let impact = impact(|registry| production(registry).rbac.admins.clear());
    assert_snapshot!(lines(&impact), @r#"
    last-admin ledger/production: No principal is admin of `production` any more. Before: `group:banking-team@example.com`.
    Changed ledger
      production rbac.admins: team banking → -
    Lost group:banking-team@example.com ledger/production: ["admins"] → []
    "#);
}

#[test]
fn a_team_with_another_group_is_access_for_that_group() {
    let impact = impact(|registry| registry.teams[0] = Team::of("audit", "everyone@example.com").into());
    assert_snapshot!(lines(&impact), @r#"
    first-access ledger/production: `group:everyone@example.com` (team `audit`) is granted `viewers`, and had no access to anything before.
    first-access ledger/staging: `group:everyone@example.com` (team `audit`) is granted `viewers`, and had no access to anything before.
    first-access search/production: `group:everyone@example.com` (team `audit`) is granted `viewers`, and had no access to anything before.
    Changed ledger
    Changed search
    teams audit: email: audit-team@example.com → everyone@example.com
    Lost group:audit-team@example.com ledger/production: ["viewers"] → []
    Lost group:audit-team@example.com ledger/staging: ["viewers"] → []
    Lost group:audit-team@example.com search/production: ["viewers"] → []
    Won group:everyone@example.com ledger/production: [] → ["viewers"], first Anything
    Won group:everyone@example.com ledger/staging: [] → ["viewers"], first Anything
    Won group:everyone@example.com search/production: [] → ["viewers"], first Anything
    "#);
}

#[test]
fn a_row_of_the_permissions_table_changes_the_roles_of_a_level() {
    let mut new = acme().json();
    new["permissions"] = json!({
        "google": {"pubsub.googleapis.com": {"viewers": ["roles/pubsub.admin"]}},
        "kubernetes": {"viewers": "edit"},
    });
    let impact = between(&acme().text(), &new.to_string());
    assert_snapshot!(lines(&impact), @"
    changed-roles : `admins` of `pubsub.googleapis.com`: `roles/pubsub.admin` is removed.
    changed-roles : `operators` of `pubsub.googleapis.com`: `roles/pubsub.editor` is removed.
    changed-roles : `viewers` of `kubernetes`: `view` is replaced by `edit`.
    changed-roles : `viewers` of `pubsub.googleapis.com`: `roles/pubsub.admin` is added.
    changed-roles : `viewers` of `pubsub.googleapis.com`: `roles/pubsub.viewer` is removed.
    Changed ledger
    Changed search
    permissions pubsub.googleapis.com: viewers: roles/pubsub.viewer → -
    permissions pubsub.googleapis.com: viewers: - → roles/pubsub.admin
    permissions pubsub.googleapis.com: operators: roles/pubsub.editor → -
    permissions pubsub.googleapis.com: admins: roles/pubsub.admin → -
    permissions kubernetes: viewers: view → edit
    ");
}

/// What a cluster's entry grants belongs to each service that runs on the cluster.
#[test]
fn the_view_of_a_cluster_is_granted_by_its_entry() {
    let with = |gke: Json| {
        let mut registry = acme().json();
        let cluster = json!({"name": "main", "googleProject": "gc-prd-compute", "gke": gke});
        registry["clusters"] = json!([{"type": "Cluster", "spec": cluster}]);
        let project = json!({"type": "Project", "spec": {"id": "gc-prd-compute", "existing": true}});
        registry["projects"].as_array_mut().expect("projects").push(project);
        registry.to_string()
    };
    let impact = between(&with(json!({"groups": true})), &with(json!({"groups": true, "clusterViewer": true})));
    assert_snapshot!(lines(&impact), @"
    Changed ledger
    Changed search
    clusters main: gke.clusterViewer: false → true
    ");
    assert_snapshot!(resources(&impact), @r#"
    ledger/staging IamMember gc-prd-compute/roles/container.clusterViewer/group:audit-team@example.com: created
    ledger/staging IamMember gc-prd-compute/roles/container.clusterViewer/group:banking-team@example.com: created
    ledger/staging IamMember gc-prd-compute/roles/container.clusterViewer/user:jane@example.com: created
    ledger/staging IamMember gc-prd-compute/roles/container.clusterViewer/user:joe@example.com: created
    search/production IamMember gc-prd-compute/roles/container.clusterViewer/group:audit-team@example.com: joined [ServiceName("ledger")]
    search/production IamMember gc-prd-compute/roles/container.clusterViewer/group:finders-team@example.com: created
    search/production IamMember gc-prd-compute/roles/container.clusterViewer/user:jane@example.com: joined [ServiceName("ledger")]
    "#);
}

#[test]
fn service_accounts_are_access_too() {
    let with = |roles: &[&str]| {
        let mut registry = acme();
        production(&mut registry).service_accounts = vec![crate::document::ServiceAccount {
            name: "ledger-api".to_owned(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            ..Default::default()
        }];
        registry.text()
    };
    assert_snapshot!(lines(&between(&acme().text(), &with(&["roles/pubsub.publisher"]))), @r#"
    new-access ledger/production: `serviceAccount:ledger-api@gc-prd-ledger.iam.gserviceaccount.com` is granted `roles/pubsub.publisher`.
    Changed ledger
      production serviceAccounts: - → ledger-api
    Won serviceAccount:ledger-api@gc-prd-ledger.iam.gserviceaccount.com ledger/production: [] → ["roles/pubsub.publisher"]
    "#);
    let more = between(&with(&["roles/pubsub.publisher"]), &with(&["roles/pubsub.publisher", "roles/storage.admin"]));
    assert_snapshot!(lines(&more), @r#"
    widened-access ledger/production: `serviceAccount:ledger-api@gc-prd-ledger.iam.gserviceaccount.com` is granted `roles/pubsub.publisher`, `roles/storage.admin`, before `roles/pubsub.publisher`.
    Changed ledger
      production serviceAccounts.ledger-api.roles: - → roles/storage.admin
    Widened serviceAccount:ledger-api@gc-prd-ledger.iam.gserviceaccount.com ledger/production: ["roles/pubsub.publisher"] → ["roles/pubsub.publisher", "roles/storage.admin"]
    "#);
}
