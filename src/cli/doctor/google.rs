//! Credentials for Google Cloud, if the registry has projects there.

use std::time::Duration;

use crate::answers::{Check, Projects};
use crate::connect::google::has_credentials;
use crate::registry::Registry;

/// How long Google has for its answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The Application Default Credentials.
pub(super) async fn check(registry: &Registry) -> Option<Check> {
    if Projects::ids(registry).is_empty() {
        return None;
    }
    Some(match has_credentials(PATIENCE).await {
        Ok(()) => Check::ok("Google Cloud", "application default credentials give a token"),
        Err(why) => Check::warning("Google Cloud", why, "gcloud auth application-default login"),
    })
}
