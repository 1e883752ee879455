//! Whose an object is that has the name of one in the state.

use crate::platform::{OwnerLabel, OwnershipPolicy};

/// Whose an object under the name of one of ours is.
pub enum Whose {
    /// Ours.
    Ours,
    /// Ours, as the state records it; its label was removed, or it was created again without one.
    Unlabelled,
    /// Another registry's.
    Others,
}

/// Decides it by the ownership label.
pub fn whose(ownership: &OwnershipPolicy, owner: &OwnerLabel) -> Whose {
    match owner {
        owner if ownership.is_ours(owner) => Whose::Ours,
        OwnerLabel::Missing => Whose::Unlabelled,
        OwnerLabel::Registry(_) => Whose::Others,
    }
}
