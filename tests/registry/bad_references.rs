//! Valid entries that conflict with each other.

use crate::{document, environment, report, service};

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
    error: Unknown team
      at `/services/0/spec/environments/0/spec/rbac/viewers/0`, service `ledger`, environment `production`
      The team `growth` in `viewers` of environment `production` is not in `teams`. Add it to the list, or use a team from the list.
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
    error: Duplicate name
      at `/clusters/1/spec/name`
      The name `c1` is already used by the cluster at `/clusters/0`. Remove one of the two entries, or give it another name.
    warning: Entry is not used
      at `/namespaces/0`
      No environment uses namespace `c1/n`, so it is not created. Add it to an environment, or remove the entry.
    error: Duplicate name
      at `/namespaces/1/spec/name`
      The name `c1/n` is already used by the namespace at `/namespaces/0`. Remove one of the two entries, or give it another name.
    error: Duplicate name
      at `/services/1/spec/name`, service `ledger`
      The name `ledger` is already used by the service at `/services/0`. Remove one of the two entries, or give it another name.
    error: Duplicate name
      at `/services/1/spec/environments/1/spec/name`, service `ledger`, environment `staging`
      Service `ledger` has two environments `staging`. The first is at `/services/1/spec/environments/0`. Rename one of them, or merge them.
    ");
}

#[test]
fn two_projects_with_one_id() {
    let projects = r#""projects": [{"type": "Project", "spec": {"id": "gc-prd-ledger", "existing": true}}, {"type": "Project", "spec": {"id": "gc-prd-ledger"}}]"#;
    insta::assert_snapshot!(report(&document(projects)), @"
    warning: Entry is not used
      at `/projects/0`
      No environment uses project `gc-prd-ledger`, so it is not created. Add it to an environment, or remove the entry.
    error: Duplicate project
      at `/projects/1/spec/id`
      The id `gc-prd-ledger` is already used by the project at `/projects/0`. Remove one of the two entries, or give it another id.
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
    ");
    assert_eq!(report(&environment(r#""rbac": {"viewers": ["payments"]}"#)), "");
}

#[test]
fn a_service_without_a_team() {
    insta::assert_snapshot!(report(r#"{"services": [{"type": "Service", "spec": {"name": "ledger"}}]}"#), @r#"
    warning: Service has no team
      at `/services/0/spec`, service `ledger`
      Service `ledger` has no `team`, so it has no owner. Add `"team": "…"`.
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
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/targets/0`, service `make-it-rain`, environment `production`
      Namespace `c1/shared` is used by 2 services, and its owner is not declared. The first is `ledger` (at `/services/0/spec/environments/0/spec/targets/0`). Add an entry to `namespaces`: `{"type": "Namespace", "spec": {"cluster": "c1", "name": "shared", "owner": "ledger", "sharedWith": ["make-it-rain"]}}`.
    "#);
}

#[test]
fn sharing_without_an_owner() {
    let entries = r#""projects": [{"type": "Project", "spec": {"id": "gc-prd-shared"}}], "namespaces": [{"type": "Namespace", "spec": {"cluster": "c1", "name": "shared"}}],"#;
    insta::assert_snapshot!(report(&sharing(entries)), @r#"
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/googleProject`, service `make-it-rain`, environment `production`
      Project `gc-prd-shared` is used by 2 services, and its owner is not declared. The first is `ledger` (at `/services/0/spec/environments/0/spec/googleProject`). Add to `/projects/0`: `"owner": "ledger", "sharedWith": ["make-it-rain"]`.
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/targets/0`, service `make-it-rain`, environment `production`
      Namespace `c1/shared` is used by 2 services, and its owner is not declared. The first is `ledger` (at `/services/0/spec/environments/0/spec/targets/0`). Add to `/namespaces/0`: `"owner": "ledger", "sharedWith": ["make-it-rain"]`.
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
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/targets/0`, service `make-it-rain`, environment `production`
      Namespace `c1/shared` is owned by `ledger`, and its `sharedWith` does not contain `make-it-rain`. Ask the owner to add `make-it-rain` to `sharedWith` at `/namespaces/0`, or use another.
    ");
}

#[test]
fn sharing_with_a_service_or_a_team_is_declared() {
    assert_eq!(report(&sharing(&entries("ledger", r#""make-it-rain""#))), "");
    assert_eq!(report(&sharing(&entries("ledger", r#""payments""#))), "");
    assert_eq!(report(&sharing(&entries("make-it-rain", r#""core-banking""#))), "");
}

#[test]
fn unknown_owners_and_sharers() {
    insta::assert_snapshot!(report(&sharing(&entries("legder", r#""make-it-rain""#))), @"
    error: Unknown service
      at `/projects/0/spec/owner`
      The owner `legder` of project `gc-prd-shared` is not in `services`. Did you mean `ledger`?
    error: Unknown service
      at `/namespaces/0/spec/owner`
      The owner `legder` of namespace `c1/shared` is not in `services`. Did you mean `ledger`?
    ");
    insta::assert_snapshot!(report(&sharing(&entries("ledger", r#""make-it-rain", "growth""#))), @"
    error: Unknown service or team
      at `/projects/0/spec/sharedWith/1`
      Project `gc-prd-shared` is shared with `growth`, which is not a service or team of the registry. Use the name of a service or team, or remove it.
    error: Unknown service or team
      at `/namespaces/0/spec/sharedWith/1`
      Namespace `c1/shared` is shared with `growth`, which is not a service or team of the registry. Use the name of a service or team, or remove it.
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
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/googleProject`, service `statements`, environment `production`
      Project `gc-prd-ledger` is owned by `ledger`, and its `sharedWith` does not contain `statements`. Ask the owner to add `statements` to `sharedWith` at `/projects/0`, or use another.
    ");
}

#[test]
fn an_unused_entry() {
    insta::assert_snapshot!(report(&document(r#""projects": [{"type": "Project", "spec": {"id": "gc-prd-unused"}}]"#)), @"
    warning: Entry is not used
      at `/projects/0`
      No environment uses project `gc-prd-unused`, so it is not created. Add it to an environment, or remove the entry.
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
    ");
    assert_eq!(report(&two("10", "10")), "");
    insta::assert_snapshot!(report(&environment(r#""quota": {"pods": 5}"#)), @"
    warning: Quota has no effect
      at `/services/0/spec/environments/0/spec/quota`, service `ledger`, environment `production`
      Environment `production` has a quota but no targets, so the quota applies to no namespace. Add a target, or remove the quota.
    ");
    let shared = sharing(&entries("ledger", r#""payments""#))
        .replace(r#""rbac": {"admins": ["payments"]}"#, r#""rbac": {"admins": ["payments"]}, "quota": {"pods": "5"}"#);
    insta::assert_snapshot!(report(&shared), @"
    warning: Quota has no effect
      at `/services/1/spec/environments/0/spec/quota`, service `make-it-rain`, environment `production`
      Namespace `c1/shared` is owned by `ledger`, and only the owner's entry sets its quota, so this quota has no effect on it. Remove it, or set it in the entry of `ledger`.
    ");
}
