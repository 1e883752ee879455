//! One place: its document, checked, with its proof, and a copy of it where the place is a remote one.

use std::time::Duration;

use super::cache::{self, Cache, CachedCopy};
use super::config::{FetchContext, RegistryConfig};
use super::config_map::{self, ConfigMaps};
use super::failure::Failure;
use super::objects::Objects;
use super::remote::{Answer, Requests};
use super::signature::{self, Proof, SignatureError};
use super::source::Source;
use super::{digest, file, https, objects, unpack};
use crate::connect::{Encoding, RequestContext};

/// How old a last good copy may be before it is written again when the source confirms it.
const STILL_FRESH: Duration = Duration::from_secs(60);

/// What a place has.
pub(super) struct Document {
    pub bytes: Vec<u8>,
    pub version: Option<String>,
    pub proof: Option<Proof>,
}

/// What is read of a place.
#[derive(Clone, Copy)]
enum Wanted<'e> {
    /// The document, unless it is still the one with this ETag.
    Document {
        etag: Option<&'e str>,
    },
    Signature,
}

/// Reads places with the settings of one registry.
pub(super) struct Reader<'r> {
    pub ctx: &'r RequestContext,
    pub config: &'r RegistryConfig,
    pub context: &'r FetchContext,
    /// The first place, which alone receives the token.
    pub source: &'r Source,
    pub pin: Option<String>,
    pub cache: Cache,
    pub objects: Objects,
    pub config_maps: ConfigMaps,
    /// Bytes of a document, unpacked.
    pub size: u64,
}

impl Reader<'_> {
    /// Reads one place, and keeps a copy where it is a remote one.
    ///
    /// # Errors
    /// Why it could not be read; `None` when the run is cancelled.
    pub(super) async fn fetch(&self, place: &Source) -> Result<Document, Option<Failure>> {
        match self.fetch_once(place).await {
            // Between the writing of a document and that of its signature the two do not match: they are read once more.
            Err(Some(Failure::Unproved(SignatureError::Missing { .. } | SignatureError::Wrong { .. }))) => {
                self.ctx.sleep(self.context.limits.pause).await.map_err(|_| None)?;
                self.fetch_once(place).await
            }
            fetched => fetched,
        }
    }

    async fn fetch_once(&self, place: &Source) -> Result<Document, Option<Failure>> {
        let (size, now) = (self.size, self.context.clock.now());
        if let Source::File { path, .. } = place {
            let bytes = self.unpacked(place, file::read(path, size).await?).await?;
            self.check_content(&bytes)?;
            let proof = self.prove(place, &bytes, None).await?.map(|(proof, _)| proof);
            return Ok(Document { bytes, version: None, proof });
        }
        let old = self.cache.load(place).await;
        let etag = old.as_ref().and_then(|copy| copy.etag.as_deref());
        let (mut copy, kept) = match (self.get(place, Wanted::Document { etag }).await?, old) {
            (Answer::Document { bytes, etag }, old) => {
                let bytes = self.unpacked(place, bytes).await?;
                // The signature of the same bytes is still theirs.
                let signature = old.filter(|old| old.bytes == bytes).and_then(|old| old.signature);
                (CachedCopy { bytes, signature, etag, fetched_at: now }, false)
            }
            (Answer::NotModified, Some(copy)) => {
                // Core starts several of us per command: that the source confirmed this copy a moment ago is not worth
                // writing it again.
                let kept = now.duration_since(copy.fetched_at).is_ok_and(|age| age < STILL_FRESH);
                (CachedCopy { fetched_at: now, ..copy }, kept)
            }
            (Answer::NotModified, None) => return Err(Some(Failure::Status { status: 304 })),
        };
        self.check_content(&copy.bytes)?;
        let proved = self.prove(place, &copy.bytes, copy.signature.as_deref()).await?;
        let (proof, signature) = proved.unzip();
        let is_signed_again = signature.is_some() && signature != copy.signature;
        copy.signature = signature.or(copy.signature);
        if (!kept || is_signed_again) && cache::looks_whole(&copy.bytes) {
            self.cache.store(place, &copy).await;
        }
        Ok(Document { bytes: copy.bytes, version: copy.etag, proof })
    }

    /// The document in what a place has.
    async fn unpacked(&self, place: &Source, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
        // A login page is one under any name.
        check_text(&bytes)?;
        let (encoding, limit) = (Encoding::of(&place.to_string()), self.size);
        match tokio::task::spawn_blocking(move || unpack::unpack(encoding, bytes, limit)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::Unknown),
        }
    }

    /// What is at a remote place.
    async fn get(&self, place: &Source, wanted: Wanted<'_>) -> Result<Answer, Option<Failure>> {
        let (etag, size, is_signature) = match wanted {
            Wanted::Document { etag } => (etag, self.size, false),
            Wanted::Signature => (None, signature::LIMIT, true),
        };
        let url = match place {
            Source::File { .. } => return Err(Some(Failure::Unknown)),
            Source::Web { url } => url,
            Source::Object { object } => {
                let ca_certificate = self.config.ca_certificate.as_deref();
                let (ctx, context, names) = (self.ctx, self.context, &self.config.names);
                let target = objects::Target { ctx, object, context, ca_certificate, names };
                return self.objects.fetch(&target, etag, size).await;
            }
            Source::ConfigMap { address } => {
                let environment = &self.context.environment;
                let request = config_map::Request { address, environment, version: etag, is_signature, size };
                let requests = Requests { limits: &self.context.limits, names: &self.config.names };
                return self.config_maps.fetch(self.ctx, &request, requests).await;
            }
        };
        // A fallback on another host does not receive the secrets.
        let is_own = self.source.same_host(place);
        let request = https::Request {
            url,
            token: self.config.token.as_ref().filter(|_| is_own),
            secret_headers: if is_own { &self.config.headers } else { &[] },
            ca_certificate: self.config.ca_certificate.as_deref(),
            etag,
            names: &self.config.names,
            size,
        };
        https::fetch(self.ctx, &request, &self.context.limits, &*self.context.clock).await
    }

    /// The proof of a document and the signature that is it: the one at hand if that is accepted, else the one beside the
    /// document. Nothing if none is required.
    async fn prove(
        &self,
        place: &Source,
        bytes: &[u8],
        at_hand: Option<&[u8]>,
    ) -> Result<Option<(Proof, Vec<u8>)>, Option<Failure>> {
        let (Some(verify), names) = (&self.config.verify, &self.config.names) else { return Ok(None) };
        let check = |signature: Vec<u8>| Ok((signature::check(bytes, &signature, verify, names)?, signature));
        if let Some(proved) = at_hand.and_then(|signature| check(signature.to_vec()).ok()) {
            return Ok(Some(proved));
        }
        let place = place.signature();
        let read = match &place {
            Source::File { path, .. } => file::read(path, signature::LIMIT).await.map_err(Some),
            Source::Web { .. } | Source::Object { .. } | Source::ConfigMap { .. } => {
                match self.get(&place, Wanted::Signature).await {
                    Ok(Answer::Document { bytes, .. }) => Ok(bytes),
                    Ok(Answer::NotModified) => Err(Some(Failure::Status { status: 304 })),
                    Err(failure) => Err(failure),
                }
            }
        };
        let signature = read.map_err(|failure| {
            failure.map(|failure| match failure {
                failure if failure.is_missing() => {
                    Failure::Unproved(SignatureError::Missing { place: place.to_string(), setting: names.minisign })
                }
                Failure::TooLarge { .. } => Failure::Unproved(SignatureError::Malformed),
                failure => Failure::NoSignature { place: place.to_string(), failure: Box::new(failure) },
            })
        })?;
        check(signature).map(Some).map_err(|error| Some(Failure::Unproved(error)))
    }

    /// Refuses a last good copy that is too old, not the pinned document, or not proved to be the publisher's.
    pub(super) fn check_copy(&self, copy: &CachedCopy, age: Duration) -> Result<Option<Proof>, Failure> {
        let (names, limit) = (&self.config.names, self.config.max_stale());
        if age > limit {
            return Err(Failure::Stale { old: age, limit, setting: names.max_stale });
        }
        self.check_pin(&copy.bytes)?;
        let Some(verify) = &self.config.verify else { return Ok(None) };
        let checked = match &copy.signature {
            Some(signature) => signature::check(&copy.bytes, signature, verify, names),
            None => Err(SignatureError::NotStored { setting: names.minisign }),
        };
        checked.map(Some).map_err(Failure::Unproved)
    }

    fn check_pin(&self, bytes: &[u8]) -> Result<(), Failure> {
        digest::check(bytes, self.pin.as_deref(), &self.config.names)
    }

    /// Refuses what is no document, and a document other than the pinned one.
    fn check_content(&self, bytes: &[u8]) -> Result<(), Failure> {
        check_text(bytes)?;
        self.check_pin(bytes)
    }
}

/// Refuses an empty document and a web page (of a proxy or a login).
fn check_text(bytes: &[u8]) -> Result<(), Failure> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    match text {
        [] => Err(Failure::Empty),
        // Not `<<<<<<<`, which is a merge conflict: the JSON error has its line.
        [b'<', next, ..] if *next != b'<' => Err(Failure::Html),
        _ => Ok(()),
    }
}
