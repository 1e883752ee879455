//! What is published at a place now, and what has to be done there.

use super::document::{Publication, sha256};
use super::key::SigningKey;
use super::target::{Action, Found, Target};
use crate::cli::common::{Error, Printer, Source};
use crate::codes;
use crate::discovery::Verify;
use crate::estate::Document;
use crate::registry::{self, LoadOptions};

/// One place.
pub(super) struct Step<'t> {
    pub(super) target: &'t Target,
    /// What was there before it was read, which is what is replaced.
    pub(super) found: Found,
    pub(super) published: Option<Document>,
    pub(super) action: Action,
}

impl<'t> Step<'t> {
    /// Reads what is there. Refuses to replace another company's registry, and a newer one.
    pub(super) fn of(
        printer: &Printer,
        source: &Source,
        target: &'t Target,
        publication: &Publication,
        signing: Option<(&SigningKey, &[String])>,
    ) -> Result<Self, Error> {
        // First the version, then the document: what is written in between is not overwritten.
        let found = target.head()?;
        if found.is_signed && signing.is_none() {
            return Err(Error::failed(
                codes::PUBLISHING_REFUSED,
                format!("Refusing to publish without a signature: `{target}`"),
            )
            .because("What is published there is signed, so readers may require it.\n  Nothing was written.")
            .hint("sign it: --sign KEYFILE; or delete the signature there (`.minisig`) first"));
        }
        if found.version.is_none() {
            return Ok(Self { target, found, published: None, action: Action::Write });
        }
        let published = source.published(printer, target.place(), None)?;
        let published = published.ok_or_else(|| target.changed_meanwhile())?;
        let action = if published.json != publication.json {
            refuse(target, &published, publication)?;
            Action::Write
        } else if let Some((key, comments)) = signing {
            let verify = Verify {
                minisign: key.public().into_iter().collect(),
                trusted_comment: publication.trusted_comment(comments).split(' ').map(str::to_owned).collect(),
            };
            let is_signed = source
                .published(printer, target.place(), Some(verify))
                .is_ok_and(|found| found.is_some_and(|found| found.json == publication.json));
            if is_signed { Action::Nothing } else { Action::Sign }
        } else {
            Action::Nothing
        };
        Ok(Self { target, found, published: Some(published), action })
    }
}

/// Refuses to replace a document that is no registry, another company's, or newer.
fn refuse(target: &Target, published: &Document, publication: &Publication) -> Result<(), Error> {
    let options = LoadOptions { version: crate::version(), allow_empty: true, name: None };
    let refused = |what: &str, why: String, hint: &str| {
        Err(Error::failed(codes::PUBLISHING_REFUSED, format!("{what}: `{target}`"))
            .because(format!("{why}\n  Nothing was written."))
            .hint(hint))
    };
    let Ok((old, _)) = registry::load(&published.json, &options) else {
        let why = format!(
            "What is published there has errors, so what would change is not known. Its SHA-256 is `{}`.",
            sha256(&published.json)
        );
        return refused(
            "Refusing to replace what is no valid registry",
            why,
            "check the place; delete the document there first",
        );
    };
    if let Some(name) = old.name().filter(|name| **name != publication.name) {
        let why = format!("The registry there is `{name}`, and this one is `{}`.", publication.name);
        return refused(
            "Refusing to replace another registry",
            why,
            "check the place; each registry has a place of its own",
        );
    }
    if let Some(there) = old.metadata.compiled_at.filter(|there| *there > publication.compiled_at) {
        let why = format!(
            "The registry there was compiled at `{there}` (`metadata.compiledAt`), and this one at `{}`. A plan refuses an older registry.",
            publication.compiled_at
        );
        return refused(
            "Refusing to replace a newer registry",
            why,
            "publish the newest commit; to go back, revert the change in a new commit and publish that",
        );
    }
    Ok(())
}
