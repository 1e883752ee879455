//! Outside tools, which tests/tools/install installs.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// The path of a tool, which is installed first if it is not in the cache. `None` without it, after one line that says which tests are
/// skipped.
///
/// # Panics
/// When it is missing with `ANU_TEST_REQUIRE=1`.
pub fn installed(name: &str, tests: &str) -> Option<OsString> {
    let output = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/install"))
        .arg(name)
        .stdin(Stdio::null())
        .output()
        .expect("tests/tools/install starts");
    let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && !path.is_empty() {
        return Some(path.into());
    }
    let why = format!("{name} cannot be installed: {}", String::from_utf8_lossy(&output.stderr).trim());
    if std::env::var_os("ANU_TEST_REQUIRE").is_some_and(|value| value == "1") {
        panic!("ANU_TEST_REQUIRE=1, but {why}");
    }
    // Directly to the terminal: the test runner hides the output of passing tests.
    let _ = std::io::stderr().write_all(format!("skipping {tests}: {why}\n").as_bytes());
    None
}
