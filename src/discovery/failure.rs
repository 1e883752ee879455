//! Why one place could not be read, with a text that states the next step.

use std::time::Duration;

use super::config_map::ConfigMapFailure;
use super::encoding::EncodingError;
use super::objects::ObjectFailure;
use super::signature::SignatureError;
use crate::connect::ProxyError;

/// Why one place could not be read. Each text ends with the next step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// File not found.
    #[error("file not found: check the path (`{path}`)")]
    Missing {
        /// The whole path.
        path: String,
    },
    /// A folder.
    #[error("the path is a folder: write the path of the file in it")]
    Directory,
    /// A file that may not be read.
    #[error("permission denied: give this user read permission for the file")]
    Unreadable,
    /// Another error of the file system.
    #[error("the file cannot be read: {reason}")]
    Disk {
        /// The operating system's words.
        reason: String,
    },
    /// Larger than the limit.
    #[error("larger than {}, the limit for a registry (`max_bytes`, `--max-bytes`): check that this is the right file", size(*.limit))]
    TooLarge {
        /// Bytes.
        limit: u64,
    },
    /// An empty document.
    #[error("the document is empty: publish the registry again")]
    Empty,
    /// A web page.
    #[error(
        "the document is a web page (HTML), not a registry: it may be from a proxy or a login page, or the address is that of a page about the file. Check the address with `curl`"
    )]
    Html,
    /// Compressed on the way in a manner that is not read.
    #[error(
        "the server sends it with the content encoding `{encoding}`, which anu does not read: have it sent without one, or with `gzip`"
    )]
    ContentEncoding {
        /// `Content-Encoding`
        encoding: String,
    },
    /// Not compressed as its name states.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// Not the pinned document.
    #[error(
        "its SHA-256 is `{found}`, and {setting} requires `{expected}`: to accept the new content, change {setting}"
    )]
    Pin {
        /// What the pin is called where it was written.
        setting: &'static str,
        /// The pinned digest.
        expected: String,
        /// The digest of the document.
        found: String,
    },
    /// A last good copy that is older than it may be.
    #[error("the copy is {} old, more than {setting} permits ({})", age(*.old), age(*.limit))]
    Stale {
        /// How old it is.
        old: Duration,
        /// How old it may be.
        limit: Duration,
        /// What the limit is called where it is written.
        setting: &'static str,
    },
    /// Not proved to be the publisher's.
    #[error(transparent)]
    Unproved(SignatureError),
    /// There may be a proof, and it could not be read.
    #[error("the signature `{place}` could not be read: {failure}")]
    NoSignature {
        /// Where it is, as users may see it.
        place: String,
        /// Why.
        failure: Box<Failure>,
    },
    /// The name is not known.
    #[error("the name `{host}` is not known to DNS: check its spelling and this machine's network")]
    Dns {
        /// The name.
        host: String,
    },
    /// The port is closed.
    #[error("`{host}` refused the connection: check the port, and that the server is running")]
    Refused {
        /// Host and port.
        host: String,
    },
    /// No connection at all.
    #[error("`{host}` is unreachable: check the network, and the proxy if there is one (`HTTPS_PROXY`)")]
    Unreachable {
        /// Host and port.
        host: String,
    },
    /// No connection in time.
    #[error("`{host}` did not accept the connection within {}: check the network, and the proxy if there is one (`HTTPS_PROXY`)", time(*.limit))]
    ConnectTimeout {
        /// Host and port.
        host: String,
        /// How long was waited.
        limit: Duration,
    },
    /// No whole answer in time.
    #[error("no complete response within {}: try again, or check the server", time(*.limit))]
    Timeout {
        /// How long was waited.
        limit: Duration,
    },
    /// The connection ended in the middle.
    #[error("the connection was closed before the response was complete: try again, or check the server and any proxy")]
    Cut,
    /// The certificate is not to be trusted.
    #[error("the certificate of `{host}` {reason}")]
    Certificate {
        /// The host.
        host: String,
        /// What about it, and what to do.
        reason: &'static str,
    },
    /// The certificate is of an authority we do not know.
    #[error(
        "the certificate of `{host}` is not signed by an authority this machine trusts: if it is your company's own, give that authority's certificate as {setting}"
    )]
    Untrusted {
        /// The host.
        host: String,
        /// What trusted authorities are called where they are written.
        setting: &'static str,
    },
    /// Not TLS, or not one that we speak.
    #[error("`{host}` does not speak TLS correctly: check that the port is one for `https://`")]
    Tls {
        /// Host and port.
        host: String,
    },
    /// This machine has no trusted authorities.
    #[error(
        "this machine has no trusted certificate authorities: install the package `ca-certificates`, or set {setting}"
    )]
    NoAuthorities {
        /// What trusted authorities are called where they are written.
        setting: &'static str,
    },
    /// The configured authority contains no certificate.
    #[error(
        "{setting} contains no valid certificate: it must be PEM text that starts with `-----BEGIN CERTIFICATE-----`"
    )]
    BadAuthority {
        /// What trusted authorities are called where they are written.
        setting: &'static str,
    },
    /// 401.
    #[error("authentication required (401): set {setting}, or check that yours is for this server and has not expired")]
    Unauthenticated {
        /// What the token is called where it is written.
        setting: &'static str,
    },
    /// 403.
    #[error(
        "permission denied (403): grant read access to the identity that anu uses, and check the address (some servers send 403 for a missing file)"
    )]
    Forbidden,
    /// A variable that names no proxy.
    #[error(transparent)]
    Proxy(ProxyError),
    /// 407.
    #[error("the proxy requires authentication (407): put its user and password into `HTTPS_PROXY`")]
    ProxyLogin,
    /// 404 or 410.
    #[error("not found ({status}): check the address")]
    NotFound {
        /// Which of the two.
        status: u16,
    },
    /// 429 until the end.
    #[error("too many requests (429){}: try again later", persistence(*.attempts, *.retry_after))]
    Throttled {
        /// How often we asked.
        attempts: u32,
        /// Its `Retry-After`, where that is longer than the longest pause.
        retry_after: Option<Duration>,
    },
    /// 5xx until the end.
    #[error("server error ({status}){}: try again later, or ask its operators", persistence(*.attempts, *.retry_after))]
    Server {
        /// The last status.
        status: u16,
        /// How often we asked.
        attempts: u32,
        /// Its `Retry-After`, where that is longer than the longest pause.
        retry_after: Option<Duration>,
    },
    /// Any other status.
    #[error("unexpected status {status}: check the address")]
    Status {
        /// The status.
        status: u16,
    },
    /// Too many redirects.
    #[error("too many redirects (more than {limit}): check the address")]
    Redirects {
        /// How many are followed.
        limit: usize,
    },
    /// Redirected to an unencrypted address.
    #[error("redirect to an unencrypted address refused: use an address that redirects to `https://` only")]
    Downgrade,
    /// Said of objects in buckets only.
    #[error(transparent)]
    Object(#[from] ObjectFailure),
    /// Said of ConfigMaps only.
    #[error(transparent)]
    ConfigMap(#[from] ConfigMapFailure),
    /// Anything else.
    #[error("the request failed for an unknown reason. This is a bug in anu; the log at level debug has the details")]
    Unknown,
}

impl Failure {
    /// Whether the place refuses access to its document or to the document's signature, so that no other place may replace it.
    ///
    /// Not a proxy that requires authentication (407) and not a web page in place of the document: those are from a machine on
    /// the way, which knows nothing of this document. And not 404, with which some servers answer those who may not know that
    /// a document exists: it cannot be told from a document that is missing.
    pub(super) fn is_not_allowed(&self) -> bool {
        match self {
            Self::Unauthenticated { .. } | Self::Forbidden | Self::Unreadable => true,
            Self::NoSignature { failure, .. } => failure.is_not_allowed(),
            Self::Object(failure) => failure.is_not_allowed(),
            Self::ConfigMap(failure) => failure.is_not_allowed(),
            _ => false,
        }
    }

    /// Whether the store says that it has no such bucket.
    pub(super) fn is_missing_bucket(&self) -> bool {
        matches!(self, Self::Object(ObjectFailure::NoBucket { .. }))
    }

    /// Whether the place has no such document.
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Missing { .. } | Self::NotFound { .. } => true,
            Self::Object(failure) => failure.is_missing(),
            Self::ConfigMap(failure) => failure.is_missing(),
            _ => false,
        }
    }
}

/// How many attempts were made, and why no more.
fn persistence(attempts: u32, retry_after: Option<Duration>) -> String {
    let times = if attempts > 1 { format!(" on {attempts} attempts") } else { String::new() };
    times + &retry_after.map(|retry_after| format!(", asks to retry after {}", age(retry_after))).unwrap_or_default()
}

/// Bytes, in the largest unit that is whole.
fn size(bytes: u64) -> String {
    match bytes {
        b if b >= 1 << 20 && b % (1 << 20) == 0 => format!("{} MiB", b >> 20),
        b if b >= 1 << 10 && b % (1 << 10) == 0 => format!("{} KiB", b >> 10),
        b => format!("{b} bytes"),
    }
}

/// A limit, to the precision it was given in.
fn time(limit: Duration) -> String {
    if limit.subsec_millis() == 0 { format!("{} s", limit.as_secs()) } else { format!("{} ms", limit.as_millis()) }
}

/// A time, to the precision that matters to people.
pub(super) fn age(age: Duration) -> String {
    let (count, unit) = match age.as_secs() {
        s if s < 60 => return "less than a minute".into(),
        s if s < 60 * 60 => (s / 60, "minute"),
        s if s < 48 * 60 * 60 => (s / (60 * 60), "hour"),
        s => (s / (24 * 60 * 60), "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
