//! go-plugin's environment variables, by which the client (Terraform, OpenTofu) configures a plugin process.

use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// The major version of the protocol that this provider implements.
pub(super) const PROTOCOL: u32 = 6;

const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// The client's settings in the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Environment {
    /// The major protocol versions of the client, in any order (it prints a Go map). Empty if the variable is missing.
    pub versions: Vec<u32>,
    /// The client's certificate in PEM. `None` if TLS is disabled (`TF_DISABLE_PLUGIN_TLS`).
    pub client_certificate: Option<String>,
    /// The port range for a TCP socket; `0..=0` lets the system choose.
    pub ports: RangeInclusive<u16>,
    /// The folder for the unix socket. Default: the folder for temporary files.
    pub socket_dir: Option<PathBuf>,
    /// The group that may use the unix socket: a name or a number.
    pub socket_group: Option<String>,
    /// Whether the client requested multiplexing, which is not supported.
    pub asks_multiplex: bool,
}

impl Environment {
    /// Reads the environment through `variable`. `None` without the magic cookie: a user started the process.
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

    /// Whether both sides have a common protocol version. A client without the variable is assumed to support ours, as in
    /// go-plugin.
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
    fn without_the_cookie_a_user_started_the_process() {
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[(COOKIE_NAME, "")]), None);
        assert_eq!(read(&[(COOKIE_NAME, "something else")]), None);
    }

    #[test]
    fn versions_are_accepted_in_any_order() {
        for (said, ours) in [("5,6", true), ("6,5", true), (" 6 ", true), ("5", false), ("7,five", false), ("", true)] {
            let environment = read(&[(COOKIE_NAME, COOKIE), ("PLUGIN_PROTOCOL_VERSIONS", said)]).expect("cookie");
            assert_eq!(environment.speaks_ours(), ours, "{said:?}");
        }
    }

    #[test]
    fn empty_variables_count_as_missing() {
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
