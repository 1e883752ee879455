//! States of objects with an ownership label: a project, a namespace. The label is not one of the user's labels; the attribute
//! `registry` shows it.

use crate::fanout::resource::{DeletionPolicy, Labels, ResourceSet};
use crate::provider::lifecycle::{Partial, StateModel};
use crate::registry::owner_label::OwnerLabel;
use crate::sdk::Attr;

/// The state of an object with an ownership label.
pub trait Owned: StateModel {
    /// The attribute `registry`.
    fn owner(&mut self) -> &mut Attr<String>;

    /// The attribute `deletion_policy`.
    fn stored_policy(&mut self) -> &mut Attr<String>;

    /// Puts resources into the attributes, in the user's own spelling and order where that still means the same.
    fn set_resources(&mut self, resources: &ResourceSet);
}

/// The labels that `registry` of a stored state stands for. Where the ownership label is missing, its keys are there even so,
/// without their values: putting it back is a change of what is ours. Null is no label at all.
pub fn labels(registry: &Attr<String>) -> Labels {
    registry.known().map_or_else(Labels::new, |registry| OwnerLabel::stored(registry))
}

/// The labels of a user among all that are managed on an object.
pub fn users_labels(labels: &Labels) -> impl Iterator<Item = (&String, &String)> {
    labels.iter().filter(|(key, _)| !OwnerLabel::has_key(key))
}

/// A stored policy. One that cannot be read protects.
pub fn policy(attr: &Attr<String>) -> DeletionPolicy {
    attr.known().and_then(|text| DeletionPolicy::parse(text)).unwrap_or_default()
}

/// Makes a prior state what is true after an apply that did not do everything.
pub fn set_partial<M: Owned>(model: &mut M, partial: &Partial<'_, M>) {
    let Some(scope) = model.identity().and_then(|identity| identity.scope()) else { return };
    if let Some(planned) = partial.planned {
        // Of two policies the more careful one, until the whole change is done.
        let careful = model.policy().min(planned.policy());
        *model.stored_policy() = Attr::Known(careful.to_string());
    }
    if partial.removals.abandon.contains(&scope) {
        return; // Not changed, and abandoned again next time.
    }
    // Those to whom it is released need the label.
    if !partial.removals.release.contains_key(&scope) {
        let labels = partial.managed.labels(&scope);
        *model.owner() = labels.and_then(OwnerLabel::registry_text).cloned().into();
    }
    model.set_resources(partial.managed);
}
