//! What changes of a resource that exists before and after.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::registry::Labels;
use crate::registry::names::ServiceName;

use super::super::FanOut;
use super::super::resource::{Key, ResourceSet, Scope};

/// One value that changes: of a resource, or of an entry of the registry. An item that is added to a list has no value before, one
/// that is removed has none afterwards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FieldChange {
    /// The field: `labels.team`, `quota.requests.cpu`.
    pub field: String,
    /// The value before.
    pub from: Option<String>,
    /// The value by now.
    pub to: Option<String>,
}

/// Collects the differences of two entries.
#[derive(Debug, Default)]
pub(super) struct Differences(pub(super) Vec<FieldChange>);

impl Differences {
    /// One value.
    pub(super) fn value(&mut self, field: &str, from: Option<impl ToString>, to: Option<impl ToString>) {
        let (from, to) = (from.map(|value| value.to_string()), to.map(|value| value.to_string()));
        if from != to {
            self.0.push(FieldChange { field: field.to_owned(), from, to });
        }
    }

    /// A set: each item that is only in one of them.
    pub(super) fn set<T: Ord + ToString>(
        &mut self,
        field: &str,
        from: impl IntoIterator<Item = T>,
        to: impl IntoIterator<Item = T>,
    ) {
        let (from, to): (BTreeSet<T>, BTreeSet<T>) = (from.into_iter().collect(), to.into_iter().collect());
        for item in from.difference(&to) {
            self.value(field, Some(item.to_string()), None::<String>);
        }
        for item in to.difference(&from) {
            self.value(field, None::<String>, Some(item.to_string()));
        }
    }

    /// A map: each key whose value differs, as `FIELD.KEY`.
    pub(super) fn map(&mut self, field: &str, from: &Labels, to: &Labels) {
        let keys: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
        for key in keys {
            self.value(&format!("{field}.{key}"), from.get(key), to.get(key));
        }
    }
}

/// What changes of a key that both sides contain. The settings of what a service does not own are those of the owner.
pub(super) fn changed_fields(
    old: &FanOut,
    new: &FanOut,
    (before, after): (&ResourceSet, &ResourceSet),
    key: &Key,
) -> Vec<FieldChange> {
    let mut found = Differences::default();
    match key {
        Key::Project(id) => {
            if let (Some(from), Some(to)) = (before.projects.get(id), after.projects.get(id)) {
                scope(
                    &mut found,
                    (from, to),
                    || (owner(old, key), owner(new, key)),
                    |found, from, to| {
                        found.value("name", Some(&from.display_name), Some(&to.display_name));
                        found.value("parent", from.parent.as_ref(), to.parent.as_ref());
                        found.value("billingAccount", from.billing_account.as_ref(), to.billing_account.as_ref());
                        found.map("labels", &from.labels, &to.labels);
                    },
                );
            }
        }
        Key::Namespace(namespace) => {
            if let (Some(from), Some(to)) = (before.namespaces.get(namespace), after.namespaces.get(namespace)) {
                scope(
                    &mut found,
                    (from, to),
                    || (owner(old, key), owner(new, key)),
                    |found, from, to| {
                        found.map("labels", &from.labels, &to.labels);
                        found.map("annotations", &from.annotations, &to.annotations);
                    },
                );
            }
        }
        Key::Quota(namespace) => {
            if let (Some(from), Some(to)) = (before.quotas.get(namespace), after.quotas.get(namespace)) {
                found.map("quota", from, to);
            }
        }
        Key::ServiceAccount(project, name) => {
            if let (Some(from), Some(to)) =
                (before.service_account(project, name), after.service_account(project, name))
            {
                found.value("displayName", Some(&from.settings.display_name), Some(&to.settings.display_name));
                found.value("description", Some(&from.settings.description), Some(&to.settings.description));
                found.value("deletionPolicy", Some(from.deletion_policy), Some(to.deletion_policy));
            }
        }
        Key::KubernetesServiceAccount(namespace, name) => {
            if let (Some(from), Some(to)) =
                (before.kubernetes_service_account(namespace, name), after.kubernetes_service_account(namespace, name))
            {
                found.value(
                    "googleServiceAccount",
                    Some(&from.google_service_account),
                    Some(&to.google_service_account),
                );
                found.value("deletionPolicy", Some(from.deletion_policy), Some(to.deletion_policy));
            }
        }
        Key::RoleBinding(namespace, name) => {
            let of = |set: &'_ ResourceSet| set.role_bindings.get(namespace).and_then(|all| all.get(name)).cloned();
            if let (Some(from), Some(to)) = (of(before), of(after)) {
                found.set("subjects", from.subjects, to.subjects);
            }
        }
        // They are what their keys are.
        Key::Api(..) | Key::IamMember(..) | Key::WorkloadIdentity(..) => {}
    }
    found.0
}

/// A project or namespace: its settings and policy, if the service owns it before and after; its owner, if that changes.
fn scope<'f, T>(
    found: &mut Differences,
    (from, to): (&Scope<T>, &Scope<T>),
    owners: impl FnOnce() -> (Option<&'f ServiceName>, Option<&'f ServiceName>),
    settings: impl FnOnce(&mut Differences, &T, &T),
) {
    if from.shared != to.shared {
        let (from, to) = owners();
        found.value("owner", from, to);
    } else if !to.shared {
        settings(found, &from.settings, &to.settings);
        found.value("deletionPolicy", Some(from.deletion_policy), Some(to.deletion_policy));
    }
}

/// The owner that the entry of a project or namespace declares.
pub(super) fn owner<'f>(fan_out: &'f FanOut, key: &Key) -> Option<&'f ServiceName> {
    let registry = &fan_out.registry;
    match key {
        Key::Project(id) => registry.projects.get(id.as_str())?.owner.as_ref(),
        Key::Namespace(namespace) => registry.namespaces.get(&namespace.to_string())?.owner.as_ref(),
        _ => None,
    }
}
