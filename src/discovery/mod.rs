//! Where the registry is read from.
//!
//! [`discover`] goes from place to place: the source, then each fallback, then the last good copy. Reading takes the first
//! that answers and says so in a [`Warning`] when it was not the source; applying reads the source and nothing else.
//! Nothing here knows what a registry is: bytes come out, with the name of where they came from.
//!
//! - `source`: the forms a source may have, and how it is shown; `secret`: the token, which cannot be printed
//! - `file`, `https`, `retry`: getting the bytes
//! - `cache`: the last good copy of each remote source
//! - `error`: every way to fail, in words that say what to do

mod cache;
mod error;
mod file;
mod https;
mod retry;
mod secret;
mod source;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use self::error::{Attempt, DiscoveryError, Failure, Warning};
pub use self::secret::Secret;
pub use self::source::{Source, SourceError};

use self::cache::{Cache, CachedCopy};
use crate::connect::RequestContext;

/// What the user says about where the registry is. `Debug` shows addresses as users may see them.
#[derive(Clone, Default)]
pub struct RegistryConfig {
    /// A path, `file://…` or `https://…`.
    pub source: String,
    /// The same, in the order in which they are tried when the source does not answer. They serve reading only.
    pub fallbacks: Vec<String>,
    /// What the document must hash to: 64 hexadecimal digits.
    pub sha256: Option<String>,
    /// Sent as `Authorization: Bearer …` to the source's own host, and to no other.
    pub token: Option<Secret>,
    /// Certificates, in PEM, to trust beside those of the operating system.
    pub ca_certificate: Option<String>,
    /// What these are called where the user gives them.
    pub names: SettingNames,
}

/// What settings are called, in errors that ask to change one. By default, as the attributes of the provider block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettingNames {
    /// [`RegistryConfig::sha256`]
    pub sha256: &'static str,
    /// [`RegistryConfig::token`]
    pub token: &'static str,
    /// [`RegistryConfig::ca_certificate`]
    pub ca_certificate: &'static str,
}

impl Default for SettingNames {
    fn default() -> Self {
        Self { sha256: "`sha256`", token: "`token`", ca_certificate: "`ca_certificate`" }
    }
}

impl fmt::Debug for RegistryConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |text: &String| Source::parse(text, Path::new(""));
        f.debug_struct("RegistryConfig")
            .field("source", &shown(&self.source))
            .field("fallbacks", &self.fallbacks.iter().map(shown).collect::<Vec<_>>())
            .field("sha256", &self.sha256)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// What the registry is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// To look at, or to plan: better an old registry than none.
    Read,
    /// To change things: the source, or nothing.
    Apply,
}

/// What there is around us.
#[derive(Clone)]
pub struct FetchContext {
    /// What relative paths are relative to.
    pub base: PathBuf,
    /// The folder of last good copies; none: none are kept.
    pub cache: Option<PathBuf>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How long to wait and how much to take.
    pub limits: Limits,
}

impl FetchContext {
    /// As the environment says: copies are kept in `$ANU_CACHE_DIR`, else `$XDG_CACHE_HOME/anu`, else `~/.cache/anu`.
    pub fn of_this_process(base: PathBuf) -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = set("ANU_CACHE_DIR")
            .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("anu")))
            .or_else(|| std::env::home_dir().map(|home| home.join(".cache").join("anu")));
        Self { base, cache, clock: Arc::new(SystemClock), limits: Limits::default() }
    }
}

/// What time it is, asked rather than known, so that tests can say.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> SystemTime;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the replacement")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// How long to wait, and how much to take.
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
    /// The longest pause at all. A server that asks for more has failed.
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
    /// The document.
    pub bytes: Vec<u8>,
    /// The place it was read from, as users may see it: without password or query string.
    pub source: String,
    /// The version the server names it by (its ETag), if it does.
    pub version: Option<String>,
    /// Whether it comes from another place than the source.
    pub from_fallback: bool,
    /// How old it is, where it is a last good copy.
    pub stale_age: Option<Duration>,
}

/// Reads the registry. The warnings say what was wrong with every place tried before the one that answered.
///
/// # Errors
/// A source that is not written as one may be, whatever the mode; when the run is cancelled; otherwise, when no place answers,
/// what each of them said.
pub async fn discover(
    ctx: &RequestContext,
    config: &RegistryConfig,
    mode: Mode,
    context: &FetchContext,
) -> Result<(Fetched, Vec<Warning>), DiscoveryError> {
    // Around everything, so that no wait of any source, present or future, is forgotten.
    ctx.run(read(config, mode, context)).await?
}

async fn read(
    config: &RegistryConfig,
    mode: Mode,
    context: &FetchContext,
) -> Result<(Fetched, Vec<Warning>), DiscoveryError> {
    let places = places(config, context)?;
    let pin = config.sha256.as_deref().map(|written| source::pin(written, &config.names)).transpose()?;
    let cache = Cache::new(context.cache.clone());
    let within_reach = match mode {
        Mode::Read => places.as_slice(),
        Mode::Apply => &places[..1],
    };
    let mut attempts = Vec::new();
    for (nth, place) in within_reach.iter().enumerate() {
        let copy = cache.load(place).await;
        match fetch(config, place, &places[0], copy, pin.as_deref(), context, &cache).await {
            Ok((bytes, version)) => {
                let from_fallback = nth > 0;
                let warnings = if from_fallback { vec![Warning::fallback(&attempts, place)] } else { Vec::new() };
                let source = place.to_string();
                return Ok((Fetched { bytes, source, version, from_fallback, stale_age: None }, warnings));
            }
            Err(failure) => {
                tracing::debug!(place = %place, %failure, "registry not read");
                attempts.push(Attempt { role: error::role(nth), place: place.to_string(), failure });
            }
        }
    }
    if mode == Mode::Read {
        for (nth, place) in places.iter().enumerate() {
            let good = |copy: &CachedCopy| check_pin(&copy.bytes, pin.as_deref(), &config.names).is_ok();
            if let Some(copy) = cache.load(place).await.filter(good) {
                let age = context.clock.now().duration_since(copy.fetched_at).unwrap_or_default();
                let warning = Warning::last_good(&attempts, place, age);
                let fetched = Fetched {
                    bytes: copy.bytes,
                    source: place.to_string(),
                    version: copy.etag,
                    from_fallback: nth > 0,
                    stale_age: Some(age),
                };
                return Ok((fetched, vec![warning]));
            }
        }
    }
    Err(DiscoveryError::Nowhere { attempts, mode, unused_fallbacks: places.len() - within_reach.len() })
}

/// How old a last good copy may be before it is written again only to say that it is still good.
const STILL_FRESH: Duration = Duration::from_secs(60);

/// The source, then the fallbacks.
fn places(config: &RegistryConfig, context: &FetchContext) -> Result<Vec<Source>, DiscoveryError> {
    let texts = std::iter::once(&config.source).chain(&config.fallbacks);
    texts
        .enumerate()
        .map(|(nth, text)| {
            Source::parse(text, &context.base).map_err(|error| DiscoveryError::Source {
                attribute: if nth == 0 { "source".into() } else { format!("fallbacks[{}]", nth - 1) },
                error,
            })
        })
        .collect()
}

/// Reads one place, and keeps a copy where it is a remote one.
async fn fetch(
    config: &RegistryConfig,
    place: &Source,
    first: &Source,
    copy: Option<CachedCopy>,
    pin: Option<&str>,
    context: &FetchContext,
    cache: &Cache,
) -> Result<(Vec<u8>, Option<String>), Failure> {
    let url = match place {
        Source::File { path, .. } => {
            let bytes = file::read(path, context.limits.size).await?;
            look(&bytes)?;
            check_pin(&bytes, pin, &config.names)?;
            return Ok((bytes, None));
        }
        Source::Web { url } => url,
    };
    let request = https::Request {
        url,
        // A fallback is somebody else's machine unless it says otherwise.
        token: config.token.as_ref().filter(|_| first.same_host(place)),
        ca_certificate: config.ca_certificate.as_deref(),
        etag: copy.as_ref().and_then(|copy| copy.etag.as_deref()),
        names: &config.names,
    };
    let answer = https::fetch(&request, &context.limits, &*context.clock).await?;
    let now = context.clock.now();
    let (copy, kept) = match (answer, copy) {
        (https::Answer::Document { bytes, etag }, _) => (CachedCopy { bytes, etag, fetched_at: now }, false),
        (https::Answer::NotModified, Some(copy)) => {
            // Terraform starts several of us per command: that the source stood by this copy a moment ago is not worth
            // writing it anew.
            let kept = now.duration_since(copy.fetched_at).is_ok_and(|age| age < STILL_FRESH);
            (CachedCopy { fetched_at: now, ..copy }, kept)
        }
        (https::Answer::NotModified, None) => return Err(Failure::Status { status: 304 }),
    };
    look(&copy.bytes)?;
    check_pin(&copy.bytes, pin, &config.names)?;
    if !kept && cache::looks_whole(&copy.bytes) {
        cache.store(place, &copy).await;
    }
    Ok((copy.bytes, copy.etag))
}

/// Refuses what no registry is, and what a proxy or a portal says instead of one.
fn look(bytes: &[u8]) -> Result<(), Failure> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    match text.first() {
        None => Err(Failure::Empty),
        Some(b'<') => Err(Failure::Html),
        Some(_) => Ok(()),
    }
}

fn check_pin(bytes: &[u8], pin: Option<&str>, names: &SettingNames) -> Result<(), Failure> {
    let Some(pin) = pin else { return Ok(()) };
    let found = source::sha256(bytes);
    if found == pin { Ok(()) } else { Err(Failure::Pin { setting: names.sha256, expected: pin.to_owned(), found }) }
}
