//! Who we are to Google: Application Default Credentials, or a given token; and the service account to act as.

use std::error::Error;

use google_cloud_auth::credentials::{Builder, CacheableResource, Credentials, CredentialsProvider, EntityTag};
use google_cloud_auth::errors::CredentialsError;
use http::header::AUTHORIZATION;
use http::{Extensions, HeaderMap, HeaderValue};

use super::super::error_chain::{find_cause, root_cause};
use super::super::secret::Secret;
use super::impersonation::Impersonated;
use super::settings::GoogleAccess;
use super::token::SCOPES;

/// The domain of Google's own APIs.
pub(super) const GOOGLE: &str = "googleapis.com";

/// Credentials by these settings. `iam_credentials` is the address of the API that gives out tokens of service accounts. Reads
/// files; makes no request.
pub(super) fn build(
    access: &GoogleAccess,
    iam_credentials: &str,
    http: reqwest::Client,
) -> Result<Credentials, String> {
    let own = match &access.access_token {
        Some(token) => Credentials::from(GivenToken { token: token.clone(), universe: access.universe_domain.clone() }),
        None => {
            let mut builder = Builder::default().with_scopes(SCOPES);
            if let Some(project) = &access.quota_project {
                builder = builder.with_quota_project_id(project);
            }
            if let Some(universe) = &access.universe_domain {
                builder = builder.with_universe_domain(universe);
            }
            builder.build().map_err(|error| advice(&error.to_string()))?
        }
    };
    Ok(match &access.impersonate_service_account {
        None => own,
        Some(account) => Credentials::from(Impersonated::new(own, iam_credentials, account, http)),
    })
}

/// A token that the settings contain.
#[derive(Debug)]
struct GivenToken {
    token: Secret,
    universe: Option<String>,
}

impl CredentialsProvider for GivenToken {
    async fn headers(&self, _: Extensions) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        bearer(&self.token)
    }

    async fn universe_domain(&self) -> Option<String> {
        Some(self.universe.clone().unwrap_or_else(|| GOOGLE.to_owned()))
    }
}

/// The headers for a token.
pub(super) fn bearer(token: &Secret) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
    let value = HeaderValue::from_str(&format!("Bearer {}", token.expose()));
    // The library's text would repeat the value.
    let mut value = value.map_err(|_| {
        CredentialsError::from_msg(false, "the access token contains a character that no header may have")
    })?;
    value.set_sensitive(true);
    Ok(CacheableResource::New { entity_tag: EntityTag::new(), data: HeaderMap::from_iter([(AUTHORIZATION, value)]) })
}

/// Why there are no credentials, and what to do. What a token server answers is not repeated, apart from its error: it may quote
/// what was sent.
pub(super) fn explain(error: &(dyn Error + 'static)) -> String {
    let Some(cause) = find_cause::<CredentialsError>(error) else { return advice(&root_cause(error)) };
    let text = cause.to_string();
    let text = text
        .trim_end_matches(" but future attempts may succeed")
        .trim_end_matches(" and future attempts will not succeed")
        .split("More information on how to authenticate")
        .next()
        .unwrap_or_default();
    let (text, answer) = text.split_once(", body=<").unwrap_or((text, ""));
    let root = root_cause(cause);
    let root = if root.starts_with(text) || root.contains("body=<") { String::new() } else { format!(": {root}") };
    advice(&format!("{text}{root}{}", oauth_error(answer.trim_end_matches('>'))))
}

/// The error of a token server, which RFC 6749 5.2 and Google's APIs define.
fn oauth_error(answer: &str) -> String {
    let Ok(answer) = serde_json::from_str::<serde_json::Value>(answer) else { return String::new() };
    let field = |name: &str| answer[name].as_str().or(answer["error"][name].as_str());
    let texts = ["error", "status", "error_description", "message"].into_iter().filter_map(field);
    // An error that quotes a token has a long word in it.
    let harmless = texts.filter(|text| text.split(' ').all(|word| word.len() < 80));
    harmless.fold(String::new(), |all, text| format!("{all}: {text}"))
}

fn advice(why: &str) -> String {
    format!(
        "no credentials for Google's APIs ({}): run `gcloud auth application-default login`, or set \
         `GOOGLE_APPLICATION_CREDENTIALS` to a credentials file",
        why.trim().trim_end_matches('.')
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_servers_error_is_printed_and_its_answer_is_not() {
        let explained = |text: &str| explain(&CredentialsError::from_msg(false, text.to_owned()));
        insta::assert_snapshot!(
            explained(r#"failed to exchange token, body=<{"error":"invalid_grant","error_description":"Token has been expired or revoked.","assertion":"canary"}>"#),
            @"no credentials for Google's APIs (failed to exchange token: invalid_grant: Token has been expired or revoked): run `gcloud auth application-default login`, or set `GOOGLE_APPLICATION_CREDENTIALS` to a credentials file"
        );
        let long = "x".repeat(100);
        let quoted =
            explained(&format!(r#"failed, body=<{{"error":"bad","error_description":"token {long} is wrong"}}>"#));
        assert!(!quoted.contains(&long) && quoted.contains("bad"), "{quoted}");
        assert!(!explained("failed, body=<canary>").contains("canary"));
    }

    #[tokio::test]
    async fn a_given_token_is_a_header_and_is_not_printed() {
        let token = GivenToken { token: Secret::new("hunter2"), universe: None };
        let CacheableResource::New { data, .. } = token.headers(Extensions::new()).await.expect("headers") else {
            panic!("no headers")
        };
        assert_eq!(data[AUTHORIZATION], "Bearer hunter2");
        assert!(!format!("{token:?} {data:?}").contains("hunter2"));
        let bad = GivenToken { token: Secret::new("hunter2\n"), universe: None }.headers(Extensions::new()).await;
        let bad = bad.expect_err("a refusal").to_string();
        assert!(!bad.contains("hunter2"), "{bad}");
    }
}
