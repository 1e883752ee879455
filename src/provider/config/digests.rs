//! How digests are written.

/// The digest of a document, or of several.
pub(super) fn digest(text: &str) -> Result<(), String> {
    let hex = text.strip_prefix("sha256:");
    hex.filter(|hex| sha256(hex).is_ok())
        .map(drop)
        .ok_or_else(|| format!("`{text}` is not a digest: `sha256:` and 64 hexadecimal digits"))
}

/// A SHA-256 in hexadecimal.
pub(super) fn sha256(text: &str) -> Result<(), String> {
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(())
    } else {
        Err(format!("`{text}` is not a SHA-256, which is 64 hexadecimal digits"))
    }
}
