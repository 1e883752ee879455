//! The one line that tells the client where we are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::environment::PROTOCOL;
use super::socket::Address;

/// go-plugin's own protocol.
const CORE_PROTOCOL: u32 = 1;

/// The first line on stdout: `1|6|unix|/path|grpc|CERTIFICATE`, without its line end.
///
/// The certificate is DER in base64 without padding, because that is what Go's `RawStdEncoding` reads. The seventh field
/// goes only to a client that asked for it: an old one splits the line into six and would take it for part of the
/// certificate.
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
