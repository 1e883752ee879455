//! Addresses as users may see them.

use url::{Host, Url};

/// An address without user, password and query string: signed addresses carry their secret in the query, so it is left out whole.
pub fn without_secrets(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let query = if url.query().is_some() { "?…" } else { "" };
    format!("{}://{}{port}{}{query}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

/// Whether an address is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_left_out() {
        let shown = |text: &str| without_secrets(&text.parse().expect("an address"));
        assert_eq!(
            shown("https://user:hunter2@example.com:8443/a/b?signature=hunter3"),
            "https://example.com:8443/a/b?…"
        );
        assert_eq!(shown("http://[::1]/"), "http://[::1]/");
    }
}
