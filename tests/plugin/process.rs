//! Handshake, signals, shutdown.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anu::sdk::Value;

use crate::plugin_client::{COOKIE, Plugin, Process};
use crate::workspace::Workspace;
use crate::{provider, start_line};

/// Terraform's timeout between Shutdown and SIGKILL.
const PATIENCE: Duration = Duration::from_secs(2);

fn thing(name: &str) -> Value {
    Value::object([
        ("name", name.into()),
        ("note", Value::Null),
        ("any", Value::Null),
        ("parts", Value::Null),
        ("made", Value::Null),
    ])
}

#[test]
fn the_handshake_line_has_the_address_and_the_socket_is_private() {
    let process = Process::start(provider());
    assert_eq!(process.line[..3], ["1", "6", "unix"]);
    assert_eq!(process.line[4..], ["grpc", ""], "no certificate asked for, none given");
    let mode = std::fs::metadata(process.address()).expect("a socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_multiplexing_request_is_declined() {
    let mut command = provider();
    command.env("PLUGIN_MULTIPLEX_GRPC", "true");
    assert_eq!(Process::start(command).line.get(6).map(String::as_str), Some("false"));
}

#[test]
fn a_client_of_another_protocol_receives_our_version() {
    let mut command = provider();
    command.env("PLUGIN_PROTOCOL_VERSIONS", "4,5").env("TF_LOG", "ERROR");
    let process = Process::start(command);
    assert_eq!(process.line[1], "6");
    process.stderr_until("does not support protocol version 6");
}

#[test]
fn an_invalid_certificate_is_an_error() {
    let mut command = provider();
    let output = command.env("PLUGIN_CLIENT_CERT", "not PEM").output().expect("runs");
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr), @"terraform-provider-test cannot serve: PLUGIN_CLIENT_CERT does not contain a PEM certificate: no items found.");
}

#[test]
fn started_manually_it_prints_its_help() {
    let run = |arguments: &str| {
        let output =
            Command::new("/bin/sh").arg("-c").arg(start_line(arguments)).env_remove(COOKIE.0).output().expect("runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, out, help) = run("");
    assert_eq!((code, out.as_str()), (Some(1), ""));
    insta::assert_snapshot!(help, @r#"
    terraform-provider-test 0.1.0 is a provider for Terraform and OpenTofu, which start it. Started manually, it prints this text.

    To use it, add this to your configuration and run `terraform init`:

        terraform {
          required_providers {
            test = {
              source  = "anu-registry/test"
              version = "~> 0.1.0"
            }
          }
        }

    For a demonstration without a configuration or an account, run `anu demo`.

    Options:
        --debug     serve until Ctrl-C, for a Terraform in another shell (prints the variable to set there)
        --version   print the version
        --help      print this
    "#);
    assert_eq!(run("--help"), (Some(0), help, String::new()));
    assert_eq!(run("--version"), (Some(0), "terraform-provider-test 0.1.0\n".to_owned(), String::new()));
    let (code, _, told) = run("plan");
    assert_eq!(code, Some(2));
    insta::assert_snapshot!(told, @"terraform-provider-test: unknown argument `plan`; `--help` lists the arguments.");
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_falls_back_to_tcp() {
    let dir = tempfile::tempdir().expect("a folder");
    let long = dir.path().join("x".repeat(120));
    std::fs::create_dir(&long).expect("a folder");
    let mut command = provider();
    command.env("TMPDIR", &long);
    let mut plugin = Plugin::start(command).await;
    assert_eq!(plugin.process.line[2], "tcp");
    let port = plugin.process.address().strip_prefix("127.0.0.1:").expect("the loopback");
    assert!((10_000..=25_000).contains(&port.parse::<u32>().expect("a port")));
    assert!(plugin.shutdown().await.expect("an end").0.success());
}

#[tokio::test]
async fn shutdown_ends_in_time_and_deletes_the_socket() {
    let mut plugin = Plugin::start(provider()).await;
    let socket = plugin.process.address().to_owned();
    let (status, took) = plugin.shutdown().await.expect("an end");
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_millis(500), "{took:?} without any work in flight");
    assert!(!std::path::Path::new(&socket).parent().expect("a folder").exists());
}

#[tokio::test]
async fn shutdown_ends_in_time_with_calls_in_flight() {
    for name in ["wait", "block"] {
        let mut plugin = Plugin::start(provider()).await;
        let planned = plugin.plan("test_thing", &Value::Null, &thing(name), &[]).await;
        let (caller, config) = (plugin.caller.clone(), thing(name));
        let applying = tokio::spawn(async move {
            // The client may receive a response or a closed connection; this test accepts both.
            let request = crate::plugin_client::wire_apply(&caller, "test_thing", &planned, &config);
            let _ = caller.client().apply_resource_change(request).await;
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        let (status, took) = plugin.shutdown().await.unwrap_or_else(|| panic!("still there with `{name}` in flight"));
        assert!(status.success(), "{status}");
        assert!(took < PATIENCE, "{took:?}");
        applying.abort();
    }
}

#[tokio::test]
async fn an_interrupt_does_not_end_the_process() {
    let plugin = Plugin::start(provider()).await;
    plugin.process.signal(libc::SIGINT);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(plugin.configure(Value::object([("greeting", Value::Null)])).await.is_empty());
}

#[tokio::test]
async fn sigterm_ends_the_process_and_deletes_the_socket() {
    let mut plugin = Plugin::start(provider()).await;
    let socket = plugin.process.address().to_owned();
    plugin.process.signal(libc::SIGTERM);
    let (status, _) = plugin.process.wait(PATIENCE).await.expect("an end");
    assert_eq!(status.code(), Some(128 + libc::SIGTERM));
    assert!(!std::path::Path::new(&socket).exists());
}

#[test]
#[expect(unsafe_code, reason = "the standard library sends no signals but SIGKILL")]
fn it_does_not_outlive_a_client_that_was_killed() {
    // The shell stands for Terraform: it starts the provider, and is gone without a word.
    let workspace = Workspace::new("anu-registry/test", &start_line(""), "");
    let began = Instant::now();
    let script = format!("'{}' & echo $! >id; sleep 1", workspace.path("terraform-provider-test").display());
    let status = Command::new("/bin/sh")
        .args(["-c", &script])
        .current_dir(workspace.dir.path())
        .env(COOKIE.0, COOKIE.1)
        .stdout(Stdio::null())
        .status()
        .expect("a shell");
    assert!(status.success());
    let id: i32 = std::fs::read_to_string(workspace.path("id")).expect("an id").trim().parse().expect("a number");
    // SAFETY: signal 0 only checks whether the process exists.
    while unsafe { libc::kill(id, 0) } == 0 {
        if began.elapsed() > Duration::from_secs(20) {
            // SAFETY: a process this test started.
            unsafe { libc::kill(id, libc::SIGKILL) };
            panic!("an orphan is left behind");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
