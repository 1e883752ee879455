//! The last good copy: how old it may be, and two processes that store it at once.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anu::connect::Secret;
use anu::discovery::{Mode, RegistryConfig};

use crate::server::{Reply, Server};
use crate::{Place, REGISTRY, from};

/// The source that a child process reads, and the folder of its copies.
const CHILD: [&str; 2] = ["ANU_TEST_COPIES_SOURCE", "ANU_TEST_COPIES_FOLDER"];

/// A server that responds until it is told not to.
async fn server() -> (Server, Arc<AtomicBool>) {
    let is_down = Arc::new(AtomicBool::new(false));
    let down = Arc::clone(&is_down);
    let server = Server::start(move |_, _| match down.load(Ordering::SeqCst) {
        true => Reply::status("404 Not Found", &[], ""),
        false => Reply::ok(REGISTRY),
    })
    .await;
    (server, is_down)
}

#[tokio::test]
async fn a_copy_is_used_until_it_is_too_old_and_then_its_age_is_told() {
    let place = Place::new();
    let (server, is_down) = server().await;
    let mut config = from(&server.url("/registry.json"));
    place.discover(&config, Mode::Read).await.expect("read");
    is_down.store(true, Ordering::SeqCst);
    place.clock.advance(RegistryConfig::MAX_STALE);
    place.discover(&config, Mode::Read).await.expect("just not too old");
    place.clock.advance(Duration::from_secs(2 * 86_400));
    let error = place.discover(&config, Mode::Read).await.expect_err("too old");
    insta::assert_snapshot!(place.plain(&error.to_string()), @"
    the registry could not be read:
      source `http://127.0.0.1:PORT/registry.json`: not found (404): check the address
      last good copy of `http://127.0.0.1:PORT/registry.json`: the copy is 9 days old, more than `max_stale` permits (7 days)
    ");
    config.max_stale = Some(Duration::from_secs(10 * 86_400));
    place.discover(&config, Mode::Read).await.expect("older copies are permitted");
    config.max_stale = Some(Duration::from_secs(36 * 60 * 60));
    let error = place.discover(&config, Mode::Read).await.expect_err("too old");
    assert!(error.to_string().contains("the copy is 9 days old, more than `max_stale` permits (36 hours)"), "{error}");
}

#[tokio::test]
async fn without_a_copy_there_is_no_folder_and_no_condition() {
    let place = Place::new();
    let (server, is_down) = server().await;
    let kept = from(&server.url("/registry.json"));
    let none = RegistryConfig { max_stale: Some(Duration::ZERO), ..kept.clone() };
    place.discover(&none, Mode::Read).await.expect("read");
    assert!(!place.path().join("cache").exists());
    place.discover(&kept, Mode::Read).await.expect("read, and a copy is kept");
    is_down.store(true, Ordering::SeqCst);
    let error = place.discover(&none, Mode::Read).await.expect_err("the copy is not read");
    insta::assert_snapshot!(place.plain(&error.to_string()), @"
    the registry could not be read:
      source `http://127.0.0.1:PORT/registry.json`: not found (404): check the address
    ");
}

/// The documents that the processes store in turn: of different lengths, so that a mixture of two is none.
fn document(nth: usize) -> String {
    format!(r#"{{"services": [], "metadata": {{"revision": "{}"}}}}"#, "x".repeat(nth % 7 * 9_000))
}

/// Not a test of its own: the processes of the next one.
#[tokio::test]
async fn a_process_that_stores_copies() {
    let [Ok(source), Ok(folder)] = CHILD.map(std::env::var) else { return };
    let place = Place::new();
    let context = anu::discovery::FetchContext { cache: Some(folder.into()), ..place.context() };
    let config = RegistryConfig { token: Some(Secret::new("child")), ..from(&source) };
    for _ in 0..100 {
        let read = anu::discovery::discover(&Default::default(), &config, Mode::Apply, &context).await;
        assert!(read.expect("read").0.bytes.starts_with(b"{"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_store_a_copy_at_once_do_not_damage_it() {
    let place = Place::new();
    let server = Server::start(|request, nth| match request.header("authorization") {
        Some(_) => Reply::ok(document(nth)),
        None => Reply::status("404 Not Found", &[], ""),
    })
    .await;
    let source = server.url("/registry.json");
    let program = std::env::current_exe().expect("this test");
    let mut processes: Vec<_> = (0..2)
        .map(|_| {
            let mut command = Command::new(&program);
            command.args(["--exact", "copies::a_process_that_stores_copies"]).stdout(Stdio::null());
            command.env(CHILD[0], &source).env(CHILD[1], place.path().join("cache"));
            command.spawn().expect("this test again")
        })
        .collect();
    let (mut copies, mut ended) = (0, false);
    let whole: Vec<String> = (0..7).map(document).collect();
    while !ended {
        ended = processes.iter_mut().all(|process| process.try_wait().expect("a child").is_some());
        // Without a token it gets what the others have stored. There is one from the first store on.
        match place.discover(&from(&source), Mode::Read).await {
            Ok((copy, _)) => {
                assert!(whole.iter().any(|document| document.as_bytes() == copy.bytes), "a mixture");
                copies += 1;
            }
            Err(error) => assert_eq!(copies, 0, "{error}"),
        }
    }
    for process in &mut processes {
        assert!(process.wait().expect("a child").success());
    }
    assert!(copies > 10, "{copies} reads while they stored");
    let files = std::fs::read_dir(place.path().join("cache")).expect("a folder").count();
    assert_eq!(files, 1, "no temporary file remains");
}
