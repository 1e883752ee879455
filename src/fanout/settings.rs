//! The settings of the fan-out in the provider block, which an edit of the registry cannot change.

use crate::registry::names::{BillingAccount, Parent};
use crate::registry::{Labels, Permissions};

use super::fences::Fences;

/// The input of the fan-out besides the registry.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Rows of the permissions table that override the registry's, row by row.
    pub permissions: Option<Permissions>,
    /// The template for the principal of a team without an e-mail address: `group:{team}-team@example.com`.
    pub member_template: Option<String>,
    /// Labels for every project and namespace. They override the registry's.
    pub labels: Labels,
    /// The clusters that the provider block names.
    pub clusters: Vec<String>,
    /// What a project has whose entry does not state it.
    pub project_defaults: ProjectDefaults,
    /// Limits for every registry.
    pub fences: Fences,
}

/// What a project has whose entry does not state it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectDefaults {
    /// The parent.
    pub parent: Option<Parent>,
    /// The billing account.
    pub billing_account: Option<BillingAccount>,
}
