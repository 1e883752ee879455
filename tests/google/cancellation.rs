//! A cancelled run ends, whatever Google is doing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anu::platform::Projects;
use anu::platform::conformance::cancellation::{self, Unresponsive};
use anu::platform::google::Google;
use tokio::net::TcpListener;

use crate::{name, project, settings};

#[tokio::test]
async fn a_server_that_accepts_and_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let connections = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&connections);
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            seen.fetch_add(1, Ordering::SeqCst);
            open.push(stream);
        }
    });
    let unresponsive: Unresponsive<dyn Projects> = Unresponsive {
        waits_for: "a server that accepts and never answers",
        platform: Box::new(Google::new(&settings(&url))),
        attempts: Some(Box::new(move || connections.load(Ordering::SeqCst))),
    };
    cancellation::projects(&unresponsive, &name("gc-conf-cancelled"), &project("conformance")).await;
}
