//! How Google is reached.

use std::time::Duration;

use crate::connect::Secret;
pub use crate::connect::google::Endpoints;
use crate::connect::google::{GoogleAccess, Quotas};

/// The settings of the platform, from the provider block. Credentials come from Application Default Credentials.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The project that requests are billed and counted to, instead of the one of the credentials.
    pub quota_project: Option<String>,
    /// The service account to act as.
    pub impersonate_service_account: Option<String>,
    /// The domain of the APIs, instead of `googleapis.com`.
    pub universe_domain: Option<String>,
    /// A token to send instead of those of Application Default Credentials.
    pub access_token: Option<Secret>,
    /// Addresses other than Google's.
    pub endpoints: Endpoints,
    /// How long a request is repeated while Google is busy, or others change the same policy.
    pub retry_budget: Duration,
    /// The most requests a minute to one API, where that is less than Google's own quota allows.
    pub requests_per_minute: Option<u32>,
    /// Whether each project that is created gets a lien, so that Google itself refuses to delete it.
    pub project_liens: bool,
    /// Whether `roles/owner`, which Google grants to the creator of a project, is removed again.
    pub remove_creator_owner: bool,
}

impl Settings {
    /// The default of [`Settings::retry_budget`].
    pub const RETRY_BUDGET: Duration = Duration::from_secs(300);

    /// What the connection needs of them.
    pub(super) fn access(&self) -> GoogleAccess {
        GoogleAccess {
            quota_project: self.quota_project.clone(),
            impersonate_service_account: self.impersonate_service_account.clone(),
            universe_domain: self.universe_domain.clone(),
            access_token: self.access_token.clone(),
            endpoints: self.endpoints.clone(),
            retry_budget: self.retry_budget,
            quotas: Quotas::Published(self.requests_per_minute),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            quota_project: None,
            impersonate_service_account: None,
            universe_domain: None,
            access_token: None,
            endpoints: Endpoints::default(),
            retry_budget: Self::RETRY_BUDGET,
            requests_per_minute: None,
            project_liens: false,
            remove_creator_owner: false,
        }
    }
}
