//! The settings of the fan-out in the provider block, which an edit of the registry cannot change.

use crate::registry::names::{BillingAccount, Parent};
use crate::registry::{Labels, Permissions};

use super::fences::Fences;

/// The input of the fan-out besides the registry.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Rows of the permissions table that override the registry's, row by row.
    pub permissions: Option<Permissions>,
    /// The platforms whose resources are managed.
    pub manage: Manage,
    /// The template for the principal of a team without an e-mail address: `group:{team}-team@example.com`.
    pub member_template: Option<String>,
    /// Labels for every project and namespace that is managed. They override the registry's.
    pub labels: Labels,
    /// The clusters that the provider block names.
    pub clusters: Vec<String>,
    /// What a project has whose entry does not state it.
    pub project_defaults: ProjectDefaults,
    /// Limits for every registry.
    pub fences: Fences,
}

/// The platforms whose resources are managed: both, unless the provider block excludes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manage {
    /// Projects, enabled APIs, IAM members and service accounts.
    pub google: bool,
    /// Namespaces, quotas, role bindings and Kubernetes service accounts.
    pub kubernetes: bool,
}

impl Default for Manage {
    fn default() -> Self {
        Self { google: true, kubernetes: true }
    }
}

/// What a project has whose entry does not state it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectDefaults {
    /// The parent.
    pub parent: Option<Parent>,
    /// The billing account.
    pub billing_account: Option<BillingAccount>,
}
