//! Twenty processes and others change one project's policy at once, and no grant is lost.
//!
//! A process is this test binary, started again for [`writer`].

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anu::fanout::resource::Grants;
use anu::platform::google::Google;
use anu::platform::{PolicyChange, Projects};
use google_simulator::{Condition, Simulator};

use crate::{ctx, name, settings, thoroughness, unlimited};

const URL: &str = "ANU_TEST_GOOGLE_URL";
/// `NUMBER ROUNDS`
const PART: &str = "ANU_TEST_GOOGLE_WRITER";
const PROCESSES: usize = 20;
const PROJECT: &str = "projects/gc-prd-shop";
const VIEWER: &str = "roles/pubsub.viewer";

fn grant(member: &str) -> Grants {
    [(name(VIEWER), BTreeSet::from([name(member)]))].into()
}

fn member(number: usize, round: usize) -> String {
    format!("user:writer-{number}-{round}@example.com")
}

/// In each round it grants to another member and revokes the last one, and checks what there is.
#[tokio::test]
#[ignore = "the process that the other test of this file starts"]
async fn writer() {
    let part = std::env::var(PART).expect("started by the other test");
    let (number, rounds) = part.split_once(' ').expect("NUMBER ROUNDS");
    let (number, rounds): (usize, usize) = (number.parse().expect("a number"), rounds.parse().expect("a number"));
    let google = Google::new(&settings(&std::env::var(URL).expect("an address")));
    let (ctx, id) = (ctx(), name("gc-prd-shop"));
    for round in 0..rounds {
        let remove = round.checked_sub(1).map(|last| grant(&member(number, last))).unwrap_or_default();
        let change = PolicyChange { add: grant(&member(number, round)), remove };
        google.modify_policy(&ctx, &id, &change).await.expect("no error at all");
        let grants = google.read_project(&ctx, &id).await.expect("read").grants;
        let mine = grants.get(VIEWER).into_iter().flatten().map(ToString::to_string);
        let mine: Vec<String> = mine.filter(|it| it.starts_with(&format!("user:writer-{number}-"))).collect();
        assert_eq!(mine, [member(number, round)]);
    }
}

fn start(simulator: &Simulator, number: usize, rounds: usize) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "processes::writer", "--ignored", "--quiet"])
        .env(URL, simulator.url())
        .env(PART, format!("{number} {rounds}"))
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("it starts")
}

#[test]
fn twenty_processes_and_others_lose_nothing() {
    let rounds = thoroughness("ANU_GOOGLE_ROUNDS", 2);
    let simulator = Simulator::start(unlimited());
    simulator.add_project("gc-prd-shop", &[]);
    let began = Instant::now();
    let mut running: Vec<Child> = (0..PROCESSES).map(|number| start(&simulator, number, rounds)).collect();
    let (mut others, mut written, mut refused, mut conditions) = (BTreeSet::new(), 0, 0, BTreeSet::new());
    while !running.is_empty() {
        running.retain_mut(|child| match child.try_wait().expect("a child") {
            Some(status) => {
                assert!(status.success());
                false
            }
            None => true,
        });
        for exchange in simulator.take_exchanges().iter().filter(|exchange| exchange.path.ends_with(":setIamPolicy")) {
            assert!([200, 409].contains(&exchange.status), "{exchange:?}");
            *(if exchange.status == 200 { &mut written } else { &mut refused }) += 1;
        }
        let number = others.len();
        if number < 400 {
            let other = format!("user:other-{number}@example.com");
            simulator.add_member(PROJECT, VIEWER, &other);
            others.insert(other);
        }
        if number % 10 == 0 && conditions.len() < 40 {
            let other = format!("user:timed-{number}@example.com");
            let expression = "request.time < timestamp(\"2030-01-01T00:00:00Z\")".to_owned();
            let condition = Condition { title: "until 2030".to_owned(), description: String::new(), expression };
            simulator.add_conditional_member(PROJECT, VIEWER, &other, condition);
            conditions.insert(other);
        }
        std::thread::sleep(Duration::from_millis(15));
    }
    let last = (0..PROCESSES).map(|number| member(number, rounds - 1));
    let found: BTreeSet<String> = simulator.members(PROJECT, VIEWER).into_iter().collect();
    assert_eq!(found, last.chain(others.iter().cloned()).collect());
    let timed = simulator.grants(PROJECT).into_iter().filter(|(.., condition)| condition.is_some());
    assert_eq!(timed.map(|(_, member, _)| member).collect::<BTreeSet<_>>(), conditions);
    println!(
        "{PROCESSES} processes, {rounds} rounds: {written} policies written in {:.1} s, {refused} refused by their etag, {} grants of others",
        began.elapsed().as_secs_f64(),
        others.len() + conditions.len(),
    );
}
