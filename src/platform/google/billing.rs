//! The billing account of a project.

use google_cloud_billing_v1::model::ProjectBillingInfo;
use tokio::time::Instant;

use super::Google;
use super::error::{Attempt, is_unseen};
use crate::connect::google::{Api, Call, Called};
use crate::platform::{Error, RequestContext, Result};
use crate::registry::names::ProjectId;

const PREFIX: &str = "billingAccounts/";
/// The permission on an account.
const LINK: &str = "billing.resourceAssociations.create";

fn account(info: &ProjectBillingInfo) -> Option<String> {
    let name = info.billing_account_name.strip_prefix(PREFIX).unwrap_or(&info.billing_account_name);
    Some(name.to_owned()).filter(|name| !name.is_empty())
}

impl Google {
    /// The account that pays for a project.
    pub(super) async fn billing_account(&self, ctx: &RequestContext, id: &ProjectId) -> Called<Option<String>> {
        let name = format!("projects/{id}");
        let call =
            Call::read(Api::Billing, "GET", format!("v1/{name}/billingInfo")).settles(self.known.get(id).settles());
        let read = self.apis.call(ctx, &call, |clients, options| {
            clients.billing.get_project_billing_info().set_name(&name).with_options(options).send()
        });
        Ok(account(&read.await?))
    }

    /// Links a project to an account, and returns the account that Google reports after it.
    ///
    /// It needs a permission on each. A refusal does not say which is missing, and a new project may have it a moment later.
    pub(super) async fn link_billing(&self, ctx: &RequestContext, id: &ProjectId, account_id: &str) -> Result<String> {
        let what = format!("billing account `{account_id}` cannot be linked");
        let failed = |error| {
            let permission = "resourcemanager.projects.createBillingAssignment";
            Attempt { project: id, what: &what, permission }.failed(error)
        };
        let info = match self.put_billing_info(ctx, id, account_id, None).await {
            Ok(info) => info,
            Err(error) if !is_unseen(&error) => return Err(failed(error)),
            Err(_) if !self.may_link_to(ctx, account_id).await.map_err(failed)? => {
                return Err(Error::PermissionDenied(format!(
                    "project `{id}`: {what}: the account does not exist, or there is no permission `{LINK}` on it"
                )));
            }
            Err(_) => {
                let settles = self.known.get(id).settles();
                self.put_billing_info(ctx, id, account_id, settles).await.map_err(failed)?
            }
        };
        if !info.billing_enabled {
            tracing::warn!(project = %id, account = account_id, "the billing account is closed: what costs money will not run");
        }
        Ok(account(&info).unwrap_or_else(|| account_id.to_owned()))
    }

    async fn put_billing_info(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        account_id: &str,
        settles: Option<Instant>,
    ) -> Called<ProjectBillingInfo> {
        let name = format!("projects/{id}");
        let info = ProjectBillingInfo::new().set_billing_account_name(format!("{PREFIX}{account_id}"));
        let call = Call::write(Api::Billing, "PUT", format!("v1/{name}/billingInfo")).settles(settles);
        let written = self.apis.call(ctx, &call, |clients, options| {
            let request = clients.billing.update_project_billing_info().set_name(&name);
            request.set_project_billing_info(info.clone()).with_options(options).send()
        });
        written.await
    }

    /// Whether there is such an account, and projects may be linked to it.
    async fn may_link_to(&self, ctx: &RequestContext, account_id: &str) -> Called<bool> {
        let name = format!("{PREFIX}{account_id}");
        let call = Call::read(Api::Billing, "POST", format!("v1/{name}:testIamPermissions"));
        let tested = self.apis.call(ctx, &call, |clients, options| {
            let request = clients.billing.test_iam_permissions().set_resource(&name).set_permissions([LINK]);
            request.with_options(options).send()
        });
        match tested.await {
            Ok(answer) => Ok(answer.permissions.iter().any(|permission| permission == LINK)),
            Err(error) if is_unseen(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
