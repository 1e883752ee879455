//! A token that the settings contain, and the header of any token.

use google_cloud_auth::credentials::{CacheableResource, CredentialsProvider, EntityTag};
use google_cloud_auth::errors::CredentialsError;
use http::header::AUTHORIZATION;
use http::{Extensions, HeaderMap, HeaderValue};

use super::super::secret::Secret;

/// The error of a token that cannot be sent.
pub(super) const BAD_TOKEN: &str =
    "the access token contains a character that no HTTP header may have, such as a line break";

/// The domain of Google's own APIs.
pub(super) const GOOGLE: &str = "googleapis.com";

/// A token that the settings contain.
#[derive(Debug)]
pub(super) struct GivenToken {
    pub token: Secret,
    pub universe: Option<String>,
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
    let mut value = value.map_err(|_| CredentialsError::from_msg(false, BAD_TOKEN))?;
    value.set_sensitive(true);
    Ok(CacheableResource::New { entity_tag: EntityTag::new(), data: HeaderMap::from_iter([(AUTHORIZATION, value)]) })
}

#[cfg(test)]
mod tests {
    use super::*;

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
