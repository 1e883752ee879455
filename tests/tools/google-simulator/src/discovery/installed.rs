//! The documents that `tests/tools/install` has installed with Google's Python client.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

use super::Documents;

/// The tool that installs the documents, and its name for them.
const TOOL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../install");
const NAME: &str = "google-client";

/// The documents, installed and read once in a process. Nothing, and a line on the terminal, if they are not to be had.
///
/// # Panics
///
/// If they are not to be had and the environment has `ANU_TEST_REQUIRE=1`.
pub(crate) fn installed() -> Option<Arc<Documents>> {
    static INSTALLED: OnceLock<Option<Arc<Documents>>> = OnceLock::new();
    let documents = INSTALLED.get_or_init(|| {
        let problem = match folder() {
            Ok(folder) => match Documents::load(&folder.join("googleapiclient/discovery_cache/documents")) {
                Ok(documents) => return Some(Arc::new(documents)),
                Err(error) => error.to_string(),
            },
            Err(problem) => problem,
        };
        let line = format!(
            "google-simulator: exchanges are not checked against Google's discovery documents: {problem}. `tests/tools/install {NAME}` installs them; it needs python3 with pip"
        );
        assert!(std::env::var_os("ANU_TEST_REQUIRE").is_none_or(|value| value != "1"), "{line}");
        let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes()); // past the test runner, which hides it
        None
    });
    documents.clone()
}

/// The folder with Google's Python client.
pub(crate) fn folder() -> Result<PathBuf, String> {
    let output =
        Command::new(Path::new(TOOL)).arg(NAME).stderr(Stdio::piped()).output().map_err(|error| error.to_string())?;
    let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match output.status.success() && !path.is_empty() {
        true => Ok(PathBuf::from(path)),
        false => Err(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("it failed").to_owned()),
    }
}
