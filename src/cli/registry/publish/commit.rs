//! The commit that is checked out: a Jsonnet program has no clock, and the same commit should be the same document.

use std::path::Path;
use std::process::{Command, Stdio};

use jiff::Timestamp;

use crate::discovery::{Clock as _, SystemClock};

/// Where a document is from, and when it was made.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) revision: Option<String>,
    pub(super) time: Timestamp,
}

impl Commit {
    /// Of the repository that a folder is in. Without one, or with changes that are not committed, the time is now.
    pub(super) fn of(folder: &Path) -> Self {
        let now = Timestamp::try_from(SystemClock.now()).unwrap_or_default();
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let Some(commit) = git(folder, &["log", "-1", "--format=%H %cI"]) else {
            return Self { revision: None, time: now };
        };
        let (id, time) = commit.split_once(' ').unwrap_or((&commit, ""));
        let is_clean =
            git(folder, &["status", "--porcelain", "--untracked-files=no"]).is_some_and(|text| text.is_empty());
        match time.parse::<Timestamp>() {
            Ok(time) if is_clean => Self { revision: Some(id.to_owned()), time },
            _ => Self { revision: Some(format!("{id}-dirty")), time: now },
        }
    }
}

/// What git prints, if it is there and succeeds.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0");
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
