//! Registries on the web.

use http::header::{ACCEPT, CONTENT_ENCODING, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use url::Url;

use super::config::{Clock, Limits};
use super::failure::Failure;
use super::names::SettingNames;
use super::remote::{Answer, Attempt, Body, RequestError, Requests};
use crate::connect::{
    AttemptError, Encoding, Header, HttpClient, HttpError, HttpRequest, HttpResponse, RequestContext, Secret, Transfer,
    retry_after,
};
use crate::printable::excerpt;

/// What is requested.
pub(super) struct Request<'a> {
    pub url: &'a Url,
    pub token: Option<&'a Secret>,
    pub secret_headers: &'a [Header],
    /// PEM, trusted beside the operating system's.
    pub ca_certificate: Option<&'a str>,
    /// Of the copy we have.
    pub etag: Option<&'a str>,
    pub names: &'a SettingNames,
    /// Bytes of what is read, unpacked.
    pub size: u64,
}

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
    let requests = Requests { limits, names: request.names };
    let fetch = Fetch { request, requests, clock };
    // Some servers announce the compression of a document that is compressed as that of the transfer. It must not be undone twice.
    let transfer = if Encoding::of(request.url.path()).is_some() { Transfer::AsIs } else { Transfer::Compressed };
    let client = HttpClient::new(request.url, request.ca_certificate, limits.connect, transfer);
    let client = client.map_err(|error| Some(requests.failure(error)))?;
    requests.run(ctx, || fetch.attempt(&client)).await
}

impl Body for HttpResponse {
    async fn next(&mut self) -> Result<Option<impl AsRef<[u8]> + Send>, HttpError> {
        self.chunk().await
    }
}

struct Fetch<'f> {
    request: &'f Request<'f>,
    requests: Requests<'f>,
    clock: &'f dyn Clock,
}

impl Fetch<'_> {
    /// One request.
    async fn attempt(&self, client: &HttpClient) -> Attempt<Answer> {
        let mut headers = vec![(ACCEPT, "application/json, */*;q=0.5")];
        headers.extend(self.request.etag.map(|etag| (IF_NONE_MATCH, etag)));
        let request = HttpRequest {
            url: self.request.url,
            token: self.request.token,
            secret_headers: self.request.secret_headers,
            headers: &headers,
        };
        let response = client.get(&request).await.map_err(|error| self.requests.error(error))?;
        match response.status() {
            200 => self.document(response).await,
            304 if self.request.etag.is_some() => Ok(Answer::NotModified),
            status => Err(self.refused(status, &response)),
        }
    }

    async fn document(&self, response: HttpResponse) -> Attempt<Answer> {
        // What was unpacked on the way has none any more; of gzip and Zstandard the document itself tells.
        if let Some(encoding) = response.header(CONTENT_ENCODING)
            && !["", "identity", "gzip", "x-gzip", "zstd"].contains(&encoding.to_ascii_lowercase().as_str())
        {
            let encoding = excerpt(encoding);
            return Err(AttemptError::Final(RequestError::Failure(Failure::ContentEncoding { encoding })));
        }
        let etag = response.header(ETAG).map(str::to_owned);
        let promised = response.content_length().unwrap_or_default();
        let bytes = self.requests.body(promised, self.request.size, response).await?;
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
                return self.requests.temporary(RequestError::Status(status), asked);
            }
            status => Failure::Status { status },
        };
        AttemptError::Final(RequestError::Failure(failure))
    }
}
