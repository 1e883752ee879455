//! Tokens of a service account that our own identity may act as (`iamcredentials.generateAccessToken`).
//!
//! Not the library's: that one has a fixed address, so a simulator could not show that it works.

use google_cloud_auth::credentials::{CacheableResource, Credentials, CredentialsProvider};
use google_cloud_auth::errors::CredentialsError;
use http::{Extensions, HeaderMap};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::super::error_chain::root_cause;
use super::super::request_log::RequestLog;
use super::super::secret::Secret;
use super::given_token::bearer;
use super::token::SCOPES;
use crate::printable::excerpt;

/// How long before its end a token is replaced.
const EARLY: SignedDuration = SignedDuration::from_secs(300);

/// What its errors begin with.
pub(super) const CANNOT_ACT: &str = "cannot act as service account";

/// A service account, acted as.
#[derive(Debug)]
pub(super) struct Impersonated {
    own: Credentials,
    url: String,
    account: String,
    http: reqwest::Client,
    current: Mutex<Option<(Secret, Timestamp)>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    access_token: String,
    expire_time: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: Reason,
}

#[derive(Deserialize)]
struct Reason {
    message: String,
}

impl Impersonated {
    pub(super) fn new(own: Credentials, iam_credentials: &str, account: &str, http: reqwest::Client) -> Self {
        let url = format!("{iam_credentials}/v1/projects/-/serviceAccounts/{account}:generateAccessToken");
        Self { own, url, account: account.to_owned(), http, current: Mutex::default() }
    }

    async fn token(&self) -> Result<Secret, CredentialsError> {
        let mut current = self.current.lock().await;
        #[allow(clippy::disallowed_methods, reason = "the server that checks the token has the real time too")]
        let now = Timestamp::now();
        if let Some((token, end)) = &*current
            && now + EARLY < *end
        {
            return Ok(token.clone());
        }
        let headers = match self.own.headers(Extensions::new()).await? {
            CacheableResource::New { data, .. } => data,
            CacheableResource::NotModified => HeaderMap::new(),
        };
        let answer = self.generate(headers).await?;
        let token = Secret::new(answer.access_token);
        // Without a time the token is used once.
        *current = Some((token.clone(), answer.expire_time.parse().unwrap_or(now)));
        Ok(token)
    }

    async fn generate(&self, headers: HeaderMap) -> Result<Answer, CredentialsError> {
        let failed = |transient: bool, why: String| {
            CredentialsError::from_msg(transient, format!("{CANNOT_ACT} `{}`: {why}", self.account))
        };
        let log = RequestLog::begin("POST", &self.url);
        let body = serde_json::json!({"scope": SCOPES, "lifetime": "3600s"}).to_string();
        let request = self.http.post(&self.url).headers(headers).header(http::header::CONTENT_TYPE, "application/json");
        let answer = match request.body(body).send().await {
            Ok(answer) => answer,
            Err(error) => {
                let why = root_cause(&error);
                log.failed(&why);
                return Err(failed(true, why));
            }
        };
        let status = answer.status();
        log.answered(status.as_u16());
        let body = answer.bytes().await.map_err(|error| failed(true, root_cause(&error)))?;
        if status.is_success() {
            let unreadable = || failed(false, "the answer contains no token".to_owned());
            return serde_json::from_slice(&body).map_err(|_| unreadable());
        }
        let transient = status.is_server_error() || matches!(status.as_u16(), 408 | 429);
        let message = serde_json::from_slice::<Refusal>(&body).map(|refusal| refusal.error.message);
        let message = message.unwrap_or_else(|_| "no message".to_owned());
        let hint = if status.as_u16() == 403 {
            "; the identity that acts as it needs `roles/iam.serviceAccountTokenCreator` on it"
        } else {
            ""
        };
        let message = excerpt(message.trim_end_matches('.'));
        Err(failed(transient, format!("{message} ({}){hint}", status.as_u16())))
    }
}

impl CredentialsProvider for Impersonated {
    async fn headers(&self, _: Extensions) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        bearer(&self.token().await?)
    }

    async fn universe_domain(&self) -> Option<String> {
        self.own.universe_domain().await
    }
}
