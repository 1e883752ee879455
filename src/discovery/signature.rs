//! Proof of who published a registry: a minisign signature beside its source.
//!
//! Pure: bytes in, a [`Proof`] or the reason for a refusal out. Of minisign's two formats only the current one is accepted, in
//! which the document is hashed first (`ED`, BLAKE2b-512).

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minisign_verify::{Error as MinisignError, PublicKey, Signature};

use super::names::SettingNames;
use crate::printable::escape;

/// Bytes of a signature file. minisign's own limits of its two comments are 1 and 8 KiB.
pub(super) const LIMIT: u64 = 16 << 10;

/// The field of the trusted comment that names the registry. It is required, so that a signature by the same key of something
/// else does not make that a registry.
const REGISTRY: &str = "registry:";

/// The number by which keys and signatures name a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyId([u8; 8]);

impl KeyId {
    /// Of a public key or a signature, in base64: two letters for the algorithm, then the number.
    fn of(encoded: &str) -> Option<Self> {
        let bytes = STANDARD.decode(encoded).ok()?;
        bytes.get(2..10)?.try_into().ok().map(Self)
    }
}

impl fmt::Display for KeyId {
    /// As minisign writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016X}", u64::from_le_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A public key of minisign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinisignKey {
    id: KeyId,
    text: String,
    key: PublicKey,
}

/// Why a text is no public key. The text itself is not shown: it may be a secret key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It has the format of a secret key.
    #[error(
        "the value is a secret key of minisign, which must not be shared: write the second line of `minisign.pub`, and create a new \
         pair of keys if others can read this value"
    )]
    Secret,
    /// Anything else.
    #[error(
        "the value ({0} characters) is not a public key of minisign: write the second line of `minisign.pub`, 56 characters that \
         begin with `RW`"
    )]
    Malformed(usize),
}

impl MinisignKey {
    /// What a key must be.
    pub const RULE: &'static str = "a public key of minisign, the second line of `minisign.pub`";
}

impl FromStr for MinisignKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let malformed = KeyError::Malformed(text.chars().count());
        match PublicKey::from_base64(text) {
            Ok(key) => Ok(Self { id: KeyId::of(text).ok_or(malformed)?, text: text.to_owned(), key }),
            // `Ed`, and the names of the key derivation and of the checksum.
            Err(_) if text.starts_with("RWRTY0Iy") || text.starts_with("RWQAAEIy") => Err(KeyError::Secret),
            Err(_) => Err(malformed),
        }
    }
}

/// The proof of who published a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verify {
    /// A signature by one of these keys, in `SOURCE.minisig`. Several are for the time in which the publisher changes its key.
    pub minisign: Vec<MinisignKey>,
    /// Fields that the trusted comment of the signature must contain besides `registry:NAME`, such as `branch:main`.
    pub trusted_comment: Vec<String>,
}

/// A field that a trusted comment must contain: `NAME:VALUE`.
///
/// # Errors
/// If it is none, with the rule.
pub fn comment_field(text: &str) -> Result<String, String> {
    let is_word = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    match text.split_once(':') {
        Some((name, value)) if is_word(name) && is_word(value) => Ok(text.to_owned()),
        _ => Err(format!(
            "`{}` is not a field of a trusted comment: write `NAME:VALUE` without spaces, for example `branch:main`",
            escape(text)
        )),
    }
}

/// What a signature proves of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The registry that the publisher named in the signature.
    pub registry: String,
    /// The public key that accepts the signature, as it was given.
    pub key: String,
}

/// Why a document is not accepted as the publisher's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no signature.
    #[error(
        "signature missing: `{place}` does not exist, and {setting} accepts only a signed registry. Sign it where it is published: \
         `minisign -Sm registry.json -t 'registry:NAME'`"
    )]
    Missing {
        /// Where it must be, as users may see it.
        place: String,
        /// What the keys are called where they are written.
        setting: &'static str,
    },
    /// A last good copy was stored without one.
    #[error("signature missing: the copy was stored before {setting} was set")]
    NotStored {
        /// What the keys are called where they are written.
        setting: &'static str,
    },
    /// Some other document.
    #[error(
        "signature malformed: what is stored as the signature is not one of minisign (4 lines, at most 16 KiB). Publish the signature \
         again, and check that the server does not respond with a page of its own"
    )]
    Malformed,
    /// The format before minisign 0.6, in which the document is not hashed first.
    #[error("signature of an old format: sign without `-l`, with minisign 0.10 or later")]
    Legacy,
    /// By a key that is not accepted.
    #[error(
        "foreign key: it is signed with the key `{signed_by}`, and {setting} accepts {}. If the publisher has a new key, add it there; \
         otherwise the document is not the publisher's", list(.accepted)
    )]
    ForeignKey {
        /// The key that the signature names.
        signed_by: KeyId,
        /// The keys that are accepted.
        accepted: Vec<KeyId>,
        /// What they are called where they are written.
        setting: &'static str,
    },
    /// Not of this document.
    #[error(
        "wrong signature: the signature names the key `{key}` and is not of this document, so one of the two was changed, cut off, or \
         replaced by another version. Publish both again together; if the publisher did not change them, find out who did"
    )]
    Wrong {
        /// The key that the signature names.
        key: KeyId,
    },
    /// Of something that is no registry, or of another one than required.
    #[error(
        "signature without `{field}`: its trusted comment is `{comment}`, and {required_by} requires the field. Check that this is the right \
         document, and that it is signed with `minisign -Sm registry.json -t '{example}'`"
    )]
    Comment {
        /// The field that is missing.
        field: String,
        /// The comment.
        comment: String,
        /// What requires it.
        required_by: &'static str,
        /// A comment that is accepted.
        example: String,
    },
}

fn list(keys: &[KeyId]) -> String {
    keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
}

/// Verifies the signature of a document.
///
/// # Errors
/// Why the document is not accepted.
pub(super) fn check(
    document: &[u8],
    signature: &[u8],
    verify: &Verify,
    names: &SettingNames,
) -> Result<Proof, SignatureError> {
    let text = std::str::from_utf8(signature).map_err(|_| SignatureError::Malformed)?;
    let decoded = Signature::decode(text).map_err(|_| SignatureError::Malformed)?;
    let signed_by = text.lines().nth(1).and_then(KeyId::of).ok_or(SignatureError::Malformed)?;
    let mut keys = verify.minisign.iter().filter(|key| key.id == signed_by).peekable();
    if keys.peek().is_none() {
        let accepted = verify.minisign.iter().map(|key| key.id).collect();
        return Err(SignatureError::ForeignKey { signed_by, accepted, setting: names.minisign });
    }
    // The number of a key is not secret, so two keys can have the same.
    let mut refused = SignatureError::Wrong { key: signed_by };
    for key in keys {
        match key.key.verify(document, &decoded, false) {
            Ok(()) => return proof(key, decoded.trusted_comment(), verify, names),
            Err(MinisignError::UnexpectedAlgorithm) => refused = SignatureError::Legacy,
            Err(_) => {}
        }
    }
    Err(refused)
}

/// What the trusted comment states. It is part of what was signed.
fn proof(key: &MinisignKey, comment: &str, verify: &Verify, names: &SettingNames) -> Result<Proof, SignatureError> {
    let registry = comment.split_whitespace().find_map(|field| field.strip_prefix(REGISTRY));
    let refused = |field: &str, required_by| {
        let fields = std::iter::once("registry:NAME").chain(verify.trusted_comment.iter().map(String::as_str));
        let example = fields.collect::<Vec<_>>().join(" ");
        SignatureError::Comment { field: field.to_owned(), comment: escape(comment).into_owned(), required_by, example }
    };
    let Some(registry) = registry.filter(|name| !name.is_empty()) else {
        return Err(refused("registry:NAME", names.minisign));
    };
    for required in &verify.trusted_comment {
        if !comment.split_whitespace().any(|field| field == required) {
            return Err(refused(required, names.trusted_comment));
        }
    }
    Ok(Proof { registry: escape(registry).into_owned(), key: key.text.clone() })
}

#[cfg(test)]
mod tests;
