//! An apply that is killed at any of its writes, or in which any of them fails, is applied again, and all is well.
//!
//! Killed means SIGKILL, so the apply runs in a process of its own: this test binary, started again for the one test
//! [`child`], which does nothing unless a folder is named to it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anu::platform::embedded::{Dump, FAULTS_VARIABLE, Faults};
use anu::sdk::{Value, to_json};

use crate::fake_core::{Apply, Process, State};
use crate::fixture::{Fixture, address, text};
use crate::generator::{Company, environment};
use crate::rights;
use crate::state_file::{self, save};

const FOLDER_VARIABLE: &str = "ANU_TESTS_KILLED_FOLDER";

#[tokio::test]
#[ignore = "the other half of the tests in this file, which start it"]
async fn child() {
    let Some(folder) = std::env::var_os(FOLDER_VARIABLE) else { return };
    let folder = PathBuf::from(folder);
    let fixture = fixture(&folder);
    let (plan, config) = fixture.planned(&load(&folder).await).await;
    let mut apply = Apply::start(plan, &config).await.unwrap();
    save(&folder, &apply.state);
    while !apply.is_done() {
        apply.step().await;
        // As core does after every object.
        save(&folder, &apply.state);
    }
    assert!(!apply.diagnostics.has_errors(), "{}", text(&apply.diagnostics));
}

fn fixture(folder: &Path) -> Fixture {
    let mut fixture = Fixture::at(folder);
    let registry = std::fs::read_to_string(fixture.path("registry.json")).unwrap_or_default();
    if registry.contains(r#""name":"payments""#) {
        fixture.moved.push((address("pay"), address("payments")));
    }
    fixture
}

async fn load(folder: &Path) -> State {
    state_file::load(folder, &fixture(folder).block()).await
}

/// Runs [`child`] to its end, or to the write at which it kills itself; whether it came to its end.
fn run(folder: &Path, faults: &str) -> bool {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "killed::child", "--ignored", "--quiet"]).env(FOLDER_VARIABLE, folder);
    command.env(FAULTS_VARIABLE, faults).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = command.output().unwrap();
    if !output.status.success() {
        use std::os::unix::process::ExitStatusExt;
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.signal(), Some(libc::SIGKILL), "{faults}: {said}");
    }
    output.status.success()
}

/// Registries, one after the other.
fn create() -> Company {
    let staging = environment("staging", "proj-of-staging", &["compute-a/staging"], &["team-1"])
        .with_account("staging-robot", &["roles/pubsub.publisher"]);
    let production = environment("production", "proj-of-both", &["compute-a/both"], &["team-1", "team-2"])
        .with_account("production-robot", &["roles/pubsub.publisher", "roles/logging.logWriter"]);
    let shares = environment("production", "proj-of-both", &["compute-a/both"], &["team-2"]);
    let mut company = Company::default()
        .with("pay", Some("delete"), &[staging, production])
        .with("ledger", Some("delete"), &[shares])
        .listed("proj-of-staging", "pay", &["a"])
        .listed("proj-of-both", "pay", &["a", "b"])
        .declared("compute-a/both", "pay", &["a"]);
    company.namespaces.get_mut(&("compute-a".to_owned(), "both".to_owned())).unwrap().quota = Some(4);
    company
}

/// A rename, a handover, a removed environment, another team, a new environment.
fn update() -> Company {
    let mut company = create().next();
    let mut service = company.services.remove("pay").unwrap();
    service.environments[0] = environment("demo", "proj-of-demo", &["compute-b/demo"], &["team-2"])
        .with_account("demo-robot", &["roles/pubsub.publisher"]);
    service.environments[1].access[2].remove("team-1");
    company.services.insert("payments".to_owned(), service);
    let company = company.listed("proj-of-demo", "payments", &["b"]).listed("proj-of-both", "ledger", &["c"]);
    company.declared("compute-a/both", "ledger", &["c"])
}

fn destroy() -> Company {
    let mut company = update().next();
    company.services.remove("payments");
    company.services.get_mut("ledger").unwrap().environments[0].targets.clear();
    company.settle();
    company
}

/// A folder with a registry applied, and the next one published.
async fn prepared(before: Option<&Company>, after: &Company) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    if let Some(before) = before {
        for earlier in [create(), update()].iter().filter(|company| company.revision <= before.revision) {
            fixture(folder.path()).publish(&earlier.document());
            let fixture = fixture(folder.path());
            let state = fixture.apply(&load(folder.path()).await).await;
            save(folder.path(), &state);
        }
    }
    fixture(folder.path()).publish(&after.document());
    folder
}

fn copy(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

async fn assert_whole(folder: &Path, expected: &Dump, fault: &str) {
    let (fixture, state) = (fixture(folder), load(folder).await);
    assert_eq!(fixture.dump().active(), *expected, "{fault}");
    fixture.assert_settled(&state).await;
    assert!(state.0.values().all(|object| !object.tainted), "{fault}");
}

/// Kills an apply at each of its writes, before and after the commit; how many there were.
async fn kill_at_every_write(before: Option<&Company>, after: &Company) -> usize {
    let prepared = prepared(before, after).await;
    for kind in ["kill", "kill-after"] {
        for nth in 1.. {
            let fault = format!("{kind}@{nth}");
            let folder = copy(prepared.path());
            let completed = run(folder.path(), &fault);
            if !completed {
                assert!(run(folder.path(), ""), "{fault}: the second apply was killed");
            }
            assert_whole(folder.path(), &after.expected(), &fault).await;
            if completed && kind == "kill" {
                break;
            } else if completed {
                return nth - 1;
            }
        }
    }
    unreachable!("an apply has an end")
}

#[tokio::test]
async fn a_create_killed_at_every_write() {
    assert!(kill_at_every_write(None, &create()).await > 10);
}

#[tokio::test]
async fn an_update_killed_at_every_write() {
    assert!(kill_at_every_write(Some(&create()), &update()).await > 10);
}

#[tokio::test]
async fn a_destroy_killed_at_every_write() {
    assert!(kill_at_every_write(Some(&update()), &destroy()).await > 3);
}

/// Lets each write of an apply fail; how many there were.
async fn fail_at_every_write(before: Option<&Company>, after: &Company) -> usize {
    let prepared = prepared(before, after).await;
    for nth in 1.. {
        let fault = format!("fail@{nth}");
        let folder = copy(prepared.path());
        let mut fixture = fixture(folder.path());
        let old = load(folder.path()).await;
        fixture.reopen(fault.parse().unwrap()).await;
        let (plan, config) = fixture.planned(&old).await;
        let mut apply = Apply::start(plan, &config).await.unwrap();
        while !apply.is_done() {
            let before = apply.state.clone();
            apply.step().await;
            // Right away: what another service of the run does to shared things comes later.
            let process = Process::start(&fixture.block()).await.unwrap();
            for (address, object) in apply.state.0.iter().filter(|(address, o)| before.0.get(*address) != Some(o)) {
                assert!(!object.tainted, "{fault}: {address}");
                let (found, _) = process.services().refresh(object).await.unwrap();
                let lies = lies(&fixture.dump(), &object.value, &found.unwrap().value);
                assert!(lies.is_empty(), "{fault}: what the state of {address} says is not true:\n{lies:#?}");
            }
        }
        let (state, errors) = (apply.state, apply.diagnostics);
        if !errors.has_errors() {
            return nth - 1;
        }
        fixture.reopen(Faults::none()).await;
        if before.is_none() {
            assert!(state.0.len() < after.services.len(), "{fault}: a failed create is in the state");
        }
        fixture.apply(&state).await;
        assert_eq!(fixture.dump().active(), after.expected(), "{fault}");
    }
    unreachable!("an apply has an end")
}

/// What a state says that is not so. A Terminating namespace may stand in it or not; and settings of shared things may have
/// been changed by another service of the same run.
pub fn lies(dump: &Dump, says: &Value, is: &Value) -> Vec<String> {
    let terminating = |line: &str| {
        let mut all = dump.clusters.iter().flat_map(|(c, all)| all.iter().map(move |(n, found)| (c, n, found)));
        all.any(|(cluster, name, found)| found.terminating.is_some() && line.contains(&format!("{cluster}/{name}")))
    };
    let settings = [" > labels > ", " > annotations > ", " > display_name"];
    let differences = rights::differences(&to_json(says), &to_json(is));
    let lies =
        differences.lines().filter(|line| !terminating(line) && !settings.iter().any(|what| line.contains(what)));
    lies.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_create_that_fails_at_any_write_is_resumed() {
    assert!(fail_at_every_write(None, &create()).await > 10);
}

#[tokio::test]
async fn an_update_that_fails_at_any_write_says_what_is_true() {
    assert!(fail_at_every_write(Some(&create()), &update()).await > 10);
}

#[tokio::test]
async fn a_destroy_that_fails_at_any_write_says_what_is_left() {
    assert!(fail_at_every_write(Some(&update()), &destroy()).await > 3);
}
