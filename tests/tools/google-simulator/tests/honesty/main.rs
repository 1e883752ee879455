//! Whether the simulator is like Google: an independent client, and recorded exchanges.

mod compare;
#[path = "../support/http.rs"]
mod http;
mod recorded;
mod replay;

use std::process::Command;

use google_simulator::{Options, Simulator};

/// Prints a line past the test runner, which hides the output of tests that pass.
fn skip(line: &str) {
    assert!(std::env::var_os("ANU_TEST_REQUIRE").is_none_or(|value| value != "1"), "{line}");
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("google-simulator: {line}\n").as_bytes());
}

#[test]
fn googles_own_client_calls_every_method() {
    let client = match Simulator::python_client() {
        Ok(client) => client,
        Err(problem) => return skip(&format!("Google's Python client does not drive the simulator: {problem}")),
    };
    let simulator = Simulator::start(Options::default());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../google-client/drive.py");
    let output =
        Command::new("python3").arg(script).arg(simulator.url()).env("PYTHONPATH", client).output().expect("python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let called = simulator.request_counts();
    let missing: Vec<&str> = Simulator::methods().into_iter().filter(|id| !called.contains_key(id)).collect();
    assert_eq!(missing, [""; 0], "methods that the script does not call");
}
