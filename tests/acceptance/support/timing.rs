//! What each test costs: one line a test, into the file that `ANU_TEST_TIMES` names.
//!
//! Tab-separated: seconds from start to end, seconds of processor time in commands, the number of commands, the test's name.

use std::cell::Cell;
use std::io::Write as _;
use std::time::{Duration, Instant};

thread_local! {
    static SPENT: Cell<Spent> = const { Cell::new(Spent { commands: 0, processor: Duration::ZERO }) };
}

/// What the commands of one test took so far. Each test has a thread of its own.
#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    commands: usize,
    processor: Duration,
}

/// Adds one command to the test that runs on this thread.
pub(super) fn add(processor: Duration) {
    let Spent { commands, processor: before } = SPENT.get();
    SPENT.set(Spent { commands: commands + 1, processor: before + processor });
}

/// A test under way; its line is written when it is dropped, failed or not.
#[derive(Debug)]
pub(super) struct Timed(Instant);

impl Timed {
    /// Begins to count for the test that runs on this thread.
    pub(super) fn start() -> Self {
        SPENT.set(Spent::default());
        Self(Instant::now())
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        let Some(file) = std::env::var_os("ANU_TEST_TIMES").filter(|file| !file.is_empty()) else { return };
        let Spent { commands, processor } = SPENT.get();
        let thread = std::thread::current();
        let line = format!(
            "{:.1}\t{:.1}\t{commands}\t{}\n",
            self.0.elapsed().as_secs_f64(),
            processor.as_secs_f64(),
            thread.name().unwrap_or_default()
        );
        // In one write, since other tests' lines come in between.
        let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
        let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
    }
}

/// The processor time of a child that has ended and has not been waited for, with that of the children it waited for. Only
/// Linux tells: elsewhere there is none.
pub(super) enum Seen {
    /// It is still at work.
    Running,
    /// It has ended, having used this much.
    Ended(Duration),
    /// This system does not tell.
    Unknown,
}

/// Looks at a child.
pub(super) fn see(id: i32) -> Seen {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{id}/stat")) else { return Seen::Unknown };
    // `pid (name) state parent …`; the 14th to 17th field are the times, in hundredths of a second.
    let Some((_, tail)) = stat.rsplit_once(") ") else { return Seen::Unknown };
    let fields: Vec<&str> = tail.split(' ').collect();
    if fields.first() != Some(&"Z") {
        return Seen::Running;
    }
    let times = fields.iter().skip(11).take(4).filter_map(|field| field.parse::<u64>().ok());
    Seen::Ended(Duration::from_millis(10 * times.sum::<u64>()))
}
