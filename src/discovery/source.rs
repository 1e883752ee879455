//! The forms a source may have, and how it is shown.

use std::fmt;
use std::path::{Path, PathBuf};

use url::Url;

use super::config_map::{ConfigMapAddress, ConfigMapFormError};
use super::objects::{self, FormError};
use crate::connect::objects::ObjectAddress;
use crate::connect::{is_loopback, without_secrets};
use crate::printable::escape;

/// Said wherever a source is not one.
pub(super) const FORMS: &str = "write a path (`registry.json`), `file:///absolute/path/registry.json`, `https://example.com/registry.json`, \
     an object in a bucket (`gs://bucket/registry.json`, `s3://…`, `az://…`) or a ConfigMap (`configmap://namespace/name`)";

/// After the name of a document, the name of its signature: minisign's own rule.
const SIGNATURE: &str = ".minisig";

/// A place a registry can be read from. `Display` and `Debug` show it as users may see it: without password, query, fragment
/// or hidden characters.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File {
        /// The path; a relative one is already resolved against the base folder.
        path: PathBuf,
        /// As the user wrote it.
        written: String,
    },
    /// A document on the web: `https`, or `http` on this machine.
    Web {
        /// Its address, secrets and all.
        url: Url,
    },
    /// An object in a bucket.
    Object {
        /// Its address.
        object: ObjectAddress,
    },
    /// A key of a ConfigMap.
    ConfigMap {
        /// Its address.
        address: ConfigMapAddress,
    },
}

/// Why a text is not a source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Nothing is written.
    #[error("the value is empty: {FORMS}")]
    Empty,
    /// It begins like an address that anu cannot read.
    #[error("`{scheme}:` is not a source anu can read: {FORMS}")]
    Scheme {
        /// What it begins with.
        scheme: String,
    },
    /// Plain http to another machine.
    #[error("`{shown}` is not encrypted: use `https://` (`http://` is permitted only for servers on this machine)")]
    PlainHttp {
        /// The address, as users may see it.
        shown: String,
    },
    /// An address that is not well-formed.
    #[error("`{shown}` is not a well-formed address: {FORMS}")]
    Malformed {
        /// The address without secrets.
        shown: String,
    },
    /// The address of an object that is not one.
    #[error(transparent)]
    Object(#[from] FormError),
    /// The address of a ConfigMap that is not one.
    #[error(transparent)]
    ConfigMap(#[from] ConfigMapFormError),
}

impl Source {
    /// Reads a source as the user wrote it; relative paths are resolved against `base`.
    pub fn parse(text: &str, base: &Path) -> Result<Self, SourceError> {
        let written = text.trim();
        if written.is_empty() {
            return Err(SourceError::Empty);
        }
        let Some(scheme) = scheme(written) else {
            return Ok(Self::File { path: base.join(written), written: written.to_owned() });
        };
        let malformed = || SourceError::Malformed { shown: format!("{scheme}:…") };
        match scheme.as_str() {
            "file" => {
                let url = Url::parse(written).map_err(|_| malformed())?;
                let path = url.to_file_path().map_err(|()| malformed())?;
                // `file:relative` would be read as `file:///relative`.
                if !written[scheme.len()..].starts_with("://") {
                    return Err(malformed());
                }
                Ok(Self::File { path, written: written.to_owned() })
            }
            "https" | "http" => {
                let mut url = Url::parse(written).map_err(|_| malformed())?;
                if !url.has_host() || !written[scheme.len()..].starts_with("://") {
                    return Err(malformed());
                }
                url.set_fragment(None);
                if scheme == "http" && !is_loopback(&url) {
                    return Err(SourceError::PlainHttp { shown: without_secrets(&url) });
                }
                Ok(Self::Web { url })
            }
            "configmap" => {
                let rest = written[scheme.len()..].strip_prefix("://").ok_or_else(malformed)?;
                Ok(Self::ConfigMap { address: ConfigMapAddress::parse(rest)? })
            }
            _ => match objects::parse(&scheme, written) {
                Some(object) => Ok(Self::Object { object: object? }),
                None => Err(SourceError::Scheme { scheme }),
            },
        }
    }

    /// The path of a file.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. } => Some(path),
            Self::Web { .. } | Self::Object { .. } | Self::ConfigMap { .. } => None,
        }
    }

    /// The place of its signature: the name with `.minisig` after it, a query unchanged.
    pub fn signature(&self) -> Self {
        match self {
            Self::File { path, written } => {
                let mut path = path.clone().into_os_string();
                path.push(SIGNATURE);
                Self::File { path: path.into(), written: format!("{written}{SIGNATURE}") }
            }
            Self::Web { url } => {
                let mut url = url.clone();
                url.set_path(&format!("{}{SIGNATURE}", url.path()));
                Self::Web { url }
            }
            Self::Object { object } => Self::Object { object: objects::signature(object, SIGNATURE) },
            Self::ConfigMap { address } => Self::ConfigMap { address: address.signature(SIGNATURE) },
        }
    }

    /// By what a copy of it is found again, if it is on another machine.
    pub(super) fn remote_name(&self) -> Option<String> {
        match self {
            Self::File { .. } => None,
            Self::Web { url } => Some(url.as_str().to_owned()),
            Self::Object { object } => Some(objects::remote_name(object)),
            Self::ConfigMap { address } => Some(address.to_string()),
        }
    }

    /// Whether both are served by the same machine and port, so that a secret of one may be shown to the other.
    pub(super) fn same_host(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Web { url: one }, Self::Web { url: two }) if one.origin() == two.origin())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { written, .. } => f.write_str(&escape(written)),
            Self::Web { url } => f.write_str(&without_secrets(url)),
            Self::Object { object } => f.write_str(&objects::shown(object)),
            Self::ConfigMap { address } => address.fmt(f),
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

/// The scheme, if the text is an address and not a path. A single letter is a Windows drive.
fn scheme(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once(':')?;
    let word = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let known = ["file", "http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    (word && (known || rest.starts_with("//"))).then(|| scheme.to_ascii_lowercase())
}
