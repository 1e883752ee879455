//! Documents on the web: one HTTP client, and what can go wrong with it.

use std::io::ErrorKind;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue, LOCATION};
use reqwest::{Certificate, Client, ClientBuilder, Proxy, redirect};
use url::Url;

use super::address::{is_loopback, without_secrets};
use super::environment::Environment;
use super::error_chain::{causes, find_cause};
use super::header::Header;
use super::proxy::{Proxies, ProxyError};
use super::request_log::RequestLog;
use super::secret::Secret;

const USER_AGENT: &str = concat!("terraform-provider-anu/", env!("CARGO_PKG_VERSION"));
/// How many redirects are followed.
pub const MAX_REDIRECTS: usize = 5;

/// A client for one address, and what it redirects to.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: Client,
}

/// Whether a server may compress what it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    /// It may, and the body comes out unpacked.
    Compressed,
    /// The body comes out as it was sent, whatever its `Content-Encoding`.
    AsIs,
}

/// A `GET`.
#[derive(Debug, Clone)]
pub struct HttpRequest<'r> {
    /// The address, with its secrets.
    pub url: &'r Url,
    /// Sent as `Authorization: Bearer …`, to this scheme, host and port only.
    pub token: Option<&'r Secret>,
    /// Sent to this scheme, host and port only.
    pub secret_headers: &'r [Header],
    /// Further headers. A value that no header can have is left out.
    pub headers: &'r [(HeaderName, &'r str)],
}

/// The head of an answer; its body is read with [`HttpResponse::chunk`].
#[derive(Debug)]
pub struct HttpResponse {
    response: reqwest::Response,
}

/// Why a request has no response. Contains no secrets; the library's own text is in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The authority to trust is not a certificate.
    #[error("no certificate in PEM")]
    BadAuthority,
    /// The operating system has no authorities to trust.
    #[error("no certificate authorities")]
    NoAuthorities,
    /// A variable names no proxy.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// More than [`MAX_REDIRECTS`].
    #[error("too many redirects")]
    TooManyRedirects,
    /// A redirect to a place without encryption.
    #[error("redirected to an address without encryption")]
    Downgrade,
    /// The certificate is not to be trusted.
    #[error("certificate of `{host}`: {problem:?}")]
    Certificate {
        /// The host.
        host: String,
        /// What is wrong with it.
        problem: CertificateProblem,
    },
    /// Not TLS, or not one that we speak.
    #[error("`{host}` does not speak TLS")]
    Tls {
        /// Host and port.
        host: String,
    },
    /// The name is not known.
    #[error("`{host}` is not known to DNS")]
    Dns {
        /// The name.
        host: String,
    },
    /// The port is closed.
    #[error("`{host}` refused the connection")]
    Refused {
        /// Host and port.
        host: String,
    },
    /// No connection in time.
    #[error("connecting to `{host}` timed out")]
    ConnectTimeout {
        /// Host and port.
        host: String,
    },
    /// No connection at all.
    #[error("`{host}` is unreachable")]
    Unreachable {
        /// Host and port.
        host: String,
    },
    /// No answer in time.
    #[error("timed out")]
    Timeout,
    /// The connection ended before the answer did.
    #[error("connection lost")]
    Interrupted,
    /// Anything else.
    #[error("unknown failure")]
    Unknown,
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateProblem {
    /// It is too old.
    Expired,
    /// It is valid later.
    NotYetValid,
    /// It is for another name.
    WrongName,
    /// Its authority revoked it.
    Revoked,
    /// Its authority is not one we trust.
    Untrusted,
}

impl HttpClient {
    /// A client that trusts the operating system's authorities, and those in `ca_certificate` (PEM).
    ///
    /// # Errors
    /// [`HttpError::BadAuthority`], [`HttpError::NoAuthorities`] and [`HttpError::Proxy`].
    pub fn new(
        url: &Url,
        ca_certificate: Option<&str>,
        connect_timeout: Duration,
        transfer: Transfer,
    ) -> Result<Self, HttpError> {
        let client = client_without_redirects(url, false, ca_certificate, connect_timeout, transfer)?;
        Ok(Self { client })
    }

    /// One request, and those that it is redirected to. Whatever its status, an answer is an answer.
    ///
    /// # Errors
    /// When there is none.
    pub async fn get(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
        let mut url = request.url.clone();
        if request.token.is_some() {
            // Two identities in one request: the token is the one that was meant.
            let _ = (url.set_username(""), url.set_password(None));
        }
        let mut encrypted = url.scheme() == "https";
        for _ in 0..=MAX_REDIRECTS {
            let response = self.get_once(request, &url).await?;
            let Some(next) = response.redirected_to(&url) else { return Ok(response) };
            if next.scheme() != "https" && (encrypted || !is_loopback(&next)) {
                return Err(HttpError::Downgrade);
            }
            encrypted |= next.scheme() == "https";
            url = next;
        }
        Err(HttpError::TooManyRedirects)
    }

    async fn get_once(&self, request: &HttpRequest<'_>, url: &Url) -> Result<HttpResponse, HttpError> {
        let log = RequestLog::begin("GET", &without_secrets(url));
        let mut get = self.client.get(url.clone());
        if url.origin() == request.url.origin() {
            if let Some(token) = request.token {
                get = get.bearer_auth(token.expose());
            }
            for (name, value) in request.secret_headers.iter().map(Header::expose) {
                if let Ok(mut value) = HeaderValue::from_str(value) {
                    value.set_sensitive(true);
                    get = get.header(name, value);
                }
            }
        }
        for (name, value) in request.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                get = get.header(name, value);
            }
        }
        match get.send().await {
            Ok(response) => {
                log.answered(response.status().as_u16());
                Ok(HttpResponse { response })
            }
            Err(error) => {
                log.failed(&causes(&error));
                Err(classify(&error, url))
            }
        }
    }
}

impl HttpResponse {
    /// The status.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// A header, where it is text.
    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.response.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// Where the answer redirects to, if it does.
    fn redirected_to(&self, from: &Url) -> Option<Url> {
        matches!(self.status(), 301 | 302 | 303 | 307 | 308)
            .then(|| self.header(LOCATION))?
            .and_then(|to| from.join(to).ok())
    }

    /// The length of the body, from `Content-Length`.
    pub fn content_length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// The next part of the body, unpacked; none at its end.
    ///
    /// # Errors
    /// When the connection ends before the body does.
    pub async fn chunk(&mut self) -> Result<Option<impl AsRef<[u8]> + Send + use<>>, HttpError> {
        self.response.chunk().await.map_err(|error| {
            tracing::debug!(error = causes(&error), "the body of an answer ended early");
            classify(&error, self.response.url())
        })
    }
}

/// A client for the servers that `url` is one of, by way of the proxies of the environment unless it is direct. It follows no redirects:
/// a request that is signed is valid for one address, and the library would send secret headers on to every host.
pub(super) fn client_without_redirects(
    url: &Url,
    is_direct: bool,
    ca_certificate: Option<&str>,
    connect_timeout: Duration,
    transfer: Transfer,
) -> Result<Client, HttpError> {
    #[allow(clippy::disallowed_methods, reason = "this is the replacement")]
    let mut builder = Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(connect_timeout)
        .gzip(transfer == Transfer::Compressed)
        // A `Referer` would send the address, with the secrets in its query string, to the next server.
        .referer(false)
        .redirect(redirect::Policy::none());
    builder = if is_direct { builder.no_proxy() } else { with_proxies(builder)? };
    if let Some(pem) = ca_certificate {
        let certificates = Certificate::from_pem_bundle(pem.as_bytes()).map_err(|_| HttpError::BadAuthority)?;
        if certificates.is_empty() {
            return Err(HttpError::BadAuthority);
        }
        builder = builder.tls_certs_merge(certificates);
    } else if url.scheme() == "http" {
        // Nothing to verify, so that a machine without certificate authorities will do.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|error| {
        tracing::debug!(error = causes(&error), "no HTTP client");
        if ca_certificate.is_some() { HttpError::BadAuthority } else { HttpError::NoAuthorities }
    })
}

/// The proxies of the environment, by our own rules instead of the library's.
///
/// # Errors
/// For a variable that names none.
pub(super) fn with_proxies(builder: ClientBuilder) -> Result<ClientBuilder, ProxyError> {
    let proxies = Proxies::of(&Environment::of_this_process())?;
    let proxy = Proxy::custom(move |url| {
        let mut proxy = proxies.proxy_for(url)?.clone();
        if proxy.scheme() == "socks5" {
            // The proxy looks the name up, as for kubectl: it may be one that only the proxy knows.
            let _ = proxy.set_scheme("socks5h");
        }
        Some(proxy)
    });
    Ok(builder.no_proxy().proxy(proxy))
}

/// The one place where the library's errors become ours.
pub(super) fn classify(error: &reqwest::Error, url: &Url) -> HttpError {
    let name = url.host_str().unwrap_or_default().to_owned();
    let host = url.port_or_known_default().map_or(name.clone(), |port| format!("{name}:{port}"));
    if let Some(tls) = find_cause::<rustls::Error>(error) {
        return match tls {
            rustls::Error::InvalidCertificate(why) => HttpError::Certificate { host: name, problem: problem(why) },
            _ => HttpError::Tls { host },
        };
    }
    if error.is_dns() {
        return HttpError::Dns { host: name };
    }
    let kind = find_cause::<std::io::Error>(error).map(std::io::Error::kind);
    if error.is_connect() {
        return match kind {
            _ if error.is_timeout() => HttpError::ConnectTimeout { host },
            Some(ErrorKind::TimedOut) => HttpError::ConnectTimeout { host },
            Some(ErrorKind::ConnectionRefused) => HttpError::Refused { host },
            Some(ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof) => HttpError::Interrupted,
            _ => HttpError::Unreachable { host },
        };
    }
    if error.is_timeout() {
        return HttpError::Timeout;
    }
    // The remaining cases ended early: a reset, an end of file, a body shorter than its `Content-Length`.
    if error.is_request() || error.is_body() || error.is_decode() {
        return HttpError::Interrupted;
    }
    HttpError::Unknown
}

pub(super) fn problem(why: &rustls::CertificateError) -> CertificateProblem {
    use rustls::CertificateError as Why;
    match why {
        Why::Expired | Why::ExpiredContext { .. } => CertificateProblem::Expired,
        Why::NotValidYet | Why::NotValidYetContext { .. } => CertificateProblem::NotYetValid,
        Why::NotValidForName | Why::NotValidForNameContext { .. } => CertificateProblem::WrongName,
        Why::Revoked => CertificateProblem::Revoked,
        _ => CertificateProblem::Untrusted,
    }
}
