//! The simulator as a program, for `examples/google` and `examples/company`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use google_simulator::{Options, Quotas, Simulator, Validation};

/// A simulator of the Google Cloud APIs that anu uses, on the loopback interface.
#[derive(Parser)]
#[command(name = "google-simulator", version)]
struct Arguments {
    /// The port to listen on.
    #[arg(long, default_value_t = 8089)]
    port: u16,
    /// A file that keeps the state between runs.
    #[arg(long)]
    state: Option<PathBuf>,
    /// A service registry: the folders, billing accounts and existing projects that it names are there from the start.
    #[arg(long)]
    registry: Option<PathBuf>,
    /// A file that gets one line of JSON for each request.
    #[arg(long)]
    transcript: Option<PathBuf>,
    /// Milliseconds that each answer takes.
    #[arg(long, default_value_t = 0)]
    latency: u64,
    /// Milliseconds that each operation runs.
    #[arg(long, default_value_t = 0)]
    operations: u64,
    /// Milliseconds until a change is seen by reads.
    #[arg(long, default_value_t = 0)]
    reads: u64,
    /// Do not limit requests a minute.
    #[arg(long)]
    no_quotas: bool,
    /// The most projects that there may be.
    #[arg(long)]
    project_quota: Option<usize>,
    /// Google's discovery documents to check each exchange with.
    #[arg(long)]
    discovery: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let defaults = Options::default();
    let simulator = Simulator::try_start(Options {
        port: arguments.port,
        state: arguments.state,
        transcript: arguments.transcript,
        latency: Duration::from_millis(arguments.latency),
        operation_delay: Duration::from_millis(arguments.operations),
        read_delay: Duration::from_millis(arguments.reads),
        quotas: if arguments.no_quotas { Quotas::off() } else { Quotas::published() },
        project_quota: arguments.project_quota,
        validation: arguments.discovery.map_or(Validation::Off, Validation::Folder),
        ..defaults
    });
    let simulator = match simulator {
        Ok(simulator) => simulator,
        Err(error) => {
            eprintln!("google-simulator: port {}: {error}", arguments.port);
            return ExitCode::FAILURE;
        }
    };
    if let Some(path) = arguments.registry {
        let read = std::fs::read_to_string(&path).map_err(|error| error.to_string());
        if let Err(error) = read.and_then(|text| simulator.add_registry(&text)) {
            eprintln!("google-simulator: registry {}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    }
    println!("{}", simulator.url());
    loop {
        std::thread::park(); // until a signal ends the process
    }
}
