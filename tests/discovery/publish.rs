//! Publishers: what they write, what they are refused, and that two of them lose nothing.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anu::connect::RequestContext;
use anu::discovery::{
    Current, FetchContext, NewDocument, Precondition, Publisher, SettingNames, Source, Version, WriteError,
};

use crate::objects::{Bucket, Fate};
use crate::store_server::Kind;
use crate::{Place, REGISTRY};

const ROUNDS: usize = 200;
/// The folder in which a process of [`a_publisher_of_two`] counts.
const FOLDER: &str = "ANU_TEST_PUBLISH_IN";

fn document(bytes: &[u8]) -> NewDocument<'_> {
    NewDocument { bytes, content_type: "application/json", cache_control: "no-cache" }
}

/// One publisher.
struct Publishing {
    ctx: RequestContext,
    context: FetchContext,
}

impl Publishing {
    fn at(place: &Place) -> Self {
        Self { ctx: RequestContext::default(), context: place.context() }
    }

    fn publisher(&self) -> Publisher<'_> {
        Publisher::new(&self.ctx, &self.context, None, SettingNames::default())
    }

    fn source(&self, text: &str) -> Source {
        Source::parse(text, &self.context.base).expect("a source")
    }
}

/// Two publishers that read the same version and then write, again and again: one of them is refused each time, and what is
/// there is the other's.
async fn race(place: &Place, address: &str) {
    let (one, two) = (Publishing::at(place), Publishing::at(place));
    let (first, second) = (one.publisher(), two.publisher());
    let source = one.source(address);
    let mut versions = BTreeSet::new();
    let mut known: Option<Version> = None;
    for round in 0..ROUNDS {
        let precondition = || known.as_ref().map_or(Precondition::Absent, Precondition::Is);
        let (left, right) = (format!("{{\"left\": {round}}}"), format!("{{\"right\": {round}}}"));
        let both = futures_util::future::join(
            first.write(&source, document(left.as_bytes()), precondition()),
            second.write(&source, document(right.as_bytes()), precondition()),
        );
        let (winner, bytes) = match both.await {
            (Ok(version), Err(refused)) | (Err(refused), Ok(version)) if is_lost_race(&refused, round == 0) => {
                let now = first.read(&source).await.expect("read").expect("there");
                let is_left = now.bytes == left.as_bytes();
                assert!(is_left || now.bytes == right.as_bytes(), "{round}: what is there is of neither");
                assert_eq!(now.version, version, "{round}: the version of the one that was not refused");
                (version, now.bytes)
            }
            (left, right) => panic!("{round}: {left:?}, {right:?}"),
        };
        assert!(versions.insert(winner.to_string()), "{round}: a version twice");
        assert!(!bytes.is_empty());
        known = Some(winner);
    }
}

fn is_lost_race(error: &WriteError, was_absent: bool) -> bool {
    match error {
        WriteError::Exists { .. } => was_absent,
        WriteError::Changed { .. } => !was_absent,
        _ => false,
    }
}

#[tokio::test]
async fn two_publishers_of_a_file_lose_nothing() {
    let place = Place::new();
    race(&place, "registry.json").await;
    let names: Vec<_> =
        std::fs::read_dir(place.path()).expect("a folder").map(|entry| entry.expect("one").file_name()).collect();
    assert_eq!(names, ["registry.json"], "nothing is left beside it");
}

#[tokio::test]
async fn two_publishers_of_a_bucket_of_cloud_storage_lose_nothing() {
    let Some(bucket) = Bucket::new(Kind::Gs) else { return };
    race(&bucket.place, &bucket.url("registry.json")).await;
}

#[tokio::test]
async fn two_publishers_of_a_bucket_of_s3_lose_nothing() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    race(&bucket.place, &bucket.url("registry.json")).await;
}

#[tokio::test]
async fn two_publishers_of_a_container_of_azure_lose_nothing() {
    let Some(bucket) = Bucket::new(Kind::Az) else { return };
    race(&bucket.place, &bucket.url("registry.json")).await;
}

/// Counts in a file, as one of two processes.
#[tokio::test]
#[ignore = "a process of the next test"]
async fn a_publisher_of_two() {
    let folder = std::env::var_os(FOLDER).expect("the folder");
    let publishing = Publishing::at(&Place::new());
    let publisher = publishing.publisher();
    let source = Source::parse("count", Path::new(&folder)).expect("a source");
    let (mut written, mut refused) = (0, 0);
    while written < ROUNDS {
        let Current { bytes, version } = publisher.read(&source).await.expect("read").expect("there");
        let count: usize = String::from_utf8(bytes).expect("text").parse().expect("a number");
        let next = (count + 1).to_string();
        match publisher.write(&source, document(next.as_bytes()), Precondition::Is(&version)).await {
            Ok(_) => written += 1,
            Err(WriteError::Changed { .. }) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    println!("refused {refused}");
}

#[test]
fn two_processes_that_publish_one_file_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("count"), "0").expect("written");
    let processes = [(); 2].map(|()| {
        Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "publish::a_publisher_of_two", "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts")
    });
    let outputs = processes.map(|process| process.wait_with_output().expect("it ends"));
    let texts = outputs.each_ref().map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    assert!(outputs.iter().all(|output| output.status.success()), "{texts:?}");
    let refused = |text: &String| -> usize {
        let count = text.split("refused ").nth(1).and_then(|rest| rest.split_whitespace().next());
        count.expect("a count").parse().expect("a number")
    };
    assert!(texts.iter().map(refused).sum::<usize>() > 0, "the two met: {texts:?}");
    let count = std::fs::read_to_string(folder.path().join("count")).expect("read");
    assert_eq!(count, (2 * ROUNDS).to_string(), "no write was lost");
}

#[tokio::test]
async fn a_lost_response_is_found_out_about() {
    for kind in Kind::ALL {
        let Some(mut bucket) = Bucket::new(kind) else { continue };
        let front = bucket.front().await;
        let publishing = Publishing::at(&bucket.place);
        let (publisher, source) = (publishing.publisher(), publishing.source(&bucket.url("registry.json")));
        front.set(Fate::Lost);
        let written = publisher.write(&source, document(REGISTRY.as_bytes()), Precondition::Absent).await;
        let version = written.unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(publisher.head(&source).await, Ok(Some(version.clone())), "{kind}");
        front.set(Fate::Lost);
        let written = publisher.write(&source, document(b"{}"), Precondition::Is(&version)).await;
        assert_ne!(written.unwrap_or_else(|error| panic!("{kind}: {error}")), version, "{kind}");
        bucket.server.delete(&bucket.name, "registry.json");
        let gone = publisher.write(&source, document(b"[]"), Precondition::Is(&version)).await;
        assert!(matches!(gone, Err(WriteError::Changed { .. })), "{kind}: {gone:?}");
    }
}

#[tokio::test]
async fn what_a_publisher_is_refused() {
    let place = Place::new();
    let publishing = Publishing::at(&place);
    let publisher = publishing.publisher();
    let mut texts = String::new();
    let refused = async |text: &str, precondition: Precondition<'_>| {
        let written = publisher.write(&publishing.source(text), document(b"{}"), precondition).await;
        format!("  {}\n", place.plain(&written.expect_err("refused").to_string()))
    };
    place.write("registry.json", REGISTRY);
    std::fs::create_dir(place.path().join("folder")).expect("created");
    for address in [
        "https://example.com/registry.json",
        "gs://bucket/registry.json#1",
        "s3://bucket/registry.json?versionId=1",
        "no/folder/registry.json",
        "registry.json",
        "folder",
    ] {
        texts += &refused(address, Precondition::Absent).await;
    }
    let read = publisher.read(&publishing.source("registry.json")).await.expect("read").expect("there");
    assert_eq!(read.bytes, REGISTRY.as_bytes());
    place.write("registry.json", "{}");
    texts += &refused("registry.json", Precondition::Is(&read.version)).await;
    assert_eq!(publisher.head(&publishing.source("missing.json")).await, Ok(None));
    insta::assert_snapshot!("refused", texts);

    for kind in Kind::ALL {
        let Some(mut bucket) = Bucket::new(kind) else { continue };
        let mut texts = String::new();
        let address = bucket.url("registry.json");
        let elsewhere = address.replace(&bucket.name, "no-such-bucket");
        let front = bucket.front().await;
        for (state, fate, address) in [
            ("no bucket", Fate::Through, &elsewhere),
            ("forbidden", Fate::Status("403 Forbidden", &[], "<Error><Code>AccessDenied</Code></Error>"), &address),
            ("busy", Fate::Status("503 Service Unavailable", &[], ""), &address),
            ("slow", Fate::Silence, &address),
        ] {
            front.set(fate.clone());
            bucket.place.limits.total = Duration::from_millis(if fate == Fate::Silence { 300 } else { 10_000 });
            let publishing = Publishing::at(&bucket.place);
            let source = publishing.source(address);
            let written = publishing.publisher().write(&source, document(b"{}"), Precondition::Absent).await;
            texts += &format!("{state}\n  {}\n", bucket.plain(&written.expect_err("refused").to_string()));
        }
        front.go_down().await;
        let publishing = Publishing::at(&bucket.place);
        let error = publishing.publisher().read(&publishing.source(&address)).await.expect_err("down");
        texts += &format!("down\n  {}\n", bucket.plain(&error.to_string()));
        insta::assert_snapshot!(format!("refused_by_{kind}"), texts);
    }
}

#[tokio::test]
async fn a_cancelled_publisher_writes_nothing() {
    let place = Place::new();
    let publishing = Publishing::at(&place);
    publishing.ctx.cancel.cancel();
    for address in ["registry.json", "gs://bucket/registry.json"] {
        let source = publishing.source(address);
        let written = publishing.publisher().write(&source, document(b"{}"), Precondition::Absent).await;
        assert!(matches!(written, Err(WriteError::Cancelled { .. })), "{written:?}");
    }
    assert!(!place.path().join("registry.json").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_keeps_its_mode_and_a_link_stays_one() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let place = Place::new();
    place.write("real.json", REGISTRY);
    std::fs::set_permissions(place.path().join("real.json"), std::fs::Permissions::from_mode(0o640)).expect("set");
    symlink("real.json", place.path().join("registry.json")).expect("linked");
    let publishing = Publishing::at(&place);
    let (publisher, source) = (publishing.publisher(), publishing.source("registry.json"));
    let version = publisher.head(&source).await.expect("read").expect("there");
    publisher.write(&source, document(b"{}"), Precondition::Is(&version)).await.expect("written");
    let metadata = std::fs::metadata(place.path().join("real.json")).expect("there");
    assert_eq!((metadata.permissions().mode() & 0o777, metadata.len()), (0o640, 2));
    assert!(std::fs::symlink_metadata(place.path().join("registry.json")).expect("there").is_symlink());
}
