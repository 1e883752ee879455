//! Where the registry is read from.
//!
//! [`discover`] tries the source, then each fallback, then the last good copy. A read uses the first place that can be read and
//! adds a [`Warning`] when that is not the source; an apply reads only the source.
//! A place that refuses access, or whose document is not signed as required, ends the search: no other place replaces it.
//! Nothing here knows what a registry is: bytes come out, with the name of where they came from. A cancelled run ends every
//! wait, and goes on to no other place.
//!
//! - `config`: what is given, and what comes out
//! - `source`: the forms a source may have
//! - `file`, `https`, `objects`, `config_map`: getting the bytes
//! - `remote`: attempts and errors that servers have in common
//! - `unpack`, `encoding`: what is compressed, and what can be wrong with it
//! - `digest`: what a registry is pinned to
//! - `signature`: the proof of who published it
//! - `names`: what settings are called in errors
//! - `fetch`: one place, with its proof and its copy
//! - `cache`: the last good copy of each remote source
//! - `write`: publishing, with a precondition
//! - `failure`: why one place could not be read, with the next step
//! - `error`: why no place could be read

mod cache;
mod config;
mod config_map;
mod digest;
mod encoding;
mod error;
mod failure;
mod fetch;
mod file;
mod https;
mod names;
mod objects;
mod remote;
mod signature;
mod source;
mod unpack;
mod write;

pub use self::config::{
    Clock, FetchContext, Fetched, Limits, Mode, RegistryConfig, SOURCE_VARIABLE, SystemClock, source_of_environment,
};
pub use self::config_map::{ConfigMapAddress, ConfigMapFailure, ConfigMapFormError};
pub use self::encoding::EncodingError;
pub use self::error::{Attempt, DiscoveryError, Warning};
pub use self::failure::Failure;
pub use self::names::SettingNames;
pub use self::objects::{FormError, ObjectFailure};
pub use self::signature::{KeyError, KeyId, MinisignKey, Proof, SignatureError, Verify, comment_field};
pub use self::source::{Source, SourceError};
pub use self::write::{Current, NewDocument, Precondition, Publisher, Version, WriteError};

use self::cache::Cache;
use self::config_map::ConfigMaps;
use self::fetch::{Document, Reader};
use self::objects::Objects;
use crate::connect::RequestContext;
use crate::connect::objects::Purpose;

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
    let places = places(config, context)?;
    let reader = Reader {
        ctx,
        config,
        context,
        source: &places[0],
        pin: config.sha256.as_deref().map(|written| digest::pin(written, &config.names)).transpose()?,
        cache: Cache::new(context.cache.clone().filter(|_| !config.max_stale().is_zero()), &context.environment),
        size: config.max_bytes.unwrap_or(context.limits.size),
        objects: Objects::new(Purpose::Read),
        config_maps: ConfigMaps::default(),
    };
    let run = Discovery { context, places: &places, reader };
    // Around everything, so that no wait of any source, present or future, is forgotten.
    ctx.run(run.read(mode)).await?
}

/// The source, then the fallbacks.
fn places(config: &RegistryConfig, context: &FetchContext) -> Result<Vec<Source>, DiscoveryError> {
    let texts = std::iter::once(&config.source).chain(&config.fallbacks);
    texts
        .enumerate()
        .map(|(nth, text)| {
            Source::parse(text, &context.base).map_err(|error| DiscoveryError::Source {
                setting: if nth == 0 { config.names.source.into() } else { format!("`fallbacks[{}]`", nth - 1) },
                error,
            })
        })
        .collect()
}

/// One call of [`discover`].
struct Discovery<'d> {
    context: &'d FetchContext,
    /// The source, then the fallbacks.
    places: &'d [Source],
    reader: Reader<'d>,
}

impl Discovery<'_> {
    async fn read(&self, mode: Mode) -> Result<(Fetched, Vec<Warning>), DiscoveryError> {
        let usable = match mode {
            Mode::Read => self.places,
            Mode::Apply => &self.places[..1],
        };
        let mut attempts = Vec::new();
        for (nth, place) in usable.iter().enumerate() {
            match self.reader.fetch(place).await {
                Ok(Document { bytes, version, proof }) => {
                    let from_fallback = nth > 0;
                    let warnings = if from_fallback { vec![Warning::fallback(&attempts, place)] } else { Vec::new() };
                    let source = place.to_string();
                    let path = place.path().map(ToOwned::to_owned);
                    let fetched = Fetched { bytes, source, path, version, from_fallback, stale_age: None, proof };
                    return Ok((fetched, warnings));
                }
                Err(None) => return Err(DiscoveryError::Cancelled),
                Err(Some(failure)) => {
                    tracing::debug!(place = %place, %failure, "registry not read");
                    let (is_unproved, is_not_allowed) =
                        (matches!(failure, Failure::Unproved(_)), failure.is_not_allowed());
                    attempts.push(Attempt { role: error::role(nth), place: place.to_string(), failure });
                    if is_unproved {
                        return Err(DiscoveryError::Unproved { attempts });
                    }
                    if is_not_allowed {
                        return Err(DiscoveryError::NotAllowed { attempts });
                    }
                }
            }
        }
        if mode == Mode::Read
            && let Some(read) = self.last_good(&mut attempts).await
        {
            return Ok(read);
        }
        Err(DiscoveryError::Nowhere { attempts, mode, unused_fallbacks: self.places.len() - usable.len() })
    }

    /// The last good copy of the first place that has one. A copy that is refused is one more attempt that failed.
    async fn last_good(&self, attempts: &mut Vec<Attempt>) -> Option<(Fetched, Vec<Warning>)> {
        for (nth, place) in self.places.iter().enumerate() {
            let Some(copy) = self.reader.cache.load(place).await else { continue };
            let age = self.context.clock.now().duration_since(copy.fetched_at).unwrap_or_default();
            let proof = match self.reader.check_copy(&copy, age) {
                Ok(proof) => proof,
                Err(failure) => {
                    attempts.push(Attempt { role: "last good copy of", place: place.to_string(), failure });
                    continue;
                }
            };
            let warning = Warning::last_good(attempts, place, age);
            let fetched = Fetched {
                bytes: copy.bytes,
                source: place.to_string(),
                path: None,
                version: copy.etag,
                from_fallback: nth > 0,
                stale_age: Some(age),
                proof,
            };
            return Some((fetched, vec![warning]));
        }
        None
    }
}
