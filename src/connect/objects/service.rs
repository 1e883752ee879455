//! The HTTP requests of `object_store`: logged, encrypted, with what the store answered kept.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use http::HeaderValue;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, RETRY_AFTER};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient as StoreClient, HttpConnector, HttpError as StoreError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpService,
};
use url::{Host, Url};

use super::super::address::{is_loopback, without_secrets};
use super::super::encoding::Encoding;
use super::super::error_chain::find_cause;
use super::super::http::{HttpError, Transfer, classify, client_without_redirects};
use super::super::request_log::RequestLog;
use super::error::{NoToken, StoreAnswer, TokenProblem};

/// How much of an error is read to find the store's word for it.
const LONGEST_ERROR: usize = 64 << 10;

/// How long a metadata server may take to accept a connection: it is on this machine, or there is none.
const METADATA: Duration = Duration::from_secs(2);

/// Makes the requests of one store and of its credentials.
#[derive(Debug, Clone)]
pub(super) struct Service(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The store itself. Requests to other servers are for tokens.
    store: Url,
    /// What to do where there are no credentials.
    advice: &'static str,
    /// Whether the requests are made without an identity.
    is_anonymous: bool,
    ca_certificate: Option<String>,
    connect_timeout: Duration,
    /// For servers on this machine or not, with TLS or not, unpacked or not.
    clients: [OnceLock<Result<reqwest::Client, HttpError>>; 8],
}

impl Service {
    pub(super) fn new(
        store: Url,
        advice: &'static str,
        is_anonymous: bool,
        ca_certificate: Option<String>,
        connect_timeout: Duration,
    ) -> Self {
        let clients = Default::default();
        Self(Arc::new(Inner { store, advice, is_anonymous, ca_certificate, connect_timeout, clients }))
    }

    /// The client for a server; each is built when it is first needed.
    fn client(&self, url: &Url, transfer: Transfer) -> Result<reqwest::Client, HttpError> {
        let local = is_local(url);
        let timeout = if local { self.0.connect_timeout.min(METADATA) } else { self.0.connect_timeout };
        let (is_tls, is_as_is) = (url.scheme() == "https", transfer == Transfer::AsIs);
        let nth = usize::from(local) + 2 * usize::from(is_tls) + 4 * usize::from(is_as_is);
        let authority = self.0.ca_certificate.as_deref();
        let client = || client_without_redirects(url, local, authority, timeout, transfer);
        self.0.clients[nth].get_or_init(client).clone()
    }
}

impl HttpConnector for Service {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<StoreClient> {
        Ok(StoreClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Service {
    async fn call(&self, mut request: HttpRequest) -> Result<HttpResponse, StoreError> {
        let url: Url =
            request.uri().to_string().parse().map_err(|error| StoreError::new(HttpErrorKind::Unknown, error))?;
        let is_of_store = url.origin() == self.0.store.origin();
        // A token that cannot be had is not a failure of the store.
        let failed = |error: HttpError| match is_of_store {
            true => StoreError::new(HttpErrorKind::Unknown, error),
            false => {
                let is_temporary = error == HttpError::Interrupted;
                let problem = if is_temporary { TokenProblem::Temporary } else { TokenProblem::Unreachable };
                no_token(format!("no token: {error}: {}", self.0.advice), problem)
            }
        };
        if url.scheme() != "https" && !is_local(&url) {
            return Err(failed(HttpError::Downgrade));
        }
        if self.0.is_anonymous {
            request.headers_mut().remove(AUTHORIZATION);
        }
        // An object that is compressed is read as it is. Without this header Google's server would unpack it.
        let transfer = match Encoding::of(&url.path().replace("%2E", ".")) {
            Some(_) => Transfer::AsIs,
            None => Transfer::Compressed,
        };
        if transfer == Transfer::AsIs {
            request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let client = self.client(&url, transfer).map_err(failed)?;
        let log = RequestLog::begin(request.method().as_str(), &without_secrets(&url));
        let mut response = match client.call(request).await {
            Ok(response) => response,
            Err(error) => {
                let error = match find_cause::<reqwest::Error>(&error) {
                    Some(error) => classify(error, &url),
                    None => HttpError::Unknown,
                };
                log.failed(&error.to_string());
                return Err(failed(error));
            }
        };
        log.answered(response.status().as_u16());
        if response.status().is_success() {
            // An object that is packed is unpacked on the way, and then has no length. The library requires one and does not use
            // it: the reader of the body counts.
            response.headers_mut().entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
            return Ok(response);
        }
        let answer = answer(response).await;
        tracing::debug!(status = answer.status, code = answer.code, "the answer is an error");
        if is_of_store {
            return Err(StoreError::new(HttpErrorKind::Unknown, answer));
        }
        let code = answer.code.as_deref().map(|code| format!(", {code}")).unwrap_or_default();
        let host = url.host_str().unwrap_or_default();
        let text = format!("`{host}` gave no token ({}{code}): {}", answer.status, self.0.advice);
        let is_temporary = matches!(answer.status, 429 | 500..=599);
        Err(no_token(text, if is_temporary { TokenProblem::Temporary } else { TokenProblem::Refused }))
    }
}

fn no_token(text: String, problem: TokenProblem) -> StoreError {
    StoreError::new(HttpErrorKind::Unknown, NoToken { text, problem })
}

/// On this machine, or one of the addresses at which clouds serve metadata and tokens to their machines.
fn is_local(url: &Url) -> bool {
    let is_metadata = match url.host() {
        Some(Host::Ipv4(address)) => address.is_link_local(),
        Some(Host::Ipv6(address)) => ["fd00:ec2::254", "fd00:ec2::23"].contains(&address.to_string().as_str()),
        _ => false,
    };
    is_loopback(url) || is_metadata
}

/// What the store says. Its text is not kept: it may quote what was sent.
async fn answer(response: HttpResponse) -> StoreAnswer {
    let text = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (status, code, region) = (response.status().as_u16(), text("x-ms-error-code"), text("x-amz-bucket-region"));
    let retry_after = text(RETRY_AFTER.as_str());
    let code = match code {
        Some(code) => Some(code),
        None => {
            let mut body = Vec::new();
            let mut chunks = response.into_body().bytes_stream();
            while let Some(Ok(chunk)) = chunks.next().await {
                body.extend_from_slice(&chunk);
                if body.len() > LONGEST_ERROR {
                    break;
                }
            }
            code_of(&String::from_utf8_lossy(&body))
        }
    };
    StoreAnswer {
        status,
        code: code.filter(|code| is_word(code)),
        region: region.filter(|name| is_word(name)),
        retry_after,
    }
}

/// The store's word for an error: XML of the stores, or the JSON of token servers.
fn code_of(body: &str) -> Option<String> {
    if let Some((_, rest)) = body.split_once("<Code>") {
        return rest.split_once("</Code>").map(|(code, _)| code.trim().to_owned());
    }
    let json: serde_json::Value = serde_json::from_str(body).ok()?;
    json["error"].as_str().or(json["Error"]["Code"].as_str()).or(json["code"].as_str()).map(str::to_owned)
}

fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stores_word_is_found_and_nothing_else_is_kept() {
        let xml = r#"<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>hunter2</Message></Error>"#;
        assert_eq!(code_of(xml).as_deref(), Some("NoSuchKey"));
        assert_eq!(
            code_of(r#"{"error": "invalid_grant", "error_description": "hunter2"}"#).as_deref(),
            Some("invalid_grant")
        );
        assert_eq!((code_of("Not Found"), code_of("<Code>"), code_of("")), (None, None, None));
        assert!(is_word("NoSuchKey") && is_word("eu-west-1") && !is_word("two words") && !is_word(""));
    }

    #[test]
    fn only_this_machine_and_metadata_servers_are_local() {
        for (url, local) in [
            ("http://127.0.0.1:1/", true),
            ("http://169.254.169.254/latest", true),
            ("http://[fd00:ec2::254]/", true),
            ("http://10.0.0.1/", false),
            ("http://metadata.example.com/", false),
        ] {
            assert_eq!(is_local(&url.parse().expect("an address")), local, "{url}");
        }
    }
}
