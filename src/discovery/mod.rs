//! Where the registry is read from.
//!
//! [`discover`] tries the source, then each fallback, then the last good copy. A read uses the first place that can be read and
//! adds a [`Warning`] when that is not the source; an apply reads only the source.
//! Nothing here knows what a registry is: bytes come out, with the name of where they came from. A cancelled run ends every
//! wait, and goes on to no other place.
//!
//! - `config`: what is given, and what comes out
//! - `source`: the forms a source may have
//! - `file`, `https`: getting the bytes
//! - `digest`: what a registry is pinned to
//! - `cache`: the last good copy of each remote source
//! - `error`: every failure, with the next step

mod cache;
mod config;
mod digest;
mod error;
mod file;
mod https;
mod source;

use std::time::Duration;

pub use self::config::{Clock, FetchContext, Fetched, Limits, Mode, RegistryConfig, SettingNames, SystemClock};
pub use self::error::{Attempt, DiscoveryError, Failure, Warning};
pub use self::source::{Source, SourceError};

use self::cache::{Cache, CachedCopy};
use crate::connect::RequestContext;

/// Reads the registry. The warnings list the failure of every place before the one that was read.
///
/// # Errors
/// When a source is not valid, in either mode; when the run is cancelled; when no place can be read, with the failure of each.
pub async fn discover(
    ctx: &RequestContext,
    config: &RegistryConfig,
    mode: Mode,
    context: &FetchContext,
) -> Result<(Fetched, Vec<Warning>), DiscoveryError> {
    let run = Discovery {
        ctx,
        config,
        context,
        places: places(config, context)?,
        pin: config.sha256.as_deref().map(|written| digest::pin(written, &config.names)).transpose()?,
        cache: Cache::new(context.cache.clone()),
    };
    // Around everything, so that no wait of any source, present or future, is forgotten.
    ctx.run(run.read(mode)).await?
}

/// How old a last good copy may be before it is written again when the source confirms it.
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

/// One call of [`discover`].
struct Discovery<'d> {
    ctx: &'d RequestContext,
    config: &'d RegistryConfig,
    context: &'d FetchContext,
    /// The source, then the fallbacks.
    places: Vec<Source>,
    pin: Option<String>,
    cache: Cache,
}

impl Discovery<'_> {
    async fn read(&self, mode: Mode) -> Result<(Fetched, Vec<Warning>), DiscoveryError> {
        let usable = match mode {
            Mode::Read => self.places.as_slice(),
            Mode::Apply => &self.places[..1],
        };
        let mut attempts = Vec::new();
        for (nth, place) in usable.iter().enumerate() {
            match self.fetch(place).await {
                Ok((bytes, version)) => {
                    let from_fallback = nth > 0;
                    let warnings = if from_fallback { vec![Warning::fallback(&attempts, place)] } else { Vec::new() };
                    let source = place.to_string();
                    let path = place.path().map(ToOwned::to_owned);
                    let fetched = Fetched { bytes, source, path, version, from_fallback, stale_age: None };
                    return Ok((fetched, warnings));
                }
                Err(None) => return Err(DiscoveryError::Cancelled),
                Err(Some(failure)) => {
                    tracing::debug!(place = %place, %failure, "registry not read");
                    attempts.push(Attempt { role: error::role(nth), place: place.to_string(), failure });
                }
            }
        }
        if mode == Mode::Read
            && let Some(read) = self.last_good(&attempts).await
        {
            return Ok(read);
        }
        Err(DiscoveryError::Nowhere { attempts, mode, unused_fallbacks: self.places.len() - usable.len() })
    }

    /// The last good copy of the first place that has one.
    async fn last_good(&self, attempts: &[Attempt]) -> Option<(Fetched, Vec<Warning>)> {
        for (nth, place) in self.places.iter().enumerate() {
            let good = |copy: &CachedCopy| self.check(&copy.bytes).is_ok();
            if let Some(copy) = self.cache.load(place).await.filter(good) {
                let age = self.context.clock.now().duration_since(copy.fetched_at).unwrap_or_default();
                let warning = Warning::last_good(attempts, place, age);
                let fetched = Fetched {
                    bytes: copy.bytes,
                    source: place.to_string(),
                    path: None,
                    version: copy.etag,
                    from_fallback: nth > 0,
                    stale_age: Some(age),
                };
                return Some((fetched, vec![warning]));
            }
        }
        None
    }

    /// Reads one place, and keeps a copy where it is a remote one.
    ///
    /// # Errors
    /// Why it could not be read; `None` when the run is cancelled.
    async fn fetch(&self, place: &Source) -> Result<(Vec<u8>, Option<String>), Option<Failure>> {
        let Self { config, context, cache, .. } = self;
        let url = match place {
            Source::File { path, .. } => {
                let bytes = file::read(path, context.limits.size).await?;
                self.check_content(&bytes)?;
                return Ok((bytes, None));
            }
            Source::Web { url } => url,
        };
        let copy = cache.load(place).await;
        let request = https::Request {
            url,
            // A fallback on another host does not receive the token.
            token: config.token.as_ref().filter(|_| self.places[0].same_host(place)),
            ca_certificate: config.ca_certificate.as_deref(),
            etag: copy.as_ref().and_then(|copy| copy.etag.as_deref()),
            names: &config.names,
        };
        let answer = https::fetch(self.ctx, &request, &context.limits, &*context.clock).await?;
        let now = context.clock.now();
        let (copy, kept) = match (answer, copy) {
            (https::Answer::Document { bytes, etag }, _) => (CachedCopy { bytes, etag, fetched_at: now }, false),
            (https::Answer::NotModified, Some(copy)) => {
                // Core starts several of us per command: that the source confirmed this copy a moment ago is not worth
                // writing it again.
                let kept = now.duration_since(copy.fetched_at).is_ok_and(|age| age < STILL_FRESH);
                (CachedCopy { fetched_at: now, ..copy }, kept)
            }
            (https::Answer::NotModified, None) => return Err(Some(Failure::Status { status: 304 })),
        };
        self.check_content(&copy.bytes)?;
        if !kept && cache::looks_whole(&copy.bytes) {
            cache.store(place, &copy).await;
        }
        Ok((copy.bytes, copy.etag))
    }

    fn check(&self, bytes: &[u8]) -> Result<(), Failure> {
        digest::check(bytes, self.pin.as_deref(), &self.config.names)
    }

    /// Refuses an empty document, a web page (of a proxy or a login), and a document other than the pinned one.
    fn check_content(&self, bytes: &[u8]) -> Result<(), Failure> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        match text {
            [] => Err(Failure::Empty),
            // Not `<<<<<<<`, which is a merge conflict: the JSON error has its line.
            [b'<', next, ..] if *next != b'<' => Err(Failure::Html),
            _ => self.check(bytes),
        }
    }
}
