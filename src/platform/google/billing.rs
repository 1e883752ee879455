//! The billing account of a project.

use google_cloud_billing_v1::model::ProjectBillingInfo;

use super::Google;
use super::error::Attempt;
use crate::connect::google::{Api, Call, Called};
use crate::platform::{RequestContext, Result};
use crate::registry::names::ProjectId;

const PREFIX: &str = "billingAccounts/";

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
    pub(super) async fn link_billing(&self, ctx: &RequestContext, id: &ProjectId, account_id: &str) -> Result<String> {
        let name = format!("projects/{id}");
        let info = ProjectBillingInfo::new().set_billing_account_name(format!("{PREFIX}{account_id}"));
        let call =
            Call::write(Api::Billing, "PUT", format!("v1/{name}/billingInfo")).settles(self.known.get(id).settles());
        let written = self.apis.call(ctx, &call, |clients, options| {
            let request = clients.billing.update_project_billing_info().set_name(&name);
            request.set_project_billing_info(info.clone()).with_options(options).send()
        });
        let info = written.await.map_err(|error| {
            let what = format!("billing account `{account_id}` cannot be linked");
            let permission =
                "resourcemanager.projects.createBillingAssignment` on it or `billing.resourceAssociations.create";
            Attempt { project: id, what: &what, permission }.failed(error)
        })?;
        if !info.billing_enabled {
            tracing::warn!(project = %id, account = account_id, "the billing account is closed: what costs money will not run");
        }
        Ok(account(&info).unwrap_or_else(|| account_id.to_owned()))
    }
}
