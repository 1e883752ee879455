//! Registries on the web.

use http::header::{ACCEPT, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use tokio::time::Instant;
use url::Url;

use super::config::{Clock, Limits};
use super::failure::Failure;
use super::names::SettingNames;
use crate::connect::{
    AttemptError, CertificateProblem, Encoding, HttpClient, HttpError, HttpRequest, HttpResponse, MAX_REDIRECTS,
    RequestContext, RetryError, RetryPolicy, Secret, Transfer, retry_after,
};

/// What is requested.
pub(super) struct Request<'a> {
    pub url: &'a Url,
    pub token: Option<&'a Secret>,
    /// PEM, trusted beside the operating system's.
    pub ca_certificate: Option<&'a str>,
    /// Of the copy we have.
    pub etag: Option<&'a str>,
    pub names: &'a SettingNames,
    /// Bytes of what is read, unpacked.
    pub size: u64,
}

/// What came back.
pub(super) enum Answer {
    Document { bytes: Vec<u8>, etag: Option<String> },
    NotModified,
}

/// How one request failed.
enum RequestError {
    Failure(Failure),
    /// 429 or 5xx.
    Status(u16),
}

type Attempt<T> = Result<T, AttemptError<RequestError>>;

/// Gets the document, with further attempts where they may help.
///
/// # Errors
/// Why there is none; `None` when the run is cancelled.
pub(super) async fn fetch(
    ctx: &RequestContext,
    request: &Request<'_>,
    limits: &Limits,
    clock: &dyn Clock,
) -> Result<Answer, Option<Failure>> {
    let fetch = Fetch { request, limits, clock };
    // Some servers announce the compression of a document that is compressed as that of the transfer. It must not be undone twice.
    let transfer = if Encoding::of(request.url.path()).is_some() { Transfer::AsIs } else { Transfer::Compressed };
    let client = HttpClient::new(request.url, request.ca_certificate, limits.connect, transfer);
    let client = client.map_err(|error| Some(fetch.failure(error)))?;
    let policy = RetryPolicy {
        first_pause: limits.pause,
        longest_pause: limits.longest_pause,
        longest_retry_after: limits.longest_pause,
    };
    let deadline = Instant::now() + limits.total;
    let attempt = || async {
        let attempt = tokio::time::timeout_at(deadline, fetch.attempt(&client)).await;
        attempt.unwrap_or_else(|_| Err(fetch.final_error(HttpError::Timeout)))
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

struct Fetch<'f> {
    request: &'f Request<'f>,
    limits: &'f Limits,
    clock: &'f dyn Clock,
}

impl Fetch<'_> {
    /// One request.
    async fn attempt(&self, client: &HttpClient) -> Attempt<Answer> {
        let mut headers = vec![(ACCEPT, "application/json, */*;q=0.5")];
        headers.extend(self.request.etag.map(|etag| (IF_NONE_MATCH, etag)));
        let request = HttpRequest { url: self.request.url, token: self.request.token, headers: &headers };
        let response = client.get(&request).await.map_err(|error| self.error(error))?;
        match response.status() {
            200 => self.document(response).await,
            304 if self.request.etag.is_some() => Ok(Answer::NotModified),
            status => Err(self.refused(status, &response)),
        }
    }

    async fn document(&self, mut response: HttpResponse) -> Attempt<Answer> {
        let limit = self.request.size;
        let too_large = || AttemptError::Final(RequestError::Failure(Failure::TooLarge { limit }));
        let etag = response.header(ETAG).map(str::to_owned);
        let promised = response.content_length().unwrap_or_default();
        if promised > limit {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(promised).unwrap_or_default());
        while let Some(chunk) = response.chunk().await.map_err(|error| self.error(error))? {
            let chunk = chunk.as_ref();
            // Counted as unpacked: a small answer can unpack to anything.
            if bytes.len() as u64 + chunk.len() as u64 > limit {
                return Err(too_large());
            }
            bytes.extend_from_slice(chunk);
        }
        Ok(Answer::Document { bytes, etag })
    }

    fn refused(&self, status: u16, response: &HttpResponse) -> AttemptError<RequestError> {
        let failure = match status {
            401 => Failure::Unauthenticated { setting: self.request.names.token },
            403 => Failure::Forbidden,
            404 | 410 => Failure::NotFound { status },
            407 => Failure::ProxyLogin,
            429 | 500..=599 => {
                let asked = response.header(RETRY_AFTER).and_then(|value| retry_after(value, self.clock.now()));
                return self.temporary(RequestError::Status(status), asked);
            }
            status => Failure::Status { status },
        };
        AttemptError::Final(RequestError::Failure(failure))
    }

    fn error(&self, error: HttpError) -> AttemptError<RequestError> {
        match error {
            HttpError::Interrupted => self.temporary(RequestError::Failure(Failure::Cut), None),
            error => self.final_error(error),
        }
    }

    fn final_error(&self, error: HttpError) -> AttemptError<RequestError> {
        AttemptError::Final(RequestError::Failure(self.failure(error)))
    }

    fn temporary(&self, error: RequestError, retry_after: Option<std::time::Duration>) -> AttemptError<RequestError> {
        AttemptError::Temporary { error, max_attempts: self.limits.attempts, retry_after }
    }

    /// What an error means to those who read a registry.
    fn failure(&self, error: HttpError) -> Failure {
        let setting = self.request.names.ca_certificate;
        match error {
            HttpError::BadAuthority => Failure::BadAuthority { setting },
            HttpError::NoAuthorities => Failure::NoAuthorities { setting },
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
