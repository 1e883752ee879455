//! Whether an object is there to be used.

/// Whether an object is there to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lifecycle {
    /// It exists and is usable.
    Active,
    /// It is being deleted: a project in its 30 days of grace, a namespace that is Terminating. The text is what is known
    /// (until when, or what blocks the deletion).
    PendingDeletion(String),
}
