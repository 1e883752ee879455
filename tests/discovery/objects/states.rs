//! Every state of an object, in every store, and the text that a user reads.

use std::fmt::Write as _;
use std::time::Duration;

use anu::discovery::{DiscoveryError, Fetched, Mode, RegistryConfig, Verify, Warning};

use super::{Bucket, Fate};
use crate::signer::Signer;
use crate::states::told;
use crate::store_server::Kind;
use crate::{Place, REGISTRY, from};

type Outcome = Result<(Fetched, Vec<Warning>), DiscoveryError>;

/// The states and what came of each.
struct Table {
    text: String,
}

impl Table {
    fn add(&mut self, bucket: &Bucket, state: &str, outcome: Outcome) {
        let _ = writeln!(self.text, "## {state}\n{}\n", bucket.plain(&told(outcome)));
    }
}

async fn states(kind: Kind) {
    let Some(mut bucket) = Bucket::new(kind) else { return };
    let front = bucket.front().await;
    bucket.place.limits.pause = Duration::from_millis(1);
    let mut table = Table { text: String::new() };
    let document = bucket.url("registry.json");
    let read = async |bucket: &Bucket, config: &RegistryConfig| bucket.place.discover(config, Mode::Read).await;

    table.add(&bucket, "missing object", read(&bucket, &from(&document)).await);
    bucket.put("registry.json", REGISTRY);
    front.responses();
    let first = read(&bucket, &from(&document)).await;
    assert_eq!(front.responses(), [(200, REGISTRY.len())]);
    table.add(&bucket, "first read", first.clone());
    let again = read(&bucket, &from(&document)).await;
    assert_eq!(again, first);
    assert_eq!(front.responses(), [(304, 0)], "unchanged: one request, and no body");
    table.add(&bucket, "unchanged", again);
    bucket.put("registry.json", r#"{"services": [], "more": {}}"#);
    table.add(&bucket, "changed", read(&bucket, &from(&document)).await);
    assert_eq!(front.responses().len(), 1, "changed: one request");

    // A last good copy would answer for what follows.
    let fresh = |bucket: &mut Bucket| {
        let folder = std::mem::replace(&mut bucket.place, Place::new());
        bucket.place.environment = folder.environment.clone();
        bucket.place.limits = folder.limits.clone();
    };
    fresh(&mut bucket);
    let elsewhere = document.replace(&bucket.name, "no-such-bucket");
    table.add(&bucket, "missing bucket", read(&bucket, &from(&elsewhere)).await);
    table.add(&bucket, "missing version", read(&bucket, &from(&version(kind, &document))).await);
    let wrong = RegistryConfig { sha256: Some("0".repeat(64)), ..from(&document) };
    table.add(&bucket, "wrong digest", read(&bucket, &wrong).await);
    let (ours, theirs) = (Signer::new(1), Signer::new(2));
    let minisign = vec![ours.public_key().parse().expect("a key")];
    let signed = RegistryConfig { verify: Some(Verify { minisign, trusted_comment: Vec::new() }), ..from(&document) };
    table.add(&bucket, "no signature", read(&bucket, &signed).await);
    bucket.put("registry.json", REGISTRY);
    bucket.put("registry.json.minisig", theirs.sign(REGISTRY, "registry:acme"));
    table.add(&bucket, "wrong signature", read(&bucket, &signed).await);
    bucket.put("registry.json.minisig", ours.sign(REGISTRY, "registry:acme"));
    table.add(&bucket, "right signature", read(&bucket, &signed).await);
    fresh(&mut bucket);
    bucket.put("large.json", vec![b' '; (64 << 10) + 1]);
    table.add(&bucket, "oversize", read(&bucket, &from(&bucket.url("large.json"))).await);

    let forbidden = Fate::Status("403 Forbidden", &[], "<Error><Code>AccessDenied</Code><Message>m</Message></Error>");
    let throttled = Fate::Status("429 Too Many Requests", &[], "");
    for (state, fate) in [
        ("forbidden", forbidden),
        ("not authenticated", Fate::Status("401 Unauthorized", &[], "who?")),
        ("throttled", throttled),
        ("throttled for long", Fate::Status("503 Slow Down", &[("retry-after", "3600")], "")),
        ("broken", Fate::Status("500 Internal Server Error", &[], "")),
        ("unknown identity", Fate::Status("403 Forbidden", &[], "<Error><Code>ExpiredToken</Code></Error>")),
        ("in another region", Fate::Status("301 Moved", &[("x-amz-bucket-region", "eu-west-1")], "")),
        ("redirected", Fate::Status("302 Found", &[("location", "https://example.com/")], "")),
        ("no store", Fate::Status("200 OK", &[], "<html>Welcome</html>")),
        ("cut off", Fate::Cut),
        ("wrong encoding", Fate::Encoded("br")),
        ("oversize when unpacked", Fate::Packed(crate::web::hex(crate::web::BOMB))),
    ] {
        if state == "in another region" && kind != Kind::S3 {
            continue;
        }
        front.set(fate);
        table.add(&bucket, state, read(&bucket, &from(&document)).await);
    }
    // As `gcloud storage cp --gzip-local` does it: unpacked once.
    front.set(Fate::Packed(crate::web::hex(crate::web::PACKED)));
    let compressed = from(&document.replace("registry.json", "registry.json.gz"));
    table.add(&bucket, "compressed, in its name and in its encoding", read(&bucket, &compressed).await);
    fresh(&mut bucket);
    front.set(Fate::Silence);
    bucket.place.limits.total = Duration::from_millis(200);
    table.add(&bucket, "slow", read(&bucket, &from(&document)).await);
    bucket.place.limits.total = Duration::from_secs(10);
    front.set(Fate::Through);

    front.go_down().await;
    table.add(&bucket, "down", read(&bucket, &from(&document)).await);
    let front = bucket.front().await;
    assert!(read(&bucket, &from(&document)).await.is_ok());
    front.set(Fate::Status("503 Service Unavailable", &[], ""));
    table.add(&bucket, "busy with a last good copy", read(&bucket, &from(&document)).await);
    front.go_down().await;
    table.add(&bucket, "down with a last good copy", read(&bucket, &from(&document)).await);
    table.add(&bucket, "down, to apply", bucket.place.discover(&from(&document), Mode::Apply).await);
    insta::assert_snapshot!(format!("states_{kind}"), table.text);
}

/// The address of a version that does not exist.
fn version(kind: Kind, url: &str) -> String {
    match kind {
        Kind::Gs => format!("{url}#1700000000000000"),
        Kind::S3 => format!("{url}?versionId=4sCsbeLXFpJkIJd3"),
        Kind::Az => format!("{url}&versionId=2027-01-15T08:00:00.0000000Z"),
    }
}

#[tokio::test]
async fn every_state_of_cloud_storage_has_its_text() {
    states(Kind::Gs).await;
}

#[tokio::test]
async fn every_state_of_s3_has_its_text() {
    states(Kind::S3).await;
}

#[tokio::test]
async fn every_state_of_azure_has_its_text() {
    states(Kind::Az).await;
}

/// As fake-gcs-server does.
#[tokio::test]
async fn a_server_that_ignores_conditions_is_not_read_to_the_end() {
    let Some(bucket) = Bucket::new(Kind::Gs) else { return };
    let url = bucket.url("registry.json");
    let endless = crate::server::Server::start(move |_, nth| {
        let headers = [("etag", "\"one\""), super::DATE];
        if nth == 0 {
            return crate::server::Reply::status("200 OK", &headers, REGISTRY);
        }
        let head = format!(
            "HTTP/1.1 200 OK\r\netag: \"one\"\r\n{}: {}\r\ncontent-length: 1000\r\n\r\n",
            super::DATE.0,
            super::DATE.1
        );
        crate::server::Reply::Slow(head.into_bytes())
    })
    .await;
    let place = Place { environment: super::environment(Kind::Gs, &endless.url("")), ..bucket.place };
    let first = place.read(&url).await.expect("read");
    assert_eq!(place.read(&url).await.expect("read"), first);
    assert_eq!(endless.requests().len(), 2);
}
