//! Every way to fail, in words that say what to do.

use std::fmt;
use std::time::Duration;

use super::config::Mode;
use super::source::{Source, SourceError};
use crate::connect::Cancelled;

/// Why the registry could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    /// A source or fallback is not written as one may be.
    #[error("`{attribute}` is not a place to read the registry from: {error}")]
    Source {
        /// `source` or `fallbacks[N]`.
        attribute: String,
        /// What is wrong with it.
        error: SourceError,
    },
    /// The pin is not a SHA-256.
    #[error("{setting} is `{written}`, and must be 64 hexadecimal digits, as `sha256sum registry.json` prints them")]
    Pin {
        /// What the pin is called where it was written.
        setting: &'static str,
        /// As the user wrote it.
        written: String,
    },
    /// No place answered.
    #[error("{}", nowhere(.attempts, *.mode, *.unused_fallbacks))]
    Nowhere {
        /// Each place, in the order tried.
        attempts: Vec<Attempt>,
        /// What the registry was wanted for.
        mode: Mode,
        /// How many fallbacks there are that an apply does not use.
        unused_fallbacks: usize,
    },
    /// The user stopped the run.
    #[error("the run was cancelled before the registry was read")]
    Cancelled,
}

impl From<Cancelled> for DiscoveryError {
    fn from(Cancelled: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// One place, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// `source` or `fallback`.
    pub role: &'static str,
    /// The place, as users may see it.
    pub place: String,
    /// Why it is of no use.
    pub failure: Failure,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`: {}", self.role, self.place, self.failure)
    }
}

pub(super) fn role(nth: usize) -> &'static str {
    if nth == 0 { "source" } else { "fallback" }
}

fn list(attempts: &[Attempt]) -> String {
    attempts.iter().map(|attempt| format!("\n  {attempt}")).collect()
}

fn nowhere(attempts: &[Attempt], mode: Mode, unused_fallbacks: usize) -> String {
    let mut text = format!("the registry could not be read:{}", list(attempts));
    if mode == Mode::Apply {
        text += "\nAn apply reads the source only, so that nothing is changed on the word of an old copy";
        text += if unused_fallbacks > 0 { "; fallbacks serve reading." } else { "." };
    }
    text
}

/// Why one place is of no use. Each text ends with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No such file.
    #[error("there is no such file: check the path (`{path}`)")]
    Missing {
        /// The whole path.
        path: String,
    },
    /// A folder.
    #[error("it is a folder: name the file in it")]
    Directory,
    /// A file that may not be read.
    #[error("the file may not be read by this user: give it read permission")]
    Unreadable,
    /// The disk says something else.
    #[error("the file could not be read from its disk: {reason}")]
    Disk {
        /// The operating system's words.
        reason: String,
    },
    /// More than we take.
    #[error("it is larger than {}: a registry is not; check that this is the right file", size(*.limit))]
    TooLarge {
        /// Bytes.
        limit: u64,
    },
    /// Nothing in it.
    #[error("it is empty: was it cut off while it was being written? Publish the registry again")]
    Empty,
    /// A page for people.
    #[error(
        "it is a web page, not a registry: a proxy or a login page may stand in between, or the address is that of a page about the file. Fetch it by hand (`curl`) to see"
    )]
    Html,
    /// Not what was pinned.
    #[error(
        "its SHA-256 is `{found}`, and {setting} asks for `{expected}`: if the new content is wanted, change {setting}"
    )]
    Pin {
        /// What the pin is called where it was written.
        setting: &'static str,
        /// What the user asked for.
        expected: String,
        /// What it is.
        found: String,
    },
    /// The name is not known.
    #[error("the name `{host}` is not known to DNS: check its spelling, and that this machine has a network")]
    Dns {
        /// The name.
        host: String,
    },
    /// Nobody listens there.
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
    #[error("`{host}` did not take the connection within {}: check the network, and the proxy if there is one (`HTTPS_PROXY`)", time(*.limit))]
    ConnectTimeout {
        /// Host and port.
        host: String,
        /// How long was waited.
        limit: Duration,
    },
    /// No whole answer in time.
    #[error("it did not give its whole answer within {}: try again, or check the server", time(*.limit))]
    Timeout {
        /// How long was waited.
        limit: Duration,
    },
    /// The connection ended in the middle.
    #[error(
        "the connection was cut before the whole answer was there: try again, or check the server and what stands in between"
    )]
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
    #[error("`{host}` does not speak TLS as it should: is that port one for `https://`?")]
    Tls {
        /// Host and port.
        host: String,
    },
    /// This machine trusts nobody.
    #[error(
        "this machine has no certificate authorities to trust: install its package of them (`ca-certificates`), or set {setting}"
    )]
    NoAuthorities {
        /// What trusted authorities are called where they are written.
        setting: &'static str,
    },
    /// What should be trusted holds no certificate.
    #[error(
        "{setting} holds no certificate that can be read: it must be PEM text, from `-----BEGIN CERTIFICATE-----` on"
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
        "permission denied (403): give the identity that anu runs as the right to read it, and check the address (some servers answer so for a file that is not there)"
    )]
    Forbidden,
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
        /// How long it asks us to wait, where that is longer than we would.
        retry_after: Option<Duration>,
    },
    /// 5xx until the end.
    #[error("server error ({status}){}: try again later, or ask its operators", persistence(*.attempts, *.retry_after))]
    Server {
        /// The last status.
        status: u16,
        /// How often we asked.
        attempts: u32,
        /// How long it asks us to wait, where that is longer than we would.
        retry_after: Option<Duration>,
    },
    /// Any other status.
    #[error("unexpected status {status}: check the address")]
    Status {
        /// The status.
        status: u16,
    },
    /// Sent from pillar to post.
    #[error("too many redirects (more than {limit}): check the address")]
    Redirects {
        /// How many are followed.
        limit: usize,
    },
    /// Sent to a place without encryption.
    #[error(
        "it redirects to an address without encryption, where the registry could be changed on the way: use an address that stays on `https://`"
    )]
    Downgrade,
    /// Anything else.
    #[error("the request failed in a way anu does not know. This is a bug in anu; its log at level debug says more")]
    Unknown,
}

/// How long we were patient, and why no longer.
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
fn age(age: Duration) -> String {
    let (count, unit) = match age.as_secs() {
        s if s < 60 => return "less than a minute".into(),
        s if s < 60 * 60 => (s / 60, "minute"),
        s if s < 48 * 60 * 60 => (s / (60 * 60), "hour"),
        s => (s / (24 * 60 * 60), "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Something the user should know, although the registry was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// A fixed phrase.
    pub summary: &'static str,
    /// What happened, and what it means.
    pub detail: String,
}

impl Warning {
    pub(super) fn fallback(attempts: &[Attempt], place: &Source) -> Self {
        Self {
            summary: "Registry read from a fallback",
            detail: format!(
                "The registry was read from the fallback `{place}`, because these did not answer:{}\nThe fallback may say something older. An apply does not use it.",
                list(attempts)
            ),
        }
    }

    pub(super) fn last_good(attempts: &[Attempt], place: &Source, old: Duration) -> Self {
        Self {
            summary: "Registry read from the last good copy",
            detail: format!(
                "The registry is the copy of `{place}` as it was {} ago, because these did not answer:{}\nAn apply does not use it.",
                age(old),
                list(attempts)
            ),
        }
    }
}
