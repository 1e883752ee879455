//! What an apply changes on what exists already: the differences between it and the desired settings, one a line. Labels,
//! annotations and settings that the registry does not state are those of others, and not compared.

use std::collections::BTreeSet;

use crate::fanout::resource::{
    ACTS_AS, Labels, NamespaceSettings, ProjectSettings, Quota, RoleBinding, ServiceAccountSettings,
};
use crate::registry::same_quantity;

/// `label `tier`: `1` -> `2``.
fn changed(what: &str, before: Option<&str>, after: Option<&str>) -> Option<String> {
    let text = |value: Option<&str>| value.map_or_else(|| "none".to_owned(), |value| format!("`{value}`"));
    (before != after).then(|| format!("{what}: {} -> {}", text(before), text(after)))
}

/// A setting that the registry need not state.
fn stated(what: &str, found: Option<&String>, desired: Option<&String>) -> Option<String> {
    desired.and_then(|desired| changed(what, found.map(String::as_str), Some(desired)))
}

fn labels(what: &str, found: &Labels, desired: &Labels) -> Vec<String> {
    let each = |(key, value): (&String, &String)| {
        changed(&format!("{what} `{key}`"), found.get(key).map(String::as_str), Some(value))
    };
    desired.iter().filter_map(each).collect()
}

pub fn project(found: &ProjectSettings, desired: &ProjectSettings) -> Vec<String> {
    let own = [
        changed("display name", Some(&found.display_name), Some(&desired.display_name)),
        stated("parent", found.parent.as_ref(), desired.parent.as_ref()),
        stated("billing account", found.billing_account.as_ref(), desired.billing_account.as_ref()),
    ];
    own.into_iter().flatten().chain(labels("label", &found.labels, &desired.labels)).collect()
}

/// The ownership text in its description is told apart from the rest: see [`messages`](super::existing_messages::relabelled).
pub fn service_account(found: &ServiceAccountSettings, desired: &ServiceAccountSettings) -> Vec<String> {
    changed("display name", Some(&found.display_name), Some(&desired.display_name)).into_iter().collect()
}

pub fn namespace(found: &NamespaceSettings, desired: &NamespaceSettings) -> Vec<String> {
    let mut all = labels("label", &found.labels, &desired.labels);
    all.extend(labels("annotation", &found.annotations, &desired.annotations));
    all
}

/// All limits are ours, so one that is not desired is removed.
pub fn quota(found: &Quota, desired: &Quota) -> Vec<String> {
    let resources: BTreeSet<&String> = found.keys().chain(desired.keys()).collect();
    let each = |resource: &String| {
        let (before, after) = (found.get(resource), desired.get(resource));
        let same = before.zip(after).is_some_and(|(before, after)| same_quantity(before, after));
        changed(&format!("limit `{resource}`"), before.map(String::as_str), after.map(String::as_str)).filter(|_| !same)
    };
    resources.into_iter().filter_map(each).collect()
}

/// Of a Kubernetes service account only this is ours.
pub fn kubernetes_service_account(found: Option<&str>, desired: &str) -> Vec<String> {
    changed(&format!("annotation `{ACTS_AS}`"), found, Some(desired)).into_iter().collect()
}

/// All subjects are ours, so one that is not desired loses its access.
pub fn role_binding(found: &RoleBinding, desired: &RoleBinding) -> Vec<String> {
    let role = changed("role", Some(found.role.as_str()), Some(desired.role.as_str()));
    let role = role.map(|line| format!("{line} (deleted and created again)"));
    let gone = found.subjects.difference(&desired.subjects).map(|subject| format!("revoked from `{subject}`"));
    let new = desired.subjects.difference(&found.subjects).map(|subject| format!("granted to `{subject}`"));
    role.into_iter().chain(gone).chain(new).collect()
}
