//! Publishing: a document is written where it is read from, if what was read before is still there.
//!
//! Each place compares and writes in one step, so of two publishers that read the same version one is refused: no change is
//! lost, and none is made on what its author did not see.
//!
//! | file | what |
//! |---|---|
//! | `version` | what distinguishes one content of a place from another |
//! | `file` | files |
//! | `error` | why a place was not written |
//!
//! Objects are written by `super::objects`, keys of ConfigMaps by `super::config_map`.

mod error;
mod file;
mod version;

use std::path::Path;

pub use self::error::WriteError;
pub use self::version::Version;

use self::file::NotWritten;
use super::config::FetchContext;
use super::config_map::{self, ConfigMaps};
use super::failure::Failure;
use super::names::SettingNames;
use super::objects::{Objects, Target, Written};
use super::remote::{Answer, Requests};
use super::source::Source;
use crate::connect::RequestContext;
use crate::connect::objects::{ObjectAddress, Purpose, Write};

/// Said of `https://`.
const NO_WEB: &str =
    "documents on the web can only be read. Publish to a file, and upload it with the tools of the server";
/// Said of an address with a version.
const OLD: &str = "its address names one version, which never changes: write the address without it";

/// What a place has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// The bytes, as they are there.
    pub bytes: Vec<u8>,
    /// Their version, to be required when they are replaced.
    pub version: Version,
}

/// What must be there for a write.
#[derive(Debug, Clone, Copy)]
pub enum Precondition<'p> {
    /// Nothing.
    Absent,
    /// This version.
    Is(&'p Version),
}

/// What is written.
#[derive(Debug, Clone, Copy)]
pub struct NewDocument<'d> {
    /// The bytes.
    pub bytes: &'d [u8],
    /// `Content-Type`, where places have it.
    pub content_type: &'d str,
    /// `Cache-Control`, where places have it.
    pub cache_control: &'d str,
}

/// Reads and writes the places of one registry.
pub struct Publisher<'p> {
    ctx: &'p RequestContext,
    context: &'p FetchContext,
    ca_certificate: Option<&'p str>,
    names: SettingNames,
    objects: Objects,
}

impl<'p> Publisher<'p> {
    /// A publisher. `ca_certificate` is PEM to trust beside the operating system's authorities; `names` is what settings are
    /// called in errors. Connects to nothing yet.
    pub fn new(
        ctx: &'p RequestContext,
        context: &'p FetchContext,
        ca_certificate: Option<&'p str>,
        names: SettingNames,
    ) -> Self {
        Self { ctx, context, ca_certificate, names, objects: Objects::new(Purpose::Write) }
    }

    /// What a place has, with its version; nothing if it has no document. Never from a cache.
    ///
    /// # Errors
    /// [`WriteError::Unwritable`] for a place that cannot be written; [`WriteError::NotAllowed`]; [`WriteError::NotRead`];
    /// [`WriteError::Cancelled`]. A bucket that does not exist is [`WriteError::NotFound`] where the store distinguishes it from
    /// an object that does not exist, otherwise that of [`write`](Self::write).
    pub async fn read(&self, place: &Source) -> Result<Option<Current>, WriteError> {
        self.go_on(place).await?;
        let size = self.context.limits.size;
        let read = match place {
            Source::File { path, .. } => self.read_file(path, size).await,
            Source::Web { .. } => return Err(WriteError::Unwritable { place: place.to_string(), rule: NO_WEB }),
            Source::Object { object } => {
                refuse_version(place, object)?;
                let current = self.objects.current(&self.target(object), size).await;
                current.map(|(bytes, version)| Current { bytes, version: Version::of_object(version) })
            }
            Source::ConfigMap { address } => {
                let environment = &self.context.environment;
                let request = config_map::Request { address, environment, version: None, is_signature: false, size };
                match ConfigMaps::default().fetch(self.ctx, &request, self.requests()).await {
                    Ok(Answer::Document { bytes, .. }) => Ok(Current { version: Version::of_bytes(&bytes), bytes }),
                    Ok(Answer::NotModified) => Err(Some(Failure::Status { status: 304 })),
                    Err(failure) => Err(failure),
                }
            }
        };
        match read {
            Ok(current) => Ok(Some(current)),
            Err(Some(failure)) if failure.is_missing() && !failure.is_missing_bucket() => Ok(None),
            Err(failure) => Err(WriteError::of_read(place.to_string(), failure)),
        }
    }

    /// The version of what a place has; nothing if it has no document. Never from a cache.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn head(&self, place: &Source) -> Result<Option<Version>, WriteError> {
        Ok(self.read(place).await?.map(|current| current.version))
    }

    /// Writes a document if the precondition is true in the moment of writing, and returns its version. A response that is
    /// lost is found out about: what is there then and has these bytes was written.
    ///
    /// # Errors
    /// [`WriteError::Changed`] and [`WriteError::Exists`] when the precondition is not true: nothing was written.
    /// [`WriteError::NotFound`] for a folder or bucket that does not exist, and the others for what they say.
    pub async fn write(
        &self,
        place: &Source,
        document: NewDocument<'_>,
        precondition: Precondition<'_>,
    ) -> Result<Version, WriteError> {
        let required = match precondition {
            Precondition::Absent => None,
            Precondition::Is(version) => Some(version),
        };
        let changed = || match required {
            None => WriteError::Exists { place: place.to_string() },
            Some(_) => WriteError::Changed { place: place.to_string() },
        };
        self.go_on(place).await?;
        match place {
            Source::Web { .. } => Err(WriteError::Unwritable { place: place.to_string(), rule: NO_WEB }),
            Source::File { path, .. } => {
                let (text, within) = (place.to_string(), self.context.limits.total);
                let written = file::write(self.ctx, &text, path, document.bytes, required, within).await;
                written.map_err(|error| match error {
                    NotWritten::Changed => changed(),
                    NotWritten::Error(error) => error,
                })
            }
            Source::Object { object } => {
                refuse_version(place, object)?;
                let replaces = match required {
                    None => None,
                    // A version of another kind of place is not there.
                    Some(version) => Some(version.object().ok_or_else(changed)?),
                };
                let NewDocument { bytes, content_type, cache_control } = document;
                let write = Write { bytes, replaces, content_type, cache_control };
                match self.objects.write(&self.target(object), &write).await {
                    Ok(Written::As(version)) => Ok(Version::of_object(version)),
                    Ok(Written::Changed) => Err(changed()),
                    Err(failure) => Err(WriteError::of(place.to_string(), failure)),
                }
            }
            Source::ConfigMap { address } => {
                let is_required = |found: Option<&[u8]>| found.map(Version::of_bytes).as_ref() == required;
                let (environment, bytes) = (&self.context.environment, document.bytes);
                let requests = self.requests();
                match config_map::write(self.ctx, environment, address, bytes, is_required, requests).await {
                    Ok(true) => Ok(Version::of_bytes(bytes)),
                    Ok(false) => Err(changed()),
                    Err(failure) => Err(WriteError::of(place.to_string(), failure)),
                }
            }
        }
    }

    /// Begins nothing in a run that was cancelled.
    async fn go_on(&self, place: &Source) -> Result<(), WriteError> {
        let run = self.ctx.run(std::future::ready(())).await;
        run.map_err(|_| WriteError::Cancelled { place: place.to_string() })
    }

    async fn read_file(&self, path: &Path, size: u64) -> Result<Current, Option<Failure>> {
        let read = self.ctx.run(super::file::read(path, size)).await.map_err(|_| None)?;
        let bytes = read.map_err(Some)?;
        Ok(Current { version: Version::of_bytes(&bytes), bytes })
    }

    fn requests(&self) -> Requests<'_> {
        Requests { limits: &self.context.limits, names: &self.names }
    }

    fn target<'t>(&'t self, object: &'t ObjectAddress) -> Target<'t> {
        let Self { ctx, context, ca_certificate, names, .. } = self;
        Target { ctx, object, context, ca_certificate: *ca_certificate, names }
    }
}

fn refuse_version(place: &Source, object: &ObjectAddress) -> Result<(), WriteError> {
    match object.version {
        None => Ok(()),
        Some(_) => Err(WriteError::Unwritable { place: place.to_string(), rule: OLD }),
    }
}
