//! Valid entries that conflict with each other.

use anu::fanout::Settings;

use crate::{document, environment, report, report_with, service, settings};

const TEAMS: &str =
    r#""teams": [{"type": "Team", "spec": {"name": "core-banking"}}, {"type": "Team", "spec": {"name": "payments"}}]"#;

#[test]
fn an_unknown_team() {
    let services = |team: &str, viewer: &str| {
        format!(
            r#"{{{TEAMS}, "services": [{{"type": "Service", "spec": {{"name": "ledger", "team": "{team}", "environments": [{{"type": "Environment", "spec": {{"name": "production", "rbac": {{"viewers": ["{viewer}"]}}}}}}]}}}}]}}"#
        )
    };
    insta::assert_snapshot!(report(&services("core-bankng", "growth")), @"
    error: Unknown team
      at `/services/0/spec/team`, service `ledger`
      The team `core-bankng` of service `ledger` is not in `teams`. Did you mean `core-banking`?
      anu:unknown-team
    error: Unknown team
      at `/services/0/spec/environments/0/spec/rbac/viewers/0`, service `ledger`, environment `production`
      The team `growth` in `viewers` of environment `production` is not in `teams`. Add it to the list, or use a team from the list.
      anu:unknown-team
    ");
    assert_eq!(report(&services("core-banking", "payments")), "");
}

#[test]
fn an_unknown_cluster() {
    let with = |cluster: &str| {
        format!(
            r#"{{"clusters": [{{"type": "Cluster", "spec": {{"name": "compute-banking"}}}}], {}"#,
            &environment(&format!(
                r#""targets": [{{"type": "Target", "spec": {{"cluster": "{cluster}", "namespace": "ledger"}}}}], "rbac": {{"admins": ["core-banking"]}}"#
            ))[1..]
        )
    };
    insta::assert_snapshot!(report(&with("compute-bankng")), @"
    error: Unknown cluster
      at `/services/0/spec/environments/0/spec/targets/0/spec/cluster`, service `ledger`, environment `production`
      The cluster `compute-bankng` is not in `clusters`. Did you mean `compute-banking`?
      anu:unknown-cluster
    ");
    assert_eq!(report(&with("compute-banking")), "");
}

#[test]
fn duplicate_names() {
    let document = r#"{
      "teams": [{"type": "Team", "spec": {"name": "a"}}, {"type": "Team", "spec": {"name": "a"}}],
      "clusters": [{"type": "Cluster", "spec": {"name": "c1"}}, {"type": "Cluster", "spec": {"name": "c1"}}],
      "namespaces": [{"type": "Namespace", "spec": {"cluster": "c1", "name": "n"}}, {"type": "Namespace", "spec": {"cluster": "c1", "name": "n"}}],
      "services": [
        {"type": "Service", "spec": {"name": "ledger", "team": "a"}},
        {"type": "Service", "spec": {"name": "ledger", "team": "a", "environments": [
          {"type": "Environment", "spec": {"name": "staging"}}, {"type": "Environment", "spec": {"name": "staging"}}]}}
      ]}"#;
    insta::assert_snapshot!(report(document), @"
    error: Duplicate name
      at `/teams/1/spec/name`
      The name `a` is already used by the team at `/teams/0`. Remove one of the two entries, or give it another name.
      anu:duplicate-name
    error: Duplicate name
      at `/clusters/1/spec/name`
      The name `c1` is already used by the cluster at `/clusters/0`. Remove one of the two entries, or give it another name.
      anu:duplicate-name
    warning: Entry is not used
      at `/namespaces/0`
      No environment uses namespace `c1/n`, so it is not created. Add it to an environment, or remove the entry.
      anu:unused-entry
    error: Duplicate name
      at `/namespaces/1/spec/name`
      The name `c1/n` is already used by the namespace at `/namespaces/0`. Remove one of the two entries, or give it another name.
      anu:duplicate-name
    error: Duplicate name
      at `/services/1/spec/name`, service `ledger`
      The name `ledger` is already used by the service at `/services/0`. Remove one of the two entries, or give it another name.
      anu:duplicate-name
    error: Duplicate name
      at `/services/1/spec/environments/1/spec/name`, service `ledger`, environment `staging`
      Service `ledger` has two environments `staging`. The first is at `/services/1/spec/environments/0`. Rename one of them, or merge them.
      anu:duplicate-name
    ");
}

#[test]
fn two_projects_with_one_id() {
    let projects = r#""projects": [{"type": "Project", "spec": {"id": "gc-prd-ledger", "existing": true}}, {"type": "Project", "spec": {"id": "gc-prd-ledger"}}]"#;
    insta::assert_snapshot!(report(&document(projects)), @"
    warning: Entry is not used
      at `/projects/0`
      No environment uses project `gc-prd-ledger`. Add it to an environment, or remove the entry.
      anu:unused-entry
    error: Duplicate project
      at `/projects/1/spec/id`
      The id `gc-prd-ledger` is already used by the project at `/projects/0`. Remove one of the two entries, or give it another id.
      anu:duplicate-project
    ");
}

#[test]
fn a_duplicate_target() {
    let target =
        r#"{"type": "Target", "spec": {"kind": "argo", "cluster": "c1", "namespace": "ledger", "release": "ledger"}}"#;
    insta::assert_snapshot!(report(&environment(&format!(r#""rbac": {{"admins": ["core-banking"]}}, "targets": [{target}, {target}]"#))), @"
    error: Duplicate target
      at `/services/0/spec/environments/0/spec/targets/1`, service `ledger`, environment `production`
      The target `c1/ledger` with release `ledger` is already defined at `/services/0/spec/environments/0/spec/targets/0`. Remove one of the two, or give it another release.
      anu:duplicate-target
    ");
    let other = target.replace(r#""release": "ledger""#, r#""release": "ledger-worker""#);
    assert_eq!(
        report(&environment(&format!(r#""rbac": {{"admins": ["core-banking"]}}, "targets": [{target}, {other}]"#))),
        ""
    );
}

#[test]
fn an_owning_team_without_access() {
    insta::assert_snapshot!(report(&environment(r#""googleProject": "gc-prd-ledger", "rbac": {"viewers": ["payments"]}"#)), @"
    warning: Owning team has no access
      at `/services/0/spec/environments/0/spec/rbac`, service `ledger`, environment `production`
      The team `core-banking` owns service `ledger`, and no access list of environment `production` (viewers, operators, admins) contains it. Add the team to a list if it needs access.
      anu:team-without-access
    ");
    assert_eq!(report(&environment(r#""rbac": {"viewers": ["payments"]}"#)), "");
}

#[test]
fn a_service_without_a_team() {
    insta::assert_snapshot!(report(r#"{"services": [{"type": "Service", "spec": {"name": "ledger"}}]}"#), @r#"
    warning: Service has no team
      at `/services/0/spec`, service `ledger`
      Service `ledger` has no `team`, so it has no owner. Add `"team": "…"`.
      anu:no-team
    "#);
}

/// Two services, `ledger` of `core-banking` and `make-it-rain` of `payments`, that use one project and one namespace.
fn sharing(entries: &str) -> String {
    let service = |name: &str, team: &str| {
        format!(
            r#"{{"type": "Service", "spec": {{"name": "{name}", "team": "{team}", "environments": [{{"type": "Environment", "spec": {{"name": "production", "googleProject": "gc-prd-shared", "rbac": {{"admins": ["{team}"]}}, "targets": [{{"type": "Target", "spec": {{"cluster": "c1", "namespace": "shared", "release": "{name}"}}}}]}}}}]}}}}"#
        )
    };
    format!(
        r#"{{{entries} "services": [{}, {}]}}"#,
        service("ledger", "core-banking"),
        service("make-it-rain", "payments")
    )
}

#[test]
fn undeclared_sharing() {
    insta::assert_snapshot!(report(&sharing("")), @r#"
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/googleProject`, service `make-it-rain`, environment `production`
      Project `gc-prd-shared` is used by 2 services, and its owner is not declared. The first is `ledger` (at `/services/0/spec/environments/0/spec/googleProject`). Add an entry to `projects`: `{"type": "Project", "spec": {"id": "gc-prd-shared", "existing": true, "owner": "ledger", "sharedWith": ["make-it-rain"]}}`.
      anu:undeclared-sharing
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/targets/0`, service `make-it-rain`, environment `production`
      Namespace `c1/shared` is used by 2 services, and its owner is not declared. The first is `ledger` (at `/services/0/spec/environments/0/spec/targets/0`). Add an entry to `namespaces`: `{"type": "Namespace", "spec": {"cluster": "c1", "name": "shared", "owner": "ledger", "sharedWith": ["make-it-rain"]}}`.
      anu:undeclared-sharing
    "#);
}

#[test]
fn sharing_without_an_owner() {
    let entries = r#""projects": [{"type": "Project", "spec": {"id": "gc-prd-shared"}}], "namespaces": [{"type": "Namespace", "spec": {"cluster": "c1", "name": "shared"}}],"#;
    insta::assert_snapshot!(report(&sharing(entries)), @r#"
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/googleProject`, service `make-it-rain`, environment `production`
      Project `gc-prd-shared` is used by 2 services, and its owner is not declared. The first is `ledger` (at `/services/0/spec/environments/0/spec/googleProject`). Add to `/projects/0`: `"owner": "ledger", "sharedWith": ["make-it-rain"]`.
      anu:undeclared-sharing
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/targets/0`, service `make-it-rain`, environment `production`
      Namespace `c1/shared` is used by 2 services, and its owner is not declared. The first is `ledger` (at `/services/0/spec/environments/0/spec/targets/0`). Add to `/namespaces/0`: `"owner": "ledger", "sharedWith": ["make-it-rain"]`.
      anu:undeclared-sharing
    "#);
}

fn entries(owner: &str, shared_with: &str) -> String {
    format!(
        r#""projects": [{{"type": "Project", "spec": {{"id": "gc-prd-shared", "owner": "{owner}", "sharedWith": [{shared_with}]}}}}], "namespaces": [{{"type": "Namespace", "spec": {{"cluster": "c1", "name": "shared", "owner": "{owner}", "sharedWith": [{shared_with}]}}}}],"#
    )
}

#[test]
fn sharing_with_an_unlisted_service() {
    insta::assert_snapshot!(report(&sharing(&entries("ledger", ""))), @"
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/googleProject`, service `make-it-rain`, environment `production`
      Project `gc-prd-shared` is owned by `ledger`, and its `sharedWith` does not contain `make-it-rain`. Ask the owner to add `make-it-rain` to `sharedWith` at `/projects/0`, or use another.
      anu:undeclared-sharing
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/targets/0`, service `make-it-rain`, environment `production`
      Namespace `c1/shared` is owned by `ledger`, and its `sharedWith` does not contain `make-it-rain`. Ask the owner to add `make-it-rain` to `sharedWith` at `/namespaces/0`, or use another.
      anu:undeclared-sharing
    ");
}

#[test]
fn sharing_with_a_service_or_a_team_is_declared() {
    assert_eq!(report(&sharing(&entries("ledger", r#""make-it-rain""#))), "");
    let team = r#""teams": [{"type": "Team", "spec": {"name": "core-banking"}}, {"type": "Team", "spec": {"name": "payments", "services": ["make-it-rain"]}}],"#;
    let with_team = entries("ledger", "").replace(r#""sharedWith": []"#, r#""sharedWithTeams": ["payments"]"#);
    assert_eq!(report(&sharing(&format!("{team}{with_team}"))), "");
}

#[test]
fn unknown_owners_and_sharers() {
    insta::assert_snapshot!(report(&sharing(&entries("legder", r#""make-it-rain""#))), @"
    error: Unknown service
      at `/projects/0/spec/owner`
      The owner `legder` of project `gc-prd-shared` is not in `services`. Did you mean `ledger`?
      anu:unknown-service
    error: Unknown service
      at `/namespaces/0/spec/owner`
      The owner `legder` of namespace `c1/shared` is not in `services`. Did you mean `ledger`?
      anu:unknown-service
    ");
    insta::assert_snapshot!(report(&sharing(&entries("ledger", r#""make-it-rain", "growth""#))), @"
    error: Unknown service or team
      at `/projects/0/spec/sharedWith/1`
      Project `gc-prd-shared` is shared with `growth`, which is not a service of the registry. Use the name of a listed service, or remove it.
      anu:unknown-sharer
    error: Unknown service or team
      at `/namespaces/0/spec/sharedWith/1`
      Namespace `c1/shared` is shared with `growth`, which is not a service of the registry. Use the name of a listed service, or remove it.
      anu:unknown-sharer
    ");
}

#[test]
fn a_service_cannot_use_the_project_of_another_owner() {
    let document = r#"{"projects": [{"type": "Project", "spec": {"id": "gc-prd-ledger", "owner": "ledger"}}], "services": [
      {"type": "Service", "spec": {"name": "ledger", "team": "core-banking"}},
      {"type": "Service", "spec": {"name": "statements", "team": "payments", "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["payments"]}}}]}}]}"#;
    insta::assert_snapshot!(report(document), @"
    warning: Owner does not use the shared resource
      at `/projects/0/spec/owner`
      Project `gc-prd-ledger` is owned by `ledger`, and no environment of `ledger` uses it. Its labels and settings come from its owner, so they are not applied. Add it to an environment of `ledger`, or change `owner` to a service that uses it.
      anu:owner-absent
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/googleProject`, service `statements`, environment `production`
      Project `gc-prd-ledger` is owned by `ledger`, and its `sharedWith` does not contain `statements`. Ask the owner to add `statements` to `sharedWith` at `/projects/0`, or use another.
      anu:undeclared-sharing
    ");
}

#[test]
fn an_unused_entry() {
    insta::assert_snapshot!(report(&document(r#""projects": [{"type": "Project", "spec": {"id": "gc-prd-unused"}}]"#)), @"
    warning: Entry is not used
      at `/projects/0`
      No environment uses project `gc-prd-unused`, so it is not created. Add it to an environment, or remove the entry.
      anu:unused-entry
    ");
}

#[test]
fn conflicting_quotas_and_quotas_without_effect() {
    let two = |first: &str, second: &str| {
        let environment = |name: &str, quota: &str| {
            format!(
                r#"{{"type": "Environment", "spec": {{"name": "{name}", "rbac": {{"admins": ["core-banking"]}}, "quota": {{"pods": "{quota}"}}, "targets": [{{"type": "Target", "spec": {{"cluster": "c1", "namespace": "ledger", "release": "{name}"}}}}]}}}}"#
            )
        };
        service(&format!(
            r#""environments": [{}, {}]"#,
            environment("staging", first),
            environment("production", second)
        ))
    };
    insta::assert_snapshot!(report(&two("10", "20")), @"
    error: Conflicting quotas
      at `/services/0/spec/environments/1/spec/quota`, service `ledger`, environment `production`
      Environments `staging` and `production` both run in namespace `c1/ledger` and set different quotas. A namespace has one quota: write the same in both, or one quota under `namespaces`.
      anu:conflicting-quota
    ");
    assert_eq!(report(&two("10", "10")), "");
    insta::assert_snapshot!(report(&environment(r#""quota": {"pods": 5}"#)), @"
    warning: Quota has no effect
      at `/services/0/spec/environments/0/spec/quota`, service `ledger`, environment `production`
      Environment `production` has a quota but no targets, so the quota applies to no namespace. Add a target, or remove the quota.
      anu:quota-without-effect
    ");
    let shared = sharing(&entries("ledger", r#""make-it-rain""#))
        .replace(r#""rbac": {"admins": ["payments"]}"#, r#""rbac": {"admins": ["payments"]}, "quota": {"pods": "5"}"#);
    insta::assert_snapshot!(report(&shared), @"
    warning: Quota has no effect
      at `/services/1/spec/environments/0/spec/quota`, service `make-it-rain`, environment `production`
      Namespace `c1/shared` is owned by `ledger`, and only the owner's entry sets its quota, so this quota has no effect on it. Remove it, or set it in the entry of `ledger`.
      anu:quota-without-effect
    ");
}

/// A team's name in the list of services, and the reverse; a name of both; a team whose entry lists no services.
#[test]
fn each_kind_of_sharer_has_its_own_list() {
    let teams = |services: &str, further: &str| {
        format!(
            r#""teams": [{{"type": "Team", "spec": {{"name": "core-banking"}}}}, {{"type": "Team", "spec": {{"name": "payments", "services": [{services}]}}}}{further}],"#
        )
    };
    let lists = |services: &str, teams: &str| {
        entries("ledger", services)
            .replace(r#""namespaces""#, r#""unused""#)
            .replace(r#"}}], "unused""#, &format!(r#", "sharedWithTeams": [{teams}]}}}}], "namespaces""#))
    };
    insta::assert_snapshot!(report(&sharing(&(teams("", "") + &lists(r#""payments""#, r#""make-it-rain""#)))), @"
    error: Name is in the wrong list
      at `/projects/0/spec/sharedWith/0`
      `payments` is a team, and `sharedWith` lists services. Write it in `sharedWithTeams`.
      anu:wrong-sharing-list
    error: Name is in the wrong list
      at `/projects/0/spec/sharedWithTeams/0`
      `make-it-rain` is a service, and `sharedWithTeams` lists teams. Write it in `sharedWith`.
      anu:wrong-sharing-list
    error: Name is in the wrong list
      at `/namespaces/0/spec/sharedWith/0`
      `payments` is a team, and `sharedWith` lists services. Write it in `sharedWithTeams`.
      anu:wrong-sharing-list
    ");
    let both = r#", {"type": "Team", "spec": {"name": "make-it-rain"}}"#;
    insta::assert_snapshot!(report(&sharing(&(teams("", both) + &lists(r#""make-it-rain""#, "")))), @"
    error: Name of a service and of a team
      at `/projects/0/spec/sharedWith/0`
      `make-it-rain` is the name of the service at `/services/1` and of the team at `/teams/2`, so it does not say with whom project `gc-prd-shared` is shared. Rename one of the two; then write the service in `sharedWith`, or the team in `sharedWithTeams`.
      anu:ambiguous-sharer
    error: Name of a service and of a team
      at `/namespaces/0/spec/sharedWith/0`
      `make-it-rain` is the name of the service at `/services/1` and of the team at `/teams/2`, so it does not say with whom namespace `c1/shared` is shared. Rename one of the two; then write the service in `sharedWith`, or the team in `sharedWithTeams`.
      anu:ambiguous-sharer
    ");
    insta::assert_snapshot!(report(&sharing(&(teams(r#""make-it-rian""#, "") + &lists("", r#""payments", "pyaments""#)))), @"
    error: Unknown service
      at `/teams/1/spec/services/0`
      The service `make-it-rian` is not in `services`. Did you mean `make-it-rain`?
      anu:unknown-service
    error: Unknown service or team
      at `/projects/0/spec/sharedWithTeams/1`
      Project `gc-prd-shared` is shared with `pyaments`, which is not a team of the registry. Did you mean `payments`?
      anu:unknown-sharer
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/googleProject`, service `make-it-rain`, environment `production`
      Project `gc-prd-shared` is owned by `ledger`, and its `sharedWith` does not contain `make-it-rain`. It is shared with team `payments`, and that means the services that the team's entry lists: `services` at `/teams/1` does not contain `make-it-rain`. Ask the owner to add `make-it-rain` to `sharedWith` at `/projects/0`, or use another.
      anu:undeclared-sharing
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/targets/0`, service `make-it-rain`, environment `production`
      Namespace `c1/shared` is owned by `ledger`, and its `sharedWith` does not contain `make-it-rain`. Ask the owner to add `make-it-rain` to `sharedWith` at `/namespaces/0`, or use another.
      anu:undeclared-sharing
    ");
    insta::assert_snapshot!(report(&sharing(&(teams("", "") + &lists("", r#""payments""#)))), @r#"
    warning: Sharing has no effect
      at `/projects/0/spec/sharedWithTeams/0`
      Project `gc-prd-shared` is shared with team `payments`, whose entry lists no services, so no service may use it for that. Add `"services": ["…"]` to `/teams/1/spec`, or remove the team here.
      anu:sharing-without-effect
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/googleProject`, service `make-it-rain`, environment `production`
      Project `gc-prd-shared` is owned by `ledger`, and its `sharedWith` does not contain `make-it-rain`. It is shared with team `payments`, and that means the services that the team's entry lists: `services` at `/teams/1` does not contain `make-it-rain`. Ask the owner to add `make-it-rain` to `sharedWith` at `/projects/0`, or use another.
      anu:undeclared-sharing
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/targets/0`, service `make-it-rain`, environment `production`
      Namespace `c1/shared` is owned by `ledger`, and its `sharedWith` does not contain `make-it-rain`. Ask the owner to add `make-it-rain` to `sharedWith` at `/namespaces/0`, or use another.
      anu:undeclared-sharing
    "#);
    insta::assert_snapshot!(report(&sharing(&lists("", r#""payments""#))), @r#"
    error: Unknown team
      at `/projects/0/spec/sharedWithTeams/0`
      Project `gc-prd-shared` is shared with team `payments`, and the registry has no `teams`. Sharing with a team means the services that the team's entry lists. Add the list with `{"type": "Team", "spec": {"name": "payments", "services": ["…"]}}`, or write the services in `sharedWith`.
      anu:unknown-team
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/googleProject`, service `make-it-rain`, environment `production`
      Project `gc-prd-shared` is owned by `ledger`, and its `sharedWith` does not contain `make-it-rain`. Ask the owner to add `make-it-rain` to `sharedWith` at `/projects/0`, or use another.
      anu:undeclared-sharing
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/targets/0`, service `make-it-rain`, environment `production`
      Namespace `c1/shared` is owned by `ledger`, and its `sharedWith` does not contain `make-it-rain`. Ask the owner to add `make-it-rain` to `sharedWith` at `/namespaces/0`, or use another.
      anu:undeclared-sharing
    "#);
}

/// Every place that names a project: environments and clusters.
#[test]
fn a_list_of_projects_is_complete() {
    let projects = r#""projects": [{"type": "Project", "spec": {"id": "gc-prd-shred", "owner": "ledger"}}], "clusters": [{"type": "Cluster", "spec": {"name": "c1", "googleProject": "gc-prd-compute"}}],"#;
    let namespaces = entries("ledger", r#""make-it-rain""#);
    let (_, namespaces) = namespaces.split_once(r#"}}], "#).expect("two lists");
    insta::assert_snapshot!(report(&sharing(&format!("{projects} {namespaces}"))), @r#"
    warning: Entry is not used
      at `/projects/0`
      No environment uses project `gc-prd-shred`, so it is not created. Add it to an environment, or remove the entry.
      anu:unused-entry
    error: Unknown project
      at `/clusters/0/spec/googleProject`
      The project `gc-prd-compute` of cluster `c1` is not in `projects`. If it exists already, add `{"type": "Project", "spec": {"id": "gc-prd-compute", "existing": true}}` to `projects`; for a project that anu creates, add it without `existing`.
      anu:unknown-project
    error: Unknown project
      at `/services/0/spec/environments/0/spec/googleProject`, service `ledger`, environment `production`
      The project `gc-prd-shared` of environment `production` is not in `projects`. Did you mean `gc-prd-shred`? If it exists already, add `{"type": "Project", "spec": {"id": "gc-prd-shared", "existing": true, "owner": "ledger", "sharedWith": ["make-it-rain"]}}` to `projects`; for a project that anu creates, add it without `existing`.
      anu:unknown-project
    error: Unknown project
      at `/services/1/spec/environments/0/spec/googleProject`, service `make-it-rain`, environment `production`
      The project `gc-prd-shared` of environment `production` is not in `projects`. Did you mean `gc-prd-shred`? If it exists already, add `{"type": "Project", "spec": {"id": "gc-prd-shared", "existing": true, "owner": "ledger", "sharedWith": ["make-it-rain"]}}` to `projects`; for a project that anu creates, add it without `existing`.
      anu:unknown-project
    "#);
    // Without the list, every project is known.
    let clusters = r#""clusters": [{"type": "Cluster", "spec": {"name": "c1", "googleProject": "gc-prd-compute"}}]"#;
    assert_eq!(report(&document(clusters)), "");
    // An empty list is a list.
    let empty = environment(r#""googleProject": "gc-prd-ledger", "rbac": {"admins": ["core-banking"]}"#);
    assert_eq!(report(&empty), "");
    insta::assert_snapshot!(report(&empty.replacen('{', r#"{"projects": [], "#, 1)), @r#"
    error: Unknown project
      at `/services/0/spec/environments/0/spec/googleProject`, service `ledger`, environment `production`
      The project `gc-prd-ledger` of environment `production` is not in `projects`. If it exists already, add `{"type": "Project", "spec": {"id": "gc-prd-ledger", "existing": true, "owner": "ledger"}}` to `projects`; for a project that anu creates, add it without `existing`.
      anu:unknown-project
    "#);
}

#[test]
fn google_services_without_a_project() {
    let environment = |project: &str| {
        format!(
            r#""googleServices": ["pubsub.googleapis.com"], "environments": [{{"type": "Environment", "spec": {{"name": "staging"}}}}, {{"type": "Environment", "spec": {{"name": "production"{project}, "rbac": {{"admins": ["core-banking"]}}}}}}]"#
        )
    };
    insta::assert_snapshot!(report(&service(&environment(""))), @"
    warning: Google services have no effect
      at `/services/0/spec/googleServices`, service `ledger`
      Service `ledger` has `googleServices`, and none of its environments has a `googleProject`, so no API is enabled and no IAM role is granted. Add `googleProject` to an environment, or remove `googleServices`.
      anu:google-services-without-effect
    ");
    assert_eq!(report(&service(&environment(r#", "googleProject": "gc-prd-ledger""#))), "");
}

#[test]
fn a_cluster_of_the_provider_block_that_is_not_listed() {
    let clusters = r#""clusters": [{"type": "Cluster", "spec": {"name": "compute-banking"}}]"#;
    let settings = Settings { clusters: vec!["compute-bankng".into(), "compute-banking".into()], ..settings() };
    insta::assert_snapshot!(report_with(&document(clusters), &settings), @"
    warning: Cluster of the provider block is not in the registry
      The `kubernetes` block of the provider configures cluster `compute-bankng`, which is not in `clusters` of the registry, so no service can run there. Did you mean `compute-banking`?
      anu:cluster-not-listed
    ");
    assert_eq!(report_with(&document(""), &settings), "", "without the list every name is one");
}
