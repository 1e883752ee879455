//! The summary and the outputs of a job on GitHub. They are written without an option where a job runs, and nowhere else.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use crate::cli::common::{Error, io};

/// The summary of a step may have 1 MiB.
pub(in crate::cli::registry) const MOST: usize = 1_000_000;

/// The job that this process runs in.
#[derive(Debug)]
pub(in crate::cli::registry) struct Job {
    summary: Option<PathBuf>,
    outputs: Option<PathBuf>,
}

impl Job {
    /// From the variables of GitHub Actions; on other machines without effect.
    pub(in crate::cli::registry) fn of_this_process() -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let file = |name| set("CI").and_then(|_| set(name)).map(PathBuf::from);
        Self { summary: file("GITHUB_STEP_SUMMARY"), outputs: file("GITHUB_OUTPUT") }
    }

    /// Adds Markdown to the summary.
    pub(in crate::cli::registry) fn summary(&self, markdown: impl FnOnce() -> String) -> Result<(), Error> {
        append(self.summary.as_ref(), markdown)
    }

    /// Sets outputs, which later steps read as `steps.ID.outputs.NAME`. Each value is one line.
    pub(in crate::cli::registry) fn outputs(&self, outputs: &[(&str, &str)]) -> Result<(), Error> {
        append(self.outputs.as_ref(), || {
            let line = |(name, value): &(&str, &str)| format!("{name}={}\n", crate::printable::escape(value));
            outputs.iter().map(line).collect()
        })
    }
}

fn append(path: Option<&PathBuf>, text: impl FnOnce() -> String) -> Result<(), Error> {
    let Some(path) = path else { return Ok(()) };
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text().as_bytes())).map_err(io("write", path))
}
