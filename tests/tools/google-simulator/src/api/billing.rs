//! Cloud Billing: which account pays for a project.

use serde_json::{Value, json};

use crate::context::{Context, require_active};
use crate::error::{ApiError, Result};
use crate::permissions::is_allowed;
use crate::state::{BillingAccount, Project};

fn render(context: &Context<'_>, project: &Project) -> Value {
    let open = |name: &String| context.state.billing_accounts.get(name).is_some_and(|account| account.open);
    json!({
        "name": format!("projects/{}/billingInfo", project.id),
        "projectId": project.id,
        "billingAccountName": project.billing_account.clone().unwrap_or_default(),
        "billingEnabled": project.billing_account.as_ref().is_some_and(open),
    })
}

/// `projects.getBillingInfo`
pub(crate) fn get_info(context: &mut Context<'_>) -> Result {
    let project = context.seen_project("resourcemanager.projects.get")?;
    Ok(render(context, &project))
}

/// `projects.updateBillingInfo`: an empty name disconnects the project.
pub(crate) fn update_info(context: &mut Context<'_>) -> Result {
    let account = Some(context.text("billingAccountName").to_owned()).filter(|name| !name.is_empty());
    let permission = match account {
        Some(_) => "resourcemanager.projects.createBillingAssignment",
        None => "resourcemanager.projects.deleteBillingAssignment",
    };
    let project = context.project(permission)?;
    require_active(&project)?;
    if let Some(name) = &account {
        let account = context.state.billing_accounts.get(name).ok_or_else(ApiError::denied)?;
        context.require("billing.resourceAssociations.create", name)?;
        require_room(context, &project, name, account)?;
    }
    if let Some(old) = &project.billing_account
        && account.is_none()
    {
        // Who may manage the project's billing may disconnect it; the account's own administrators may too.
        context
            .require("resourcemanager.projects.deleteBillingAssignment", &format!("projects/{}", project.id))
            .or_else(|_| context.require("billing.resourceAssociations.delete", old))?;
    }
    context.state.change_project(&project.id, |project| project.billing_account = account);
    let project = context.project(permission)?;
    Ok(render(context, &project))
}

fn require_room(context: &Context<'_>, project: &Project, name: &str, account: &BillingAccount) -> Result<()> {
    if !account.open {
        let text = format!("Billing account {name} is closed.");
        return Err(ApiError::precondition("Precondition check failed.").violation(
            "BILLING_ACCOUNT_CLOSED",
            name,
            &text,
        ));
    }
    let is_linked = |it: &Project| it.billing_account.as_deref() == Some(name);
    let linked = context.state.projects.values().filter(|it| is_linked(it.current())).count();
    if !is_linked(project) && account.project_cap.is_some_and(|cap| linked >= cap) {
        return Err(ApiError::precondition("Precondition check failed.").quota(
            name,
            "Cloud billing quota exceeded: https://support.google.com/code/contact/billing_quota_increase",
        ));
    }
    Ok(())
}

fn render_account(context: &Context<'_>, name: &str, account: &BillingAccount) -> Value {
    json!({
        "name": name,
        "displayName": account.display_name,
        "open": account.open,
        "masterBillingAccount": "",
        "parent": context.state.organization,
        "currencyCode": "USD",
    })
}

/// `billingAccounts.get`
pub(crate) fn get_account(context: &mut Context<'_>) -> Result {
    let name = format!("billingAccounts/{}", context.path("account"));
    let account = context.state.billing_accounts.get(&name).ok_or_else(ApiError::denied)?;
    context.require("billing.accounts.get", &name)?;
    Ok(render_account(context, &name, account))
}

/// `billingAccounts.list`: those that the caller may see.
pub(crate) fn list_accounts(context: &mut Context<'_>) -> Result {
    let accounts = context.state.billing_accounts.iter();
    let all = accounts
        .filter(|(name, _)| is_allowed(context.state, &context.caller, "billing.accounts.list", name))
        .map(|(name, account)| render_account(context, name, account))
        .collect();
    context.page("billingAccounts", all, 100)
}

/// `billingAccounts.projects.list`
pub(crate) fn list_projects(context: &mut Context<'_>) -> Result {
    let name = format!("billingAccounts/{}", context.path("account"));
    context.state.billing_accounts.get(&name).ok_or_else(ApiError::denied)?;
    context.require("billing.resourceAssociations.list", &name)?;
    let projects = context.state.projects.values().map(|project| project.current());
    let all = projects.filter(|it| it.billing_account.as_ref() == Some(&name)).map(|it| render(context, it)).collect();
    context.page("projectBillingInfo", all, 100)
}
