//! What the client (Terraform, OpenTofu) tells a plugin process: go-plugin's environment variables.

use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// The protocol major we speak.
pub(super) const PROTOCOL: u32 = 6;

const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// What a client said by the environment it started us with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Environment {
    /// Protocol majors the client knows, in no particular order (it prints a Go map). Empty when it did not say.
    pub versions: Vec<u32>,
    /// The client's certificate in PEM; none when it switched TLS off (`TF_DISABLE_PLUGIN_TLS`).
    pub client_certificate: Option<String>,
    /// Where a TCP socket may listen; `0..=0` lets the system choose.
    pub ports: RangeInclusive<u16>,
    /// Where the unix socket is to lie, instead of the folder for temporary files.
    pub socket_dir: Option<PathBuf>,
    /// The group that may use the unix socket: a name or a number.
    pub socket_group: Option<String>,
    /// Whether the client asked if we can multiplex (we cannot).
    pub asks_multiplex: bool,
}

impl Environment {
    /// Reads the environment through `variable`; none without the magic cookie, which means that a person started us.
    pub(super) fn read(variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let text = |name: &str| variable(name).and_then(|value| value.into_string().ok()).filter(|v| !v.is_empty());
        if text(COOKIE_NAME)? != COOKIE {
            return None;
        }
        let port = |name: &str| text(name).and_then(|value| value.parse::<u16>().ok()).unwrap_or(0);
        let versions = text("PLUGIN_PROTOCOL_VERSIONS").unwrap_or_default();
        Some(Self {
            versions: versions.split(',').filter_map(|version| version.trim().parse().ok()).collect(),
            client_certificate: text("PLUGIN_CLIENT_CERT"),
            ports: port("PLUGIN_MIN_PORT")..=port("PLUGIN_MAX_PORT"),
            socket_dir: variable("PLUGIN_UNIX_SOCKET_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from),
            socket_group: text("PLUGIN_UNIX_SOCKET_GROUP"),
            asks_multiplex: text("PLUGIN_MULTIPLEX_GRPC").is_some(),
        })
    }

    /// Whether there is a protocol both sides know. A client that did not say is taken to know ours, as go-plugin does.
    pub(super) fn speaks_ours(&self) -> bool {
        self.versions.is_empty() || self.versions.contains(&PROTOCOL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Option<Environment> {
        Environment::read(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(*value))
        })
    }

    #[test]
    fn without_the_cookie_a_person_started_us() {
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[(COOKIE_NAME, "")]), None);
        assert_eq!(read(&[(COOKIE_NAME, "something else")]), None);
    }

    #[test]
    fn versions_come_in_any_order() {
        for (said, ours) in [("5,6", true), ("6,5", true), (" 6 ", true), ("5", false), ("7,five", false), ("", true)] {
            let environment = read(&[(COOKIE_NAME, COOKIE), ("PLUGIN_PROTOCOL_VERSIONS", said)]).expect("cookie");
            assert_eq!(environment.speaks_ours(), ours, "{said:?}");
        }
    }

    #[test]
    fn what_is_empty_was_not_said() {
        let environment = read(&[
            (COOKIE_NAME, COOKIE),
            ("PLUGIN_CLIENT_CERT", ""),
            ("PLUGIN_UNIX_SOCKET_DIR", ""),
            ("PLUGIN_MULTIPLEX_GRPC", ""),
            ("PLUGIN_MIN_PORT", "10000"),
            ("PLUGIN_MAX_PORT", "25000"),
        ])
        .expect("cookie");
        assert_eq!(environment.client_certificate, None);
        assert_eq!(environment.socket_dir, None);
        assert!(!environment.asks_multiplex);
        assert_eq!(environment.ports, 10000..=25000);
    }
}
