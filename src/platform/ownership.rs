//! Which objects a registry may change and delete.

use super::Error;
use crate::fanout::resource::{Labels, ProjectSettings, ServiceAccountSettings};
use crate::registry::names::RegistryName;
use crate::registry::owner_label::{CREATOR_LABEL, DELETION_LABEL, OwnerLabel};

/// The registry that objects are created for, and which others it may adopt.
#[derive(Debug, Clone)]
pub struct OwnershipPolicy {
    /// The registry in the ownership label.
    pub registry: RegistryName,
    /// Its earlier names: what carries one of them is ours, and gets the new label when it is written.
    pub previous: Vec<RegistryName>,
    /// `adopt_existing`: adopt an object that has no ownership label. An object of *another* registry is never adopted.
    pub adopt: bool,
    /// Whether the state records the object: without an ownership label it is still ours: the label was removed.
    pub recorded: bool,
}

impl OwnershipPolicy {
    /// Of a registry that has always had this name, without adoption.
    pub fn of(registry: RegistryName) -> Self {
        Self { registry, previous: Vec::new(), adopt: false, recorded: false }
    }

    /// Whether an object with this ownership label was created for this registry, under this name or an earlier one.
    pub fn is_ours(&self, owner: &OwnerLabel) -> bool {
        owner.is(&self.registry) || self.previous.iter().any(|name| owner.is(name))
    }

    /// Whether an object with this ownership label may be updated or adopted.
    pub fn may_change(&self, owner: &OwnerLabel) -> bool {
        self.is_ours(owner) || ((self.adopt || self.recorded) && *owner == OwnerLabel::Missing)
    }

    /// Whether a project or namespace with this ownership label may be deleted: only what was created for this registry, `adopt` or
    /// not.
    pub fn may_delete(&self, owner: &OwnerLabel) -> bool {
        self.is_ours(owner)
    }

    /// Whether a quota or role binding with this ownership label may be deleted. A label that was removed does not keep access
    /// that the state records.
    pub fn may_revoke(&self, owner: &OwnerLabel) -> bool {
        self.is_ours(owner) || (self.recorded && *owner == OwnerLabel::Missing)
    }

    /// Whether an object has the label that this registry writes.
    pub fn is_labelled(&self, owner: &OwnerLabel) -> bool {
        owner.is(&self.registry)
    }

    /// `labels` with the ownership label of this registry.
    pub fn with_owner(&self, labels: &Labels) -> Labels {
        let mut labels = labels.clone();
        OwnerLabel::write(&self.registry, &mut labels);
        labels
    }

    /// The settings of a service account that this registry writes: what others wrote in its description stays.
    pub fn with_owner_text(&self, found: &str, desired: &ServiceAccountSettings) -> ServiceAccountSettings {
        let description = OwnerLabel::with_text(&self.registry, found);
        ServiceAccountSettings { display_name: desired.display_name.clone(), description }
    }

    /// The refusal for an object of others: `what` is `project `x``.
    pub fn not_owned(&self, what: impl Into<String>) -> Error {
        Error::NotOwned { what: what.into(), registry: self.registry.to_string() }
    }
}

/// Whether `found` has every entry of `desired`. Entries of others do not matter.
pub(super) fn contains(found: &Labels, desired: &Labels) -> bool {
    desired.iter().all(|(key, value)| found.get(key) == Some(value))
}

/// `desired` over `found`, without the keys of `previous` that are no longer desired.
pub(super) fn merge_labels<'a>(
    found: &Labels,
    desired: &Labels,
    previous: impl IntoIterator<Item = &'a String>,
) -> Labels {
    let mut labels = found.clone();
    // Of anu's own, so they never stay where they are not desired.
    labels.remove(DELETION_LABEL);
    labels.remove(CREATOR_LABEL.0);
    for key in previous {
        labels.remove(key);
    }
    labels.extend(desired.iter().map(|(key, value)| (key.clone(), value.clone())));
    labels
}

/// `desired` over the settings of a project: labels of others stay, and what `desired` does not state.
pub(super) fn merge_settings<'a>(
    found: &ProjectSettings,
    desired: &ProjectSettings,
    previous: impl IntoIterator<Item = &'a String>,
    ownership: &OwnershipPolicy,
) -> ProjectSettings {
    ProjectSettings {
        display_name: desired.display_name.clone(),
        parent: desired.parent.clone().or_else(|| found.parent.clone()),
        billing_account: desired.billing_account.clone().or_else(|| found.billing_account.clone()),
        labels: ownership.with_owner(&merge_labels(&found.labels, &desired.labels, previous)),
    }
}
