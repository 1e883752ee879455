//! The provider's process: its start by Terraform, its handshake, its connections.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path as FilePath;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tonic::transport::{Channel, Endpoint};

/// go-plugin's magic cookie for Terraform.
pub const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// A temporary identity like Terraform's: P-521, self-signed, its own authority.
pub struct Identity {
    pub certificate: CertificateDer<'static>,
    pub pem: String,
    key: Vec<u8>,
}

impl Identity {
    pub fn new() -> Self {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).expect("a key");
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("a certificate");
        Self { certificate: certificate.der().clone(), pem: certificate.pem(), key: key.serialize_der() }
    }

    /// The same certificate with another key.
    pub fn with_another_key(&self) -> Self {
        Self { certificate: self.certificate.clone(), pem: self.pem.clone(), key: Self::new().key }
    }

    fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()))
    }
}

/// A provider process after its handshake.
pub struct Process {
    pub child: Child,
    /// The handshake line's fields.
    pub line: Vec<String>,
    /// From the process's start to its line.
    pub took: Duration,
    stderr: Arc<Mutex<Vec<String>>>,
}

/// The command that starts a provider.
pub fn command(program: impl AsRef<FilePath>) -> Command {
    let mut command = Command::new(program.as_ref());
    command
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000");
    for name in ["TF_LOG", "TF_LOG_PROVIDER", "PLUGIN_CLIENT_CERT", "PLUGIN_MULTIPLEX_GRPC"] {
        command.env_remove(name);
    }
    command
}

impl Process {
    /// Starts a provider and reads the handshake line.
    pub fn start(mut command: Command) -> Self {
        let began = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {:?}: {error}", command.get_program()));
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&stderr);
        let errors = BufReader::new(child.stderr.take().expect("piped"));
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                lines.lock().expect("sound").push(line);
            }
        });
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("text");
        let took = began.elapsed();
        // Continue to read, as go-plugin does: a full pipe would block the provider.
        std::thread::spawn(move || out.read_to_string(&mut String::new()));
        let line = line.trim_end_matches('\n').split('|').map(str::to_owned).collect();
        Self { child, line, took, stderr }
    }

    pub fn address(&self) -> &str {
        &self.line[3]
    }

    /// The lines on stderr so far.
    pub fn stderr(&self) -> Vec<String> {
        self.stderr.lock().expect("sound").clone()
    }

    /// Waits for a line with this text on stderr, and returns all lines so far.
    pub fn stderr_until(&self, text: &str) -> Vec<String> {
        let began = Instant::now();
        loop {
            let lines = self.stderr();
            if lines.iter().any(|line| line.contains(text)) {
                return lines;
            }
            assert!(began.elapsed() < Duration::from_secs(10), "no line with {text:?} in {lines:#?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for its end.
    pub async fn wait(&mut self, limit: Duration) -> Option<(ExitStatus, Duration)> {
        let began = Instant::now();
        while began.elapsed() < limit {
            if let Some(status) = self.child.try_wait().expect("our child") {
                return Some((status, began.elapsed()));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        None
    }

    /// Sends it a signal.
    #[expect(unsafe_code, reason = "the standard library sends no signals but SIGKILL")]
    pub fn signal(&self, signal: i32) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        // SAFETY: sends a signal to a child that has not been waited for, so the id is still its.
        assert_eq!(unsafe { libc::kill(id, signal) }, 0);
    }

    /// A plain connection.
    pub async fn connect(&self) -> Box<dyn Io> {
        match self.line[2].as_str() {
            "unix" => Box::new(tokio::net::UnixStream::connect(self.address()).await.expect("a socket")),
            _ => Box::new(tokio::net::TcpStream::connect(self.address()).await.expect("a port")),
        }
    }

    /// A TLS connection with a certificate or without one.
    ///
    /// # Errors
    /// If the handshake fails. In TLS 1.3 the rejection of the client's certificate may arrive with the first read instead.
    pub async fn connect_tls(&self, identity: Option<&Identity>) -> std::io::Result<Box<dyn Io>> {
        let der = base64::engine::general_purpose::STANDARD_NO_PAD.decode(&self.line[5]).expect("base64");
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from(der)).expect("a certificate");
        let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(crypto)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots);
        let mut config = match identity {
            Some(identity) => {
                let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&identity.key()).expect("a key");
                // Not `with_client_auth_cert`, which would detect the wrong key.
                let shown = rustls::sign::CertifiedKey::new(vec![identity.certificate.clone()], key);
                config.with_client_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(shown)))
            }
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, self.connect().await).await?;
        Ok(Box::new(stream))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // A killed provider cannot delete its socket's folder.
        if let [_, _, network, address, ..] = &self.line[..]
            && network == "unix"
            && let Some(folder) = FilePath::new(address).parent()
        {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// Any byte stream.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// gRPC over a connection.
pub async fn channel(io: Box<dyn Io>) -> Result<Channel, tonic::transport::Error> {
    let mut io = Some(io);
    let connector = tower::service_fn(move |_| {
        let io = io.take().ok_or_else(|| std::io::Error::other("one connection only"));
        async move { io.map(TokioIo::new) }
    });
    Endpoint::from_static("http://localhost").connect_with_connector(connector).await
}
