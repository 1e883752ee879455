//! Registries that exceed the fences of the provider block, and invalid provider blocks.

use anu::fanout::{Pattern, Settings};
use anu::registry::{Permissions, Row};

use crate::{document, environment, report, report_with, service, settings};

fn row(viewers: &[&str]) -> Row {
    Row { viewers: viewers.iter().map(|role| role.parse().expect("a role")).collect(), ..Row::default() }
}

#[test]
fn forbidden_roles() {
    let permissions = r#""permissions": {"google": {"*": {"admins": ["roles/owner"]}, "run.googleapis.com": {"operators": ["roles/iam.serviceAccountTokenCreator"]}}, "kubernetes": {"admins": "cluster-admin"}}"#;
    insta::assert_snapshot!(report(&document(permissions)), @"
    error: Forbidden role
      at `/permissions/google/*/admins/0`
      The role `roles/owner` in the row `*` of `permissions` is forbidden: it matches `roles/owner` in `fences.forbidden_roles` of the provider block. Use a narrower role.
      anu:forbidden-role
    error: Forbidden role
      at `/permissions/google/run.googleapis.com/operators/0`
      The role `roles/iam.serviceAccountTokenCreator` in the row `run.googleapis.com` of `permissions` is forbidden: it matches `roles/iam.*TokenCreator` in `fences.forbidden_roles` of the provider block. Use a narrower role.
      anu:forbidden-role
    error: Forbidden role
      at `/permissions/kubernetes/admins`
      The role `cluster-admin` in the row `kubernetes` of `permissions` is forbidden: it matches `cluster-admin` in `fences.forbidden_roles` of the provider block. Use a narrower role.
      anu:forbidden-role
    ");
}

#[test]
fn forbidden_roles_in_the_provider_block_and_in_the_built_in_table() {
    let mut permissions = Permissions::default();
    permissions.google.insert("*", row(&["roles/editor"])).expect("a key");
    let mut settings = Settings { permissions: Some(permissions), ..settings() };
    settings.fences.forbidden_roles.added.push(Pattern::new("roles/pubsub.*"));
    let document = service(
        r#""googleServices": ["pubsub.googleapis.com"], "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["core-banking"]}}}]"#,
    );
    insta::assert_snapshot!(report_with(&document, &settings), @"
    error: Forbidden role
      The role `roles/editor` in `permissions` of the provider block is forbidden: it matches `roles/editor` in `fences.forbidden_roles` of the provider block. Use a narrower role.
      anu:forbidden-role
    error: Forbidden role
      at `/services/0/spec/googleServices/0`, service `ledger`
      The role `roles/pubsub.viewer` in the built-in row of `pubsub.googleapis.com` is forbidden: it matches `roles/pubsub.*` in `fences.forbidden_roles` of the provider block. Use a narrower role.
      anu:forbidden-role
    error: Forbidden role
      at `/services/0/spec/googleServices/0`, service `ledger`
      The role `roles/pubsub.editor` in the built-in row of `pubsub.googleapis.com` is forbidden: it matches `roles/pubsub.*` in `fences.forbidden_roles` of the provider block. Use a narrower role.
      anu:forbidden-role
    error: Forbidden role
      at `/services/0/spec/googleServices/0`, service `ledger`
      The role `roles/pubsub.admin` in the built-in row of `pubsub.googleapis.com` is forbidden: it matches `roles/pubsub.*` in `fences.forbidden_roles` of the provider block. Use a narrower role.
      anu:forbidden-role
    ");
}

#[test]
fn reserved_namespaces() {
    let targets = r#""rbac": {"admins": ["core-banking"]}, "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "kube-system"}}]"#;
    insta::assert_snapshot!(report(&environment(targets)), @"
    error: Reserved namespace
      at `/services/0/spec/environments/0/spec/targets/0/spec/namespace`, service `ledger`, environment `production`
      The namespace `kube-system` is reserved: it matches `kube-*` in `fences.reserved_namespaces` of the provider block. Choose another namespace.
      anu:reserved-namespace
    ");
    let namespaces = r#""namespaces": [{"type": "Namespace", "spec": {"cluster": "c1", "name": "default"}}]"#;
    insta::assert_snapshot!(report(&document(namespaces)), @"
    warning: Entry is not used
      at `/namespaces/0`
      No environment uses namespace `c1/default`, so it is not created. Add it to an environment, or remove the entry.
      anu:unused-entry
    error: Reserved namespace
      at `/namespaces/0/spec/name`
      The namespace `default` is reserved: it matches `default` in `fences.reserved_namespaces` of the provider block. Choose another namespace.
      anu:reserved-namespace
    ");
}

#[test]
fn projects_and_parents_that_are_not_allowed() {
    let mut settings = settings();
    settings.fences.allowed_projects = Some(vec![Pattern::new("gc-prd-*"), Pattern::new("gc-stg-*")]);
    settings.fences.allowed_parents = Some(vec![Pattern::new("folders/1234")]);
    let document = |project: &str, parent: &str| {
        format!(
            r#"{{"projects": [{{"type": "Project", "spec": {{"id": "{project}", "parent": "{parent}"}}}}], {}"#,
            &environment(&format!(r#""googleProject": "{project}", "rbac": {{"admins": ["core-banking"]}}"#))[1..]
        )
    };
    insta::assert_snapshot!(report_with(&document("other-ledger", "folders/1"), &settings), @"
    error: Project is not allowed
      at `/projects/0/spec/id`
      The project `other-ledger` is not allowed by `fences.allowed_projects` in the provider block: `gc-prd-*`, `gc-stg-*`. Correct the id, or ask the maintainer of the provider block to change `fences.allowed_projects`.
      anu:project-not-allowed
    error: Parent is not allowed
      at `/projects/0/spec/parent`
      The parent `folders/1` is not allowed by `fences.allowed_parents` in the provider block: `folders/1234`. Choose an allowed parent.
      anu:parent-not-allowed
    error: Project is not allowed
      at `/services/0/spec/environments/0/spec/googleProject`, service `ledger`, environment `production`
      The project `other-ledger` is not allowed by `fences.allowed_projects` in the provider block: `gc-prd-*`, `gc-stg-*`. Correct the id, or ask the maintainer of the provider block to change `fences.allowed_projects`.
      anu:project-not-allowed
    ");
    assert_eq!(report_with(&document("gc-prd-ledger", "folders/1234"), &settings), "");
}

#[test]
fn a_google_service_without_a_row() {
    let document = |permissions: &str| {
        format!(
            r#"{{{permissions} {}"#,
            &service(
                r#""googleServices": ["netapp.googleapis.com", "pubsubs.googleapis.com"], "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["core-banking"]}}}]"#
            )[1..]
        )
    };
    insta::assert_snapshot!(report(&document("")), @r#"
    error: Google service has no permissions row
      at `/services/0/spec/googleServices/0`, service `ledger`
      `netapp.googleapis.com` is used here, and the permissions table has no row for it. Add a row to `permissions.google` with suitable roles: `"netapp.googleapis.com": {"viewers": ["roles/netapp.viewer"], "admins": ["roles/netapp.admin"]}`. The row `{}` grants no roles.
      anu:no-permissions
    error: Google service has no permissions row
      at `/services/0/spec/googleServices/1`, service `ledger`
      `pubsubs.googleapis.com` is used here, and the permissions table has no row for it. Did you mean `pubsub.googleapis.com`? Otherwise add a row to `permissions.google`: `"pubsubs.googleapis.com": {}`. An empty row grants no roles; no predefined role of Google fits by its name.
      anu:no-permissions
    "#);
    let rows = r#""permissions": {"google": {"netapp.googleapis.com": {"admins": ["roles/netapp.admin"]}, "pubsubs.googleapis.com": {}}},"#;
    assert_eq!(report(&document(rows)), "");
    // Without a project no roles are granted.
    assert_eq!(report(&service(r#""googleServices": ["netapp.googleapis.com"]"#)), "");
}

#[test]
fn an_unknown_built_in_table_in_the_provider_block() {
    let permissions = Permissions { builtin: Some(7), ..Permissions::default() };
    insta::assert_snapshot!(report_with(&document(""), &Settings { permissions: Some(permissions), ..settings() }), @"
    error: Unknown built-in permissions
      Version `7` of the built-in permissions is unknown. This version of anu contains version 1. Write `1`, or install a version of anu that contains it.
      anu:unknown-builtin
    ");
}

#[test]
fn bad_member_templates() {
    let told_of = |template: &str| {
        let settings = Settings { member_template: Some(template.into()), ..Settings::default() };
        report_with(
            &environment(
                r#""googleProject": "gc-prd-ledger", "rbac": {"admins": [{"principal": "user:a@example.com"}, "core-banking"]}"#,
            ),
            &settings,
        )
    };
    insta::assert_snapshot!(told_of("group:all@example.com"), @r#"
    error: Invalid member template
      `group:all@example.com` is not a `member_template`. It does not contain `{team}`, the placeholder for the team's name, so all teams would have the same principal. Example: `group:{team}-team@example.com`.
      anu:bad-member-template
    error: Team has no group
      at `/services/0/spec/environments/0/spec/rbac/admins/1`, service `ledger`, environment `production`
      The team `core-banking` has access here, and its group is unknown. Add it to `teams` with its `email` (`{"type": "Team", "spec": {"name": "core-banking", "email": "…"}}`), or set `member_template` in the provider block, for example `group:{team}-team@example.com`.
      anu:unresolved-team
    "#);
    insta::assert_snapshot!(told_of("{team}"), @r#"
    error: Invalid member template
      `{team}` is not a `member_template`. The result would not be a principal: `group:EMAIL`, `user:EMAIL`, `serviceAccount:EMAIL`, `principal://…` or `principalSet://…`. Example: `group:{team}-team@example.com`.
      anu:bad-member-template
    error: Team has no group
      at `/services/0/spec/environments/0/spec/rbac/admins/1`, service `ledger`, environment `production`
      The team `core-banking` has access here, and its group is unknown. Add it to `teams` with its `email` (`{"type": "Team", "spec": {"name": "core-banking", "email": "…"}}`), or set `member_template` in the provider block, for example `group:{team}-team@example.com`.
      anu:unresolved-team
    "#);
    assert_eq!(told_of("group:{team}@example.com"), "");
}

#[test]
fn a_listed_team_without_a_group() {
    let document = format!(
        r#"{{"teams": [{{"type": "Team", "spec": {{"name": "core-banking"}}}}], {}"#,
        &environment(r#""googleProject": "gc-prd-ledger", "rbac": {"admins": ["core-banking"]}"#)[1..]
    );
    insta::assert_snapshot!(report_with(&document, &Settings::default()), @"
    error: Team has no group
      at `/services/0/spec/environments/0/spec/rbac/admins/0`, service `ledger`, environment `production`
      The team `core-banking` has access here, and its group is unknown. Add an `email` to `/teams/0`, or set `member_template` in the provider block, for example `group:{team}-team@example.com`.
      anu:unresolved-team
    ");
}

#[test]
fn too_many_principals_or_groups() {
    let people = |count: usize, kind: &str| {
        let list: Vec<String> = (0..count).map(|n| format!(r#"{{"principal": "{kind}:p{n}@example.com"}}"#)).collect();
        list.join(",")
    };
    let document = |entries: &str| {
        service(&format!(
            r#""googleServices": ["pubsub.googleapis.com"], "environments": [{{"type": "Environment", "spec": {{"name": "production", "googleProject": "gc-prd-ledger", "rbac": {{"viewers": ["core-banking"], "admins": [{entries}]}}}}}}]"#
        ))
    };
    insta::assert_snapshot!(report(&document(&people(1_500, "user"))), @"
    error: Project has too many principals
      at `/services/0/spec/environments/0/spec/googleProject`, service `ledger`
      The IAM policy of project `gc-prd-ledger` would contain more than 1500 principals (every occurrence counts), the limit of Google. They are granted by `ledger`. Grant roles to groups instead, or use several projects.
      anu:too-many-principals
    ");
    insta::assert_snapshot!(report(&document(&people(250, "group"))), @"
    error: Project has too many groups
      at `/services/0/spec/environments/0/spec/googleProject`, service `ledger`
      The IAM policy of project `gc-prd-ledger` would contain more than 250 groups, the limit of Google. They are granted by `ledger`. Grant roles to a group that contains the others, or use several projects.
      anu:too-many-groups
    ");
    assert_eq!(report(&document(&people(1_499, "user"))), "");
    assert_eq!(report(&document(&people(249, "group"))), "");
}
