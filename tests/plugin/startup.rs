//! The cost of a start. Terraform starts three to four provider processes per command.

use std::time::Duration;

use crate::plugin_client::{Plugin, command};

/// The binary to measure: the one of this build, or another (for example a released one).
const BINARY: &str = "ANU_MEASURE_BINARY";

/// CPU time of the process, over all its threads.
fn on_cpu(process: u32) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).expect("Linux");
    let times = tasks.filter_map(|task| {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(times.sum())
}

/// Resident memory in KiB: anonymous, and total (with the pages of the binary and its libraries).
fn resident(process: u32) -> (u64, u64) {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("Linux");
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a field");
        line.trim().trim_end_matches(" kB").trim().parse().expect("a number")
    };
    (field("RssAnon:"), field("VmRSS:"))
}

#[tokio::test]
#[ignore = "a measurement: cargo test --release --test plugin -- --ignored --nocapture startup"]
async fn start_up_cost() {
    let binary = std::env::var(BINARY).unwrap_or_else(|_| env!("CARGO_BIN_EXE_terraform-provider-anu").to_owned());
    let mut figures = Vec::new();
    for _ in 0..50 {
        let mut plugin = Plugin::start(command(&binary)).await;
        let process = plugin.process.child.id();
        figures.push((plugin.ready, plugin.process.took, on_cpu(process), resident(process)));
        plugin.shutdown().await.expect("an end");
    }
    figures.sort();
    for (name, at) in [("best", 0), ("median", figures.len() / 2), ("worst", figures.len() - 1)] {
        let (ready, line, cpu, (anonymous, all)) = figures[at];
        println!(
            "{name:>6}: schema after {ready:?} (line after {line:?}), {cpu:?} on a processor, {all} KiB resident, {anonymous} KiB of them its own"
        );
    }
}
