//! Which proxy a connection takes. One function decides for registries, object stores and clusters, by the rules of Go's `net/http`, which
//! kubectl, Terraform and OpenTofu have: `HTTPS_PROXY` or `HTTP_PROXY` by the scheme of the address, `NO_PROXY` for what is excluded,
//! and never a proxy for this machine. `tests/acceptance/proxies.rs` compares it with kubectl.

use std::net::IpAddr;

use url::{Host, Url};

use super::address::is_loopback;
use super::environment::Environment;

/// The schemes of proxies.
const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// A setting that names no proxy. It is not printed: it may contain a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{setting} is not the address of a proxy: write `HOST:PORT`, `http://HOST:PORT`, `https://HOST:PORT` or `socks5://HOST:PORT`"
)]
pub struct ProxyError {
    /// The variable or setting: `` `HTTPS_PROXY` ``.
    pub setting: String,
}

/// The proxies of an environment.
#[derive(Clone, Default)]
pub(super) struct Proxies {
    http: Option<Url>,
    https: Option<Url>,
    excluded: Vec<Excluded>,
}

/// What needs no proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Excluded {
    Everything,
    /// An address and the number of bits that count.
    Network(IpAddr, u8),
    Address(IpAddr, Option<String>),
    Domain {
        /// With its leading dot.
        suffix: String,
        /// Whether it is excluded itself, not only what is below it.
        itself: bool,
        port: Option<String>,
    },
}

impl Proxies {
    /// Those that the variables name.
    ///
    /// # Errors
    /// For a variable that names no proxy.
    pub(super) fn of(environment: &Environment) -> Result<Self, ProxyError> {
        let proxy = |names: [&'static str; 2]| {
            let Some((name, value)) = environment.first(&names) else { return Ok(None) };
            parse(&value, format!("`{name}`")).map(Some)
        };
        let excluded = environment.first(&["NO_PROXY", "no_proxy"]).map(|(_, list)| excluded(&list));
        Ok(Self {
            http: proxy(["HTTP_PROXY", "http_proxy"])?,
            https: proxy(["HTTPS_PROXY", "https_proxy"])?,
            excluded: excluded.unwrap_or_default(),
        })
    }

    /// The proxy for an address; none where the connection is direct.
    pub(super) fn proxy_for(&self, url: &Url) -> Option<&Url> {
        let proxy = if url.scheme() == "https" { &self.https } else { &self.http };
        let proxy = proxy.as_ref()?;
        let port = url.port_or_known_default().map(|port| port.to_string()).unwrap_or_default();
        let is_direct = is_loopback(url) || self.excluded.iter().any(|each| each.matches(url, &port));
        (!is_direct).then_some(proxy)
    }
}

/// A proxy as it is written. Without a scheme it is one of HTTP.
///
/// # Errors
/// When it is none.
pub(super) fn parse(text: &str, setting: String) -> Result<Url, ProxyError> {
    let wrong = || ProxyError { setting: setting.clone() };
    let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let mut url: Url = text.parse().map_err(|_| wrong())?;
    if !SCHEMES.contains(&url.scheme()) || url.host_str().is_none_or(str::is_empty) {
        return Err(wrong());
    }
    if url.scheme().starts_with("socks5") && url.port().is_none() {
        // Libraries know no default port of it.
        url.set_port(Some(1080)).map_err(|()| wrong())?;
    }
    Ok(url)
}

/// The entries of `NO_PROXY`. Empty ones have no meaning.
fn excluded(list: &str) -> Vec<Excluded> {
    list.split(',').map(|entry| entry.trim().to_lowercase()).filter_map(|entry| Excluded::parse(&entry)).collect()
}

impl Excluded {
    fn parse(entry: &str) -> Option<Self> {
        if entry == "*" {
            return Some(Self::Everything);
        }
        if let Some((address, bits)) = entry.split_once('/')
            && let (Ok(address), Ok(bits)) = (address.parse::<IpAddr>(), bits.parse::<u8>())
        {
            let most = if address.is_ipv4() { 32 } else { 128 };
            return (bits <= most).then_some(Self::Network(address, bits));
        }
        let (host, port) = split_port(entry);
        let port = port.filter(|port| !port.is_empty()).map(str::to_owned);
        if let Ok(address) = host.parse::<IpAddr>() {
            return Some(Self::Address(address.to_canonical(), port));
        }
        let host = host.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(host);
        let (name, itself) = host.strip_prefix('.').map_or((host, true), |name| (name, false));
        if name.is_empty() {
            return None;
        }
        let name = Host::parse(name).map_or_else(|_| name.to_owned(), |host| host.to_string());
        Some(Self::Domain { suffix: format!(".{name}"), itself, port })
    }

    fn matches(&self, url: &Url, port: &str) -> bool {
        let is_port = |only: &Option<String>| only.as_ref().is_none_or(|only| only == port);
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address).to_canonical()),
            _ => None,
        };
        match (self, address) {
            (Self::Everything, _) => true,
            (Self::Network(network, bits), Some(address)) => contains(*network, *bits, address),
            (Self::Address(excluded, only), Some(address)) => *excluded == address && is_port(only),
            (Self::Domain { suffix, itself, port: only }, None) => {
                let host = url.host_str().unwrap_or_default().to_lowercase();
                (host.ends_with(suffix.as_str()) || *itself && host == suffix[1..]) && is_port(only)
            }
            _ => false,
        }
    }
}

/// Host and port of an entry. What has several colons and no brackets is an address of IPv6 without a port.
fn split_port(entry: &str) -> (&str, Option<&str>) {
    if let Some(rest) = entry.strip_prefix('[') {
        return rest.split_once("]:").map_or((entry, None), |(host, port)| (host, Some(port)));
    }
    match entry.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, Some(port)),
        _ => (entry, None),
    }
}

/// Whether an address begins with the same bits as a network.
fn contains(network: IpAddr, bits: u8, address: IpAddr) -> bool {
    let (network, address, width) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => (network.to_bits().into(), address.to_bits().into(), 32_u32),
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let ignored = width - u32::from(bits);
    let bits_of = |address: u128| address.checked_shr(ignored).unwrap_or(0);
    bits_of(network) == bits_of(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(variables: &[(&str, &str)], url: &str) -> Option<String> {
        let proxies = Proxies::of(&Environment::of(variables.iter().copied())).expect("proxies");
        proxies.proxy_for(&url.parse().expect("an address")).map(ToString::to_string)
    }

    #[test]
    fn the_variable_of_the_scheme_names_the_proxy() {
        let both = [("HTTPS_PROXY", "proxy.corp:3128"), ("http_proxy", "socks5://proxy.corp")];
        assert_eq!(proxy(&both, "https://api.corp").as_deref(), Some("http://proxy.corp:3128/"));
        assert_eq!(proxy(&both, "http://api.corp").as_deref(), Some("socks5://proxy.corp:1080"));
        assert_eq!(proxy(&both[1..], "https://api.corp"), None);
        assert_eq!(
            proxy(&[("HTTPS_PROXY", ""), ("https_proxy", "p:1")], "https://api.corp").as_deref(),
            Some("http://p:1/")
        );
        for local in ["https://localhost", "https://127.8.9.1:6443", "https://[::1]:6443"] {
            assert_eq!(proxy(&both, local), None, "{local}");
        }
    }

    #[test]
    fn a_variable_that_names_no_proxy_is_an_error_without_its_value() {
        for wrong in ["ftp://user:hunter2@proxy", "http://", "http://user:hunter2@", "a b"] {
            let error = Proxies::of(&Environment::of([("HTTPS_PROXY", wrong)])).err().expect(wrong);
            assert!(error.to_string().starts_with("`HTTPS_PROXY` is not the address of a proxy: write"), "{error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn an_address_of_the_version_6_is_excluded_by_itself_its_port_or_its_network() {
        let excluded = |list: &str, url: &str| proxy(&[("HTTPS_PROXY", "p:1"), ("NO_PROXY", list)], url).is_none();
        assert!(excluded("fd00::1", "https://[fd00::1]:6443"));
        assert!(excluded("[fd00::1]:6443", "https://[fd00::1]:6443"));
        assert!(!excluded("[fd00::1]:443", "https://[fd00::1]:6443"));
        assert!(excluded("fd00::/8", "https://[fd12::1]"));
        assert!(!excluded("fd00::/16", "https://[fd12::1]"));
        assert!(excluded("::/0", "https://[fd12::1]") && excluded("0.0.0.0/0", "https://10.0.0.1"));
        assert!(!excluded("10.0.0.0/33", "https://10.0.0.1"));
        assert!(excluded("bücher.example", "https://www.bücher.example"));
    }
}
