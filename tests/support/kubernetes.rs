//! Real Kubernetes clusters on this machine, for the life of this test process.
//!
//! API servers and controller managers, started by tests/tools/kubernetes-clusters when a test first needs them. That
//! program ends when its standard input closes, which happens in every case when this process ends.
#![allow(dead_code, reason = "not every test binary uses every item")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{LazyLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Instant;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde::Deserialize;

/// The number of clusters: `cluster-1` and so on.
const COUNT: usize = 3;
/// The servers of a cluster.
const SERVERS: [&str; 3] = ["etcd", "kube-apiserver", "kube-controller-manager"];

/// The clusters, all of one version.
#[derive(Debug)]
pub struct Clusters {
    /// The version that the servers report: `v1.37.2`.
    pub version: String,
    clusters: Vec<Cluster>,
    program: Program,
}

/// A separate cluster with its own certificate authority, tokens and objects.
#[derive(Debug, Deserialize)]
pub struct Cluster {
    /// `cluster-1`.
    pub name: String,
    /// `https://127.0.0.1:PORT`, the same for the life of the process.
    pub endpoint: String,
    /// PEM.
    pub ca_certificate: String,
    /// By user. `admin` and `human` have all permissions; `anu`, `other` and `nobody` have those that a test grants.
    pub tokens: BTreeMap<String, String>,
}

static CLUSTERS: LazyLock<Result<RwLock<Clusters>, Why>> = LazyLock::new(|| {
    let clusters = start();
    match &clusters {
        Err(Why::Missing(why)) if !required() => tell(&format!("skipping every test on real clusters: {why}")),
        Err(Why::Missing(why) | Why::Failed(why)) => tell(why),
        Ok(_) => {}
    }
    clusters.map(RwLock::new)
});

/// Why there are no clusters.
enum Why {
    Missing(String),
    Failed(String),
}

impl Clusters {
    /// The clusters, shared with every other test of this process: use names that no other test uses. `None` if the servers
    /// are not available, after one line with the way to install them; then the test is skipped.
    ///
    /// # Panics
    /// If the servers do not start, or are not available with `ANU_TEST_REQUIRE=1`.
    pub fn shared() -> Option<Shared> {
        Some(Shared(Self::lock()?.read().unwrap_or_else(PoisonError::into_inner)))
    }

    /// The same, but exclusively: for stopping clusters. Do not call it while a value of [`shared`](Self::shared) exists: it
    /// would wait forever.
    ///
    /// # Panics
    /// As [`shared`](Self::shared).
    pub fn alone() -> Option<Alone> {
        let clusters = Self::lock()?.write().unwrap_or_else(PoisonError::into_inner);
        Some(Alone { clusters, down: Vec::new() })
    }

    fn lock() -> Option<&'static RwLock<Self>> {
        match &*CLUSTERS {
            Ok(clusters) => Some(clusters),
            Err(Why::Missing(why)) if required() => panic!("ANU_TEST_REQUIRE=1, but {why}"),
            Err(Why::Missing(_)) => None,
            Err(Why::Failed(why)) => panic!("{why}"),
        }
    }

    /// All of them, in the order of their names.
    pub fn all(&self) -> &[Cluster] {
        &self.clusters
    }

    /// Their names.
    pub fn names(&self) -> Vec<&str> {
        self.clusters.iter().map(|cluster| cluster.name.as_str()).collect()
    }

    /// The cluster of that name.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn cluster(&self, name: &str) -> &Cluster {
        self.clusters.iter().find(|cluster| cluster.name == name).unwrap_or_else(|| panic!("there is no `{name}`"))
    }

    /// A kubeconfig with one context for each cluster, under its name, as the given user. None of them is the current one.
    #[track_caller]
    pub fn kubeconfig(&self, user: &str) -> String {
        let (mut clusters, mut contexts, mut users) = (String::new(), String::new(), String::new());
        for Cluster { name, endpoint, ca_certificate, .. } in &self.clusters {
            let (ca, token) = (BASE64_STANDARD.encode(ca_certificate), self.cluster(name).token(user));
            let _ = writeln!(
                clusters,
                "- {{name: {name}, cluster: {{server: '{endpoint}', certificate-authority-data: {ca}}}}}"
            );
            let _ = writeln!(contexts, "- {{name: {name}, context: {{cluster: {name}, user: {user}-of-{name}}}}}");
            let _ = writeln!(users, "- {{name: {user}-of-{name}, user: {{token: {token}}}}}");
        }
        format!("apiVersion: v1\nkind: Config\nclusters:\n{clusters}contexts:\n{contexts}users:\n{users}")
    }

    /// A client of a cluster with the given user.
    ///
    /// # Panics
    /// If there is no such cluster or user.
    pub async fn client(&self, cluster: &str, user: &str) -> kube::Client {
        let kubeconfig = Kubeconfig::from_yaml(&self.kubeconfig(user)).expect("a kubeconfig");
        let options = KubeConfigOptions { context: Some(cluster.to_owned()), ..Default::default() };
        let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.expect("a context");
        config.proxy_url = None; // not the proxy of this machine
        kube::Client::try_from(config).expect("a client")
    }
}

impl Cluster {
    /// The token of a user.
    ///
    /// # Panics
    /// When there is no such user.
    #[track_caller]
    pub fn token(&self, user: &str) -> &str {
        self.tokens.get(user).unwrap_or_else(|| panic!("there is no user `{user}`"))
    }
}

/// See [`Clusters::shared`].
pub struct Shared(RwLockReadGuard<'static, Clusters>);

impl Deref for Shared {
    type Target = Clusters;

    fn deref(&self) -> &Clusters {
        &self.0
    }
}

/// See [`Clusters::alone`]. Stopped clusters are started again when it is dropped.
pub struct Alone {
    clusters: RwLockWriteGuard<'static, Clusters>,
    down: Vec<String>,
}

impl Alone {
    /// Stops a cluster: its endpoint refuses connections.
    pub fn stop(&mut self, name: &str) {
        self.clusters.program.command("stop", name).unwrap_or_else(|why| panic!("{why}"));
        self.down.push(name.to_owned());
    }

    /// Starts a cluster again with all its data, and waits until it is ready.
    pub fn start(&mut self, name: &str) {
        self.clusters.program.command("start", name).unwrap_or_else(|why| panic!("{why}"));
        self.down.retain(|each| each != name);
    }
}

impl Deref for Alone {
    type Target = Clusters;

    fn deref(&self) -> &Clusters {
        &self.clusters
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        for name in std::mem::take(&mut self.down) {
            if let Err(why) = self.clusters.program.command("start", &name) {
                tell(&why);
            }
        }
    }
}

/// The program that runs the servers.
#[derive(Debug)]
struct Program {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    child: Child,
}

impl Program {
    fn command(&mut self, verb: &str, name: &str) -> Result<(), String> {
        let answer: serde_json::Value = writeln!(self.input, "{verb} {name}")
            .map_err(|error| error.to_string())
            .and_then(|()| self.answer())
            .map_err(|why| format!("{verb} {name}: {why}"))?;
        answer.get("error").map_or(Ok(()), |error| Err(format!("{verb} {name}: {error}")))
    }

    fn answer<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, String> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(0) => Err("kubernetes-clusters has ended, for the reason above".to_owned()),
            Ok(_) => serde_json::from_str(&line).map_err(|error| format!("{error} in {line}")),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn start() -> Result<Clusters, Why> {
    let mut command = program()?;
    let started = Instant::now();
    let mut child = command
        .args(["--clusters", &COUNT.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| Why::Failed(format!("{command:?}: {error}")))?;
    let input = child.stdin.take().expect("a pipe");
    let output = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut program = Program { input, output, child };

    #[derive(Deserialize)]
    struct Ready {
        version: String,
        clusters: Vec<Cluster>,
    }
    let Ready { version, clusters } = program.answer().map_err(Why::Failed)?;
    tell(&format!("{COUNT} clusters of {version}, ready in {:.1} s", started.elapsed().as_secs_f64()));
    Ok(Clusters { version, clusters, program })
}

/// The command that runs clusters: with the servers in `KUBEBUILDER_ASSETS` if all exist, otherwise with those that we build.
fn program() -> Result<Command, Why> {
    let assets = std::env::var_os("KUBEBUILDER_ASSETS").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    if let Some(assets) = assets {
        match SERVERS.iter().find(|server| !assets.join(server).is_file()) {
            None => {
                let [program] = installed(["kubernetes-clusters"])?;
                let mut command = Command::new(program);
                command.arg("--assets").arg(assets);
                return Ok(command);
            }
            Some(missing) => tell(&format!("not using {}, which has no {missing}", assets.display())),
        }
    }
    let [server, program] = installed(["kubernetes", "kubernetes-clusters"])?;
    let mut command = Command::new(program);
    command.arg("--server").arg(server);
    Ok(command)
}

/// The paths of tools of tests/tools, which are built first if they are not in the cache.
fn installed<const N: usize>(names: [&str; N]) -> Result<[OsString; N], Why> {
    // Without Go nothing is built, so there is no progress to print; our own line is sufficient.
    let progress = if on_path("go") { Stdio::inherit() } else { Stdio::null() };
    let output = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/install"))
        .args(names)
        .stdin(Stdio::null())
        .stderr(progress)
        .output()
        .map_err(|error| Why::Failed(format!("tests/tools/install: {error}")))?;
    if output.status.code() == Some(3) {
        return Err(Why::Missing(format!(
            "their servers are built once with Go, which is missing or too old: get it from https://go.dev/dl, or set \
             KUBEBUILDER_ASSETS to a folder with {}, and have Go for the little program that runs them",
            SERVERS.join(", ")
        )));
    }
    let paths: Vec<OsString> = String::from_utf8_lossy(&output.stdout).lines().map(Into::into).collect();
    let count = paths.len();
    <[OsString; N]>::try_from(paths).ok().filter(|_| output.status.success()).ok_or_else(|| {
        Why::Failed(format!("tests/tools/install gave {count} of {}, for the reason above", names.join(", ")))
    })
}

fn on_path(name: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

fn required() -> bool {
    std::env::var_os("ANU_TEST_REQUIRE").is_some_and(|value| value == "1")
}

/// Prints a line directly to the terminal, because the test runner hides the output of passing tests. It is one write, so
/// that lines of other tests do not mix with it.
fn tell(line: &str) {
    let _ = std::io::stderr().write_all(format!("kubernetes: {line}\n").as_bytes());
}
