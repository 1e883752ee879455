//! kill -9 at each request of an apply, before Google has executed it and after, then apply again: every project is there once,
//! with all that belongs to it, and the state says what is true.
//!
//! A request hangs in the simulator, and the process is killed there. It is this test binary, started again for [`child`].

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use google_simulator::Fault;

use crate::fake_core::Apply;
use crate::fixture::text;
use crate::runs::{Estate, Stage, fixture_without_owners, writes};
use crate::some_of;
use crate::state_file::{load, save};

const FOLDER: &str = "ANU_TEST_GOOGLE_FOLDER";
const URL: &str = "ANU_TEST_GOOGLE_URL";

#[tokio::test]
#[ignore = "the process that the other tests of this file start and kill"]
async fn child() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).expect("started by the other tests"));
    let fixture = fixture_without_owners(&folder, &std::env::var(URL).expect("an address"));
    let (plan, config) = fixture.planned(&load(&folder, &fixture.block()).await).await;
    let mut apply = Apply::start(plan, &config).await.expect("it starts");
    save(&folder, &apply.state);
    while !apply.is_done() {
        apply.step().await;
        // As core does after every object.
        save(&folder, &apply.state);
    }
    assert!(!apply.diagnostics.has_errors(), "{}", text(&apply.diagnostics));
}

fn start(estate: &Estate) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "killed::child", "--ignored", "--quiet"])
        .env(FOLDER, estate.folder.path())
        .env(URL, estate.simulator.url())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts")
}

/// Kills an apply at as many of its requests as `ANU_GOOGLE_KILLS` says.
async fn kill(stage: Stage) {
    let whole = Estate::before(stage).await;
    assert!(start(&whole).wait().expect("a child").success());
    let (requests, expected) = (whole.simulator.exchanges(), whole.content());
    let before = (1..=requests.len()).map(|number| (number, false));
    let after = requests.iter().filter(|exchange| writes(exchange)).map(|exchange| (exchange.number, true));
    let places: Vec<(usize, bool)> = before.chain(after).collect();
    assert!(places.len() > 30, "{places:?}");
    let chosen = some_of(places.len(), "ANU_GOOGLE_KILLS", 4);
    let mut missed = 0;
    for (number, executed) in chosen.iter().map(|place| places[*place]) {
        let estate = Estate::before(stage).await;
        let fault = Fault::nth(number);
        estate.simulator.fault(if executed { fault.hang_after() } else { fault.hang_before() });
        let mut child = start(&estate);
        while estate.simulator.hanging() == 0 && child.try_wait().expect("a child").is_none() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        // Requests go at the same time, so a run may have a few less.
        missed += usize::from(estate.simulator.hanging() == 0);
        child.kill().expect("a child");
        child.wait().expect("a child");
        let what = format!("killed at request {number} of {}, executed: {executed}", requests.len());
        estate.converges(&estate.state().await, &expected, &what).await;
    }
    println!("{stage:?}: {} requests, killed at {} of {} places", requests.len(), chosen.len() - missed, places.len());
    assert!(missed <= 1 + chosen.len() / 10, "{missed} of {} runs came to their end", chosen.len());
}

#[tokio::test]
async fn while_it_creates() {
    kill(Stage::Create).await;
}

#[tokio::test]
async fn while_it_changes() {
    kill(Stage::Change).await;
}
