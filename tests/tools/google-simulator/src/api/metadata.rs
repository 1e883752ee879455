//! The metadata server of a machine at Google: the token of the service account that the machine runs as.

use jiff::SignedDuration;
use serde_json::json;

use super::tokens::issue;
use crate::context::Context;
use crate::error::{ApiError, Result};

fn account(context: &Context<'_>) -> Result<String> {
    let account = &context.options.metadata_account;
    match context.path("account") {
        name if name == "default" || name == account => Ok(account.clone()),
        _ => Err(ApiError::not_found("The requested service account does not exist.")),
    }
}

/// `…/service-accounts/ACCOUNT/token`
pub(crate) fn token(context: &mut Context<'_>) -> Result {
    let principal = format!("serviceAccount:{}", account(context)?);
    let (token, _) = issue(context, principal, SignedDuration::from_hours(1));
    Ok(json!({"access_token": token, "expires_in": 3599, "token_type": "Bearer"}))
}

/// `…/service-accounts/ACCOUNT/email`
pub(crate) fn email(context: &mut Context<'_>) -> Result {
    Ok(json!(account(context)?))
}

/// `…/universe/universe-domain`
pub(crate) fn universe_domain(_: &mut Context<'_>) -> Result {
    Ok(json!("googleapis.com"))
}
