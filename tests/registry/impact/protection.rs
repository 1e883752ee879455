//! Deletion policies, sharing, and registries that an apply refuses.

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use super::{acme, between, impact, lines, production, resources};
use crate::document::Document;
use crate::estate;

#[test]
fn protection_that_is_removed_and_what_follows_from_it() {
    let unprotected = |registry: &mut Document| production(registry).deletion_policy = Some("delete".to_owned());
    assert_snapshot!(lines(&impact(unprotected)), @"
    weaker-deletion-policy ledger/production: namespace `main/ledger`: its deletion policy is no longer `prevent`: from the next apply on, its removal is not refused.
    weaker-deletion-policy ledger/production: project `gc-prd-ledger`: its deletion policy is no longer `prevent`: from the next apply on, its removal is not refused.
    Changed ledger
      production deletionPolicy: - → delete
    ");
    let mut old = acme();
    unprotected(&mut old);
    old.namespaces[0].deletion_policy = Some("abandon".to_owned());
    let mut new = old.clone();
    new.service_mut("ledger").environments.remove(1);
    new.namespaces.clear();
    new.service_mut("search").environments[0].targets.clear();
    new.projects.remove(1);
    let impact = between(&old.text(), &new.text());
    assert_snapshot!(lines(&impact), @r#"
    deletion ledger/production: project `gc-prd-ledger`: an apply deletes it.
    abandoned ledger/production: namespace `main/ledger`: it remains, and is not managed any more.
    Changed ledger
      production environments: production → -
    Changed search
      production targets: main/ledger → -
    projects gc-prd-ledger: name: gc-prd-ledger → -
    namespaces : namespaces: listed → -
    namespaces main/ledger: name: main/ledger → -
    Lost group:audit-team@example.com ledger/production: ["viewers"] → []
    Lost group:banking-team@example.com ledger/production: ["admins"] → []
    Lost user:jane@example.com ledger/production: ["operators"] → []
    sharing lost: main/ledger of ledger with search (used)
    "#);
    assert_snapshot!(resources(&impact), @"
    ledger/production Project gc-prd-ledger: removed Deleted
    ledger/production Api gc-prd-ledger/pubsub.googleapis.com: removed Deleted
    ledger/production IamMember gc-prd-ledger/roles/pubsub.admin/group:banking-team@example.com: removed Deleted
    ledger/production IamMember gc-prd-ledger/roles/pubsub.editor/user:jane@example.com: removed Deleted
    ledger/production IamMember gc-prd-ledger/roles/pubsub.viewer/group:audit-team@example.com: removed Deleted
    ledger/production Namespace main/ledger: removed Abandoned
    ledger/production Quota main/ledger: removed Abandoned
    ledger/production RoleBinding main/ledger/anu:ledger:production:admins:admin: removed Abandoned
    ledger/production RoleBinding main/ledger/anu:ledger:production:operators:edit: removed Abandoned
    ledger/production RoleBinding main/ledger/anu:ledger:production:viewers:view: removed Abandoned
    search/production Namespace main/ledger: released []
    search/production RoleBinding main/ledger/anu:search:production:admins:admin: removed Deleted
    search/production RoleBinding main/ledger/anu:search:production:operators:edit: removed Deleted
    search/production RoleBinding main/ledger/anu:search:production:viewers:view: removed Deleted
    ");
}

#[test]
fn sharing_is_won_by_permission_and_by_use() {
    let impact = impact(|registry| {
        registry.projects[1].owner = Some("ledger".to_owned());
        registry.projects[1].shared_with = ["search".to_owned()].into();
        registry.projects[1].shared_with_teams = ["audit".to_owned()].into();
        registry.service_mut("search").environments[0].google_project = Some("gc-prd-ledger".to_owned());
    });
    assert_snapshot!(lines(&impact), @r#"
    refused-removal search/production: project `gc-prd-search`: its deletion policy is `prevent`, so the plan is refused. To remove it, first apply a registry in which the policy is `delete`.
    new-access search/production: `group:finders-team@example.com` (team `finders`) is granted `admins` in `gc-prd-ledger`, which the environment uses now.
    new-sharing ledger: The services of team `audit` may use `gc-prd-ledger` of service `ledger`.
    new-sharing ledger: `search` uses `gc-prd-ledger` of service `ledger`.
    Changed search
      production googleProject: gc-prd-search → gc-prd-ledger
    projects gc-prd-ledger: owner: - → ledger
    projects gc-prd-ledger: sharedWith: - → search
    projects gc-prd-ledger: sharedWithTeams: - → audit
    Won group:finders-team@example.com search/production in gc-prd-ledger: [] → ["admins"]
    sharing won: gc-prd-ledger of ledger with audit (may use)
    sharing won: gc-prd-ledger of ledger with search (used)
    "#);
}

#[test]
fn another_registry_and_an_older_one_are_refused_by_an_apply() {
    let with = |name: &str, previous: &[&str], compiled_at: Option<&str>| {
        let mut registry = acme().json();
        registry["metadata"] = json!({"name": name, "previousNames": previous});
        if let Some(compiled_at) = compiled_at {
            registry["metadata"]["compiledAt"] = json!(compiled_at);
        }
        registry.to_string()
    };
    let (early, late) = (Some("2026-11-20T10:00:00Z"), Some("2026-11-21T10:00:00Z"));
    assert_snapshot!(lines(&between(&with("acme", &[], late), &with("globex", &[], early))), @"
    another-registry : The new registry is `globex`, and the old one `acme`. An apply of another registry is refused. If it was renamed, add the earlier name to `metadata.previousNames`.
    older-registry : The new registry was compiled at `2026-11-20T10:00:00Z`, the old one at `2026-11-21T10:00:00Z`. An apply of an older registry is refused.
    Changed ledger
    Changed search
    metadata : name: acme → globex
    ");
    assert_snapshot!(lines(&between(&with("acme", &[], early), &with("globex", &["acme"], None))), @"
    older-registry : The new registry has no `metadata.compiledAt`, so it is unknown whether it is older than the old one (`2026-11-20T10:00:00Z`). An apply is refused.
    Changed ledger
    Changed search
    metadata : name: acme → globex
    metadata : previousNames: - → acme
    ");
    assert_eq!(lines(&between(&with("acme", &[], early), &with("acme", &[], late))), "");
}

/// What the guard of the provider refuses, by its default limits.
#[test]
fn a_change_that_removes_much_is_beyond_the_guard() {
    let old: Json = serde_json::from_str(&estate::registry(40)).expect("JSON");
    let found = |edit: &dyn Fn(usize, &mut Json)| {
        let mut new = old.clone();
        let services = new["services"].as_array_mut().expect("services");
        services.iter_mut().enumerate().for_each(|(position, service)| edit(position, &mut service["spec"]));
        let impact = between(&old.to_string(), &new.to_string());
        let beyond = impact.findings.iter().filter(|finding| finding.rule.code.starts_with("mass-"));
        beyond.map(|finding| format!("{}: {}", finding.rule.title, finding.detail)).collect::<Vec<_>>().join("\n")
    };
    let emptied = |service: &mut Json| service["environments"] = json!([]);
    let without_access = |service: &mut Json| {
        for environment in service["environments"].as_array_mut().expect("environments") {
            environment["spec"]["rbac"] = json!({});
        }
    };
    assert_snapshot!(found(&|_, service| emptied(service)), @"
    Mass removal: `121` of `121` projects, namespaces and service accounts are removed. The guard refuses a plan beyond `25% or 20`, unless the provider block has another limit or acknowledges it.
    Mass revocation: `123` of `483` principals (once for each project and namespace) lose access. The guard refuses a plan beyond `25% or 20`, unless the provider block has another limit or acknowledges it.
    ");
    let revoked = "Mass revocation: `483` of `483` principals";
    assert!(found(&|_, service| without_access(service)).starts_with(revoked));
    assert_eq!(
        found(&|position, service| if position < 4 {
            emptied(service)
        }),
        "",
        "four services of forty"
    );
    assert_eq!(
        found(&|position, service| if position < 4 {
            without_access(service)
        }),
        ""
    );
}
