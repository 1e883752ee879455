//! The settings of the platform, from the provider block.

pub use crate::connect::google::{Endpoints, GoogleAccess, Quotas};

/// How Google is reached, and what is done to a project that is created.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// How Google is reached.
    pub access: GoogleAccess,
    /// Whether each project that is created gets a lien, so that Google itself refuses to delete it.
    pub project_liens: bool,
    /// Whether `roles/owner`, which Google grants to the creator of a project, is removed again. Without a value it is not, and
    /// reported.
    pub remove_creator_owner: Option<bool>,
}
