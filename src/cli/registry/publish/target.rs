//! A place that a registry is written to.

use std::fmt;
use std::path::Path;

use super::document::Publication;
use super::file::FileTarget;
use super::object::ObjectTarget;
use super::step::Action;
use crate::cli::common::{Error, Place, Source};
use crate::discovery;

/// A place.
#[derive(Debug)]
pub(super) struct Target {
    place: Place<'static>,
    shown: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    File(FileTarget),
    Object(Box<ObjectTarget>),
}

/// By what a place recognizes one content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Version {
    /// The SHA-256 of a file.
    Digest(String),
    /// The version of an object.
    Object(crate::connect::objects::ObjectVersion),
}

impl Target {
    /// The places that options name, each once.
    pub(super) fn parse_all(texts: &[String], folder: &Path, source: &Source) -> Result<Vec<Self>, Error> {
        let mut targets: Vec<Self> = Vec::new();
        for text in texts {
            let target = Self::parse(text, folder, source)?;
            if targets.iter().any(|other| other.shown == target.shown) {
                return Err(Error::usage(format!("`--to {target}` is given twice")));
            }
            targets.push(target);
        }
        Ok(targets)
    }

    fn parse(text: &str, folder: &Path, source: &Source) -> Result<Self, Error> {
        let parsed = discovery::Source::parse(text, folder)
            .map_err(|error| Error::usage("`--to` is not a valid place").because(error.to_string()))?;
        let shown = parsed.to_string();
        let kind = match parsed {
            discovery::Source::File { path, .. } => Kind::File(FileTarget::of(path)),
            discovery::Source::Object { object } => Kind::Object(Box::new(ObjectTarget::of(object, source)?)),
            discovery::Source::Web { .. } => {
                return Err(Error::usage(format!("`{shown}` cannot be written"))
                    .because("There is no common way to write a document to a web server.")
                    .hint("write it to a file that the server delivers, or to a bucket (`gs://…`)"));
            }
        };
        let document = crate::connect::document_name(&shown);
        if !document.ends_with(".json") {
            return Err(Error::usage(format!("`--to {shown}` does not end in `.json`, `.json.gz` or `.json.zst`"))
                .because("A registry is published as JSON, and readers tell its format by its name."));
        }
        Ok(Self { place: Place::named("--to", text.to_owned()).in_folder(folder.to_owned()).quietly(), shown, kind })
    }

    pub(super) fn place(&self) -> &Place<'static> {
        &self.place
    }

    /// The version of what is there; `None` if nothing is.
    pub(super) async fn head(&self) -> Result<Option<Version>, Error> {
        match &self.kind {
            Kind::File(file) => file.head(),
            Kind::Object(object) => object.head().await,
        }
    }

    /// Writes the document in place of this version, and its signature.
    pub(super) async fn write(
        &self,
        publication: &Publication,
        signature: Option<&str>,
        replaces: Option<&Version>,
        action: Action,
    ) -> Result<(), Error> {
        let bytes = publication.packed(&self.shown);
        match &self.kind {
            Kind::File(file) => file.write(self, &bytes, signature, replaces, action),
            Kind::Object(object) => object.write(self, &bytes, signature, replaces, action).await,
        }
    }

    /// Another publisher was faster.
    pub(super) fn changed(&self) -> Error {
        Error::failed(format!("`{self}` changed while it was read"))
            .because("Another publisher has written it. What it wrote is not overwritten.")
            .hint("run the command again: it compares with what is published by then")
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}
