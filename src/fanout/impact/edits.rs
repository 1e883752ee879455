//! What the author of a change edited: in the entry of a service, with its environments.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;

use crate::registry::names::EnvironmentName;
use crate::registry::{
    AccessEntry, AccessLevel, BoundRole, Environment, Extra, Quota, Service, ServiceAccount, Target,
};

use super::fields::{Differences, FieldChange};
use super::pairs::{At, EnvironmentPair, ServicePair};

/// One edit of the entry of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// The environment that was edited; none for the service itself.
    pub environment: Option<EnvironmentName>,
    /// What was edited, in the names of the document: `team`, `rbac.admins`, `targets.namespace`. An environment that is added,
    /// removed or renamed is the field `environments`.
    #[serde(flatten)]
    pub field: FieldChange,
}

/// The edits of a service that both registries contain.
pub(super) fn of_service(pair: &ServicePair<'_>, environments: &[EnvironmentPair<'_>]) -> Vec<Edit> {
    let (Some(old), Some(new)) = (pair.old, pair.new) else { return Vec::new() };
    let mut found = Differences::default();
    service(&mut found, old.entry, new.entry);
    let mut edits: Vec<Edit> = found.0.into_iter().map(|field| Edit { environment: None, field }).collect();
    for pair in environments {
        let mut found = Differences::default();
        let name = |at: Option<At<'_, Environment>>| at.map(|at| at.entry.name.clone());
        found.value("environments", name(pair.old), name(pair.new));
        if let (Some(old), Some(new)) = (pair.old, pair.new) {
            environment(&mut found, old.entry, new.entry);
        }
        edits.extend(found.0.into_iter().map(|field| Edit { environment: pair.name().cloned(), field }));
    }
    edits
}

fn service(found: &mut Differences, old: &Service, new: &Service) {
    found.value("name", Some(&old.name), Some(&new.name));
    found.value("team", old.team.as_ref(), new.team.as_ref());
    found.value("repository", old.repository.as_ref(), new.repository.as_ref());
    found.value("alertsChannel", old.alerts_channel.as_ref(), new.alerts_channel.as_ref());
    found.set("googleServices", &old.google_services, &new.google_services);
    found.map("links", &old.links, &new.links);
    found.value("deletionPolicy", old.deletion_policy, new.deletion_policy);
    extra(found, "", &old.extra, &new.extra);
}

fn environment(found: &mut Differences, old: &Environment, new: &Environment) {
    found.value("googleProject", old.google_project.as_ref(), new.google_project.as_ref());
    for level in AccessLevel::ALL {
        let entries = |environment: &Environment| -> Vec<String> {
            environment.access.level(level).iter().map(entry_text).collect()
        };
        found.set(&format!("rbac.{level}"), entries(old), entries(new));
    }
    targets(found, &old.targets, &new.targets);
    accounts(found, &old.service_accounts, &new.service_accounts);
    found.set("roleBindings", bound(&old.role_bindings), bound(&new.role_bindings));
    let none = Quota::new();
    found.map("links", &old.links, &new.links);
    found.map("quota", old.quota.as_ref().unwrap_or(&none), new.quota.as_ref().unwrap_or(&none));
    found.value("deletionPolicy", old.deletion_policy, new.deletion_policy);
    extra(found, "", &old.extra, &new.extra);
}

/// `edit for ServiceAccount:ci/deployer`, for every subject of every role.
fn bound(bindings: &[BoundRole]) -> Vec<String> {
    let of = |bound: &BoundRole| bound.subjects.iter().map(|to| format!("{} for {to}", bound.role)).collect::<Vec<_>>();
    bindings.iter().flat_map(of).collect()
}

/// A line of an access list, without its reason.
fn entry_text(entry: &AccessEntry) -> String {
    match entry {
        AccessEntry::Team(team) => format!("team {team}"),
        AccessEntry::Principal { principal, expires: None, .. } => principal.to_string(),
        AccessEntry::Principal { principal, expires: Some(expires), .. } => format!("{principal} until {expires}"),
    }
}

/// Targets: one that differs only in its namespace, or only in its cluster, has moved.
fn targets(found: &mut Differences, old: &[Target], new: &[Target]) {
    type Part<'t> = Option<&'t str>;
    let mut removed: Vec<&Target> = old.iter().collect();
    let mut added: Vec<&Target> = new.iter().collect();
    fn all(t: &Target) -> [Part<'_>; 4] {
        [t.kind.as_deref(), Some(t.cluster.as_str()), Some(t.namespace.as_str()), t.release.as_deref()]
    }
    fn but_for_the_release(t: &Target) -> [Part<'_>; 4] {
        [t.kind.as_deref(), Some(t.cluster.as_str()), Some(t.namespace.as_str()), None]
    }
    fn but_for_the_namespace(t: &Target) -> [Part<'_>; 4] {
        [t.kind.as_deref(), Some(t.cluster.as_str()), None, t.release.as_deref()]
    }
    fn but_for_the_cluster(t: &Target) -> [Part<'_>; 4] {
        [t.kind.as_deref(), None, Some(t.namespace.as_str()), t.release.as_deref()]
    }
    // The release often has the name of the namespace, and changes with it.
    fn only_the_cluster(t: &Target) -> [Part<'_>; 4] {
        [t.kind.as_deref(), Some(t.cluster.as_str()), None, None]
    }
    for (from, to) in matched(&mut removed, &mut added, all) {
        found.value("targets.deletionPolicy", from.deletion_policy, to.deletion_policy);
        extra(found, "targets.", &from.extra, &to.extra);
    }
    for (from, to) in matched(&mut removed, &mut added, but_for_the_release) {
        found.value("targets.release", from.release.as_ref(), to.release.as_ref());
    }
    for (field, same) in [
        ("targets.namespace", but_for_the_namespace as fn(&Target) -> [Part<'_>; 4]),
        ("targets.cluster", but_for_the_cluster),
        ("targets.namespace", only_the_cluster),
    ] {
        for (from, to) in matched(&mut removed, &mut added, same) {
            found.value(field, Some(from.key()), Some(to.key()));
        }
    }
    found.set("targets", removed.iter().map(|target| target.key()), added.iter().map(|target| target.key()));
}

/// Takes the pairs that are equal in some respect out of both lists.
fn matched<'t, K: Ord>(
    removed: &mut Vec<&'t Target>,
    added: &mut Vec<&'t Target>,
    key: impl Fn(&'t Target) -> K,
) -> Vec<(&'t Target, &'t Target)> {
    let mut waiting: BTreeMap<K, VecDeque<&'t Target>> = BTreeMap::new();
    for from in std::mem::take(removed) {
        waiting.entry(key(from)).or_default().push_back(from);
    }
    let mut pairs = Vec::new();
    added.retain(|to| match waiting.get_mut(&key(to)).and_then(VecDeque::pop_front) {
        Some(from) => {
            pairs.push((from, *to));
            false
        }
        None => true,
    });
    removed.extend(waiting.into_values().flatten());
    pairs
}

fn accounts(found: &mut Differences, old: &[ServiceAccount], new: &[ServiceAccount]) {
    found.set("serviceAccounts", old.iter().map(|account| &account.name), new.iter().map(|account| &account.name));
    let before: BTreeMap<_, &ServiceAccount> = old.iter().map(|account| (&account.name, account)).collect();
    for to in new {
        let Some(from) = before.get(&to.name) else { continue };
        let field = |name: &str| format!("serviceAccounts.{}.{name}", to.name);
        found.set(&field("roles"), &from.roles, &to.roles);
        let (from, to) = (from.kubernetes_service_account.as_ref(), to.kubernetes_service_account.as_ref());
        found.value(&field("kubernetesServiceAccount"), from, to);
    }
}

/// Fields that the format does not define: nothing follows from them.
pub(super) fn extra(found: &mut Differences, prefix: &str, old: &Extra, new: &Extra) {
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for key in keys.into_iter().filter(|key| old.get(*key) != new.get(*key)) {
        let (from, to) = (old.get(key).map(short), new.get(key).map(short));
        found.0.push(FieldChange { field: format!("{prefix}{key}"), from, to });
    }
}

/// The beginning of a value, which may be of any size.
fn short(value: &serde_json::Value) -> String {
    const MOST: usize = 120;
    let text = match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
