//! Which objects a registry may change and delete.

use super::Error;
use crate::fanout::resource::Labels;
use crate::registry::names::RegistryName;
use crate::registry::owner_label::OwnerLabel;

/// The registry that objects are created for, and whether objects without an ownership label may be adopted.
#[derive(Debug, Clone)]
pub struct OwnershipPolicy {
    /// The registry in the ownership label.
    pub registry: RegistryName,
    /// `adopt_existing`: adopt an object that has no ownership label. An object of *another* registry is never adopted.
    pub adopt: bool,
}

impl OwnershipPolicy {
    /// Whether an object with this ownership label may be updated or adopted.
    pub fn may_change(&self, owner: &OwnerLabel) -> bool {
        owner.is(&self.registry) || (self.adopt && *owner == OwnerLabel::Missing)
    }

    /// Whether an object with this ownership label may be deleted: only what was created for this registry, `adopt` or not.
    pub fn may_delete(&self, owner: &OwnerLabel) -> bool {
        owner.is(&self.registry)
    }

    /// `labels` with the ownership label of this registry.
    pub fn with_owner(&self, labels: &Labels) -> Labels {
        let mut labels = labels.clone();
        OwnerLabel::write(&self.registry, &mut labels);
        labels
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
