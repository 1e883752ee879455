//! How long a registry takes from bytes to fan-out, by size: `cargo bench --bench registry`.
//!
//! Prints the best of several runs by the clock, and the processor time of all threads (which a busy machine does not
//! stretch); per service, it stays the same if cost is linear.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anu::fanout::impact::Impact;
use anu::fanout::{self, FanOut, Settings};
use anu::registry::{self, LoadOptions};

#[path = "../tests/support/document.rs"]
mod document;
#[path = "../tests/support/estate.rs"]
mod estate;

/// As in the binaries.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RUNS: usize = 11;

fn main() {
    let options = LoadOptions { version: semver::Version::new(0, 1, 0), allow_empty: false, name: None };
    let settings = Settings::default();
    println!(
        "services     MB     read + fan out, ms    of which read, ms    per service   keys  peak memory    yardstick"
    );
    println!("                      clock  processor      clock  processor      processor            MiB    processor");
    // Sizes of one's own: `cargo bench --bench registry -- 10000 20000`.
    let sizes: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![1_000, 2_000, 5_000, 10_000] } else { sizes };
    for services in sizes {
        let document = estate::registry(services);
        let bytes = document.as_bytes();
        let (_, warnings) = fanout::load(bytes, &options, &settings).expect("a good registry");
        assert_eq!(warnings.first().map(ToString::to_string), None);
        let all = measure(|| fanout::load(bytes, &options, &settings).expect("a good registry"));
        let read = measure(|| registry::load(bytes, &options).expect("a good registry"));
        let memory = peak_memory();
        // The same text into serde_json's own tree and nothing more, under the same circumstances.
        let yardstick = measure(|| serde_json::from_slice::<serde_json::Value>(bytes).expect("JSON"));
        let (registry, _) = registry::load(bytes, &options).expect("a good registry");
        let (fan_out, _) = FanOut::build(Arc::new(registry), &settings).expect("a good fan-out");
        // Every service of the other registry has another team and another deployer.
        let other = document.replace("\"team-0", "\"crew-0").replace("gc-prd-ci.iam", "gc-prd-cd.iam");
        let (other, _) = fanout::load(other.as_bytes(), &options, &settings).expect("a good registry");
        let impact = measure(|| Impact::between(&fan_out, &other));
        let keys: usize = fan_out.services().map(|(_, service)| service.resources.keys().len()).sum();
        println!(
            "{services:>8}  {:>5.1}    {:>7.1}    {:>7.1}    {:>7.1}    {:>7.1}     {:>6.1} µs   {:>5}     {:>6}      {:>7.1}",
            bytes.len() as f64 / 1e6,
            ms(all.clock),
            ms(all.processor),
            ms(read.clock),
            ms(read.processor),
            ms(all.processor) * 1e3 / services as f64,
            keys / services,
            memory,
            ms(yardstick.processor),
        );
        println!("{:>8}  impact of a change of every service: {:.1} ms by the clock", "", ms(impact.clock));
        // Every service with a letter that has two forms: the composed one is only looked up, the other one is composed.
        let accented = ["th\u{e9}", "the\u{301}"].map(|the| {
            let document = document.replace("The service that", &format!("{the} service that"));
            measure(|| registry::load(document.as_bytes(), &options).expect("a good registry"))
        });
        let [composed, decomposed] = accented.map(|times| ms(times.processor));
        println!(
            "{:>8}  reading with an accent in each service: composed {composed:.1} ms, decomposed {decomposed:.1} ms",
            ""
        );
    }
}

struct Times {
    clock: Duration,
    processor: Duration,
}

/// The shortest of all runs. What a run made is dropped outside the measured time, as in a process that keeps it until it
/// ends.
fn measure<T>(mut run: impl FnMut() -> T) -> Times {
    let mut best = Times { clock: Duration::MAX, processor: Duration::MAX };
    for _ in 0..RUNS {
        let (clock, processor) = (Instant::now(), processor_time());
        let made = black_box(run());
        best.clock = best.clock.min(clock.elapsed());
        best.processor = best.processor.min(processor_time() - processor);
        drop(made);
    }
    best
}

/// What all threads have used so far.
#[expect(unsafe_code, reason = "the standard library does not measure processor time")]
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a value of the type the call fills in.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The most memory the process has held, in MiB: the document, a registry and a fan-out of it, where the system says.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
