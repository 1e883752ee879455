//! What went wrong with a request to a store, as callers decide on it.

use std::error::Error;

use super::super::error_chain::{error_chain, find_cause, root_cause};
use super::super::http::{HttpError, classify};
use super::super::retry::retry_after;
use url::Url;

/// Why an object was not read or written. Contains no secrets; the library's own text is in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// The store has no answer.
    #[error(transparent)]
    Connection(#[from] HttpError),
    /// The store answered with an error.
    #[error(transparent)]
    Answered(#[from] StoreAnswer),
    /// There are no credentials, or they gave no token.
    #[error("{text}")]
    Credentials {
        /// Why, and what to do.
        text: String,
        /// Of what kind.
        problem: TokenProblem,
    },
    /// A setting outside the address is missing or wrong.
    #[error("{text}")]
    Setting {
        /// Which, the rule, and what to do.
        text: String,
    },
    /// The object is there, and not in the version that was requested.
    #[error("another version")]
    OtherVersion,
    /// The store's answer is not one of such a store.
    #[error("the answer is not one of an object store")]
    Unreadable,
}

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenProblem {
    /// There are no credentials, or they are not accepted.
    Refused,
    /// The server that gives out tokens is unreachable.
    Unreachable,
    /// It may be different soon.
    Temporary,
}

/// An error that a store answered with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("status {status}")]
pub struct StoreAnswer {
    /// The status.
    pub status: u16,
    /// The store's own word for it, such as `NoSuchBucket`, if it gave one.
    pub code: Option<String>,
    /// The region of the bucket, where the answer is that it is in another one.
    pub region: Option<String>,
    /// Its `Retry-After`.
    pub(super) retry_after: Option<String>,
}

impl StoreAnswer {
    /// How long to wait before another request, if the store said so.
    pub fn retry_after(&self, now: std::time::SystemTime) -> Option<std::time::Duration> {
        retry_after(self.retry_after.as_deref()?, now)
    }

    /// Whether the store's word is one of these.
    pub fn is(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }
}

/// A request for a token failed. In the chain of the library's error.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text}")]
pub(super) struct NoToken {
    pub text: String,
    pub problem: TokenProblem,
}

/// What the library's error means. `advice` is what to do where there are no credentials.
pub(super) fn explain(error: &(dyn Error + 'static), store: &Url, advice: &str) -> ObjectError {
    tracing::debug!(error = error_chain(error), "object request failed");
    if let Some(answer) = find_cause::<StoreAnswer>(error) {
        return ObjectError::Answered(answer.clone());
    }
    if let Some(error) = find_cause::<HttpError>(error) {
        return ObjectError::Connection(error.clone());
    }
    if let Some(NoToken { text, problem }) = find_cause::<NoToken>(error) {
        return ObjectError::Credentials { text: text.clone(), problem: *problem };
    }
    if let Some(error) = find_cause::<reqwest::Error>(error) {
        return ObjectError::Connection(classify(error, store));
    }
    // What is left comes from files and settings of the credentials, or from headers that are missing.
    if find_cause::<object_store::client::HttpError>(error).is_some() || is_about_headers(error) {
        return ObjectError::Unreadable;
    }
    ObjectError::Credentials { text: format!("{}: {advice}", root_cause(error)), problem: TokenProblem::Refused }
}

/// The library has no type for it.
fn is_about_headers(error: &(dyn Error + 'static)) -> bool {
    let text = error_chain(error);
    ["eader", "ontent length", "ontent-length", "last modified", "ETag", "etag"].iter().any(|word| text.contains(word))
}
