//! Several processes at one store, and processes that are killed in the middle of it.
//!
//! A child process is this test binary again, told by a variable which part to play.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use anu::platform::embedded::{Dump, Embedded, FAULTS_VARIABLE, Faults};
use anu::platform::{Clusters, NamespaceKeys, PolicyChange, Projects, Result};
use anu::registry::names::{NamespaceKey, ProjectId};

use crate::{binding, ctx, labels, name, namespace, ownership, project};

/// `PART PATH`: what a child does, and where.
const PART: &str = "ANU_TEST_PART";

fn spawn(part: &str, path: &Path, faults: &str) -> Child {
    Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "processes::play_a_part", "--nocapture"])
        .env(PART, format!("{part} {}", path.display()))
        .env(FAULTS_VARIABLE, faults)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("a child")
}

/// The children's own code. In an ordinary run there is no part, and it passes.
#[tokio::test]
async fn play_a_part() {
    let Ok(part) = std::env::var(PART) else { return };
    let (part, path) = part.split_once(' ').expect("PART PATH");
    let platform = Embedded::open(Path::new(path)).await.expect("opens");
    match part.split_once('=') {
        Some(("hammer", number)) => {
            hammer(&platform, number.parse().expect("a number")).await.expect("no error at all")
        }
        _ => script(&platform).await.expect("the script runs through"),
    }
}

const PROCESSES: usize = 4;
const ROUNDS: usize = 100;

/// One of several processes that write the same objects as fast as they can.
async fn hammer(platform: &Embedded, number: usize) -> Result<()> {
    let (id, key): (ProjectId, NamespaceKey) = (name("gc-prd-shared"), name("compute/shared"));
    for round in 0..ROUNDS {
        let mine: ProjectId = name(&format!("gc-prd-{number}-{round:03}"));
        let member = name(&format!("user:member-{number}-{round}@example.com"));
        let mut change =
            PolicyChange { add: [(name("roles/viewer"), [member].into())].into(), ..PolicyChange::default() };
        // One member that all of them add and remove.
        let contested = if round % 2 == 0 { &mut change.add } else { &mut change.remove };
        contested.insert(name("roles/browser"), [name("group:contested@example.com")].into());
        let work = async {
            platform.ensure_project(&ctx(), &id, &project("shared"), &ownership()).await?;
            platform.modify_policy(&ctx(), &id, &change).await
        };
        let beside = async {
            platform.ensure_namespace(&ctx(), &key, &namespace(), &ownership()).await?;
            let viewers = binding("view", &["Group:a"]);
            platform.put_role_binding(&ctx(), &key, &format!("b-{number}-{round}"), &viewers, &ownership()).await?;
            platform.ensure_project(&ctx(), &mine, &project("mine"), &ownership()).await?;
            platform.read_namespaces(&ctx(), &key.cluster, &[key.namespace.clone()].into()).await.map(drop)
        };
        tokio::try_join!(work, beside)?;
    }
    Ok(())
}

#[test]
fn processes_at_once_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("anu.db");
    // The file is not there yet: making it is part of the race.
    let children: Vec<Child> = (0..PROCESSES).map(|number| spawn(&format!("hammer={number}"), &path, "")).collect();
    for mut child in children {
        assert!(child.wait().expect("ends").success());
    }
    let dump = anu::platform::embedded::Store::open(&path).expect("opens").dump().expect("dumped");
    let shared = &dump.projects["gc-prd-shared"];
    assert_eq!(shared.iam["roles/viewer"].len(), PROCESSES * ROUNDS);
    assert_eq!(dump.clusters["compute"]["shared"].role_bindings.len(), PROCESSES * ROUNDS);
    assert_eq!(dump.projects.len(), 1 + PROCESSES * ROUNDS);
    let numbers: BTreeSet<u64> =
        dump.projects.values().filter_map(|project| project.project.as_ref()).map(|row| row.number).collect();
    assert_eq!(numbers.len(), dump.projects.len(), "no number twice");
}

/// A whole life: makes, changes and removes one of everything, and can be run again from its beginning at any point.
async fn script(platform: &Embedded) -> Result<()> {
    let (id, old, key, gone): (ProjectId, ProjectId, NamespaceKey, NamespaceKey) =
        (name("gc-prd-ledger"), name("gc-prd-older"), name("compute/ledger"), name("compute/gone"));
    let grant = |role: &str, member: &str| [(name(role), [name(member)].into())].into();
    for id in [&id, &old] {
        // A run that begins again finds the second one deleted by the run before.
        match platform.ensure_project(&ctx(), id, &project("ledger"), &ownership()).await {
            Ok(_) => {}
            Err(anu::platform::Error::PendingDeletion { .. }) if *id == old => {}
            Err(error) => return Err(error),
        }
    }
    platform.enable_apis(&ctx(), &id, &["run.googleapis.com", "pubsub.googleapis.com"].map(name).into()).await?;
    let viewer = PolicyChange { add: grant("roles/viewer", "group:a@example.com"), ..PolicyChange::default() };
    platform.modify_policy(&ctx(), &id, &viewer).await?;
    for key in [&key, &gone] {
        platform.ensure_namespace(&ctx(), key, &namespace(), &ownership()).await?;
        platform.put_quota(&ctx(), key, &labels([("requests.cpu", "4")]), &ownership()).await?;
        platform.put_role_binding(&ctx(), key, "viewers", &binding("view", &["Group:a"]), &ownership()).await?;
    }
    let renamed = anu::fanout::resource::ProjectSettings { labels: labels([("tier", "2")]), ..project("renamed") };
    platform.update_project(&ctx(), &id, &renamed, &BTreeSet::from(["tier".to_owned()]), &ownership()).await?;
    let change = PolicyChange {
        add: grant("roles/editor", "group:b@example.com"),
        remove: grant("roles/viewer", "group:a@example.com"),
    };
    platform.modify_policy(&ctx(), &id, &change).await?;
    platform.disable_apis(&ctx(), &id, &[name("run.googleapis.com")].into()).await?;
    let plain = anu::fanout::resource::NamespaceSettings { annotations: labels([]), ..namespace() };
    let previous = NamespaceKeys { annotations: ["note".to_owned()].into(), ..NamespaceKeys::default() };
    platform.update_namespace(&ctx(), &key, &plain, &previous, &ownership()).await?;
    platform.delete_quota(&ctx(), &key, &ownership()).await?;
    platform.delete_role_binding(&ctx(), &key, "viewers", &ownership()).await?;
    platform.delete_namespace(&ctx(), &gone, false, &ownership()).await?;
    platform.delete_project(&ctx(), &old, &ownership()).await
}

#[cfg(unix)]
fn killed(status: ExitStatus) -> bool {
    std::os::unix::process::ExitStatusExt::signal(&status) == Some(libc::SIGKILL)
}

#[cfg(unix)]
#[tokio::test]
async fn killed_at_every_write_a_script_converges() {
    let folder = tempfile::tempdir().expect("a folder");
    let expected = {
        let platform = Embedded::open_with(&folder.path().join("whole.db"), Faults::none()).await.expect("opens");
        script(&platform).await.expect("runs through");
        let dump = platform.store().dump().expect("dumped");
        // Run again from its beginning, it ends where it ended.
        script(&platform).await.expect("runs through again");
        assert_eq!(platform.store().dump(), Ok(dump.clone()));
        dump
    };
    for word in ["kill", "kill-after"] {
        let mut kills = 0;
        for write in 1.. {
            let path = folder.path().join(format!("{word}-{write}.db"));
            let status = spawn("script", &path, &format!("{word}@{write}")).wait().expect("ends");
            let dump = finish(&path, status).await;
            assert_eq!(dump, expected, "after {word}@{write}");
            if status.success() {
                break;
            }
            kills += 1;
        }
        assert!(kills >= 20, "the script has that many writes, and was killed at {kills}");
    }
}

/// Runs the script again where a run was killed.
#[cfg(unix)]
async fn finish(path: &Path, status: ExitStatus) -> Dump {
    assert!(status.success() || killed(status), "ended otherwise: {status}");
    let platform = Embedded::open_with(path, Faults::none()).await.expect("opens after a kill");
    if !status.success() {
        script(&platform).await.expect("runs through after a kill");
    }
    platform.store().dump().expect("dumped")
}
