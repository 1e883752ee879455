//! The SHA-256 of a document, and the one that a registry is pinned to.

use sha2::{Digest, Sha256};

use super::error::DiscoveryError;
use super::failure::Failure;
use super::names::SettingNames;

/// The SHA-256 of some bytes, as 64 hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A pin as the user wrote it, in the spelling of [`sha256`].
pub(super) fn pin(text: &str, names: &SettingNames) -> Result<String, DiscoveryError> {
    let digits = text.trim();
    let digits = digits.strip_prefix("sha256:").unwrap_or(digits);
    if digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(digits.to_ascii_lowercase())
    } else {
        Err(DiscoveryError::Pin { setting: names.sha256, written: text.to_owned() })
    }
}

/// Refuses a document that is not the pinned one.
pub(super) fn check(bytes: &[u8], pin: Option<&str>, names: &SettingNames) -> Result<(), Failure> {
    let Some(pin) = pin else { return Ok(()) };
    let found = sha256(bytes);
    if found == pin { Ok(()) } else { Err(Failure::Pin { setting: names.sha256, expected: pin.to_owned(), found }) }
}
