//! Where credentials become access tokens: Security Token Service, OAuth, and impersonation.
//!
//! Tokens are not signed and assertions are not verified: the principal is the one that the credential names.

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::context::{Context, timestamp};
use crate::error::{ApiError, Code, Result};
use crate::state::Token;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Makes a token of a principal that is valid for some time.
pub(super) fn issue(context: &mut Context<'_>, principal: String, lifetime: SignedDuration) -> (String, Timestamp) {
    let token = format!("simulated-token-{}", context.state.next_number());
    let expires = context.state.now() + lifetime;
    context.state.tokens.insert(token.clone(), Token { principal, expires: Some(expires) });
    (token, expires)
}

/// `sts.token`: a subject token of another identity provider for an access token. The principal is the subject of the token if
/// it is a JWT, and the token's text if not.
pub(crate) fn exchange(context: &mut Context<'_>) -> Result {
    let field = |snake: &str, camel: &str| {
        let text = context.text(snake);
        if text.is_empty() { context.text(camel).to_owned() } else { text.to_owned() }
    };
    let subject = field("subject_token", "subjectToken");
    let audience = field("audience", "audience");
    if subject.is_empty() || audience.is_empty() {
        return Err(ApiError::invalid("Invalid value for subject_token or audience."));
    }
    let subject = claim(&subject, "sub").unwrap_or(subject);
    let pool =
        audience.trim_start_matches("//iam.googleapis.com/").split("/providers/").next().unwrap_or_default().to_owned();
    let (token, _) = issue(context, format!("principal://iam.googleapis.com/{pool}/subject/{subject}"), HOUR);
    Ok(json!({
        "access_token": token,
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer",
        "expires_in": 3600,
    }))
}

/// The OAuth token endpoint, for files of users (`refresh_token`) and of service accounts (a signed assertion). A refresh token
/// `refresh-NAME@DOMAIN` is that user's.
pub(crate) fn grant(context: &mut Context<'_>) -> Result {
    let principal = match context.text("grant_type") {
        "refresh_token" => {
            let token = context.text("refresh_token");
            let unknown = || ApiError::invalid("invalid_grant: Bad Request");
            format!("user:{}", token.strip_prefix("refresh-").filter(|user| user.contains('@')).ok_or_else(unknown)?)
        }
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
            let issuer = claim(context.text("assertion"), "iss");
            format!("serviceAccount:{}", issuer.ok_or_else(|| ApiError::invalid("invalid_grant: Invalid JWT"))?)
        }
        other => return Err(ApiError::invalid(format!("unsupported_grant_type: {other}"))),
    };
    let (token, _) = issue(context, principal, HOUR);
    Ok(json!({"access_token": token, "expires_in": 3599, "token_type": "Bearer"}))
}

/// A claim of a JWT.
pub(crate) fn claim(jwt: &str, name: &str) -> Option<String> {
    let payload = jwt.split('.').nth(1)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload).or_else(|_| URL_SAFE.decode(payload)).ok()?;
    let claims: Value = serde_json::from_slice(&bytes).ok()?;
    claims[name].as_str().map(str::to_owned)
}

/// `generateAccessToken`: impersonation.
pub(crate) fn impersonate(context: &mut Context<'_>) -> Result {
    let permission = "iam.serviceAccounts.getAccessToken";
    let denied = || {
        ApiError::new(
            Code::PermissionDenied,
            format!("Permission '{permission}' denied on resource (or it may not exist)."),
        )
        .reason("IAM_PERMISSION_DENIED", "iam.googleapis.com", json!({ "permission": permission }))
    };
    let account = super::accounts::existing(context).map_err(|_| denied())?;
    context.require(permission, &format!("serviceAccounts/{}", account.email)).map_err(|_| denied())?;
    if account.disabled {
        return Err(ApiError::precondition("Service account is disabled."));
    }
    if context.body["scope"].as_array().is_none_or(Vec::is_empty) {
        return Err(ApiError::invalid("scope is required"));
    }
    let lifetime = match context.text("lifetime") {
        "" => HOUR,
        text => text
            .strip_suffix('s')
            .and_then(|seconds| seconds.parse().ok())
            .map(SignedDuration::from_secs)
            .filter(|lifetime| *lifetime <= HOUR)
            .ok_or_else(|| ApiError::invalid("lifetime is between 0 and 3600 seconds"))?,
    };
    let (token, expires) = issue(context, format!("serviceAccount:{}", account.email), lifetime);
    Ok(json!({"accessToken": token, "expireTime": timestamp(expires)}))
}
