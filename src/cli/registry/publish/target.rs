//! A place that a registry is written to, with its signature and, for a file or ConfigMap, what it replaces.

use crate::codes;
use std::fmt;
use std::path::{Path, PathBuf};

use super::document::Publication;
use crate::cli::common::{Error, Place, Source, block_on, io};
use crate::connect::{Encoding, RequestContext, document_name};
use crate::discovery::{self, FetchContext, NewDocument, Precondition, Publisher, Version, WriteError};

/// Every read checks whether there is a newer one.
const CACHE: &str = "no-cache";
/// The end of the name of what is replaced.
const PREVIOUS: &str = ".previous";
/// How often a signature is written again because another publisher has written one.
const SIGNATURES: usize = 5;

/// A place.
#[derive(Debug)]
pub(super) struct Target {
    place: Place<'static>,
    document: discovery::Source,
    shown: String,
    /// PEM, trusted beside the operating system's.
    ca_certificate: Option<String>,
}

/// What has to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// The same document is there, with its signature.
    Nothing,
    /// The same document is there, without a signature by this key.
    Sign,
    /// Another document is there, or none.
    Write,
}

/// What a place has before it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) version: Option<Version>,
    pub(super) is_signed: bool,
}

impl Target {
    /// The places that options name, each once.
    pub(super) fn parse_all(texts: &[String], folder: &Path, source: &Source) -> Result<Vec<Self>, Error> {
        let ca_certificate = source.ca_certificate()?;
        let mut targets: Vec<Self> = Vec::new();
        for text in texts {
            let document = discovery::Source::parse(text, folder)
                .map_err(|error| Error::usage("`--to` is not a valid place").because(error.to_string()))?;
            let shown = document.to_string();
            if targets.iter().any(|other| other.shown == shown) {
                return Err(Error::usage(format!("`--to {shown}` is given twice")));
            }
            if !document_name(&shown).ends_with(".json") {
                let what = format!("`--to {shown}` does not end in `.json`, `.json.gz` or `.json.zst`");
                return Err(Error::usage(what)
                    .because("A registry is published as JSON, and readers tell its format by its name."));
            }
            let place = Place::named("--to", text.to_owned()).in_folder(folder.to_owned()).quietly();
            targets.push(Self { place, document, shown, ca_certificate: ca_certificate.clone() });
        }
        Ok(targets)
    }

    pub(super) fn place(&self) -> &Place<'static> {
        &self.place
    }

    /// Runs work with a publisher of its own: the connections of one end with its runtime.
    fn publish<T>(&self, work: impl AsyncFnOnce(&Publisher<'_>) -> Result<T, WriteError>) -> Result<T, Error> {
        let ctx = RequestContext::default();
        let context = FetchContext::of_this_process(self.place.folder().to_owned());
        let publisher = Source::publisher(&ctx, &context, self.ca_certificate.as_deref());
        block_on(work(&publisher))?.map_err(failed)
    }

    /// What is there.
    pub(super) fn head(&self) -> Result<Found, Error> {
        let signature = self.document.signature();
        self.publish(async |publisher| {
            // A folder that does not exist is created.
            let missing = |error| match error {
                WriteError::NotFound { .. } if self.file().is_some() => Ok(None),
                error => Err(error),
            };
            let version = publisher.head(&self.document).await.or_else(missing)?;
            let is_signed = publisher.head(&signature).await.or_else(missing)?.is_some();
            Ok(Found { version, is_signed })
        })
    }

    /// Writes the document in place of what was found, and its signature.
    pub(super) fn write(
        &self,
        publication: &Publication,
        signature: Option<&str>,
        found: &Found,
        action: Action,
    ) -> Result<(), Error> {
        if let Some(folder) = self.file().and_then(Path::parent) {
            std::fs::create_dir_all(folder).map_err(io("create the folder", folder))?;
        }
        let bytes = publication.packed(&self.shown);
        self.publish(async |publisher| {
            let written = match (action, &found.version) {
                (Action::Write, replaces) => {
                    if let (Some(version), Some(previous)) = (replaces, self.previous()) {
                        self.keep(publisher, version, &previous).await?;
                    }
                    let precondition = replaces.as_ref().map_or(Precondition::Absent, Precondition::Is);
                    let document = NewDocument {
                        bytes: &bytes,
                        content_type: match Encoding::of(&self.shown) {
                            None => "application/json",
                            Some(Encoding::Gzip) => "application/gzip",
                            Some(Encoding::Zstandard) => "application/zstd",
                        },
                        cache_control: CACHE,
                    };
                    publisher.write(&self.document, document, precondition).await?
                }
                (_, Some(version)) => version.clone(),
                (_, None) => return Err(self.changed()),
            };
            match signature {
                Some(signature) => self.sign(publisher, signature, &written).await,
                None => Ok(()),
            }
        })
    }

    /// Writes the signature of the document that was written.
    async fn sign(&self, publisher: &Publisher<'_>, signature: &str, written: &Version) -> Result<(), WriteError> {
        let place = self.document.signature();
        let text = NewDocument { bytes: signature.as_bytes(), content_type: "text/plain", cache_control: CACHE };
        for _ in 0..SIGNATURES {
            let there = publisher.head(&place).await?;
            let precondition = there.as_ref().map_or(Precondition::Absent, Precondition::Is);
            let signed = publisher.write(&place, text, precondition).await;
            // It belongs to the document that is there now.
            if publisher.head(&self.document).await?.as_ref() != Some(written) {
                return Err(self.changed());
            }
            match signed {
                Ok(_) => return Ok(()),
                // Another publisher has written that of its document, which is no longer there.
                Err(WriteError::Changed { .. } | WriteError::Exists { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(self.changed())
    }

    /// Keeps what is replaced.
    async fn keep(
        &self,
        publisher: &Publisher<'_>,
        version: &Version,
        previous: &discovery::Source,
    ) -> Result<(), WriteError> {
        let current = publisher.read(&self.document).await?;
        let Some(current) = current.filter(|current| current.version == *version) else { return Err(self.changed()) };
        let there = publisher.head(previous).await?;
        let precondition = there.as_ref().map_or(Precondition::Absent, Precondition::Is);
        let document = NewDocument { bytes: &current.bytes, content_type: "application/json", cache_control: CACHE };
        publisher.write(previous, document, precondition).await.map(drop)
    }

    /// The place of what is replaced: beside a file, or another key of a ConfigMap. Buckets have versions.
    fn previous(&self) -> Option<discovery::Source> {
        let written = format!("{}{PREVIOUS}", self.shown);
        match &self.document {
            discovery::Source::File { path, .. } => {
                let mut path = path.as_os_str().to_owned();
                path.push(PREVIOUS);
                Some(discovery::Source::File { path: PathBuf::from(path), written })
            }
            discovery::Source::ConfigMap { .. } => discovery::Source::parse(&written, self.place.folder()).ok(),
            _ => None,
        }
    }

    /// The path, if it is a file.
    fn file(&self) -> Option<&Path> {
        match &self.document {
            discovery::Source::File { path, .. } => Some(path),
            _ => None,
        }
    }

    /// Another publisher was faster.
    fn changed(&self) -> WriteError {
        WriteError::Changed { place: self.shown.clone() }
    }

    /// The same, as the error of the verb.
    pub(super) fn changed_meanwhile(&self) -> Error {
        failed(self.changed())
    }
}

fn failed(error: WriteError) -> Error {
    let text = format!("{error}.");
    match error {
        WriteError::Changed { .. } | WriteError::Exists { .. } => {
            Error::failed(codes::NOT_PUBLISHED, "Another publisher was faster")
                .because(text)
                .hint("run the command again")
        }
        WriteError::Unwritable { .. } => Error::usage("`--to` is not a place that can be written").because(text),
        WriteError::Cancelled { .. } => Error::cancelled("Publishing was cancelled"),
        _ => Error::failed(codes::NOT_PUBLISHED, "A place was not written").because(text),
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}
