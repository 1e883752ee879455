//! Members of a policy: their form, and whether they exist.

use crate::error::{ApiError, Result};
use crate::state::{State, project_of};

/// The prefixes of members whose name is an e-mail address or a domain: Google keeps it in lower case.
const WITHOUT_CASE: &[&str] = &["user", "group", "serviceAccount", "domain"];

/// The prefixes of members whose name has case.
const WITH_CASE: &[&str] = &["principal", "principalSet", "deleted", "projectOwner", "projectEditor", "projectViewer"];

/// A member in the form in which Google stores it.
pub(crate) fn normalize(member: &str) -> Result<String> {
    let unknown = || {
        ApiError::invalid(format!(
            "The member {member} is of an unknown type. Please set a valid type prefix for the member."
        ))
    };
    if member == "allUsers" || member == "allAuthenticatedUsers" {
        return Ok(member.to_owned());
    }
    let (kind, name) = member.split_once(':').ok_or_else(unknown)?;
    if name.is_empty() {
        return Err(unknown());
    }
    if WITH_CASE.contains(&kind) {
        return Ok(member.to_owned());
    }
    if !WITHOUT_CASE.contains(&kind) {
        return Err(unknown());
    }
    if name.contains(".svc.id.goog[") || name.contains(".svc.id.goog/") {
        return Ok(member.to_owned()); // a Kubernetes service account
    }
    let is_address = name.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'));
    if kind != "domain" && !is_address {
        return Err(ApiError::invalid(format!("Invalid email address ({name}).")));
    }
    Ok(format!("{kind}:{}", name.to_lowercase()))
}

/// Fails if a member does not exist: a service account of a simulated project that is not there, or one that a test has
/// registered as missing. Others are taken to exist.
pub(crate) fn require_existing(state: &State, member: &str) -> Result<()> {
    let Some((kind, name)) = member.split_once(':') else { return Ok(()) };
    let is_missing = state.missing.contains(member) || (kind == "serviceAccount" && is_missing_account(state, name));
    if !is_missing {
        return Ok(());
    }
    Err(ApiError::invalid(match kind {
        "serviceAccount" if name.contains(".svc.id.goog[") => {
            let pool = name.split('[').next().unwrap_or(name);
            format!(
                "Identity Pool does not exist ({pool}). Please check that you specified a valid resource name as returned in the `name` attribute in the configuration API."
            )
        }
        "serviceAccount" => format!("Service account {name} does not exist."),
        "group" => format!("Group {name} does not exist."),
        "user" => format!("User {name} does not exist."),
        "domain" => format!("Domain {name} does not exist."),
        _ => format!("Principal {member} does not exist."),
    }))
}

fn is_missing_account(state: &State, email: &str) -> bool {
    let Some(project) = project_of(email) else { return false };
    let is_there = state.accounts.get(email).is_some_and(|account| account.seen(state.seen_at()).is_some());
    state.projects.contains_key(&project) && !is_there
}
