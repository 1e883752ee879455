//! Terraform itself.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};

use crate::plugin_client::COOKIE;
use crate::start_line;
use crate::workspace::Workspace;

const CONFIGURATION: &str = r#"
terraform {
  required_providers { test = { source = "anu-registry/test" } }
}
provider "test" { greeting = "hello" }
data "test_echo" "this" { text = "hello" }
resource "test_thing" "this" {
  name  = data.test_echo.this.back
  any   = { exact = 12345678901234567890123, tenth = 0.1, list = ["a", 1, null] }
  parts = { a = { size = 0.1, label = "x" } }
}
output "joined" { value = provider::test::join("-", "a", "b") }
"#;

fn text(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn terraform_plans_applies_imports_and_destroys() {
    let workspace = Workspace::new("anu-registry/test", &start_line(""), CONFIGURATION);
    let run = |arguments: &[&str]| workspace.terraform(arguments, &[]);
    let validated = run(&["validate", "-no-color"]);
    assert!(validated.status.success(), "{}", text(&validated));
    let applied = run(&["apply", "-auto-approve", "-no-color"]);
    assert!(text(&applied).contains("1 added, 0 changed, 0 destroyed"), "{}", text(&applied));
    assert!(text(&applied).contains(r#"joined = "a-b""#), "{}", text(&applied));
    let again = run(&["plan", "-detailed-exitcode", "-no-color"]);
    assert_eq!(again.status.code(), Some(0), "a second plan is empty: {}", text(&again));
    let destroyed = run(&["destroy", "-auto-approve", "-no-color"]);
    assert!(text(&destroyed).contains("1 destroyed"), "{}", text(&destroyed));
    let imported = run(&["import", "-no-color", "test_thing.this", "hello"]);
    assert!(imported.status.success(), "{}", text(&imported));
}

#[test]
fn terraform_includes_the_providers_log_lines() {
    let configuration = CONFIGURATION.replace(r#"text = "hello""#, r#"text = "log""#);
    let workspace = Workspace::new("anu-registry/test", &start_line(""), &configuration);
    let planned = workspace.terraform(&["plan", "-no-color"], &[("TF_LOG", "DEBUG")]);
    assert!(planned.status.success(), "{}", text(&planned));
    let all = text(&planned);
    let line = all.lines().find(|line| line.contains(": nasty: ")).expect("our line");
    assert!(line.contains("[INFO]  provider.terraform-provider-test: nasty: "), "{line}");
    assert!(line.contains("tf_rpc=ReadDataSource") && line.contains("n=7"), "{line}");
    assert!(!all.contains("crashed"), "{all}");
    assert!(!all.contains(r#""@level""#), "a line came through raw: {all}");
}

#[test]
fn terraform_reports_a_panic_as_a_bug_in_anu() {
    let configuration = CONFIGURATION.replace("data.test_echo.this.back", r#""panic""#);
    let workspace = Workspace::new("anu-registry/test", &start_line(""), &configuration);
    let planned = workspace.terraform(&["plan", "-no-color"], &[]);
    let all = text(&planned);
    assert!(all.contains("Error: Bug in anu") && all.contains("on main.tf line 7"), "{all}");
    assert!(!all.contains("crashed") && !all.contains("secret"), "{all}");
}

#[test]
fn terraform_without_tls_works_too() {
    let workspace = Workspace::new("anu-registry/test", &start_line(""), CONFIGURATION);
    let planned = workspace.terraform(&["plan", "-no-color"], &[("TF_DISABLE_PLUGIN_TLS", "1")]);
    assert!(planned.status.success(), "{}", text(&planned));
}

/// A provider that a user has started.
struct Debugged {
    child: Child,
    reattach: String,
}

impl Debugged {
    fn start() -> Self {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &start_line("--debug")]).env_remove(COOKIE.0).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a provider");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
        let line = lines.find(|line| line.starts_with("export ")).expect("the line to paste");
        // Parsed by a shell.
        let shell =
            Command::new("/bin/sh").args(["-c", &format!("{line}; printf %s \"$TF_REATTACH_PROVIDERS\"")]).output();
        let reattach = String::from_utf8(shell.expect("a shell").stdout).expect("text");
        Self { child, reattach }
    }
}

impl Drop for Debugged {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[expect(unsafe_code, reason = "the standard library sends no signals but SIGKILL")]
fn terraform_reattaches_to_a_provider_under_debug_again_and_again() {
    let mut debugged = Debugged::start();
    let workspace = Workspace::new("anu-registry/test", "exit 1", CONFIGURATION);
    // Only the variable: no overrides, no installed provider.
    std::fs::write(workspace.path("terraform.rc"), "").expect("written");
    let environment = [("TF_REATTACH_PROVIDERS", debugged.reattach.as_str())];
    for arguments in [
        &["plan", "-no-color"][..],
        &["apply", "-auto-approve", "-no-color"],
        &["plan", "-detailed-exitcode", "-no-color"],
    ] {
        let output = workspace.terraform(arguments, &environment);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output));
    }
    assert_eq!(debugged.child.try_wait().expect("our child"), None, "it survives");
    // Ctrl-C.
    let id = i32::try_from(debugged.child.id()).expect("an id");
    // SAFETY: signals a child of this process.
    unsafe { libc::kill(id, libc::SIGINT) };
    assert!(debugged.child.wait().expect("an end").success());
}

#[test]
fn two_configurations_under_debug_are_kept_apart() {
    let debugged = Debugged::start();
    let configuration = r#"
terraform {
  required_providers { test = { source = "anu-registry/test" } }
}
provider "test" { greeting = "hello" }
provider "test" {
  alias    = "other"
  greeting = "goodbye"
}
data "test_echo" "one" { text = "greeting" }
data "test_echo" "other" {
  provider = test.other
  text     = "greeting"
}
output "both" { value = "${data.test_echo.one.back} ${data.test_echo.other.back}" }
"#;
    let workspace = Workspace::new("anu-registry/test", "exit 1", configuration);
    std::fs::write(workspace.path("terraform.rc"), "").expect("written");
    for _ in 0..3 {
        let environment = [("TF_REATTACH_PROVIDERS", debugged.reattach.as_str())];
        let output = workspace.terraform(&["apply", "-auto-approve", "-no-color"], &environment);
        assert!(text(&output).contains(r#"both = "hello goodbye""#), "{}", text(&output));
    }
}
