//! IAM policies: read, written as a whole under an etag, and permissions tested, alike for every kind of resource.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{ApiError, Code, Result};
use crate::members;
use crate::permissions::is_allowed;
use crate::state::{Binding, Condition, Policy};

/// Members of one policy; each occurrence counts.
const MAX_MEMBERS: usize = 1_500;
/// Groups among them, each counted once, and domains, of which each occurrence counts.
const MAX_GROUPS: usize = 250;
/// Logic operators in a condition.
const MAX_OPERATORS: usize = 12;

/// A resource with a policy, and the prefix of its permissions.
struct Target {
    resource: String,
    permissions: &'static str,
    /// Whether it may be open to the public. Projects and what is above them may not.
    public: bool,
}

fn project(context: &Context<'_>) -> Result<Target> {
    let id = context.state.project_id(context.path("project")).ok_or_else(ApiError::denied)?;
    Ok(Target { resource: format!("projects/{id}"), permissions: "resourcemanager.projects", public: false })
}

fn folder(context: &Context<'_>) -> Result<Target> {
    let resource = format!("folders/{}", context.path("folder"));
    context.state.folders.get(&resource).ok_or_else(ApiError::denied)?;
    Ok(Target { resource, permissions: "resourcemanager.folders", public: false })
}

fn organization(context: &Context<'_>) -> Result<Target> {
    let resource = format!("organizations/{}", context.path("organization"));
    match resource == context.state.organization {
        true => Ok(Target { resource, permissions: "resourcemanager.organizations", public: false }),
        false => Err(ApiError::denied()),
    }
}

fn billing_account(context: &Context<'_>) -> Result<Target> {
    let resource = format!("billingAccounts/{}", context.path("account"));
    context.state.billing_accounts.get(&resource).ok_or_else(ApiError::denied)?;
    Ok(Target { resource, permissions: "billing.accounts", public: false })
}

fn account(context: &Context<'_>) -> Result<Target> {
    let email = super::accounts::existing(context)?.email;
    Ok(Target { resource: format!("serviceAccounts/{email}"), permissions: "iam.serviceAccounts", public: true })
}

/// The three methods of one kind of resource.
macro_rules! methods {
    ($target:ident, $get:ident, $set:ident, $test:ident) => {
        #[doc = "`getIamPolicy`"]
        pub(crate) fn $get(context: &mut Context<'_>) -> Result {
            get(context, $target(context)?)
        }

        #[doc = "`setIamPolicy`"]
        pub(crate) fn $set(context: &mut Context<'_>) -> Result {
            set(context, $target(context)?)
        }

        #[doc = "`testIamPermissions`"]
        pub(crate) fn $test(context: &mut Context<'_>) -> Result {
            test(context, $target(context)?)
        }
    };
}

methods!(project, get_of_project, set_of_project, test_of_project);
methods!(folder, get_of_folder, set_of_folder, test_of_folder);
methods!(organization, get_of_organization, set_of_organization, test_of_organization);
methods!(billing_account, get_of_billing_account, set_of_billing_account, test_of_billing_account);
methods!(account, get_of_account, set_of_account, test_of_account);

fn get(context: &mut Context<'_>, target: Target) -> Result {
    context.require(&format!("{}.getIamPolicy", target.permissions), &target.resource)?;
    let in_query = context.query("options.requestedPolicyVersion").and_then(|version| version.parse().ok());
    let version = in_query.or(context.body["options"]["requestedPolicyVersion"].as_u64()).unwrap_or(0);
    check_version(version)?;
    let seen = context.state.seen_at();
    let empty = Policy { etag: "ACAB".to_owned(), ..Policy::default() }; // Google's for a policy that was never written
    let policy = context.state.policies.get(&target.resource).and_then(|policy| policy.seen(seen));
    Ok(policy.unwrap_or(&empty).render(version))
}

fn check_version(version: u64) -> Result<()> {
    match version {
        0 | 1 | 3 => Ok(()),
        _ => Err(ApiError::invalid(format!("Invalid policy version {version}. Valid values are 0, 1, and 3."))),
    }
}

fn set(context: &mut Context<'_>, target: Target) -> Result {
    context.require(&format!("{}.setIamPolicy", target.permissions), &target.resource)?;
    let body = &context.body["policy"];
    let version = body["version"].as_u64().unwrap_or(0);
    check_version(version)?;
    let bindings = bindings(body, version, &target)?;
    let old = context.state.policy(&target.resource);
    let etag = body["etag"].as_str().unwrap_or_default();
    let current = if old.written { old.etag.as_str() } else { "ACAB" };
    if !etag.is_empty() && etag != current {
        return Err(ApiError::conflict(
            "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.",
        ));
    }
    // Without an etag Google lets an old client overwrite the conditions.
    if !etag.is_empty() && old.has_conditions() && version < 3 {
        return Err(ApiError::invalid("The policy has conditions: specify version 3 in the policy to change it."));
    }
    for member in bindings.iter().flat_map(|binding| &binding.members) {
        members::require_existing(context.state, member)?;
    }
    for binding in &bindings {
        if context.state.missing.contains(&binding.role) {
            return Err(ApiError::invalid(format!("Role {} is not supported for this resource.", binding.role)));
        }
    }
    let mask = context.text("updateMask");
    let audit_configs = match mask.contains("auditConfigs") || mask.contains("audit_configs") {
        true => body["auditConfigs"].as_array().cloned().unwrap_or_default(),
        false => old.audit_configs,
    };
    let mut policy = Policy { bindings, audit_configs, etag: String::new(), written: true };
    policy.normalize();
    context.state.write_policy(&target.resource, policy);
    Ok(context.state.policy(&target.resource).render(version.max(1)))
}

/// The bindings of a body, checked.
fn bindings(policy: &Value, version: u64, target: &Target) -> Result<Vec<Binding>> {
    let mut bindings = Vec::new();
    let (mut count, mut domains, mut groups) = (0, 0, BTreeSet::new());
    for binding in policy["bindings"].as_array().into_iter().flatten() {
        let role = binding["role"].as_str().unwrap_or_default().to_owned();
        check_role(&role)?;
        let condition = condition(&binding["condition"], &role, version)?;
        let mut members = BTreeSet::new();
        for member in binding["members"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !target.public && (member == "allUsers" || member == "allAuthenticatedUsers") {
                return Err(ApiError::invalid(format!("The member {member} is not supported for this resource.")));
            }
            members.insert(members::normalize(member)?);
        }
        count += members.len();
        domains += members.iter().filter(|member| member.starts_with("domain:")).count();
        groups.extend(members.iter().filter(|member| member.starts_with("group:")).cloned());
        bindings.push(Binding { role, members, condition });
    }
    for (what, count, most) in [("members", count, MAX_MEMBERS), ("groups", groups.len() + domains, MAX_GROUPS)] {
        if count > most {
            let (count, most) = (with_thousands(count), with_thousands(most));
            return Err(ApiError::invalid(format!(
                "The number of {what} in the policy ({count}) is larger than the maximum allowed size {most}."
            )));
        }
    }
    Ok(bindings)
}

fn check_role(role: &str) -> Result<()> {
    let name = role.rsplit_once("roles/").map_or("", |(_, name)| name);
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_');
    if name.is_empty() || !name.chars().all(plain) || name.contains("_withcond_") {
        return Err(ApiError::invalid(format!("Role {role} is not supported for this resource.")));
    }
    Ok(())
}

fn condition(condition: &Value, role: &str, version: u64) -> Result<Option<Condition>> {
    if condition.is_null() || condition["expression"].as_str().is_none_or(str::is_empty) && condition["title"].is_null()
    {
        return Ok(None);
    }
    if version < 3 {
        return Err(ApiError::invalid("A policy with conditions must have version 3."));
    }
    if matches!(role, "roles/owner" | "roles/editor" | "roles/viewer") {
        return Err(ApiError::invalid("Conditions can't be set on primitive roles."));
    }
    let condition: Condition = serde_json::from_value(condition.clone())
        .map_err(|_| ApiError::invalid("A condition has a title and an expression."))?;
    if condition.title.is_empty() || condition.title.chars().count() > 100 {
        return Err(ApiError::invalid("The title of a condition has between 1 and 100 characters."));
    }
    let operators =
        ["&&", "||", "!"].map(|operator| condition.expression.matches(operator).count()).iter().sum::<usize>();
    if condition.expression.is_empty() || operators > MAX_OPERATORS {
        return Err(ApiError::new(Code::InvalidArgument, "Condition expression compilation failed."));
    }
    Ok(Some(condition))
}

fn with_thousands(number: usize) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", number / 1000, number % 1000),
    }
}

fn test(context: &mut Context<'_>, target: Target) -> Result {
    let requested = context.body["permissions"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let allowed: Vec<&str> =
        requested.filter(|it| is_allowed(context.state, &context.caller, it, &target.resource)).collect();
    Ok(match allowed.is_empty() {
        true => json!({}),
        false => json!({ "permissions": allowed }),
    })
}
