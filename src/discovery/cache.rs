//! The last good copy of each remote source.
//!
//! One file per source, named by the hash of its address and of the variables that say which server has it: a line of JSON that
//! describes the copy, then the document itself.
//! A copy is a convenience: that it cannot be written, read or trusted is never a failure, only a line in the log.
//! Files have none: one that is missing is a mistake to be shown, not an outage to be bridged.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::digest::sha256;
use super::source::Source;
use crate::connect::Environment;

/// With another value of one of these, the same address of a bucket or ConfigMap is of another server.
const SERVERS: [&str; 8] = [
    "STORAGE_EMULATOR_HOST",
    "GOOGLE_STORAGE_CUSTOM_ENDPOINT",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
    "AZURE_STORAGE_ENDPOINT",
    "AZURE_STORAGE_ACCOUNT_NAME",
    "AZURE_STORAGE_ACCOUNT",
    "KUBECONFIG",
];

/// The folder of copies.
pub(super) struct Cache {
    folder: Option<PathBuf>,
    /// The variables among [`SERVERS`] that are set.
    servers: String,
}

/// A document as it was once fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CachedCopy {
    pub bytes: Vec<u8>,
    /// Of the document, if one was required when it was fetched.
    pub signature: Option<Vec<u8>>,
    pub etag: Option<String>,
    pub fetched_at: SystemTime,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    /// The source without secrets, for readers of the folder.
    source: String,
    etag: Option<String>,
    /// Seconds since 1970.
    fetched_at: u64,
    /// Of the document. A copy that was tampered with, or cut off, is none.
    sha256: String,
    /// Of the document: the text of a minisign signature.
    signature: Option<String>,
}

impl Cache {
    pub(super) fn new(folder: Option<PathBuf>, environment: &Environment) -> Self {
        let set = SERVERS.iter().filter_map(|name| Some(format!("\n{name}={}", environment.get(name)?)));
        Self { folder, servers: set.collect() }
    }

    fn path(&self, source: &Source) -> Option<PathBuf> {
        let mut name = source.remote_name()?;
        if !matches!(source, Source::Web { .. }) {
            name.push_str(&self.servers);
        }
        Some(self.folder.as_ref()?.join(format!("{}.registry", sha256(name.as_bytes()))))
    }

    pub(super) async fn load(&self, source: &Source) -> Option<CachedCopy> {
        let path = self.path(source)?;
        tokio::task::spawn_blocking(move || {
            let mut bytes = std::fs::read(&path).ok()?;
            let end = bytes.iter().position(|&byte| byte == b'\n')?;
            let header: Header = serde_json::from_slice(&bytes[..end]).ok()?;
            bytes.drain(..=end);
            if sha256(&bytes) != header.sha256 {
                tracing::warn!(path = %path.display(), "the last good copy of a registry is damaged and not used");
                return None;
            }
            let fetched_at = UNIX_EPOCH.checked_add(Duration::from_secs(header.fetched_at))?;
            let signature = header.signature.map(String::into_bytes);
            Some(CachedCopy { bytes, signature, etag: header.etag, fetched_at })
        })
        .await
        .ok()
        .flatten()
    }

    pub(super) async fn store(&self, source: &Source, copy: &CachedCopy) {
        let Some(path) = self.path(source) else { return };
        let header = Header {
            source: source.to_string(),
            etag: copy.etag.clone(),
            fetched_at: copy.fetched_at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
            sha256: sha256(&copy.bytes),
            // A signature that was verified is text.
            signature: copy.signature.clone().and_then(|bytes| String::from_utf8(bytes).ok()),
        };
        let bytes = copy.bytes.clone();
        let written = tokio::task::spawn_blocking(move || write(&path, &header, &bytes)).await;
        if let Ok(Err(error)) = written {
            tracing::warn!(%error, "no copy of the registry was kept for when its source does not answer");
        }
    }
}

/// Written beside its place and moved there, so that a reader sees the old copy or the new one.
fn write(path: &std::path::Path, header: &Header, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().ok_or(std::io::ErrorKind::NotFound)?;
    std::fs::create_dir_all(folder)?;
    // A temporary file is for its owner alone (0600), and stays so.
    let mut file = tempfile::Builder::new().prefix(".registry-").tempfile_in(folder)?;
    serde_json::to_writer(&mut file, header)?;
    file.write_all(b"\n")?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

/// Whether a document is worth remembering: a JSON text that was cut off must not push out a whole one.
pub(super) fn looks_whole(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii();
    !text.starts_with(b"{") || text.ends_with(b"}")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_copy_is_of_one_server() {
        let path = |address: &str, variables: &[(&str, &str)]| {
            let cache = Cache::new(Some("copies".into()), &Environment::of(variables.iter().copied()));
            cache.path(&Source::parse(address, Path::new("")).expect("a source"))
        };
        let simulator: &[(&str, &str)] = &[("STORAGE_EMULATOR_HOST", "127.0.0.1:1")];
        for (address, variables, is_another) in [
            ("gs://acme/registry.json", simulator, true),
            ("s3://acme/registry.json?region=eu-west-1", &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")], true),
            ("az://acme/registry.json", &[("AZURE_STORAGE_ACCOUNT", "other")], true),
            ("configmap://acme/registry", &[("KUBECONFIG", "other")], true),
            ("https://example.com/registry.json", simulator, false),
        ] {
            assert_eq!(path(address, &[]) != path(address, variables), is_another, "{address}");
            assert!(path(address, &[]).is_some());
        }
        assert_eq!(path("registry.json", simulator), None);
    }
}
