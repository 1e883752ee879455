//! Registries on the web.

use std::error::Error as _;
use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

use reqwest::header::{ACCEPT, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use reqwest::{Certificate, Client, StatusCode, redirect};
use tokio::time::Instant;
use url::Url;

use super::error::Failure;
use super::secret::Secret;
use super::source::is_loopback;
use super::{Clock, Limits, SettingNames, retry};

const USER_AGENT: &str = concat!("terraform-provider-anu/", env!("CARGO_PKG_VERSION"));
const MAX_REDIRECTS: usize = 5;

/// What is asked for.
pub(super) struct Request<'a> {
    pub url: &'a Url,
    pub token: Option<&'a Secret>,
    /// PEM, trusted beside the operating system's.
    pub ca_certificate: Option<&'a str>,
    /// Of the copy we have.
    pub etag: Option<&'a str>,
    pub names: &'a SettingNames,
}

/// What came back.
pub(super) enum Answer {
    Document { bytes: Vec<u8>, etag: Option<String> },
    NotModified,
}

/// How one request ended, when it did not end well.
enum Trouble {
    /// Asking again would end the same way.
    Final(Failure),
    /// Worth asking again, after the time the server asks for.
    Passing(Passing, Option<Duration>),
}

enum Passing {
    Status(StatusCode),
    Cut,
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Final(failure)
    }
}

/// Gets the document, asking again where that may help.
pub(super) async fn fetch(request: &Request<'_>, limits: &Limits, clock: &dyn Clock) -> Result<Answer, Failure> {
    let client = client(request, limits)?;
    let deadline = Instant::now() + limits.total;
    let timeout = |_| Failure::Timeout { limit: limits.total };
    let mut nth = 1;
    loop {
        let retry_after =
            tokio::time::timeout_at(deadline, ask(&client, request, limits, clock)).await.map_err(timeout)?;
        let (passing, server_asks) = match retry_after {
            Ok(answer) => return Ok(answer),
            Err(Trouble::Final(failure)) => return Err(failure),
            Err(Trouble::Passing(passing, server_asks)) => (passing, server_asks),
        };
        let last = |retry_after| match passing {
            Passing::Cut => Failure::Cut,
            Passing::Status(StatusCode::TOO_MANY_REQUESTS) => Failure::Throttled { attempts: nth, retry_after },
            Passing::Status(status) => Failure::Server { status: status.as_u16(), attempts: nth, retry_after },
        };
        let Some(pause) = retry::pause(nth, server_asks, limits) else { return Err(last(server_asks)) };
        if nth >= limits.attempts || Instant::now() + pause >= deadline {
            return Err(last(None));
        }
        tracing::debug!(nth, ?pause, "asking again for the registry");
        #[allow(clippy::disallowed_methods, reason = "the deadline above ends it")]
        tokio::time::sleep(pause).await;
        nth += 1;
    }
}

fn client(request: &Request<'_>, limits: &Limits) -> Result<Client, Failure> {
    let mut builder = Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(limits.connect)
        .redirect(redirect::Policy::custom(follow));
    if is_loopback(request.url) {
        // What is on this machine is never behind a proxy.
        builder = builder.no_proxy();
    }
    let setting = request.names.ca_certificate;
    let bad_authority = || Failure::BadAuthority { setting };
    if let Some(pem) = request.ca_certificate {
        let certificates = Certificate::from_pem_bundle(pem.as_bytes()).map_err(|_| bad_authority())?;
        if certificates.is_empty() {
            return Err(bad_authority());
        }
        builder = builder.tls_certs_merge(certificates);
    } else if request.url.scheme() == "http" {
        // Nothing to verify, so that a machine without certificate authorities will do.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|error| {
        tracing::debug!(error = chain(&error), "no client");
        if request.ca_certificate.is_some() { bad_authority() } else { Failure::NoAuthorities { setting } }
    })
}

/// Why a redirect is not followed.
#[derive(Debug)]
enum NotFollowed {
    TooMany,
    Downgrade,
}

impl fmt::Display for NotFollowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for NotFollowed {}

fn follow(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let encrypted = attempt.previous().iter().any(|url| url.scheme() == "https");
    if attempt.previous().len() > MAX_REDIRECTS {
        attempt.error(NotFollowed::TooMany)
    } else if attempt.url().scheme() != "https" && (encrypted || !is_loopback(attempt.url())) {
        attempt.error(NotFollowed::Downgrade)
    } else {
        attempt.follow()
    }
}

/// One request.
async fn ask(client: &Client, request: &Request<'_>, limits: &Limits, clock: &dyn Clock) -> Result<Answer, Trouble> {
    let mut url = request.url.clone();
    let mut get = client.get({
        if request.token.is_some() {
            // Two identities in one request: the token is the one that was meant.
            let _ = (url.set_username(""), url.set_password(None));
        }
        url
    });
    get = get.header(ACCEPT, "application/json, */*;q=0.5");
    if let Some(token) = request.token {
        get = get.bearer_auth(token.expose());
    }
    if let Some(etag) = request.etag {
        get = get.header(IF_NONE_MATCH, etag);
    }
    let mut response = get.send().await.map_err(|error| classify(&error, request, limits))?;
    let status = response.status();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    match status {
        StatusCode::OK => {}
        StatusCode::NOT_MODIFIED if request.etag.is_some() => return Ok(Answer::NotModified),
        StatusCode::UNAUTHORIZED => return Err(Failure::Unauthenticated { setting: request.names.token }.into()),
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => return Err(Failure::ProxyLogin.into()),
        StatusCode::FORBIDDEN => return Err(Failure::Forbidden.into()),
        StatusCode::NOT_FOUND | StatusCode::GONE => return Err(Failure::NotFound { status: status.as_u16() }.into()),
        status if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
            let retry_after = header(RETRY_AFTER).and_then(|value| retry::retry_after(value, clock.now()));
            return Err(Trouble::Passing(Passing::Status(status), retry_after));
        }
        status => return Err(Failure::Status { status: status.as_u16() }.into()),
    }
    let etag = header(ETAG).map(str::to_owned);
    let too_large = || Trouble::Final(Failure::TooLarge { limit: limits.size });
    let promised = response.content_length().unwrap_or_default();
    if promised > limits.size {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(promised).unwrap_or_default());
    while let Some(chunk) = response.chunk().await.map_err(|error| classify(&error, request, limits))? {
        // Counted as unpacked: a small answer can unpack to anything.
        if bytes.len() as u64 + chunk.len() as u64 > limits.size {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Answer::Document { bytes, etag })
}

/// The one place where the library's errors become ours. They are logged, and never shown.
fn classify(error: &reqwest::Error, request: &Request<'_>, limits: &Limits) -> Trouble {
    tracing::debug!(error = chain(error), "request for the registry failed");
    // A redirect may have led to another host.
    let url = error.url().unwrap_or(request.url);
    let name = url.host_str().unwrap_or_default().to_owned();
    let host = url.port_or_known_default().map_or(name.clone(), |port| format!("{name}:{port}"));
    if let Some(not_followed) = find::<NotFollowed>(error) {
        return Trouble::Final(match not_followed {
            NotFollowed::TooMany => Failure::Redirects { limit: MAX_REDIRECTS },
            NotFollowed::Downgrade => Failure::Downgrade,
        });
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return Trouble::Final(match tls {
            rustls::Error::InvalidCertificate(why) => match certificate(why) {
                Some(reason) => Failure::Certificate { host: name, reason },
                None => Failure::Untrusted { host: name, setting: request.names.ca_certificate },
            },
            _ => Failure::Tls { host },
        });
    }
    if error.is_dns() {
        return Trouble::Final(Failure::Dns { host: name });
    }
    let kind = find::<std::io::Error>(error).map(std::io::Error::kind);
    if error.is_connect() {
        return match kind {
            _ if error.is_timeout() => Failure::ConnectTimeout { host, limit: limits.connect }.into(),
            Some(ErrorKind::TimedOut) => Failure::ConnectTimeout { host, limit: limits.connect }.into(),
            Some(ErrorKind::ConnectionRefused) => Failure::Refused { host }.into(),
            Some(ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof) => Trouble::Passing(Passing::Cut, None),
            _ => Failure::Unreachable { host }.into(),
        };
    }
    if error.is_timeout() {
        return Failure::Timeout { limit: limits.total }.into();
    }
    // What is left broke off in the middle: a reset, an end of file, a body shorter than it was said to be.
    if error.is_request() || error.is_body() || error.is_decode() {
        return Trouble::Passing(Passing::Cut, None);
    }
    Failure::Unknown.into()
}

/// What is wrong with a certificate, other than that we know nobody who vouches for it.
fn certificate(why: &rustls::CertificateError) -> Option<&'static str> {
    use rustls::CertificateError as Why;
    Some(match why {
        Why::Expired | Why::ExpiredContext { .. } => "has expired: those who run the server must renew it",
        Why::NotValidYet | Why::NotValidYetContext { .. } => "is not valid yet: check this machine's clock",
        Why::NotValidForName | Why::NotValidForNameContext { .. } => {
            "is for another name: use the name it was made for, or have it made for this one"
        }
        Why::Revoked => "was revoked: those who run the server must replace it",
        _ => return None,
    })
}

/// The first error of a type in a chain. An io::Error hides what it wraps from `source`, so it is opened by hand.
fn find<T: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut next = error.source();
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// A chain in one line, without the address: it may carry secrets.
fn chain(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut next = error.source();
    while let Some(error) = next {
        text += if text.is_empty() { "" } else { ": " };
        text += &error.to_string();
        next = error.source();
    }
    text
}
