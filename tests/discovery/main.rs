//! Where the registry is read from: files, and small servers on this machine's loopback that behave well or badly.

mod cancellation;
mod copies;
mod encodings;
mod fallbacks;
mod files;
mod objects;
mod publish;
mod refused;
mod server;
mod signatures;
#[path = "../support/signer.rs"]
mod signer;
mod states;
#[path = "../support/store_server.rs"]
mod store_server;
mod tls;
mod web;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use anu::connect::{Environment, RequestContext};
use anu::discovery::{Clock, DiscoveryError, FetchContext, Fetched, Limits, Mode, RegistryConfig, Warning, discover};

const REGISTRY: &str = r#"{"services": []}"#;

/// A clock that stands still until it is told otherwise.
#[derive(Clone)]
struct TestClock(Arc<Mutex<SystemTime>>);

impl TestClock {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000))))
    }

    fn advance(&self, time: Duration) {
        *self.0.lock().expect("no panic") += time;
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().expect("no panic")
    }
}

/// A folder with everything in it, and a clock.
struct Place {
    folder: tempfile::TempDir,
    clock: TestClock,
    limits: Limits,
    environment: Environment,
}

impl Place {
    fn new() -> Self {
        let limits = Limits {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(10),
            size: 64 << 10,
            attempts: 3,
            pause: Duration::from_millis(1),
            longest_pause: Duration::from_secs(1),
        };
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            clock: TestClock::new(),
            limits,
            environment: Environment::of([]),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), bytes).expect("written");
    }

    async fn discover(&self, config: &RegistryConfig, mode: Mode) -> Result<(Fetched, Vec<Warning>), DiscoveryError> {
        self.discover_in(&RequestContext::default(), config, mode).await
    }

    async fn discover_in(
        &self,
        ctx: &RequestContext,
        config: &RegistryConfig,
        mode: Mode,
    ) -> Result<(Fetched, Vec<Warning>), DiscoveryError> {
        discover(ctx, config, mode, &self.context()).await
    }

    fn context(&self) -> FetchContext {
        FetchContext {
            base: self.path().to_owned(),
            cache: Some(self.path().join("cache")),
            clock: Arc::new(self.clock.clone()),
            limits: self.limits.clone(),
            environment: self.environment.clone(),
        }
    }

    async fn read(&self, source: &str) -> Result<Fetched, String> {
        let config = from(source);
        match self.discover(&config, Mode::Read).await {
            Ok((fetched, warnings)) => {
                assert_eq!(warnings, []);
                Ok(fetched)
            }
            Err(error) => Err(self.plain(&error.to_string())),
        }
    }

    /// The text a user reads why `source` cannot be read.
    async fn refusal(&self, source: &str) -> String {
        self.read(source).await.expect_err("refused")
    }

    /// Without what differs from run to run: the folder and the ports.
    fn plain(&self, text: &str) -> String {
        let text = text.replace(&self.path().display().to_string(), "DIR");
        let mut plain = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("127.0.0.1:") {
            plain += before;
            plain += "127.0.0.1:PORT";
            rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        plain + rest
    }
}

fn from(source: &str) -> RegistryConfig {
    RegistryConfig { source: source.to_owned(), ..RegistryConfig::default() }
}
