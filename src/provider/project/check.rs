//! The rules of the arguments: those of the registry. See [`arguments`](crate::provider::leaf::arguments).

use super::model::ProjectModel;
use crate::codes;
use crate::provider::leaf::arguments::Wrong;
use crate::registry::labels::Dialect;
use crate::registry::names::{BillingAccount, DisplayName, GoogleService, Parent, ProjectId};
use crate::sdk::{Diagnostics, Path};

/// Checks all arguments.
///
/// # Errors
/// For every one that breaks a rule.
pub(super) fn check(config: &ProjectModel) -> Result<(), Diagnostics> {
    let mut wrong = Wrong::default();
    wrong.name::<ProjectId>(&config.project_id, Path::attribute("project_id"));
    if config.project_id.known().and_then(|id| id.parse().ok()).is_some_and(|id: ProjectId| id.has_domain()) {
        let detail = "Google creates no project whose id has a domain. Manage the members of one that exists with `anu_project_iam`, or \
                      list it in the registry with `\"existing\": true`.";
        wrong.add(codes::PROJECT_WITH_DOMAIN, &Path::attribute("project_id"), detail);
    }
    wrong.name::<DisplayName>(&config.display_name, Path::attribute("display_name"));
    wrong.name::<Parent>(&config.parent, Path::attribute("parent"));
    wrong.name::<BillingAccount>(&config.billing_account, Path::attribute("billing_account"));
    wrong.labels("labels", &config.labels, Dialect::Google);
    wrong.names::<GoogleService>("API", &config.apis, &Path::attribute("apis"), str::to_owned);
    wrong.finish()
}

#[cfg(test)]
mod tests;
