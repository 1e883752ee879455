//! Programs that would never end, or never stop growing: errors, and soon.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::{compile_text, failure};

/// `anu registry compile`, whose child has the limits.
fn anu(arguments: &[&str]) -> (Output, Duration) {
    let started = Instant::now();
    let output =
        Command::new(env!("CARGO_BIN_EXE_anu")).args(["registry", "compile"]).args(arguments).output().unwrap();
    (output, started.elapsed())
}

#[track_caller]
fn refused(arguments: &[&str], expected: &str) {
    let (output, took) = anu(arguments);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(output.stdout.is_empty() && text.contains(expected), "{text}");
    assert!(took < Duration::from_secs(20), "took {took:?}");
}

/// Loops in constant memory: a tail call is no frame, and garbage is collected.
const FOR_EVER: &str = "local f(n) = if n < 0 then 0 else f(n + 1) tailstrict; f(0)";

#[test]
fn a_program_that_never_ends_is_stopped() {
    refused(&["--max-time", "1", "-e", FOR_EVER], "did not finish within 1 s");
    refused(&["--max-time", "1", "-e", "std.length([1 for x in std.range(1, 1e9) for y in std.range(1, 1e9)])"], "1 s");
}

#[test]
fn a_program_that_grows_without_end_is_stopped() {
    let doubles = "std.length(std.foldl(function(text, n) text + text, std.range(1, 40), 'x'))";
    refused(&["--max-memory", "200", "-e", doubles], "needs more than 200 MiB of memory");
    refused(&["--max-memory", "200", "-e", "std.repeat('x', 1e12)"], "");
    refused(&["--max-memory", "200", "-e", "std.range(1, 1e9)"], "");
}

#[test]
fn calls_are_nested_as_deeply_as_elsewhere() {
    let deep = "local f(n) = if n == 0 then 0 else 1 + f(n - 1); f(400)";
    assert_eq!(compile_text(deep).unwrap().json, "400");
    let text = failure(compile_text("local f(n) = 1 + f(n + 1); f(0)"));
    assert!(text.starts_with("Max stack frames exceeded"), "{text}");
    let (output, _) = anu(&["--max-stack", "9000", "-e", &deep.replace("f(400)", "f(4000)")]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "4000\n");
}

#[test]
fn depth_of_a_program_does_not_overflow_the_stack() {
    for (open, close) in
        [("[", "]"), ("{ a: ", "}"), ("(", ")"), ("-", ""), ("!", ""), ("local x = 1; ", ""), ("if true then ", "")]
    {
        let text = format!("{}1{}", open.repeat(20_000), close.repeat(20_000));
        // Refused or not: what counts is that there is an answer.
        let _ = compile_text(&text);
    }
}

#[test]
fn deeper_still_is_an_error_and_not_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep.jsonnet");
    for open in ["local x = 1; ", "function(x) "] {
        std::fs::write(&file, format!("{}1", open.repeat(3_000_000))).unwrap();
        let (output, _) = anu(&["--max-memory", "8000", file.to_str().unwrap()]);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && text.contains("does not compile"), "{:?} {text}", output.status);
    }
}

#[test]
fn a_child_sees_no_environment_and_ends_with_its_parent() {
    let program = "std.extVar('HOME')";
    let (output, _) = anu(&["-e", program]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("Undefined external variable: HOME"));

    let mut parent =
        Command::new(env!("CARGO_BIN_EXE_anu")).args(["registry", "compile", "-e", FOR_EVER]).spawn().unwrap();
    let children = format!("/proc/{0}/task/{0}/children", parent.id()); // on Linux
    let child = loop {
        match std::fs::read_to_string(&children) {
            Ok(text) if text.trim().is_empty() => std::thread::sleep(Duration::from_millis(10)),
            found => break found.ok(),
        }
    };
    parent.kill().unwrap();
    parent.wait().unwrap();
    let Some(child) = child else { return };
    let child = child.trim();
    let gone = || std::fs::read_to_string(format!("/proc/{child}/stat")).map_or(true, |stat| stat.contains(") Z "));
    let waited = Instant::now();
    while !gone() {
        assert!(waited.elapsed() < Duration::from_secs(10), "{child} goes on without its parent");
        std::thread::sleep(Duration::from_millis(10));
    }
}
