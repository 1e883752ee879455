//! What was done, for people and programs. The JSON form is documented in `docs/guides/publishing.md`.

use crate::codes;
use std::fmt;

use serde::Serialize;

use super::document::Publication;
use crate::cli::common::{Error, list};
use crate::cli::registry::forms::markdown::code;
use crate::printable::escape;

/// The version of the JSON form. Fields may be added to it; one that is renamed, removed or means another thing raises it.
const FORMAT: u32 = 1;

/// A publication.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    format: u32,
    registry: String,
    revision: Option<String>,
    compiled_at: String,
    /// Of the document: what a pin is.
    pub(super) sha256: String,
    signed: bool,
    /// The digest of the impact; none if the same is published everywhere.
    pub(super) impact: Option<String>,
    dry_run: bool,
    pub(super) places: Vec<Written>,
}

/// A place.
#[derive(Debug, Serialize)]
pub(super) struct Written {
    pub(super) place: String,
    pub(super) outcome: Outcome,
}

/// What became of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    /// It has the document now.
    Written,
    /// It had it before.
    Unchanged,
    /// With `--dry-run`.
    WouldBeWritten,
    /// An error ended the command.
    NotWritten,
}

impl Outcome {
    fn words(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Unchanged => "unchanged",
            Self::WouldBeWritten => "would be written",
            Self::NotWritten => "not written",
        }
    }
}

impl Report {
    pub(super) fn of(publication: &Publication, impact: Option<String>, signed: bool, dry_run: bool) -> Self {
        Self {
            format: FORMAT,
            registry: publication.name.to_string(),
            revision: publication.revision.clone(),
            compiled_at: publication.compiled_at.to_string(),
            sha256: publication.sha256(),
            signed,
            impact,
            dry_run,
            places: Vec::new(),
        }
    }

    /// Whether every place has the document.
    pub(super) fn is_published(&self) -> bool {
        self.places.iter().all(|place| matches!(place.outcome, Outcome::Written | Outcome::Unchanged))
    }

    /// The error of a publication that ended with one.
    pub(super) fn incomplete(&self, error: Error) -> Error {
        let with = |outcome| self.places.iter().filter(move |place| place.outcome == outcome).map(|place| &place.place);
        let new: Vec<&String> = with(Outcome::Written).collect();
        if new.is_empty() {
            return error;
        }
        Error::failed(codes::NOT_PUBLISHED, format!("The registry is not published everywhere: {error}"))
            .because(format!("The new one is in {}, and not in {}.", list(new), list(with(Outcome::NotWritten))))
            .hint("run the command again: it writes what is missing, and nothing twice")
    }

    /// What is added to the summary of a job.
    pub(super) fn markdown(&self) -> String {
        let mut text = format!("\n| Place of {} | |\n| --- | --- |\n", code(&self.registry));
        for Written { place, outcome } in &self.places {
            text.push_str(&format!("| {} | {} |\n", code(place), outcome.words()));
        }
        text + &format!("\nSHA-256: {}\n", code(&self.sha256))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let revision = self.revision.as_ref().map(|revision| format!(", revision `{}`", escape(revision)));
        let revision = revision.unwrap_or_default();
        writeln!(f, "Registry `{}`, compiled at {}{revision}", self.registry, self.compiled_at)?;
        writeln!(f, "SHA-256: {}", self.sha256)?;
        for Written { place, outcome } in &self.places {
            writeln!(f, "{}: {}", outcome.words(), escape(place))?;
        }
        Ok(())
    }
}
