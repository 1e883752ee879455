//! Real object stores on this machine, for tests: programs that tests/tools/install installs, each on a port of its own of
//! the loopback interface, ended by their process id.
#![allow(dead_code, reason = "not every test binary uses every item")]

#[path = "tools.rs"]
pub mod tools;

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use base64::prelude::{BASE64_STANDARD, Engine as _};

/// A kind of store, and the program that serves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Google Cloud Storage: fake-gcs-server.
    Gs,
    /// Amazon S3: moto.
    S3,
    /// Azure Blob Storage: azurite.
    Az,
}

/// The account and key that azurite has, which are published with it.
pub const AZURE_ACCOUNT: &str = "devstoreaccount1";
pub const AZURE_KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Gs, Self::S3, Self::Az];

    fn tool(self) -> &'static str {
        match self {
            Self::Gs => "fake-gcs-server",
            Self::S3 => "moto",
            Self::Az => "azurite",
        }
    }

    /// The command that serves on an address.
    fn command(self, program: &OsString, address: SocketAddr) -> Vec<OsString> {
        let port = address.port();
        let (before, words) = match self {
            Self::Gs => (
                vec![program.clone()],
                format!(
                    "-scheme http -host 127.0.0.1 -port {port} -public-host {address} -external-url http://{address} \
                     -backend memory -log-level error"
                ),
            ),
            Self::S3 => {
                let mut path = OsString::from("PYTHONPATH=");
                path.push(program);
                let serve = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/moto/serve.py");
                (vec!["env".into(), path, "python3".into(), serve.into()], port.to_string())
            }
            Self::Az => (
                ["node", "node_modules/azurite/dist/src/blob/main.js"]
                    .map(|file| Path::new(program).join(file).into())
                    .into(),
                format!(
                    "--blobHost 127.0.0.1 --blobPort {port} --inMemoryPersistence --skipApiVersionCheck --silent \
                     --disableTelemetry"
                ),
            ),
        };
        before.into_iter().chain(words.split(' ').map(Into::into)).collect()
    }
}

/// A server. It ends when this is dropped, or with the process of the test, whichever is first.
#[derive(Debug)]
pub struct StoreServer {
    kind: Kind,
    command: Vec<OsString>,
    pub address: SocketAddr,
    child: Option<Child>,
}

static GS: LazyLock<Option<StoreServer>> = LazyLock::new(|| StoreServer::start(Kind::Gs));
static S3: LazyLock<Option<StoreServer>> = LazyLock::new(|| StoreServer::start(Kind::S3));
static AZ: LazyLock<Option<StoreServer>> = LazyLock::new(|| StoreServer::start(Kind::Az));

impl StoreServer {
    /// The server of this process, for tests that use a bucket of their own and do not end it. `None` without the program,
    /// after one line with the way to install it; then the test is skipped.
    pub fn shared(kind: Kind) -> Option<&'static Self> {
        match kind {
            Kind::Gs => GS.as_ref(),
            Kind::S3 => S3.as_ref(),
            Kind::Az => AZ.as_ref(),
        }
    }

    /// A separate server.
    ///
    /// # Panics
    /// When it does not start, or the program is missing with `ANU_TEST_REQUIRE=1`.
    pub fn start(kind: Kind) -> Option<Self> {
        let program = tools::installed(kind.tool(), "tests of object stores")?;
        // Another program could use the port before the server does: then another one is tried.
        for _ in 0..5 {
            let address = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port");
            let mut server = Self { kind, command: kind.command(&program, address), address, child: None };
            if server.start_again() {
                return Some(server);
            }
        }
        panic!("{} does not start", kind.tool());
    }

    /// Starts it at the same address, without what it had. Whether it is there.
    pub fn start_again(&mut self) -> bool {
        // The shell ends the server when its standard input closes, which happens in every case when this process ends.
        let script = r#""$@" </dev/null & server=$!; read -r _; kill "$server" 2>/dev/null; wait "$server""#;
        let child = Command::new("sh")
            .args(["-c", script, "sh"])
            .args(&self.command)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh starts");
        self.child = Some(child);
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(30) {
            if TcpStream::connect(self.address).is_ok() && self.is_ready() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.stop();
        false
    }

    /// Ends it: connections to its address are refused.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }

    /// Whether it responds at all.
    fn is_ready(&self) -> bool {
        self.try_request("GET", "/", &[], b"").is_some()
    }

    /// A request outside of anu.
    ///
    /// # Panics
    /// When there is no response.
    #[track_caller]
    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        let response = self.try_request(method, path, headers, body);
        response.unwrap_or_else(|| panic!("{method} {path}: no response of {}", self.kind.tool()))
    }

    fn try_request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Response> {
        request(self.address, method, path, headers, body)
    }

    /// A new bucket.
    #[track_caller]
    pub fn create_bucket(&self, name: &str) {
        let response = match self.kind {
            Kind::Gs => {
                let body = format!(r#"{{"name": "{name}"}}"#);
                self.request("POST", "/storage/v1/b", &[("content-type", "application/json")], body.as_bytes())
            }
            Kind::S3 => self.request("PUT", &format!("/{name}"), &[AWS], b""),
            Kind::Az => self.azure("PUT", &format!("/{name}"), "restype:container", &[], b""),
        };
        assert!((200..300).contains(&response.status), "{name}: {}", response.status);
    }

    /// Writes an object as another publisher does.
    #[track_caller]
    pub fn put(&self, bucket: &str, key: &str, bytes: impl AsRef<[u8]>) {
        let response = match self.kind {
            Kind::Gs => {
                let path = format!("/upload/storage/v1/b/{bucket}/o?uploadType=media&name={key}");
                self.request("POST", &path, &[("content-type", "application/json")], bytes.as_ref())
            }
            Kind::S3 => self.request("PUT", &format!("/{bucket}/{key}"), &[AWS], bytes.as_ref()),
            Kind::Az => {
                let headers = [("x-ms-blob-type", "BlockBlob")];
                self.azure("PUT", &format!("/{bucket}/{key}"), "", &headers, bytes.as_ref())
            }
        };
        assert!((200..300).contains(&response.status), "{bucket}/{key}: {}", response.status);
    }

    /// Reads an object as any other client does.
    #[track_caller]
    pub fn get(&self, bucket: &str, key: &str) -> Response {
        let response = match self.kind {
            Kind::Gs => self.request("GET", &format!("/{bucket}/{key}"), &[], b""),
            Kind::S3 => self.request("GET", &format!("/{bucket}/{key}"), &[AWS], b""),
            Kind::Az => self.azure("GET", &format!("/{bucket}/{key}"), "", &[], b""),
        };
        assert_eq!(response.status, 200, "{bucket}/{key}");
        response
    }

    /// Deletes an object.
    #[track_caller]
    pub fn delete(&self, bucket: &str, key: &str) {
        let response = match self.kind {
            Kind::Gs => self.request("DELETE", &format!("/storage/v1/b/{bucket}/o/{key}"), &[], b""),
            Kind::S3 => self.request("DELETE", &format!("/{bucket}/{key}"), &[AWS], b""),
            Kind::Az => self.azure("DELETE", &format!("/{bucket}/{key}"), "", &[], b""),
        };
        assert!((200..300).contains(&response.status), "{bucket}/{key}: {}", response.status);
    }
}

/// moto reads only who it is of.
const AWS: (&str, &str) = (
    "authorization",
    "AWS4-HMAC-SHA256 Credential=test/20270115/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none",
);

impl StoreServer {
    /// A request that is signed with the account's key: azurite checks that. `query` is one parameter, as `NAME:VALUE`.
    #[track_caller]
    fn azure(&self, method: &str, path: &str, query: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        let date = "Fri, 15 Jan 2027 08:00:00 GMT";
        let mut of_azure = [headers, &[("x-ms-date", date), ("x-ms-version", "2021-12-02")]].concat();
        of_azure.sort_unstable();
        let canonical: String = of_azure.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let length = if body.is_empty() { String::new() } else { body.len().to_string() };
        let resource = format!("/{AZURE_ACCOUNT}/{AZURE_ACCOUNT}{path}");
        let resource = if query.is_empty() { resource } else { format!("{resource}\n{query}") };
        let text = format!("{method}\n\n\n{length}\n\n\n\n\n\n\n\n\n{canonical}{resource}");
        let key = hmac::Key::new(hmac::HMAC_SHA256, &BASE64_STANDARD.decode(AZURE_KEY).expect("a key"));
        let signature = BASE64_STANDARD.encode(hmac::sign(&key, text.as_bytes()));
        let authorization = format!("SharedKey {AZURE_ACCOUNT}:{signature}");
        let headers = [of_azure.as_slice(), &[("authorization", &authorization)]].concat();
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.replace(':', "=")) };
        self.request(method, &format!("/{AZURE_ACCOUNT}{path}{query}"), &headers, body)
    }
}

impl Drop for StoreServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a server responded.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// Status line, headers and the empty line.
    pub head: String,
    pub body: Vec<u8>,
}

impl Response {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// One request on one connection; blocks.
pub fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<Response> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(&[head.as_bytes(), b"\r\n", body].concat()).ok()?;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let body = bytes.split_off(end);
    let head = String::from_utf8(bytes).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Response { status, head, body })
}
