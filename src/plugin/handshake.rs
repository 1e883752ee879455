//! The handshake line with the provider's address.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::environment::PROTOCOL;
use super::socket::Address;

/// The version of go-plugin's handshake.
const CORE_PROTOCOL: u32 = 1;

/// The first line on stdout: `1|6|unix|/path|grpc|CERTIFICATE`, without the line end.
///
/// The certificate is DER in base64 without padding, for Go's `RawStdEncoding`. The seventh field is written only for a client
/// that requested multiplexing: an old client splits the line into six fields, and would read it as part of the certificate.
pub(super) fn line(address: &Address, certificate: Option<&[u8]>, asks_multiplex: bool) -> String {
    let certificate = certificate.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
    let network = address.network();
    let multiplex = if asks_multiplex { "|false" } else { "" };
    format!("{CORE_PROTOCOL}|{PROTOCOL}|{network}|{address}|grpc|{certificate}{multiplex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_six_fields_and_a_seventh_on_request() {
        let unix = Address::Unix("/tmp/plugin1".into());
        let tcp = Address::Tcp(([127, 0, 0, 1], 10000).into());
        assert_eq!(line(&unix, None, false), "1|6|unix|/tmp/plugin1|grpc|");
        assert_eq!(line(&tcp, Some(b"any carnal pleas"), false), "1|6|tcp|127.0.0.1:10000|grpc|YW55IGNhcm5hbCBwbGVhcw");
        assert_eq!(line(&unix, None, true), "1|6|unix|/tmp/plugin1|grpc||false");
    }
}
