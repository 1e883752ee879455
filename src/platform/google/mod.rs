//! Google Cloud: projects, billing, APIs and IAM policies, through Google's own clients ([`crate::connect::google`]).
//!
//! | file | what |
//! |---|---|
//! | `settings` | how Google is reached, and what new projects get |
//! | `projects` | the verbs |
//! | `project` | a project itself: reading, creating, changing, deleting it |
//! | `billing` | its billing account |
//! | `liens` | what keeps it from being deleted |
//! | `apis` | enabled APIs |
//! | `policy` | an IAM policy, and changes of it |
//! | `policy_write` | the read-modify-write of a policy |
//! | `accounts` | service accounts, and who may act as them |
//! | `known` | what this process knows of a project |
//! | `error` | what a failed request means |

mod accounts;
mod apis;
mod billing;
mod error;
mod known;
mod liens;
mod policy;
mod policy_write;
mod project;
mod projects;
mod settings;

use std::sync::Arc;

use self::known::KnownProjects;
pub use self::settings::{Endpoints, GoogleAccess, Quotas, Settings};
use crate::connect::google::GoogleApis;

const PLATFORM: &str = "google";

/// Google Cloud, as one identity uses it.
#[derive(Debug, Clone)]
pub struct Google {
    apis: Arc<GoogleApis>,
    known: Arc<KnownProjects>,
    lien: bool,
    remove_creator_owner: Option<bool>,
}

impl Google {
    /// The platform with these settings. Reads nothing and connects to nothing: that is left to the first verb.
    pub fn new(settings: &Settings) -> Self {
        Self {
            apis: Arc::new(GoogleApis::new(settings.access.clone())),
            known: Arc::default(),
            lien: settings.project_liens,
            remove_creator_owner: settings.remove_creator_owner,
        }
    }
}
