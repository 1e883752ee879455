//! IAM: service accounts.

use serde_json::{Value, json};

use crate::context::{Context, require_active};
use crate::error::{ApiError, Code, Result};
use crate::state::{Delayed, Policy, ServiceAccount, State, email_of};

fn denied(permission: &str) -> ApiError {
    ApiError::new(
        Code::PermissionDenied,
        format!("Permission '{permission}' denied on resource (or it may not exist)."),
    )
    .reason("IAM_PERMISSION_DENIED", "iam.googleapis.com", json!({ "permission": permission }))
}

/// The e-mail address that the path names, by address or unique id. The project may be `-`.
fn email(context: &Context<'_>) -> String {
    let name = context.path("account");
    let by_id = context.state.accounts.iter().find(|(_, account)| account.current().unique_id == name);
    by_id.map_or_else(|| name.to_lowercase(), |(email, _)| email.clone())
}

/// The service account in the path as readers see it.
pub(super) fn existing(context: &Context<'_>) -> Result<ServiceAccount> {
    let email = email(context);
    let account = context.state.accounts.get(&email).and_then(|account| account.seen(context.state.seen_at()));
    let owner = context.path("project");
    let is_in =
        |account: &&ServiceAccount| owner == "-" || context.state.project_id(owner).as_ref() == Some(&account.project);
    account.filter(is_in).cloned().ok_or_else(|| ApiError::not_found("Unknown service account"))
}

/// The service account in the path, if the caller has a permission on it. To others in the project it does not exist; strangers
/// to the project are refused.
fn permitted(context: &Context<'_>, permission: &str) -> Result<ServiceAccount> {
    let owner = context.path("project");
    if owner != "-" {
        let id = context.state.project_id(owner).ok_or_else(|| denied(permission))?;
        let is_stranger = context.require(permission, &format!("projects/{id}")).is_err();
        if is_stranger && existing(context).is_err() {
            return Err(denied(permission));
        }
    }
    let account = existing(context)?;
    context.require(permission, &format!("serviceAccounts/{}", account.email)).map_err(|_| denied(permission))?;
    Ok(account)
}

/// Changes a service account. The etag changes.
fn change(state: &mut State, email: &str, change: impl FnOnce(&mut ServiceAccount)) {
    let (now, seen, etag) = (state.now(), state.seen_at(), state.next_policy_etag());
    if let Some(account) = state.accounts.get_mut(email) {
        account.change(now, seen, |account| {
            change(account);
            account.etag = etag;
        });
    }
}

/// `serviceAccounts.create`
pub(crate) fn create(context: &mut Context<'_>) -> Result {
    let permission = "iam.serviceAccounts.create";
    let project = context.project(permission).map_err(|_| denied(permission))?;
    require_active(&project)?;
    let account = context.text("accountId").to_owned();
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let good = (6..=30).contains(&account.len())
        && account.chars().all(plain)
        && account.starts_with(|letter: char| letter.is_ascii_lowercase())
        && !account.ends_with('-');
    if !good {
        return Err(ApiError::invalid(
            "The account ID must be 6 to 30 characters long, and match the regular expression `[a-z]([-a-z0-9]*[a-z0-9])`.",
        ));
    }
    let email = email_of(&account, &project.id);
    if context.state.accounts.contains_key(&email) {
        return Err(ApiError::exists(format!(
            "Service account {account} already exists within project projects/{}.",
            project.id
        )));
    }
    let texts = &context.body["serviceAccount"];
    let (display_name, description) = (text(texts, "displayName", 100)?, text(texts, "description", 256)?);
    let account = ServiceAccount::new(context.state, &email, &project.id);
    let created = ServiceAccount { display_name, description, ..account };
    let now = context.state.now();
    let rendered = created.render();
    context.state.accounts.insert(email.clone(), Delayed::new(now, created));
    context.state.policies.remove(&format!("serviceAccounts/{email}"));
    Ok(rendered)
}

fn text(body: &Value, field: &str, most: usize) -> Result<String> {
    let text = body[field].as_str().unwrap_or_default();
    match text.len() <= most {
        true => Ok(text.to_owned()),
        false => Err(ApiError::invalid(format!("The {field} is longer than {most} bytes."))),
    }
}

/// `serviceAccounts.get`
pub(crate) fn get(context: &mut Context<'_>) -> Result {
    Ok(permitted(context, "iam.serviceAccounts.get")?.render())
}

/// `serviceAccounts.list`
pub(crate) fn list(context: &mut Context<'_>) -> Result {
    let permission = "iam.serviceAccounts.list";
    let project = context.project_id(permission).map_err(|_| denied(permission))?;
    let seen_at = context.state.seen_at();
    let accounts = context.state.accounts.values().filter_map(|account| account.seen(seen_at));
    let all = accounts.filter(|account| account.project == project).map(ServiceAccount::render).collect();
    context.page("accounts", all, if context.query("pageSize").is_some() { 100 } else { 20 })
}

/// `serviceAccounts.patch`: display name and description. The answer has only what was changed.
pub(crate) fn patch(context: &mut Context<'_>) -> Result {
    let account = permitted(context, "iam.serviceAccounts.update")?;
    let body = &context.body["serviceAccount"];
    let mask = context.update_mask(context.body["updateMask"].as_str(), body);
    let mut rendered = json!({"name": account.render()["name"]});
    for field in mask.iter().filter(|field| ["displayName", "description"].contains(&field.as_str())) {
        let value = text(body, field, if field == "displayName" { 100 } else { 256 })?;
        rendered[field] = json!(value);
        change(context.state, &account.email, |account| match field.as_str() {
            "displayName" => account.display_name = value,
            _ => account.description = value,
        });
    }
    Ok(rendered)
}

/// `serviceAccounts.enable`
pub(crate) fn enable(context: &mut Context<'_>) -> Result {
    let email = permitted(context, "iam.serviceAccounts.enable")?.email;
    change(context.state, &email, |account| account.disabled = false);
    Ok(json!({}))
}

/// `serviceAccounts.disable`
pub(crate) fn disable(context: &mut Context<'_>) -> Result {
    let email = permitted(context, "iam.serviceAccounts.disable")?.email;
    change(context.state, &email, |account| account.disabled = true);
    Ok(json!({}))
}

/// `serviceAccounts.delete`: policies name it as deleted from now on.
pub(crate) fn delete(context: &mut Context<'_>) -> Result {
    let account = permitted(context, "iam.serviceAccounts.delete")?;
    context.state.accounts.remove(&account.email);
    rename_member(context.state, &member(&account), &deleted_member(&account));
    context.state.deleted_accounts.insert(account.unique_id.clone(), account);
    Ok(json!({}))
}

/// `serviceAccounts.undelete`, by unique id.
pub(crate) fn undelete(context: &mut Context<'_>) -> Result {
    let id = context.path("account").to_owned();
    let unknown = || ApiError::not_found(format!("Unknown service account {id}."));
    let account = context.state.deleted_accounts.get(&id).cloned().ok_or_else(unknown)?;
    let permission = "iam.serviceAccounts.undelete";
    context.require(permission, &format!("projects/{}", account.project)).map_err(|_| denied(permission))?;
    if context.state.accounts.contains_key(&account.email) {
        return Err(ApiError::exists(format!("Service account {} already exists.", account.email)));
    }
    context.state.deleted_accounts.remove(&id);
    let now = context.state.now();
    let rendered = account.render();
    rename_member(context.state, &deleted_member(&account), &member(&account));
    context.state.accounts.insert(account.email.clone(), Delayed::new(now, account));
    Ok(json!({ "restoredAccount": rendered }))
}

fn member(account: &ServiceAccount) -> String {
    format!("serviceAccount:{}", account.email)
}

fn deleted_member(account: &ServiceAccount) -> String {
    format!("deleted:serviceAccount:{}?uid={}", account.email, account.unique_id)
}

/// Renames a member in every policy that has it.
fn rename_member(state: &mut State, from: &str, to: &str) {
    let has = |policy: &Policy| policy.bindings.iter().any(|binding| binding.members.contains(from));
    let resources: Vec<String> = state
        .policies
        .iter()
        .filter(|(_, policy)| has(policy.current()))
        .map(|(resource, _)| resource.clone())
        .collect();
    for resource in resources {
        let mut policy = state.policy(&resource);
        for binding in &mut policy.bindings {
            if binding.members.remove(from) {
                binding.members.insert(to.to_owned());
            }
        }
        state.write_policy(&resource, policy);
    }
}
