//! What discovery is given, and what it gives.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::names::SettingNames;
use super::signature::{Proof, Verify};
use super::source::Source;
use crate::connect::{Environment, Header, Secret};

/// Names a registry where nothing else does: for the provider, and for every verb of the command line.
pub const SOURCE_VARIABLE: &str = "ANU_REGISTRY";

/// The source that the variable names. An empty one names none.
pub fn source_of_environment() -> Option<String> {
    let value = std::env::var_os(SOURCE_VARIABLE)?.to_string_lossy().into_owned();
    (!value.trim().is_empty()).then_some(value)
}

/// The user's settings of the registry source. `Debug` shows addresses as users may see them.
#[derive(Clone, Default)]
pub struct RegistryConfig {
    /// A path, `file://…`, `https://…`, `gs://…`, `s3://…`, `az://…` or `configmap://…`.
    pub source: String,
    /// The same, in the order in which they are tried when the source does not answer. They serve reading only.
    pub fallbacks: Vec<String>,
    /// What the document must hash to, uncompressed: 64 hexadecimal digits.
    pub sha256: Option<String>,
    /// The proof that every document must have, wherever it is read from.
    pub verify: Option<Verify>,
    /// How long ago the document may have been compiled. Who parses it checks that.
    pub max_age: Option<Duration>,
    /// How old a last good copy may be; [`RegistryConfig::MAX_STALE`] by default. Zero: no copies are kept or read.
    pub max_stale: Option<Duration>,
    /// Bytes of a document, uncompressed; those of [`Limits`] by default.
    pub max_bytes: Option<u64>,
    /// Sent as `Authorization: Bearer …` to the source's own host, and to no other.
    pub token: Option<Secret>,
    /// Sent to the source's own host, and to no other.
    pub headers: Vec<Header>,
    /// Certificates, in PEM, to trust beside those of the operating system.
    pub ca_certificate: Option<String>,
    /// What these are called where the user gives them.
    pub names: SettingNames,
}

impl RegistryConfig {
    /// How old a last good copy may be by default: it bridges a long weekend, and not the end of a server.
    pub const MAX_STALE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

    pub(super) fn max_stale(&self) -> Duration {
        self.max_stale.unwrap_or(Self::MAX_STALE)
    }
}

impl fmt::Debug for RegistryConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |text: &String| Source::parse(text, Path::new(""));
        f.debug_struct("RegistryConfig")
            .field("source", &shown(&self.source))
            .field("fallbacks", &self.fallbacks.iter().map(shown).collect::<Vec<_>>())
            .field("sha256", &self.sha256)
            .field("verify", &self.verify)
            .field("max_age", &self.max_age)
            .field("max_stale", &self.max_stale)
            .field("max_bytes", &self.max_bytes)
            .field("token", &self.token)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

/// What the registry is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// To read or to plan: an old registry is better than none.
    Read,
    /// To apply: only the source.
    Apply,
}

/// What discovery needs of the process around it.
#[derive(Clone)]
pub struct FetchContext {
    /// What relative paths are relative to.
    pub base: PathBuf,
    /// The folder of last good copies; none: none are kept.
    pub cache: Option<PathBuf>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Timeouts and sizes.
    pub limits: Limits,
    /// The variables that name servers and identities of buckets.
    pub environment: Environment,
}

impl FetchContext {
    /// From the environment: copies are kept in `$ANU_CACHE_DIR`, else `$XDG_CACHE_HOME/anu`, else `~/.cache/anu`.
    pub fn of_this_process(base: PathBuf) -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = set("ANU_CACHE_DIR")
            .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("anu")))
            .or_else(|| std::env::home_dir().map(|home| home.join(".cache").join("anu")));
        Self {
            base,
            cache,
            clock: Arc::new(SystemClock),
            limits: Limits::default(),
            environment: Environment::of_this_process(),
        }
    }
}

/// What time it is. Tests have their own.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> SystemTime;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the replacement")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// Timeouts and sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// For a connection.
    pub connect: Duration,
    /// For one place altogether, repeated requests included.
    pub total: Duration,
    /// Bytes of a document, unpacked.
    pub size: u64,
    /// Requests to one place, the first included.
    pub attempts: u32,
    /// The longest pause before the second request; it doubles for each further one.
    pub pause: Duration,
    /// The longest pause. A server with a longer `Retry-After` has failed.
    pub longest_pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(60),
            size: 256 << 20,
            attempts: 4,
            pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(10),
        }
    }
}

/// A registry's text, and where it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The document, uncompressed.
    pub bytes: Vec<u8>,
    /// The place it was read from, as users may see it: without password or query string.
    pub source: String,
    /// The file it was read from, if it is one.
    pub path: Option<PathBuf>,
    /// The version the server names it by (its ETag), if it does.
    pub version: Option<String>,
    /// Whether it comes from another place than the source.
    pub from_fallback: bool,
    /// How old it is, where it is a last good copy.
    pub stale_age: Option<Duration>,
    /// Who published it, where that had to be proved.
    pub proof: Option<Proof>,
}
