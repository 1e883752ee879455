//! `anu registry publish` to buckets of real stores.

use std::process::Stdio;

use serde_json::{Value as Json, json};

use crate::signer::Signer;
use crate::store_server::{AZURE_ACCOUNT, AZURE_KEY, Kind, StoreServer};
use crate::{Ended, Shell};

/// A registry, a key, and a bucket of its own.
struct Bucket {
    shell: Shell,
    kind: Kind,
    server: &'static StoreServer,
    name: &'static str,
}

impl Bucket {
    fn new(kind: Kind, name: &'static str) -> Option<Self> {
        let server = StoreServer::shared(kind)?;
        server.create_bucket(name);
        let shell = Shell::new();
        let pair = minisign::KeyPair::generate_unencrypted_keypair().expect("a key");
        shell.write("minisign.key", &pair.sk.to_box(None).expect("a text").to_string());
        shell.write("minisign.pub", &pair.pk.to_base64());
        let bucket = Self { shell, kind, server, name };
        bucket.edit("core");
        Some(bucket)
    }

    fn edit(&self, team: &str) {
        let service = json!({"type": "Service", "spec": {"name": "ledger", "team": team}});
        self.shell.registry(&json!({"metadata": {"name": "acme"}, "services": [service]}));
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = self.shell.command(&[&["registry"], arguments].concat());
        let endpoint = format!("http://{}", self.server.address);
        match self.kind {
            Kind::Gs => command.env("STORAGE_EMULATOR_HOST", endpoint),
            Kind::S3 => {
                command.env("AWS_ENDPOINT_URL_S3", endpoint).env("AWS_REGION", "us-east-1");
                command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "hunter2")
            }
            Kind::Az => {
                command.env("AZURE_STORAGE_ENDPOINT", format!("{endpoint}/{AZURE_ACCOUNT}"));
                command.env("AZURE_STORAGE_ACCOUNT_KEY", AZURE_KEY)
            }
        };
        command
    }

    /// The address of its registry.
    fn url(&self) -> String {
        match self.kind {
            Kind::Gs => format!("gs://{}/registry.json", self.name),
            Kind::S3 => format!("s3://{}/registry.json", self.name),
            Kind::Az => format!("az://{}/registry.json?account={AZURE_ACCOUNT}", self.name),
        }
    }

    fn publish(&self, time: &str, further: &[&str]) -> Ended {
        let to = self.url();
        let all = ["publish", "--registry", "registry.json", "--to", &to, "--compiled-at", time, "--revision", time];
        self.shell.ended(&mut self.command(&[&all[..], further].concat()))
    }

    /// The document that readers get, with its signature.
    fn read(&self) -> Json {
        let (source, key) = (self.url(), self.shell.read("minisign.pub"));
        let ended = self.shell.ended(&mut self.command(&["--registry", &source, "--minisign", &key]));
        serde_json::from_str(&ended.quietly()).expect("JSON")
    }
}

const SIGN: [&str; 2] = ["--sign", "minisign.key"];

#[test]
fn a_bucket_has_the_document_and_its_signature() {
    let Some(bucket) = Bucket::new(Kind::Gs, "publish") else { return };
    let first = bucket.publish("2026-11-20T10:00:00Z", &SIGN).quietly();
    assert!(first.ends_with("written: gs://publish/registry.json\n"), "{first}");
    assert_eq!(bucket.read()["metadata"]["compiledAt"], "2026-11-20T10:00:00Z");
    let object = bucket.server.request("GET", "/storage/v1/b/publish/o/registry.json", &[], b"");
    let object: Json = serde_json::from_slice(&object.body).expect("JSON");
    assert_eq!((&object["contentType"], &object["cacheControl"]), (&json!("application/json"), &json!("no-cache")));
    let again = bucket.publish("2026-11-20T10:00:00Z", &SIGN).quietly();
    assert!(again.ends_with("unchanged: gs://publish/registry.json\n"), "{again}");
    bucket.edit("banking");
    let changed = bucket.publish("2026-11-21T10:00:00Z", &SIGN).quietly();
    assert!(changed.contains("banking") && changed.ends_with("written: gs://publish/registry.json\n"), "{changed}");
    assert_eq!(bucket.read()["services"][0]["spec"]["team"], "banking");
    insta::assert_snapshot!(bucket.publish("2026-11-20T10:00:00Z", &SIGN).stderr, @"
    error: Refusing to replace a newer registry: `gs://publish/registry.json`
      The registry there was compiled at `2026-11-21T10:00:00Z` (`metadata.compiledAt`), and this one at `2026-11-20T10:00:00Z`. A plan refuses an older registry.
      Nothing was written.
    hint: publish the newest commit; to go back, revert the change in a new commit and publish that
      anu:publishing-refused
    ");
    // A signature of others, or none, is replaced.
    let foreign = Signer::new(7).sign("something else", "registry:acme");
    bucket.server.put("publish", "registry.json.minisig", &foreign);
    bucket.publish("2026-11-21T10:00:00Z", &SIGN).quietly();
    assert_eq!(bucket.read()["services"][0]["spec"]["team"], "banking");
    let missing = ["publish", "--to", "gs://no-such-bucket/registry.json", "--registry", "registry.json"];
    insta::assert_snapshot!(bucket.shell.ended(&mut bucket.command(&missing)).stderr, @"
    error: A place was not written
      `gs://no-such-bucket/registry.json` was not written: not found (404): bucket `no-such-bucket` does not exist: check the name.
      anu:not-published
    ");
}

#[test]
fn every_store_is_published_to() {
    for kind in [Kind::S3, Kind::Az] {
        let Some(bucket) = Bucket::new(kind, "published") else { continue };
        let url = bucket.url();
        let first = bucket.publish("2026-11-20T10:00:00Z", &SIGN).quietly();
        assert!(first.ends_with(&format!("written: {url}\n")), "{first}");
        let again = bucket.publish("2026-11-20T10:00:00Z", &SIGN).quietly();
        assert!(again.ends_with(&format!("unchanged: {url}\n")), "{again}");
        bucket.edit("banking");
        let changed = bucket.publish("2026-11-21T10:00:00Z", &SIGN).quietly();
        assert!(changed.contains("banking") && changed.ends_with(&format!("written: {url}\n")), "{changed}");
        let older = bucket.publish("2026-11-20T10:00:00Z", &SIGN);
        assert!(older.stderr.starts_with(&format!("error: Refusing to replace a newer registry: `{url}`")), "{older}");
        bucket.server.put("published", "registry.json.minisig", Signer::new(7).sign("something else", "registry:acme"));
        bucket.publish("2026-11-21T10:00:00Z", &SIGN).quietly();
        assert_eq!(bucket.read()["services"][0]["spec"]["team"], "banking");
        let object = bucket.server.get("published", "registry.json");
        let header = |name| object.header(name).unwrap_or_default();
        assert_eq!((header("content-type"), header("cache-control")), ("application/json", "no-cache"), "{kind:?}");
    }
}

/// The document that remains is the newest one whose publisher succeeded, with the signature that belongs to it.
#[test]
fn two_publishers_that_race_lose_nothing() {
    let rounds: usize = std::env::var("ANU_PUBLISH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(6);
    let Some(bucket) = Bucket::new(Kind::Gs, "race") else { return };
    let mut conflicts = 0;
    for round in 0..rounds {
        let times = [0, 1].map(|nth| format!("2026-11-20T10:{:02}:{:02}Z", round / 30, 2 * (round % 30) + nth));
        let children = [&times[0], &times[1]].map(|time| {
            let all = ["publish", "--registry", "registry.json", "--to", "gs://race/registry.json", "--revision", time];
            let mut command = bucket.command(&[&all[..], &["--compiled-at", time], &SIGN].concat());
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("anu runs")
        });
        let ends = children.map(|child| child.wait_with_output().expect("it ends"));
        for end in ends.iter().filter(|end| !end.status.success()) {
            let error = String::from_utf8_lossy(&end.stderr);
            let is_told = ["Another publisher was faster", "Refusing to replace a newer registry"];
            assert!(is_told.iter().any(|told| error.contains(told)), "{error}");
            conflicts += 1;
        }
        let expected = if ends[1].status.success() { &times[1] } else { &times[0] };
        assert_eq!(bucket.read()["metadata"]["compiledAt"], json!(expected), "round {round}");
    }
    println!("{rounds} rounds, {conflicts} refused");
}
