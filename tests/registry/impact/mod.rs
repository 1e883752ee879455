//! What a change of the registry does, and for whom.

mod access;
mod protection;
mod services;

use std::time::{Duration, Instant};

use anu::fanout::FanOut;
use anu::fanout::impact::{Change, Impact, Kind};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::document::{Access, Document, Environment, Grantee, Namespace, Project, Service, Target, teams, texts};
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

/// Principals, once for each project and namespace to which they have access.
fn with_access(fan_out: &FanOut) -> usize {
    let mut all = std::collections::BTreeSet::new();
    for (_, service) in fan_out.services() {
        for (project, grants) in &service.resources.iam {
            all.extend(grants.values().flatten().map(|member| (project.to_string(), member.principal.to_string())));
        }
        for (namespace, bindings) in &service.resources.role_bindings {
            let subjects = bindings.values().flat_map(|binding| &binding.subjects);
            all.extend(subjects.map(|subject| (namespace.to_string(), subject.clone())));
        }
    }
    all.len()
}

/// The impact of one document on another. In every one, the numbers agree with the fan-outs and with what is listed.
fn between(old: &str, new: &str) -> Impact {
    let (old, new) = (fan_out(old), fan_out(new));
    let impact = Impact::between(&old, &new);
    let keys = |fan_out: &FanOut| -> std::collections::BTreeSet<_> {
        fan_out.services().flat_map(|(_, service)| service.resources.keys()).collect()
    };
    let (before, after) = (keys(&old), keys(&new));
    let access = impact.counts.access;
    assert_eq!((access.before, access.after), (with_access(&old), with_access(&new)), "principals with access");
    assert!(access.revoked <= access.before);
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
