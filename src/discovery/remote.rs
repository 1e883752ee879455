//! What reading from servers has in common: attempts, their ends, and what an error means.

use std::time::Duration;

use tokio::time::Instant;

use super::config::Limits;
use super::failure::Failure;
use super::names::SettingNames;
use crate::connect::{
    AttemptError, CertificateProblem, HttpError, MAX_REDIRECTS, RequestContext, RetryError, RetryPolicy,
};

/// What came back.
pub(super) enum Answer {
    Document { bytes: Vec<u8>, etag: Option<String> },
    NotModified,
}

/// The bytes of a document, part by part.
pub(super) trait Body: Send {
    fn next(&mut self) -> impl Future<Output = Result<Option<impl AsRef<[u8]> + Send>, HttpError>> + Send;
}

/// How one request failed.
pub(super) enum RequestError {
    Failure(Failure),
    /// 429 or 5xx.
    Status(u16),
}

pub(super) type Attempt<T> = Result<T, AttemptError<RequestError>>;

/// The limits of one place, and what settings are called in errors.
#[derive(Clone, Copy)]
pub(super) struct Requests<'r> {
    pub limits: &'r Limits,
    pub names: &'r SettingNames,
}

impl Requests<'_> {
    /// Makes attempts while they may help, within the time of one place.
    ///
    /// # Errors
    /// Why there is no answer; `None` when the run is cancelled.
    pub(super) async fn run<T, F: Future<Output = Attempt<T>>>(
        &self,
        ctx: &RequestContext,
        attempt: impl Fn() -> F,
    ) -> Result<T, Option<Failure>> {
        let policy = RetryPolicy {
            first_pause: self.limits.pause,
            longest_pause: self.limits.longest_pause,
            longest_retry_after: self.limits.longest_pause,
        };
        let deadline = Instant::now() + self.limits.total;
        let attempt = || async {
            let attempt = tokio::time::timeout_at(deadline, attempt()).await;
            attempt.unwrap_or_else(|_| Err(self.final_error(HttpError::Timeout)))
        };
        policy.run(ctx, Some(deadline), attempt).await.map_err(|error| match error {
            RetryError::Cancelled => None,
            RetryError::Failed { error, attempts, retry_after } => Some(match error {
                RequestError::Failure(failure) => failure,
                RequestError::Status(429) => Failure::Throttled { attempts, retry_after },
                RequestError::Status(status) => Failure::Server { status, attempts, retry_after },
            }),
        })
    }

    /// Reads a body of at most `limit` bytes, counted as unpacked: a small answer can unpack to anything.
    pub(super) async fn body(&self, promised: u64, limit: u64, mut body: impl Body) -> Attempt<Vec<u8>> {
        let too_large = || AttemptError::Final(RequestError::Failure(Failure::TooLarge { limit }));
        if promised > limit {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(promised).unwrap_or_default());
        while let Some(chunk) = body.next().await.map_err(|error| self.error(error))? {
            let chunk = chunk.as_ref();
            if bytes.len() as u64 + chunk.len() as u64 > limit {
                return Err(too_large());
            }
            bytes.extend_from_slice(chunk);
        }
        Ok(bytes)
    }

    pub(super) fn error(&self, error: HttpError) -> AttemptError<RequestError> {
        match error {
            HttpError::Interrupted => self.temporary(RequestError::Failure(Failure::Cut), None),
            error => self.final_error(error),
        }
    }

    fn final_error(&self, error: HttpError) -> AttemptError<RequestError> {
        AttemptError::Final(RequestError::Failure(self.failure(error)))
    }

    pub(super) fn temporary(&self, error: RequestError, retry_after: Option<Duration>) -> AttemptError<RequestError> {
        AttemptError::Temporary { error, max_attempts: self.limits.attempts, retry_after }
    }

    /// What an error means to those who read a registry.
    pub(super) fn failure(&self, error: HttpError) -> Failure {
        let setting = self.names.ca_certificate;
        match error {
            HttpError::BadAuthority => Failure::BadAuthority { setting },
            HttpError::NoAuthorities => Failure::NoAuthorities { setting },
            HttpError::Proxy(error) => Failure::Proxy(error),
            HttpError::TooManyRedirects => Failure::Redirects { limit: MAX_REDIRECTS },
            HttpError::Downgrade => Failure::Downgrade,
            HttpError::Certificate { host, problem } => match certificate(problem) {
                Some(reason) => Failure::Certificate { host, reason },
                None => Failure::Untrusted { host, setting },
            },
            HttpError::Tls { host } => Failure::Tls { host },
            HttpError::Dns { host } => Failure::Dns { host },
            HttpError::Refused { host } => Failure::Refused { host },
            HttpError::ConnectTimeout { host } => Failure::ConnectTimeout { host, limit: self.limits.connect },
            HttpError::Unreachable { host } => Failure::Unreachable { host },
            HttpError::Timeout => Failure::Timeout { limit: self.limits.total },
            HttpError::Interrupted => Failure::Cut,
            HttpError::Unknown => Failure::Unknown,
        }
    }
}

/// What is wrong with a certificate and what to do, unless it is only that we do not know its authority.
fn certificate(problem: CertificateProblem) -> Option<&'static str> {
    Some(match problem {
        CertificateProblem::Expired => "has expired: the operator of the server must renew it",
        CertificateProblem::NotYetValid => "is not valid yet: check this machine's clock",
        CertificateProblem::WrongName => {
            "is for another host name: use a name that the certificate contains, or have it issued for this one"
        }
        CertificateProblem::Revoked => "was revoked: the operator of the server must replace it",
        CertificateProblem::Untrusted => return None,
    })
}
