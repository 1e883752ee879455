//! What a change of the registry does, and for whom.

use std::time::{Duration, Instant};

use anu::fanout::FanOut;
use anu::fanout::impact::{Change, Impact, Kind, ServiceChange};
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::document::{
    Access, Document, Environment, Grantee, Namespace, Project, Service, Target, Team, teams, texts,
};
use crate::{estate, fan_out};

/// Two services: `ledger` with two environments, and `search`, which shares a namespace of it.
fn acme() -> Document {
    let environment = |name: &str, project: &str, namespace: &str| Environment {
        name: name.to_owned(),
        google_project: Some(project.to_owned()),
        rbac: Access {
            viewers: teams(&["audit"]),
            operators: vec![person("user:jane@example.com", None)],
            admins: teams(&["banking"]),
        },
        targets: vec![Target::of("argo", "main", namespace, namespace).into()],
        quota: texts([("pods", "10")]),
        ..Environment::default()
    };
    let mut staging = environment("staging", "gc-stag-ledger", "ledger-staging");
    staging.rbac.viewers.push(person("user:joe@example.com", None));
    let production = environment("production", "gc-prd-ledger", "ledger");
    let ledger = Service {
        name: "ledger".to_owned(),
        team: "banking".to_owned(),
        google_services: ["pubsub.googleapis.com".to_owned()].into(),
        environments: vec![staging.into(), production.into()],
        ..Service::default()
    };
    let mut own = environment("production", "gc-prd-search", "ledger");
    own.rbac.admins = teams(&["finders"]);
    own.quota.clear();
    let search = Service {
        name: "search".to_owned(),
        team: "finders".to_owned(),
        environments: vec![own.into()],
        ..Service::default()
    };
    let project = |id: &str| Project { id: id.to_owned(), ..Project::default() }.into();
    let shared = Namespace {
        cluster: "main".to_owned(),
        name: "ledger".to_owned(),
        owner: Some("ledger".to_owned()),
        shared_with: ["search".to_owned()].into(),
        ..Namespace::default()
    };
    Document {
        projects: ["gc-stag-ledger", "gc-prd-ledger", "gc-prd-search"].map(project).into(),
        namespaces: vec![shared.into()],
        services: vec![ledger.into(), search.into()],
        ..Document::named("acme").with_teams(&["audit", "banking", "finders"])
    }
}

fn person(principal: &str, expires: Option<&str>) -> Grantee {
    Grantee::Principal {
        principal: principal.to_owned(),
        reason: "on call".to_owned(),
        expires: expires.map(str::to_owned),
    }
}

fn production(registry: &mut Document) -> &mut Environment {
    &mut registry.service_mut("ledger").environments[1]
}

fn impact(edit: impl FnOnce(&mut Document)) -> Impact {
    let mut new = acme();
    edit(&mut new);
    between(&acme().text(), &new.text())
}

/// The impact of one document on another. In every one, the numbers agree with the fan-outs and with what is listed.
fn between(old: &str, new: &str) -> Impact {
    let (old, new) = (fan_out(old), fan_out(new));
    let impact = Impact::between(&old, &new);
    let keys = |fan_out: &FanOut| -> std::collections::BTreeSet<_> {
        fan_out.services().flat_map(|(_, service)| service.resources.keys()).collect()
    };
    let (before, after) = (keys(&old), keys(&new));
    for kind in Kind::ALL {
        let count = impact.counts.kinds.get(&kind).copied().unwrap_or_default();
        let number = |keys: &std::collections::BTreeSet<_>| keys.iter().filter(|key| Kind::of(key) == kind).count();
        assert_eq!((count.before, count.after), (number(&before), number(&after)), "{kind:?}");
        let of_kind = |key: &&_| Kind::of(key) == kind;
        assert_eq!(count.created, after.difference(&before).filter(of_kind).count(), "created: {kind:?}");
        assert_eq!(count.removed, before.difference(&after).filter(of_kind).count(), "removed: {kind:?}");
    }
    for (service, resource) in
        impact.services.iter().flat_map(|service| service.resources.iter().map(move |r| (service, r)))
    {
        let (was, is) = (before.contains(&resource.key), after.contains(&resource.key));
        let expected = match &resource.change {
            Change::Created => (false, true),
            Change::Joined { .. } | Change::Released { .. } => continue,
            Change::Changed { fields } => {
                assert!(!fields.is_empty(), "{}", resource.key);
                (true, true)
            }
            Change::Removed { .. } => (true, false),
        };
        assert_eq!((was, is), expected, "{} of {}", resource.key, service.service);
    }
    impact
}

/// The impact without what follows from it for resources, one line each.
fn lines(impact: &Impact) -> String {
    let mut lines = Vec::new();
    for finding in &impact.findings {
        let place = [finding.service.as_ref().map(AsRef::as_ref), finding.environment.as_ref().map(AsRef::as_ref)];
        let place: Vec<&str> = place.into_iter().flatten().collect();
        lines.push(format!("{} {}: {}", finding.rule.code, place.join("/"), finding.detail));
    }
    let field = |field: &anu::fanout::impact::FieldChange| {
        format!("{}: {} → {}", field.field, field.from.as_deref().unwrap_or("-"), field.to.as_deref().unwrap_or("-"))
    };
    for service in &impact.services {
        let name = service.previous_name.as_ref().map(|name| format!(" from {name}")).unwrap_or_default();
        lines.push(format!("{:?} {}{name}", service.change, service.service));
        for edit in &service.edits {
            let environment = edit.environment.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
            lines.push(format!("  {environment}{}", field(&edit.field)));
        }
    }
    lines.extend(impact.entries.iter().map(|edit| format!("{} {}: {}", edit.section, edit.entry, field(&edit.field))));
    for change in &impact.access {
        let scope = change.scope.as_ref().map(|scope| format!(" in {scope}")).unwrap_or_default();
        let first = change.first.map(|first| format!(", first {first:?}")).unwrap_or_default();
        lines.push(format!(
            "{:?} {} {}/{}{scope}: {:?} → {:?}{first}",
            change.change, change.principal, change.service, change.environment, change.before, change.after
        ));
    }
    for change in &impact.sharing {
        let (won, used) = (if change.is_won { "won" } else { "lost" }, if change.is_used { "used" } else { "may use" });
        lines.push(format!("sharing {won}: {} of {} with {} ({used})", change.key, change.owner, change.with));
    }
    lines.join("\n")
}

/// Created, changed and removed resources with their environments, and what is joined and released.
fn resources(impact: &Impact) -> String {
    let mut lines = Vec::new();
    for service in &impact.services {
        for resource in &service.resources {
            let environment = resource.environment.as_ref().map(AsRef::as_ref).unwrap_or("-");
            let change = match &resource.change {
                Change::Created => "created".to_owned(),
                Change::Joined { used_by } => format!("joined {used_by:?}"),
                Change::Changed { fields } => {
                    let fields: Vec<&str> = fields.iter().map(|field| field.field.as_str()).collect();
                    format!("changed {}", fields.join(", "))
                }
                Change::Removed { outcome } => format!("removed {outcome:?}"),
                Change::Released { used_by } => {
                    format!("released {:?}", used_by.iter().map(AsRef::<str>::as_ref).collect::<Vec<_>>())
                }
            };
            lines.push(format!("{}/{environment} {:?} {}: {change}", service.service, resource.kind, resource.key));
        }
    }
    lines.join("\n")
}

#[test]
fn equal_registries_have_no_impact() {
    let impact = impact(|_| {});
    assert!(impact.is_empty());
    assert_eq!(impact.findings, []);
    let other = Document { services: acme().services.into_iter().rev().collect(), ..acme() };
    assert_eq!(between(&acme().text(), &other.text()), impact, "the order of a document has no meaning");
}

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

#[test]
fn the_digest_is_of_exactly_this_impact() {
    let grant = |who: &str| impact(|registry| production(registry).rbac.admins.push(person(who, None))).digest;
    assert_eq!(grant("user:a@example.com"), grant("user:a@example.com"));
    assert_ne!(grant("user:a@example.com"), grant("user:b@example.com"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Removing and renaming at random: the numbers agree (`between`), and the way back is the mirror image.
    #[test]
    fn the_way_back_is_the_mirror_image(removed in prop::collection::btree_set(0_usize..20, 0..6), moved in 0_usize..20) {
        let old: Json = serde_json::from_str(&estate::registry(20)).expect("JSON");
        let mut new = old.clone();
        let services = new["services"].as_array_mut().expect("services");
        services[moved]["spec"]["environments"][1]["spec"]["targets"][0]["spec"]["namespace"] = json!("moved");
        let mut position = 0;
        services.retain(|_| { position += 1; !removed.contains(&(position - 1)) });
        let gone: Vec<String> = removed.iter().map(|at| format!("service-{at:05}")).collect();
        for list in ["projects", "namespaces"] {
            for entry in new[list].as_array_mut().expect("a list") {
                let spec = &mut entry["spec"];
                if spec["owner"].as_str().is_some_and(|owner| gone.iter().any(|name| name == owner)) {
                    spec.as_object_mut().expect("a spec").remove("owner");
                    spec["sharedWith"] = json!([]);
                }
                if let Some(shared) = spec["sharedWith"].as_array_mut() {
                    shared.retain(|name| !gone.iter().any(|gone| name == gone));
                }
            }
        }
        prop_assume!(!removed.contains(&0));
        let there = between(&old.to_string(), &new.to_string());
        let back = between(&new.to_string(), &old.to_string());
        for (kind, count) in &there.counts.kinds {
            let back = back.counts.kinds[kind];
            prop_assert_eq!((count.created, count.removed), (back.removed, back.created));
        }
        prop_assert_eq!(there.access.len(), back.access.len());
        prop_assert_eq!(there.services.len(), back.services.len());
    }
}

/// 1,000 services of which every one changes, in a debug build: with a nested loop it takes minutes.
#[test]
fn cost_is_linear() {
    let old = estate::registry(1_000);
    let new = old.replace("\"team-00", "\"crew-00").replace("service-0", "system-0");
    let (old, new) = (fan_out(&old), fan_out(&new));
    let started = Instant::now();
    let impact = Impact::between(&old, &new);
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    assert_eq!(impact.counts.services.changed, 1_000, "renamed");
}
