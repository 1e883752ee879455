//! Entries that are good in themselves and do not fit together.

use crate::{document, environment, service, told};

const TEAMS: &str =
    r#""teams": [{"type": "Team", "spec": {"name": "core-banking"}}, {"type": "Team", "spec": {"name": "payments"}}]"#;

#[test]
fn an_unknown_team() {
    let services = |team: &str, viewer: &str| {
        format!(
            r#"{{{TEAMS}, "services": [{{"type": "Service", "spec": {{"name": "ledger", "team": "{team}", "environments": [{{"type": "Environment", "spec": {{"name": "production", "rbac": {{"viewers": ["{viewer}"]}}}}}}]}}}}]}}"#
        )
    };
    insta::assert_snapshot!(told(&services("core-bankng", "growth")), @"
    error: Unknown team
      at `/services/0/spec/team`, service `ledger`
      Service `ledger` is owned by `core-bankng`, which is not in `teams`. Did you mean `core-banking`?
    error: Unknown team
      at `/services/0/spec/environments/0/spec/rbac/viewers/0`, service `ledger`, environment `production`
      `growth` is among the viewers of `ledger` in `production`, and is not in `teams`. Add it there, or name a team that is.
    ");
    assert_eq!(told(&services("core-banking", "payments")), "");
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
    insta::assert_snapshot!(told(&with("compute-bankng")), @"
    error: Unknown cluster
      at `/services/0/spec/environments/0/spec/targets/0/spec/cluster`, service `ledger`, environment `production`
      The cluster `compute-bankng` is not in `clusters`. Did you mean `compute-banking`?
    ");
    assert_eq!(told(&with("compute-banking")), "");
}

#[test]
fn names_that_stand_twice() {
    let document = r#"{
      "teams": [{"type": "Team", "spec": {"name": "a"}}, {"type": "Team", "spec": {"name": "a"}}],
      "clusters": [{"type": "Cluster", "spec": {"name": "c1"}}, {"type": "Cluster", "spec": {"name": "c1"}}],
      "namespaces": [{"type": "Namespace", "spec": {"cluster": "c1", "name": "n"}}, {"type": "Namespace", "spec": {"cluster": "c1", "name": "n"}}],
      "services": [
        {"type": "Service", "spec": {"name": "ledger", "team": "a"}},
        {"type": "Service", "spec": {"name": "ledger", "team": "a", "environments": [
          {"type": "Environment", "spec": {"name": "staging"}}, {"type": "Environment", "spec": {"name": "staging"}}]}}
      ]}"#;
    insta::assert_snapshot!(told(document), @"
    error: Duplicate name
      at `/teams/1/spec/name`
      `a` is the name of an earlier team as well, at `/teams/0`. Each team stands once: remove one of them, or give it another name.
    error: Duplicate name
      at `/clusters/1/spec/name`
      `c1` is the name of an earlier cluster as well, at `/clusters/0`. Each cluster stands once: remove one of them, or give it another name.
    warning: Entry is not used
      at `/namespaces/0`
      Namespace `c1/n` is listed, and no environment of any service uses it, so it is not made. Name it in an environment, or remove the entry.
    error: Duplicate name
      at `/namespaces/1/spec/name`
      `c1/n` is the name of an earlier namespace as well, at `/namespaces/0`. Each namespace stands once: remove one of them, or give it another name.
    error: Duplicate name
      at `/services/1/spec/name`, service `ledger`
      `ledger` is the name of an earlier service as well, at `/services/0`. Each service stands once: remove one of them, or give it another name.
    error: Duplicate name
      at `/services/1/spec/environments/1/spec/name`, service `ledger`, environment `staging`
      `ledger` has two environments named `staging`; the other is number 0 of its list. Give one of them another name, or make them one.
    ");
}

#[test]
fn two_projects_with_one_id() {
    let projects = r#""projects": [{"type": "Project", "spec": {"id": "gc-prd-ledger", "existing": true}}, {"type": "Project", "spec": {"id": "gc-prd-ledger"}}]"#;
    insta::assert_snapshot!(told(&document(projects)), @"
    warning: Entry is not used
      at `/projects/0`
      Project `gc-prd-ledger` is listed, and no environment of any service uses it, so it is not made. Name it in an environment, or remove the entry.
    error: Duplicate project
      at `/projects/1/spec/id`
      `gc-prd-ledger` is the id of an earlier project as well, at `/projects/0`. Each project stands once: remove one of them, or give it another id.
    ");
}

#[test]
fn one_target_twice() {
    let target =
        r#"{"type": "Target", "spec": {"kind": "argo", "cluster": "c1", "namespace": "ledger", "release": "ledger"}}"#;
    insta::assert_snapshot!(told(&environment(&format!(r#""rbac": {{"admins": ["core-banking"]}}, "targets": [{target}, {target}]"#))), @"
    error: Duplicate target
      at `/services/0/spec/environments/0/spec/targets/1`, service `ledger`, environment `production`
      The target c1/ledger with release `ledger` stands here and at `/services/0/spec/environments/0/spec/targets/0`, and one release is deployed once. Remove one of them, or name another release.
    ");
    let other = target.replace(r#""release": "ledger""#, r#""release": "ledger-worker""#);
    assert_eq!(
        told(&environment(&format!(r#""rbac": {{"admins": ["core-banking"]}}, "targets": [{target}, {other}]"#))),
        ""
    );
}

#[test]
fn an_owning_team_that_cannot_get_at_its_service() {
    insta::assert_snapshot!(told(&environment(r#""googleProject": "gc-prd-ledger", "rbac": {"viewers": ["payments"]}"#)), @"
    warning: Owning team has no access
      at `/services/0/spec/environments/0/spec/rbac`, service `ledger`, environment `production`
      `core-banking` owns `ledger` and is in none of the lists of `production` (viewers, operators, admins), so the team cannot get at its own service. Add it to one of them if it should.
    ");
    assert_eq!(told(&environment(r#""rbac": {"viewers": ["payments"]}"#)), "");
}

#[test]
fn a_service_without_a_team() {
    insta::assert_snapshot!(told(r#"{"services": [{"type": "Service", "spec": {"name": "ledger"}}]}"#), @r#"
    warning: Service has no team
      at `/services/0/spec`, service `ledger`
      Nobody owns `ledger`, so nobody can be asked about it. Add `"team": "…"` with the team that does.
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
fn sharing_that_nobody_declared() {
    insta::assert_snapshot!(told(&sharing("")), @r#"
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/googleProject`, service `make-it-rain`, environment `production`
      Project `gc-prd-shared` is used by 2 services, `ledger` (at `/services/0/spec/environments/0/spec/googleProject`) the first of them, and nothing says that they share it. Add an entry to `projects` that does: `{"type": "Project", "spec": {"id": "gc-prd-shared", "existing": true, "owner": "ledger", "sharedWith": ["make-it-rain"]}}`.
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/targets/0`, service `make-it-rain`, environment `production`
      Namespace `c1/shared` is used by 2 services, `ledger` (at `/services/0/spec/environments/0/spec/targets/0`) the first of them, and nothing says that they share it. Add an entry to `namespaces` that does: `{"type": "Namespace", "spec": {"cluster": "c1", "name": "shared", "owner": "ledger", "sharedWith": ["make-it-rain"]}}`.
    "#);
}

#[test]
fn sharing_without_an_owner() {
    let entries = r#""projects": [{"type": "Project", "spec": {"id": "gc-prd-shared"}}], "namespaces": [{"type": "Namespace", "spec": {"cluster": "c1", "name": "shared"}}],"#;
    insta::assert_snapshot!(told(&sharing(entries)), @r#"
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/googleProject`, service `make-it-rain`, environment `production`
      Project `gc-prd-shared` is used by 2 services, `ledger` (at `/services/0/spec/environments/0/spec/googleProject`) the first of them, and nothing says that they share it. Say in `/projects/0` whose it is: `"owner": "ledger", "sharedWith": ["make-it-rain"]`.
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/targets/0`, service `make-it-rain`, environment `production`
      Namespace `c1/shared` is used by 2 services, `ledger` (at `/services/0/spec/environments/0/spec/targets/0`) the first of them, and nothing says that they share it. Say in `/namespaces/0` whose it is: `"owner": "ledger", "sharedWith": ["make-it-rain"]`.
    "#);
}

fn entries(owner: &str, shared_with: &str) -> String {
    format!(
        r#""projects": [{{"type": "Project", "spec": {{"id": "gc-prd-shared", "owner": "{owner}", "sharedWith": [{shared_with}]}}}}], "namespaces": [{{"type": "Namespace", "spec": {{"cluster": "c1", "name": "shared", "owner": "{owner}", "sharedWith": [{shared_with}]}}}}],"#
    )
}

#[test]
fn sharing_with_those_who_are_not_listed() {
    insta::assert_snapshot!(told(&sharing(&entries("ledger", ""))), @"
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/googleProject`, service `make-it-rain`, environment `production`
      Project `gc-prd-shared` belongs to `ledger`, and `make-it-rain` is not among those it is shared with. Ask the owner to add `make-it-rain` to `sharedWith` at `/projects/0`, or use another.
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/targets/0`, service `make-it-rain`, environment `production`
      Namespace `c1/shared` belongs to `ledger`, and `make-it-rain` is not among those it is shared with. Ask the owner to add `make-it-rain` to `sharedWith` at `/namespaces/0`, or use another.
    ");
}

#[test]
fn sharing_with_a_service_or_a_team_is_declared() {
    assert_eq!(told(&sharing(&entries("ledger", r#""make-it-rain""#))), "");
    assert_eq!(told(&sharing(&entries("ledger", r#""payments""#))), "");
    assert_eq!(told(&sharing(&entries("make-it-rain", r#""core-banking""#))), "");
}

#[test]
fn owners_and_sharers_that_do_not_exist() {
    insta::assert_snapshot!(told(&sharing(&entries("legder", r#""make-it-rain""#))), @"
    error: Unknown service
      at `/projects/0/spec/owner`
      Project `gc-prd-shared` is owned by `legder`, which is not in `services`. Did you mean `ledger`?
    error: Unknown service
      at `/namespaces/0/spec/owner`
      Namespace `c1/shared` is owned by `legder`, which is not in `services`. Did you mean `ledger`?
    ");
    insta::assert_snapshot!(told(&sharing(&entries("ledger", r#""make-it-rain", "growth""#))), @"
    error: Unknown service or team
      at `/projects/0/spec/sharedWith/1`
      Project `gc-prd-shared` is shared with `growth`, which is neither a service nor a team. Name one that there is, or remove it.
    error: Unknown service or team
      at `/namespaces/0/spec/sharedWith/1`
      Namespace `c1/shared` is shared with `growth`, which is neither a service nor a team. Name one that there is, or remove it.
    ");
}

#[test]
fn one_service_alone_cannot_take_anothers_project() {
    let document = r#"{"projects": [{"type": "Project", "spec": {"id": "gc-prd-ledger", "owner": "ledger"}}], "services": [
      {"type": "Service", "spec": {"name": "ledger", "team": "core-banking"}},
      {"type": "Service", "spec": {"name": "thief", "team": "payments", "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["payments"]}}}]}}]}"#;
    insta::assert_snapshot!(told(document), @"
    warning: Owner does not use what it owns
      at `/projects/0/spec/owner`
      Project `gc-prd-ledger` belongs to `ledger`, and no environment of `ledger` uses it. Its settings follow its owner, so nobody keeps them. Name it in an environment of `ledger`, or make a service that uses it the owner.
    error: Sharing is not declared
      at `/services/1/spec/environments/0/spec/googleProject`, service `thief`, environment `production`
      Project `gc-prd-ledger` belongs to `ledger`, and `thief` is not among those it is shared with. Ask the owner to add `thief` to `sharedWith` at `/projects/0`, or use another.
    ");
}

#[test]
fn an_entry_nobody_uses() {
    insta::assert_snapshot!(told(&document(r#""projects": [{"type": "Project", "spec": {"id": "gc-prd-unused"}}]"#)), @"
    warning: Entry is not used
      at `/projects/0`
      Project `gc-prd-unused` is listed, and no environment of any service uses it, so it is not made. Name it in an environment, or remove the entry.
    ");
}

#[test]
fn quotas_that_conflict_or_limit_nothing() {
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
    insta::assert_snapshot!(told(&two("10", "20")), @"
    error: Conflicting quotas
      at `/services/0/spec/environments/1/spec/quota`, service `ledger`, environment `production`
      `staging` and `production` both run in namespace `c1/ledger`, which has one quota, and they set different ones. Write the same in both, or one quota under `namespaces`.
    ");
    assert_eq!(told(&two("10", "10")), "");
    insta::assert_snapshot!(told(&environment(r#""quota": {"pods": 5}"#)), @"
    warning: Quota has no effect
      at `/services/0/spec/environments/0/spec/quota`, service `ledger`, environment `production`
      `production` has a quota and no targets, so there is no namespace to limit. Add a target, or remove the quota.
    ");
    let shared = sharing(&entries("ledger", r#""payments""#))
        .replace(r#""rbac": {"admins": ["payments"]}"#, r#""rbac": {"admins": ["payments"]}, "quota": {"pods": "5"}"#);
    insta::assert_snapshot!(told(&shared), @"
    warning: Quota has no effect
      at `/services/1/spec/environments/0/spec/quota`, service `make-it-rain`, environment `production`
      Namespace `c1/shared` belongs to `ledger`, who alone sets its quota, so this one has no effect there. Remove it, or have the owner set it.
    ");
}
