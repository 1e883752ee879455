//! The address of a server that is not the cloud's own.

use url::Url;

use super::super::address::is_loopback;

/// Why a text is not the address of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not an address.
    #[error(
        "not the address of a server: write `https://HOST`, or `http://127.0.0.1:PORT` for a server on this machine"
    )]
    Malformed,
    /// It has a user or a password.
    #[error("an address with a user name or password, which every log would contain: write the address without them")]
    Secret,
    /// Plain http to another machine.
    #[error("not encrypted: use `https://` (`http://` is permitted only for servers on this machine)")]
    Plain,
}

/// Reads the address of a server: `https`, or `http` on this machine; a path is permitted, a query is not.
///
/// # Errors
/// The rule that it breaks.
pub fn endpoint(text: &str) -> Result<Url, EndpointError> {
    let url: Url = text.parse().map_err(|_| EndpointError::Malformed)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointError::Secret);
    }
    if !url.has_host() || url.query().is_some() || url.fragment().is_some() {
        return Err(EndpointError::Malformed);
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(EndpointError::Plain),
        _ => Err(EndpointError::Malformed),
    }
}

/// The address without a slash at its end, as `object_store` expects it.
pub(super) fn base(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_encrypted_or_on_this_machine() {
        for (text, expected) in [
            ("https://storage.example.com", Ok("https://storage.example.com")),
            ("https://example.com/minio/", Ok("https://example.com/minio")),
            ("http://127.0.0.1:9000/", Ok("http://127.0.0.1:9000")),
            ("http://[::1]:9000", Ok("http://[::1]:9000")),
            ("http://storage.example.com", Err(EndpointError::Plain)),
            ("https://user:hunter2@example.com", Err(EndpointError::Secret)),
            ("https://example.com?a=b", Err(EndpointError::Malformed)),
            ("ftp://example.com", Err(EndpointError::Malformed)),
            ("localhost:9000", Err(EndpointError::Malformed)),
        ] {
            assert_eq!(endpoint(text).map(|url| base(&url)).as_deref(), expected.as_deref(), "{text}");
        }
    }
}
