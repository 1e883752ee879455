//! The simulator as a program, also started as the README of `examples/company` says.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::http::{Answer, send};
use crate::limits::folder_of;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").canonicalize().expect("the repository")
}

/// The arguments behind `cargo run -p google-simulator --` in the README.
fn arguments() -> Vec<String> {
    let readme = std::fs::read_to_string(repository().join("examples/company/README.md")).expect("the README");
    let line = readme.lines().find_map(|line| line.strip_prefix("cargo run -p google-simulator -- "));
    line.expect("the command").split(' ').map(str::to_owned).collect()
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_google-simulator"));
    command.args(arguments).args(["--port", "0"]).current_dir(repository());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running program, and its address. It ends with the test.
struct Running(Child, String);

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = program(arguments).spawn().expect("a program");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("an address");
        Self(child, line.trim().to_owned())
    }

    fn get(&self, path: &str) -> Answer {
        send(&self.1, "", "GET", path, &Value::Null).expect("an answer")
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        send(&self.1, "", "POST", path, body).expect("an answer")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_prints_its_address_and_keeps_its_state() {
    let folder = folder_of("program");
    let state = folder.join("state.json");
    let given = ["--state", state.to_str().expect("a path")];
    // It is killed, as Ctrl-C does: every change is on disk before its answer.
    let created =
        Running::start(&given).post("/v3/projects", &json!({"projectId": "shop-production", "parent": "folders/1234"}));
    assert_eq!(created.status, 200);
    assert_eq!(Running::start(&given).get("/v3/projects/shop-production").body["projectId"], "shop-production");
    std::fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn what_a_registry_takes_to_exist_is_there() {
    let given = arguments();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let folder = folder_of("registry");
    let state = folder.join("state.json");
    let with_state = [&given[..], &["--state", state.to_str().expect("a path")]].concat();
    // The second one finds all of it in its state.
    for _ in 0..2 {
        let simulator = Running::start(&with_state);
        let registry = std::fs::read_to_string(repository().join("examples/quickstart/registry.json")).expect("it");
        let registry: Value = serde_json::from_str(&registry).expect("JSON");
        let (mut existing, mut others) = (0, 0);
        for project in registry["projects"].as_array().expect("projects") {
            let spec = &project["spec"];
            let id = spec["id"].as_str().expect("an id");
            let answer = simulator.get(&format!("/v3/projects/{id}"));
            if spec["existing"] == true {
                assert_eq!(answer.status, 200, "{id}");
                let billing = simulator.get(&format!("/v1/projects/{id}/billingInfo"));
                assert_eq!(billing.body["billingEnabled"], true, "{id}");
                existing += 1;
                continue;
            }
            assert_eq!(answer.status, 403, "{id}");
            let parent = spec["parent"].as_str().expect("a parent");
            assert_eq!(simulator.get(&format!("/v3/{parent}")).status, 200, "{parent}");
            let account = spec["billingAccount"].as_str().expect("an account");
            assert_eq!(simulator.get(&format!("/v1/billingAccounts/{account}")).body["open"], true, "{account}");
            others += 1;
        }
        assert_eq!((existing, others), (5, 8));
    }
    std::fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn a_file_that_is_no_registry_is_refused() {
    let refused = |path: &str| {
        let output = program(&["--registry", path]).output().expect("a program");
        assert!(!output.status.success(), "{path}");
        String::from_utf8(output.stderr).expect("text")
    };
    assert_eq!(
        refused("nowhere.json"),
        "google-simulator: registry nowhere.json: No such file or directory (os error 2)\n"
    );
    assert!(refused("README.md").starts_with("google-simulator: registry README.md: expected value at line 1"));
}
