//! Registries in ConfigMaps of real clusters: every state in which a reader can find one, and two publishers at once.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anu::connect::{Environment, RequestContext};
use anu::discovery::{
    FetchContext, Fetched, Limits, Mode, NewDocument, Precondition, Publisher, RegistryConfig, SettingNames, Source,
    SystemClock, Verify, Warning, WriteError, discover,
};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::api::{Api, DeleteParams, PostParams};
use serde_json::{Value as Json, json};

use crate::clusters::Clusters;
use crate::namespace;
use crate::proxy::{Fate, Proxy};
use crate::signer::Signer;

const REGISTRY: &str = r#"{"services": []}"#;
/// `printf '{"services": []}' | gzip -9n | base64`
const PACKED: &str = "H4sIAAAAAAACA6tWKk4tKstMTi1WslKIjq0FAKmWaV8QAAAA";

/// A folder with kubeconfigs and copies.
struct Reader {
    folder: tempfile::TempDir,
}

impl Reader {
    fn new(clusters: &Clusters) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for user in ["admin", "nobody"] {
            let current = format!("current-context: cluster-1\n{}", clusters.kubeconfig(user));
            std::fs::write(folder.path().join(user), &current).expect("written");
            let endpoint = &clusters.cluster("cluster-1").endpoint;
            // A port that no server listens on, and a token that no user has.
            std::fs::write(folder.path().join("down"), current.replace(endpoint, "https://127.0.0.1:1"))
                .expect("written");
            let token = clusters.cluster("cluster-1").token(user);
            std::fs::write(folder.path().join("unknown"), current.replace(token, "no-such-token")).expect("written");
        }
        Self { folder }
    }

    fn context(&self, kubeconfig: &str, cache: &str) -> FetchContext {
        let path = self.folder.path().join(kubeconfig);
        FetchContext {
            base: Path::new("").into(),
            cache: Some(self.folder.path().join(cache)),
            clock: Arc::new(SystemClock),
            limits: Limits { size: 4 << 10, pause: Duration::from_millis(1), ..Limits::default() },
            environment: Environment::of([("KUBECONFIG", path.to_str().expect("text"))]),
        }
    }

    /// A copy belongs to a kubeconfig, so what is in it changes and not its name.
    fn replace(&self, kubeconfig: &str, by: &str) {
        let path = |name| self.folder.path().join(name);
        std::fs::copy(path(by), path(kubeconfig)).expect("copied");
    }

    async fn read(&self, kubeconfig: &str, config: &RegistryConfig) -> Result<(Fetched, Vec<Warning>), String> {
        self.read_in(kubeconfig, config, Mode::Read, "cache").await
    }

    async fn read_in(
        &self,
        kubeconfig: &str,
        config: &RegistryConfig,
        mode: Mode,
        cache: &str,
    ) -> Result<(Fetched, Vec<Warning>), String> {
        let context = self.context(kubeconfig, cache);
        discover(&RequestContext::default(), config, mode, &context).await.map_err(|error| error.to_string())
    }
}

fn from(source: &str) -> RegistryConfig {
    RegistryConfig { source: source.to_owned(), ..RegistryConfig::default() }
}

/// Writes a ConfigMap as another program does.
async fn put(client: &kube::Client, name: &str, content: Json) {
    let api = Api::<ConfigMap>::namespaced(client.clone(), "registries");
    let mut whole = content;
    whole["metadata"] = json!({"name": name});
    let config_map: ConfigMap = serde_json::from_value(whole).expect("a ConfigMap");
    let _ = api.delete(name, &DeleteParams::default()).await;
    api.create(&PostParams::default(), &config_map).await.expect("created");
}

async fn in_namespace(client: &kube::Client) {
    let created = Api::<Namespace>::all(client.clone()).create(&PostParams::default(), &namespace("registries")).await;
    match created {
        Err(kube::Error::Api(status)) if status.code == 409 => {}
        created => drop(created.expect("created")),
    }
}

#[tokio::test]
async fn every_state_of_a_config_map_has_its_text() {
    let Some(clusters) = Clusters::shared() else { return };
    let client = clusters.client("cluster-1", "admin").await;
    in_namespace(&client).await;
    let (reader, ours) = (Reader::new(&clusters), Signer::new(1));
    let config = from("configmap://registries/service-registry");
    put(&client, "service-registry", json!({"data": {"registry.json": REGISTRY}})).await;

    // First read, unchanged, changed.
    let (first, _) = reader.read("admin", &config).await.expect("a first read");
    assert_eq!(
        (first.bytes.as_slice(), first.source.as_str()),
        (REGISTRY.as_bytes(), "configmap://registries/service-registry/registry.json")
    );
    assert_eq!(reader.read("admin", &config).await.expect("unchanged").0, first);
    let changed = REGISTRY.replace("[]", "[ ]");
    put(&client, "service-registry", json!({"data": {"registry.json": changed, "registry.yaml": "services: []"}}))
        .await;
    let (second, _) = reader.read("admin", &config).await.expect("changed");
    assert_eq!((second.bytes.as_slice(), second.version == first.version), (changed.as_bytes(), false));

    // Other keys, contexts and encodings.
    put(&client, "packed", json!({"binaryData": {"registry.json.gz": PACKED}, "data": {"cut.json.gz": "\u{1f}"}}))
        .await;
    for source in
        ["configmap://cluster-1/registries/packed/registry.json.gz", "configmap:///registries/packed/registry.json.gz"]
    {
        assert_eq!(reader.read("admin", &from(source)).await.expect(source).0.bytes, REGISTRY.as_bytes());
    }

    // Signed: both keys are of one response.
    let signature = ours.sign(REGISTRY, "registry:acme");
    let signed = RegistryConfig {
        verify: Some(Verify { minisign: vec![ours.public_key().parse().expect("a key")], trusted_comment: Vec::new() }),
        ..from("configmap://registries/signed")
    };
    put(&client, "signed", json!({"data": {"registry.json": REGISTRY, "registry.json.minisig": signature}})).await;
    assert!(reader.read("admin", &signed).await.expect("signed").0.proof.is_some());

    let mut all = String::new();
    let mut tell = async |what: &str, kubeconfig: &str, config: RegistryConfig| {
        let text = reader.read_in(kubeconfig, &config, Mode::Apply, "none").await.expect_err(what);
        let text = text.replace(&clusters.cluster("cluster-1").endpoint["https://".len()..], "SERVER");
        let _ = writeln!(all, "## {what}\n{text}\n");
    };
    put(&client, "large", json!({"data": {"registry.json": " ".repeat(5 << 10)}})).await;
    put(&client, "swapped", json!({"data": {"registry.json": changed, "registry.json.minisig": signature}})).await;
    tell("no ConfigMap", "admin", from("configmap://registries/missing")).await;
    tell("no namespace", "admin", from("configmap://no-such/missing")).await;
    tell("no key", "admin", from("configmap://registries/service-registry/other.json")).await;
    tell("no default key", "admin", from("configmap://registries/packed")).await;
    tell("no such context", "admin", from("configmap://cluster-9/registries/service-registry")).await;
    tell("forbidden", "nobody", config.clone()).await;
    tell("no such user", "unknown", config.clone()).await;
    tell("down", "down", config.clone()).await;
    tell("no kubeconfig", "no-such-file", config.clone()).await;
    tell("too large", "admin", from("configmap://registries/large")).await;
    tell("wrong digest", "admin", RegistryConfig { sha256: Some("0".repeat(64)), ..config.clone() }).await;
    tell("no signature", "admin", RegistryConfig { source: config.source.clone(), ..signed.clone() }).await;
    tell("wrong signature", "admin", RegistryConfig { source: "configmap://registries/swapped".into(), ..signed })
        .await;
    tell("wrong encoding", "admin", from("configmap://registries/packed/cut.json.gz")).await;
    insta::assert_snapshot!(all);

    // The last good copy: when the cluster is down, and not when it refuses access.
    reader.replace("admin", "down");
    let (copy, warnings) = reader.read("admin", &config).await.expect("the last good copy");
    assert_eq!((copy.bytes, warnings[0].code.summary()), (second.bytes, "Registry read from the last good copy"));
    reader.replace("admin", "nobody");
    let refused = reader.read("admin", &config).await.expect_err("access is refused");
    assert!(refused.starts_with("access to the registry was refused"), "{refused}");
}

/// On a bad network: slow, cut off, busy; and what an unchanged ConfigMap costs.
#[tokio::test]
async fn a_config_map_is_read_over_a_bad_network() {
    let Some(clusters) = Clusters::shared() else { return };
    let client = clusters.client("cluster-1", "admin").await;
    in_namespace(&client).await;
    let document = format!("{{\"services\": [], \"more\": \"{}\"}}", "x".repeat(2 << 10));
    put(&client, "distant", json!({"data": {"registry.json": document}})).await;
    let proxy = Proxy::start(vec![("cluster-1".to_owned(), client.clone())]).await;
    let reader = Reader::new(&clusters);
    let kubeconfig = format!("current-context: cluster-1\n{}", proxy.kubeconfig("{}"));
    std::fs::write(reader.folder.path().join("admin"), kubeconfig).expect("written");
    let config = from("configmap://registries/distant");

    let (first, _) = reader.read("admin", &config).await.expect("a first read");
    assert_eq!(first.bytes, document.as_bytes());
    proxy.judge(|_| Fate::Through);
    assert_eq!(reader.read("admin", &config).await.expect("unchanged").0, first);
    let answers = proxy.answers();
    assert!(answers.len() == 1 && answers[0].len() < document.len() / 2, "unchanged: its metadata only, {answers:?}");

    let mut all = String::new();
    for (state, mode) in [("to read", Mode::Read), ("to apply", Mode::Apply)] {
        for (what, fate) in [
            ("slow", Fate::Held),
            ("cut off", Fate::Torn),
            ("lost", Fate::Lost),
            ("busy", Fate::Refused { code: 503, reason: "ServiceUnavailable", retry_after: None }),
            ("no cluster", Fate::Garbage),
        ] {
            proxy.judge(move |_| fate);
            let mut context = reader.context("admin", "cache");
            context.limits.total = Duration::from_secs(if fate == Fate::Held { 1 } else { 30 });
            let text = match discover(&RequestContext::default(), &config, mode, &context).await {
                Ok((fetched, warnings)) => {
                    assert_eq!(fetched.bytes, first.bytes);
                    format!("{}\n{}", warnings[0].code.summary(), warnings[0].detail)
                }
                Err(error) => error.to_string(),
            };
            let address = proxy
                .kubeconfig("")
                .split("http://")
                .nth(1)
                .and_then(|rest| rest.split('\'').next())
                .expect("one")
                .to_owned();
            let _ = writeln!(all, "## {what}, {state}\n{}\n", text.replace(&address, "SERVER"));
        }
    }
    insta::assert_snapshot!(all);
    proxy.judge(|_| Fate::Slow(Duration::from_millis(50)));
    assert_eq!(reader.read("admin", &config).await.expect("read").0, first);
}

/// Document, what it replaces, and the answer of a second reader.
#[tokio::test]
async fn the_command_line_publishes_to_one() {
    let Some(clusters) = Clusters::shared() else { return };
    let client = clusters.client("cluster-1", "admin").await;
    in_namespace(&client).await;
    let reader = Reader::new(&clusters);
    let anu = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_anu"));
        command.args(arguments).current_dir(reader.folder.path()).env_clear();
        command.env("KUBECONFIG", reader.folder.path().join("admin"));
        command.env("ANU_CACHE_DIR", reader.folder.path().join("copies"));
        let output = command.output().expect("started");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let place = "configmap://registries/published";
    let publish = |revision: &str| {
        let document = json!({
            "metadata": {"name": "acme", "revision": revision, "compiledAt": format!("2026-11-20T10:00:0{revision}Z")},
            "services": [{"type": "Service", "spec": {"name": "ledger"}}],
        });
        std::fs::write(reader.folder.path().join("registry.json"), document.to_string()).expect("written");
        anu(&["registry", "publish", "registry.json", "--to", place])
    };
    let of = async |key: &str| {
        let found = Api::<ConfigMap>::namespaced(client.clone(), "registries").get("published").await.expect("found");
        found.data.unwrap_or_default().get(key).cloned()
    };
    publish("1");
    let first = of("registry.json").await.expect("published");
    assert_eq!(of("registry.json.previous").await, None);
    publish("2");
    assert_eq!(of("registry.json.previous").await, Some(first));
    let second = of("registry.json").await;
    assert!(publish("2").contains("unchanged"), "the same is not written again");
    assert_eq!(of("registry.json").await, second);
    assert!(anu(&["registry", "--registry", place]).contains("\"revision\": \"2\""));
}

/// Each publisher adds one to a number, and tries again when the other one was first. A third one writes another key meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_publishers_at_once_lose_no_update() {
    const EACH: usize = 100;
    let Some(clusters) = Clusters::shared() else { return };
    in_namespace(&clusters.client("cluster-1", "admin").await).await;
    let reader = Reader::new(&clusters);
    let (ctx, context) = (RequestContext::default(), reader.context("admin", "none"));
    let publisher = &Publisher::new(&ctx, &context, None, SettingNames::default());
    let place =
        |key: &str| Source::parse(&format!("configmap://registries/counter/{key}"), Path::new("")).expect("a source");
    let publish = async |key: &str, times: usize| {
        let (place, mut conflicts) = (place(key), 0);
        for _ in 0..times {
            loop {
                let current = publisher.read(&place).await.expect("read");
                let number = current.as_ref().map_or(0, |current| {
                    std::str::from_utf8(&current.bytes).expect("text").parse::<usize>().expect("a number")
                });
                let text = (number + 1).to_string();
                let document = NewDocument { bytes: text.as_bytes(), content_type: "", cache_control: "" };
                let precondition = current.as_ref().map_or(Precondition::Absent, |it| Precondition::Is(&it.version));
                match publisher.write(&place, document, precondition).await {
                    Ok(_) => break,
                    Err(WriteError::Changed { .. } | WriteError::Exists { .. }) => conflicts += 1,
                    Err(error) => panic!("{error}"),
                }
            }
        }
        conflicts
    };
    let (both, alone) = ("registry.json", "other.json");
    let (one, other, none) =
        futures_util::future::join3(publish(both, EACH), publish(both, EACH), publish(alone, EACH / 10)).await;
    assert!(one + other > 0, "they were never at once");
    assert_eq!(none, 0, "a key that no other publisher writes");
    for (key, expected) in [(both, 2 * EACH), (alone, EACH / 10)] {
        let found = publisher.read(&place(key)).await.expect("read").expect("a document");
        assert_eq!(found.bytes, expected.to_string().into_bytes(), "{one} and {other} conflicts");
    }

    // Bytes that are no text, a version that is no longer there, and what the cluster refuses.
    let document = |bytes| NewDocument { bytes, content_type: "", cache_control: "" };
    let packed = publisher.write(&place("packed.gz"), document(&[0x1f, 0x8b, 0xff]), Precondition::Absent).await;
    let packed = packed.expect("written");
    assert_eq!(publisher.head(&place("packed.gz")).await.expect("read"), Some(packed.clone()));
    publisher.write(&place("packed.gz"), document(b"text"), Precondition::Is(&packed)).await.expect("written");
    let mut all = String::new();
    let mut tell = |what: &str, error: WriteError| writeln!(all, "## {what}\n{error}\n").expect("in memory");
    let stale = publisher.write(&place("packed.gz"), document(b"more"), Precondition::Is(&packed)).await;
    tell("another version", stale.expect_err("changed"));
    let exists = publisher.write(&place("packed.gz"), document(b"more"), Precondition::Absent).await;
    tell("a key that exists", exists.expect_err("exists"));
    let spaces = vec![b' '; 2 << 20];
    let large = publisher.write(&place("large.json"), document(&spaces), Precondition::Absent).await;
    tell("too large", large.expect_err("too large"));
    let nowhere = Source::parse("configmap://no-such/counter", Path::new("")).expect("a source");
    let nowhere = publisher.write(&nowhere, document(b"{}"), Precondition::Absent).await;
    tell("no namespace", nowhere.expect_err("no namespace"));
    let refused = reader.context("nobody", "none");
    let refused = Publisher::new(&ctx, &refused, None, SettingNames::default());
    tell("forbidden", refused.write(&place(both), document(b"{}"), Precondition::Absent).await.expect_err("forbidden"));
    insta::assert_snapshot!(all);
}
