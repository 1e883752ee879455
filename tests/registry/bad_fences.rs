//! What the provider block does not let a registry do, and what is wrong with the provider block.

use anu::fanout::{Pattern, Settings};
use anu::registry::{Permissions, Row};

use crate::{document, environment, service, settings, told, told_with};

fn row(viewers: &[&str]) -> Row {
    Row { viewers: viewers.iter().map(|role| role.parse().expect("a role")).collect(), ..Row::default() }
}

#[test]
fn roles_that_hand_out_more_than_a_service() {
    let permissions = r#""permissions": {"google": {"*": {"admins": ["roles/owner"]}, "run.googleapis.com": {"operators": ["roles/iam.serviceAccountTokenCreator"]}}, "kubernetes": {"admins": "cluster-admin"}}"#;
    insta::assert_snapshot!(told(&document(permissions)), @"
    error: Forbidden role
      at `/permissions/google/*/admins/0`
      `roles/owner` stands in the row `*` of `permissions`, and the fence `roles/owner` (`fences.forbidden_roles` in the provider block) forbids it. Give a narrower role.
    error: Forbidden role
      at `/permissions/google/run.googleapis.com/operators/0`
      `roles/iam.serviceAccountTokenCreator` stands in the row `run.googleapis.com` of `permissions`, and the fence `roles/iam.*TokenCreator` (`fences.forbidden_roles` in the provider block) forbids it. Give a narrower role.
    error: Forbidden role
      at `/permissions/kubernetes/admins`
      `cluster-admin` stands in the row `kubernetes` of `permissions`, and the fence `cluster-admin` (`fences.forbidden_roles` in the provider block) forbids it. Give a narrower role.
    ");
}

#[test]
fn forbidden_roles_in_the_provider_block_and_in_the_built_in_table() {
    let mut permissions = Permissions::default();
    permissions.google.insert("*", row(&["roles/editor"])).expect("a key");
    let mut settings = Settings { permissions: Some(permissions), ..settings() };
    settings.fences.forbidden_roles.push(Pattern::new("roles/pubsub.*"));
    let document = service(
        r#""googleServices": ["pubsub.googleapis.com"], "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["core-banking"]}}}]"#,
    );
    insta::assert_snapshot!(told_with(&document, &settings), @"
    error: Forbidden role
      `roles/editor` stands in `permissions` of the provider block, and the fence `roles/editor` (`fences.forbidden_roles` in the provider block) forbids it. Give a narrower role.
    error: Forbidden role
      at `/services/0/spec/googleServices/0`, service `ledger`
      `roles/pubsub.viewer` stands in the built-in row of `pubsub.googleapis.com`, and the fence `roles/pubsub.*` (`fences.forbidden_roles` in the provider block) forbids it. Give a narrower role.
    error: Forbidden role
      at `/services/0/spec/googleServices/0`, service `ledger`
      `roles/pubsub.editor` stands in the built-in row of `pubsub.googleapis.com`, and the fence `roles/pubsub.*` (`fences.forbidden_roles` in the provider block) forbids it. Give a narrower role.
    error: Forbidden role
      at `/services/0/spec/googleServices/0`, service `ledger`
      `roles/pubsub.admin` stands in the built-in row of `pubsub.googleapis.com`, and the fence `roles/pubsub.*` (`fences.forbidden_roles` in the provider block) forbids it. Give a narrower role.
    ");
}

#[test]
fn reserved_namespaces() {
    let targets = r#""rbac": {"admins": ["core-banking"]}, "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "kube-system"}}]"#;
    insta::assert_snapshot!(told(&environment(targets)), @"
    error: Reserved namespace
      at `/services/0/spec/environments/0/spec/targets/0/spec/namespace`, service `ledger`, environment `production`
      `kube-system` is reserved by the fence `kube-*` (`fences.reserved_namespaces` in the provider block). Choose a namespace of the service's own.
    ");
    let namespaces = r#""namespaces": [{"type": "Namespace", "spec": {"cluster": "c1", "name": "default"}}]"#;
    insta::assert_snapshot!(told(&document(namespaces)), @"
    warning: Entry is not used
      at `/namespaces/0`
      Namespace `c1/default` is listed, and no environment of any service uses it, so it is not made. Name it in an environment, or remove the entry.
    error: Reserved namespace
      at `/namespaces/0/spec/name`
      `default` is reserved by the fence `default` (`fences.reserved_namespaces` in the provider block). Choose a namespace of the service's own.
    ");
}

#[test]
fn projects_and_parents_beyond_the_fence() {
    let mut settings = settings();
    settings.fences.allowed_projects = Some(vec![Pattern::new("gc-prd-*"), Pattern::new("gc-stg-*")]);
    settings.fences.allowed_parents = Some(vec![Pattern::new("folders/1234")]);
    let document = |project: &str, parent: &str| {
        format!(
            r#"{{"projects": [{{"type": "Project", "spec": {{"id": "{project}", "parent": "{parent}"}}}}], {}"#,
            &environment(&format!(r#""googleProject": "{project}", "rbac": {{"admins": ["core-banking"]}}"#))[1..]
        )
    };
    insta::assert_snapshot!(told_with(&document("other-ledger", "folders/1"), &settings), @"
    error: Project is not allowed
      at `/projects/0/spec/id`
      `other-ledger` is not among the projects that `fences.allowed_projects` in the provider block allows: `gc-prd-*`, `gc-stg-*`. Correct the id, or have the fence moved.
    error: Parent is not allowed
      at `/projects/0/spec/parent`
      `folders/1` is not among the parents that `fences.allowed_parents` in the provider block allows: `folders/1234`. Choose one of them.
    error: Project is not allowed
      at `/services/0/spec/environments/0/spec/googleProject`, service `ledger`, environment `production`
      `other-ledger` is not among the projects that `fences.allowed_projects` in the provider block allows: `gc-prd-*`, `gc-stg-*`. Correct the id, or have the fence moved.
    ");
    assert_eq!(told_with(&document("gc-prd-ledger", "folders/1234"), &settings), "");
}

#[test]
fn a_google_service_without_a_row() {
    let document = |permissions: &str| {
        format!(
            r#"{{{permissions} {}"#,
            &service(
                r#""googleServices": ["vision.googleapis.com", "pubsubs.googleapis.com"], "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["core-banking"]}}}]"#
            )[1..]
        )
    };
    insta::assert_snapshot!(told(&document("")), @r#"
    error: No permissions for a Google service
      at `/services/0/spec/googleServices/0`, service `ledger`
      `vision.googleapis.com` is used here, and no row of the permissions table says which roles it gives. Add a row to `permissions.google`, with the roles that fit: `"vision.googleapis.com": {"viewers": ["roles/vision.viewer"], "operators": ["roles/vision.editor"], "admins": ["roles/vision.admin"]}`. Empty lists give no roles.
    error: No permissions for a Google service
      at `/services/0/spec/googleServices/1`, service `ledger`
      `pubsubs.googleapis.com` is used here, and no row of the permissions table says which roles it gives. Did you mean `pubsub.googleapis.com`? Otherwise add a row to `permissions.google`, with the roles that fit: `"pubsubs.googleapis.com": {"viewers": ["roles/pubsubs.viewer"], "operators": ["roles/pubsubs.editor"], "admins": ["roles/pubsubs.admin"]}`. Empty lists give no roles.
    "#);
    let rows = r#""permissions": {"google": {"vision.googleapis.com": {"admins": ["roles/vision.admin"]}, "pubsubs.googleapis.com": {}}},"#;
    assert_eq!(told(&document(rows)), "");
    // Without a project there is nothing to grant on.
    assert_eq!(told(&service(r#""googleServices": ["vision.googleapis.com"]"#)), "");
}

#[test]
fn a_built_in_table_there_is_not_in_the_provider_block() {
    let permissions = Permissions { builtin: Some(7), ..Permissions::default() };
    insta::assert_snapshot!(told_with(&document(""), &Settings { permissions: Some(permissions), ..settings() }), @"
    error: Unknown built-in permissions
      There is no version `7` of the built-in permissions in this anu: it has version 1. Write `1`, or install an anu that has the version.
    ");
}

#[test]
fn bad_member_templates() {
    let told_of = |template: &str| {
        let settings = Settings { member_template: Some(template.into()), ..Settings::default() };
        told_with(
            &environment(
                r#""googleProject": "gc-prd-ledger", "rbac": {"admins": [{"principal": "user:a@example.com"}, "core-banking"]}"#,
            ),
            &settings,
        )
    };
    insta::assert_snapshot!(told_of("group:all@example.com"), @r#"
    error: Invalid member template
      `group:all@example.com` is no `member_template`. Every team would be the same principal: write `{team}` where the team's name goes, as in `group:{team}-team@example.com`.
    error: Team has no group
      at `/services/0/spec/environments/0/spec/rbac/admins/1`, service `ledger`, environment `production`
      `core-banking` is granted access here, and nothing says which group it is. List it under `teams` with its `email` (`{"type": "Team", "spec": {"name": "core-banking", "email": "…"}}`), or set `member_template` in the provider block, for example `group:{team}-team@example.com`.
    "#);
    insta::assert_snapshot!(told_of("{team}"), @r#"
    error: Invalid member template
      `{team}` is no `member_template`. It does not make a principal: `group:EMAIL`, `user:EMAIL`, `serviceAccount:EMAIL` or `principalSet://…`. Write for example `group:{team}-team@example.com`.
    error: Team has no group
      at `/services/0/spec/environments/0/spec/rbac/admins/1`, service `ledger`, environment `production`
      `core-banking` is granted access here, and nothing says which group it is. List it under `teams` with its `email` (`{"type": "Team", "spec": {"name": "core-banking", "email": "…"}}`), or set `member_template` in the provider block, for example `group:{team}-team@example.com`.
    "#);
    assert_eq!(told_of("group:{team}@example.com"), "");
}

#[test]
fn a_listed_team_without_a_group() {
    let document = format!(
        r#"{{"teams": [{{"type": "Team", "spec": {{"name": "core-banking"}}}}], {}"#,
        &environment(r#""googleProject": "gc-prd-ledger", "rbac": {"admins": ["core-banking"]}"#)[1..]
    );
    insta::assert_snapshot!(told_with(&document, &Settings::default()), @"
    error: Team has no group
      at `/services/0/spec/environments/0/spec/rbac/admins/0`, service `ledger`, environment `production`
      `core-banking` is granted access here, and nothing says which group it is. Give it an `email` (in `/teams/0`), or set `member_template` in the provider block, for example `group:{team}-team@example.com`.
    ");
}

#[test]
fn bad_labels_in_the_provider_block() {
    let labels = [("Tier", "1"), ("team", "x"), ("cost", "ok")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    let settings = Settings { labels: labels.into(), ..settings() };
    insta::assert_snapshot!(told_with(&document(""), &settings), @"
    error: Invalid label
      In `labels` of the provider block: `Tier` is not a label key for a Google project: 1 to 63 lowercase letters, digits, `_` and `-`, starting with a letter.
    error: Reserved label
      In `labels` of the provider block: The label `team` is anu's own: it writes it on what it makes. Choose another key.
    ");
}

#[test]
fn more_principals_or_groups_than_a_policy_holds() {
    let people = |count: usize, kind: &str| {
        let list: Vec<String> = (0..count).map(|n| format!(r#"{{"principal": "{kind}:p{n}@example.com"}}"#)).collect();
        list.join(",")
    };
    let document = |entries: &str| {
        service(&format!(
            r#""googleServices": ["pubsub.googleapis.com"], "environments": [{{"type": "Environment", "spec": {{"name": "production", "googleProject": "gc-prd-ledger", "rbac": {{"viewers": ["core-banking"], "admins": [{entries}]}}}}}}]"#
        ))
    };
    insta::assert_snapshot!(told(&document(&people(1_500, "user"))), @"
    error: Too many principals on a project
      at `/services/0/spec/environments/0/spec/googleProject`, service `ledger`
      The policy of project `gc-prd-ledger` would hold 1501 principals, every appearance counted, and Google allows 1500. They are granted by `ledger`. Grant to groups that hold the others, or use several projects.
    ");
    insta::assert_snapshot!(told(&document(&people(250, "group"))), @"
    error: Too many groups on a project
      at `/services/0/spec/environments/0/spec/googleProject`, service `ledger`
      The policy of project `gc-prd-ledger` would hold 251 groups, and Google allows 250. They are granted by `ledger`. Grant to a group that holds the others, or use several projects.
    ");
    assert_eq!(told(&document(&people(1_499, "user"))), "");
    assert_eq!(told(&document(&people(249, "group"))), "");
}
