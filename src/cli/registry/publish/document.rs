//! The document that is published.

use crate::codes;
use std::borrow::Cow;
use std::io::Write as _;
use std::path::Path;

use flate2::{Compression, GzBuilder};
use jiff::Timestamp;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::commit::Commit;
use crate::cli::common::{Checked, Error, Place};
use crate::connect::Encoding;
use crate::discovery;
use crate::registry::names::RegistryName;

/// A document to publish.
#[derive(Debug)]
pub(super) struct Publication {
    /// Its bytes, which are signed: JSON with two spaces and sorted keys, so that one content is one text.
    pub(super) json: Vec<u8>,
    /// The source that it was compiled from, as users may see it.
    pub(super) source: String,
    pub(super) name: RegistryName,
    pub(super) revision: Option<String>,
    pub(super) compiled_at: Timestamp,
}

impl Publication {
    /// Of a registry without errors, with a revision and a time in its metadata.
    pub(super) fn of(
        checked: &Checked,
        place: &Place<'_>,
        revision: Option<&str>,
        compiled_at: Option<&str>,
    ) -> Result<Self, Error> {
        let mut document: Json = serde_json::from_slice(&checked.json)
            .map_err(|error| Error::failed(codes::BUG, format!("Cannot read the document: {error}")))?;
        let name = checked.result.as_ref().ok().and_then(|loaded| loaded.fan_out.registry().name().cloned());
        let name = name.ok_or_else(|| {
            Error::failed(codes::UNNAMED_REGISTRY, format!("The registry in `{}` has no name", checked.source))
                .because("Its name tells it from the registries of others, and a signature states it.")
                .hint(
                    "add `\"metadata\": {\"name\": \"NAME\"}` to the registry, or give the name: --registry-name NAME",
                )
        })?;
        let metadata = &mut document["metadata"];
        metadata["name"] = json!(name.as_str());
        let is_missing = |key: &str| metadata.get(key).is_none_or(Json::is_null);
        let needs_commit =
            (revision.is_none() && is_missing("revision")) || (compiled_at.is_none() && is_missing("compiledAt"));
        let commit = needs_commit.then(|| Commit::of(&folder(place)));
        let of_commit = commit.as_ref().and_then(|commit| commit.revision.as_deref());
        if let Some(revision) = revision.or(of_commit.filter(|_| is_missing("revision"))) {
            metadata["revision"] = json!(revision);
        }
        if let Some(time) = compiled_at {
            metadata["compiledAt"] = json!(time);
        } else if let Some(commit) = commit.filter(|_| metadata.get("compiledAt").is_none_or(Json::is_null)) {
            metadata["compiledAt"] = json!(commit.time.to_string());
        }
        let time = metadata["compiledAt"].as_str().unwrap_or_default().to_owned();
        let compiled_at = time.parse::<Timestamp>().map_err(|_| {
            Error::usage("`--compiled-at` is not a time").because("Write it as `2026-11-20T10:00:00Z` (RFC 3339).")
        })?;
        let revision = metadata["revision"].as_str().map(ToOwned::to_owned);
        let json = format!("{document:#}\n").into_bytes();
        Ok(Self { json, source: checked.source.clone(), name, revision, compiled_at })
    }

    /// Its bytes as a place of this name has them.
    pub(super) fn packed(&self, name: &str) -> Cow<'_, [u8]> {
        match Encoding::of(name) {
            None => Cow::Borrowed(&self.json),
            Some(Encoding::Gzip) => {
                // Without a time: the same document is the same bytes.
                let mut writer = GzBuilder::new().write(Vec::new(), Compression::best());
                let packed = writer.write_all(&self.json).and_then(|()| writer.finish());
                #[allow(clippy::expect_used, reason = "memory is no file")]
                Cow::Owned(packed.expect("written to memory"))
            }
            Some(Encoding::Zstandard) => Cow::Owned(compress_to_vec(self.json.as_slice(), CompressionLevel::Fastest)),
        }
    }

    /// What a pin of it is.
    pub(super) fn sha256(&self) -> String {
        sha256(&self.json)
    }

    /// What its signature states.
    pub(super) fn trusted_comment(&self, further: &[String]) -> String {
        let mut fields = vec![format!("registry:{}", self.name), format!("compiledAt:{}", self.compiled_at)];
        let revision = self.revision.as_ref().filter(|revision| !revision.contains(char::is_whitespace));
        fields.extend(revision.map(|revision| format!("revision:{revision}")));
        fields.extend(further.iter().cloned());
        fields.join(" ")
    }
}

/// The SHA-256 of bytes, in hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The folder whose repository the registry is in.
fn folder(place: &Place<'_>) -> std::path::PathBuf {
    match discovery::Source::parse(place.source(), place.folder()) {
        Ok(discovery::Source::File { path, .. }) if !place.is_standard_input() => {
            path.parent().unwrap_or(Path::new(".")).to_owned()
        }
        _ => place.folder().to_owned(),
    }
}
