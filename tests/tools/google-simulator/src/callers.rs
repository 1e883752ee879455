//! Who sends a request, and the project that it is counted to.

use serde_json::json;

use crate::api::tokens::claim;
use crate::error::{ApiError, Code, Result};
use crate::options::{Authentication, Options};
use crate::permissions::{ADMINISTRATOR, Caller, is_allowed};
use crate::quotas::Api;
use crate::request::Request;
use crate::state::State;

/// The principal of a request: that of its token; the service account that has signed it, if the token is its own assertion. Where
/// tokens come from, none is needed.
pub(crate) fn identify(state: &State, options: &Options, request: &Request, api: Api) -> Result<Caller> {
    if api == Api::Metadata && !request.has_metadata_flavor {
        return Err(ApiError::new(Code::PermissionDenied, "Missing required header \"Metadata-Flavor\": \"Google\""));
    }
    let needs_none = matches!(api, Api::Tokens | Api::Metadata) || options.authentication == Authentication::Optional;
    let token = request.token.as_deref();
    let principal = match token.map(|token| (state.tokens.get(token), claim(token, "iss"))) {
        Some((Some(token), _)) if token.expires.is_none_or(|at| state.now() < at) => token.principal.clone(),
        Some((None, Some(issuer))) => format!("serviceAccount:{issuer}"),
        Some((None, None)) | None if needs_none => ADMINISTRATOR.to_owned(),
        _ => return Err(unauthenticated(api)),
    };
    Ok(Caller { principal })
}

fn unauthenticated(api: Api) -> ApiError {
    ApiError::new(
        Code::Unauthenticated,
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
    )
    .reason("ACCESS_TOKEN_TYPE_UNSUPPORTED", "googleapis.com", json!({ "service": api.service() }))
}

/// Fails unless the caller may use the quota project that the request names, and the API is enabled there.
pub(crate) fn check_quota_project(state: &State, caller: &Caller, request: &Request, api: Api) -> Result<()> {
    let Some(name) = request.quota_project.as_deref() else { return Ok(()) };
    let project = state.project_id(name).and_then(|id| state.projects.get(&id)).map(|project| project.current());
    let permission = "serviceusage.services.use";
    let project = project.filter(|project| is_allowed(state, caller, permission, &format!("projects/{}", project.id)));
    let service = api.service();
    let Some(project) = project else {
        let text = format!(
            "Caller does not have required permission to use project {name}. Grant the caller the roles/serviceusage.serviceUsageConsumer role, or a custom role with the {permission} permission, by visiting https://console.developers.google.com/iam-admin/iam/project?project={name} and then retry. Propagation of the new permission may take a few minutes."
        );
        let metadata = json!({"consumer": format!("projects/{name}"), "service": service});
        return Err(ApiError::new(Code::PermissionDenied, text).reason(
            "USER_PROJECT_DENIED",
            "googleapis.com",
            metadata,
        ));
    };
    if project.services.contains(service) {
        return Ok(());
    }
    let number = project.number;
    let text = format!(
        "{} has not been used in project {name} before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/{service}/overview?project={name} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.",
        api.title()
    );
    let metadata = json!({"consumer": format!("projects/{number}"), "service": service, "serviceTitle": api.title()});
    Err(ApiError::new(Code::PermissionDenied, text).reason("SERVICE_DISABLED", "googleapis.com", metadata))
}
