//! Mutual TLS as in go-plugin: each side creates a temporary certificate and trusts only the other's.
//!
//! tonic's TLS settings do not support this. Terraform's certificate is P-521 and self-signed with `CA:TRUE`, which webpki
//! rejects for a client (`CaUsedAsEndEntity`) and ring cannot verify. So rustls with aws-lc-rs terminates TLS here, and the
//! certificate is compared byte by byte with the one in the client's environment variable. This check is also stronger than a
//! chain: only the client has the key.

use std::sync::Arc;

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::aws_lc_rs::kx_group;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, ServerConfig};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

/// The server name that go-plugin's client expects.
const SERVER_NAME: &str = "localhost";

/// The error of a failed TLS setup.
#[derive(Debug, thiserror::Error)]
pub(super) enum TlsError {
    #[error("PLUGIN_CLIENT_CERT does not contain a PEM certificate")]
    ClientCertificate(#[source] rustls::pki_types::pem::Error),
    #[error("cannot create a certificate")]
    OwnCertificate(#[from] rcgen::Error),
    #[error("cannot set up TLS")]
    Config(#[from] Error),
}

/// The server's identity: its certificate for the handshake line, and the TLS acceptor.
pub(super) struct Tls {
    /// The server's certificate in DER.
    pub certificate: CertificateDer<'static>,
    pub config: Arc<ServerConfig>,
}

impl Tls {
    /// A new identity that accepts one client certificate only.
    pub(super) fn pinned_to(client_certificate_pem: &str) -> Result<Self, TlsError> {
        let client =
            CertificateDer::from_pem_slice(client_certificate_pem.as_bytes()).map_err(TlsError::ClientCertificate)?;
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec![SERVER_NAME.to_owned()])?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.self_signed(&key)?.der().clone();

        let crypto = Arc::new(CryptoProvider {
            // No ML-KEM: it protects recorded traffic against future attacks, which does not matter for a local socket, and core
            // starts several provider processes per command.
            kx_groups: vec![kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1],
            ..rustls::crypto::aws_lc_rs::default_provider()
        });
        let verifier = Arc::new(PinnedClient { certificate: client, crypto: Arc::clone(&crypto) });
        let mut config = ServerConfig::builder_with_provider(crypto)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(verifier)
            .with_single_cert(
                vec![certificate.clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        // One client with one connection needs no session resumption.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self { certificate, config: Arc::new(config) })
    }
}

/// Accepts one client certificate.
#[derive(Debug)]
struct PinnedClient {
    certificate: CertificateDer<'static>,
    crypto: Arc<CryptoProvider>,
}

impl ClientCertVerifier for PinnedClient {
    fn offer_client_auth(&self) -> bool {
        true
    }

    fn client_auth_mandatory(&self) -> bool {
        true
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        // Empty: Go sends its certificate if no authority is named.
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if end_entity.as_ref() == self.certificate.as_ref() {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    // A certificate is public; these two verify that the peer has its key.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.crypto.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.crypto.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.crypto.signature_verification_algorithms.supported_schemes()
    }
}
