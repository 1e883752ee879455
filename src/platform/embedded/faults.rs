//! Fault injection, for tests. Feature `testing`; a released program has `no_faults.rs` in this place.
//!
//! The environment variable `ANU_EMBEDDED_FAULTS` (read once per process) or a [`Faults`] given to
//! [`Embedded::open_with`](super::Embedded::open_with) makes the store fail like a remote platform:
//!
//! | word | effect |
//! |---|---|
//! | `kill@7` | this process kills itself (SIGKILL) before it commits its 7th write |
//! | `kill-after@7` | the same, right after that commit |
//! | `fail@7` | the 7th write fails with [`Error::Unavailable`], and is rolled back |
//! | `fail:TEXT` | so does every write whose resource, written `KIND KEY` (`quota compute/ledger`), contains TEXT |
//! | `delay=50ms` | every verb waits that long first; a cancellation ends the wait |
//!
//! Words are joined with commas. A write is one transaction that changes something. Those without a change, and the external writes
//! of [`Store`](super::Store), are not counted.

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::platform::Error;

/// The variable with the faults.
pub const FAULTS_VARIABLE: &str = "ANU_EMBEDDED_FAULTS";

/// The faults, and the count of writes so far. Clones share the count.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    list: Arc<[Fault]>,
    writes: Arc<AtomicU64>,
    delay: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Fault {
    KillBefore(u64),
    KillAfter(u64),
    FailNth(u64),
    FailMatching(String),
}

/// Why the text is not a list of faults.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{word}` in {FAULTS_VARIABLE} is not a fault: write `kill@N`, `kill-after@N`, `fail@N`, `fail:TEXT` or `delay=N` with `ms` or `s`, joined with commas"
)]
pub struct FaultError {
    /// The word that was not understood.
    pub word: String,
}

impl Faults {
    /// None at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// Those of `ANU_EMBEDDED_FAULTS`; all stores of this process share one count.
    pub fn from_environment() -> Result<Self, FaultError> {
        static SHARED: OnceLock<Result<Faults, FaultError>> = OnceLock::new();
        SHARED
            .get_or_init(|| match std::env::var(FAULTS_VARIABLE) {
                Ok(text) => text.parse(),
                Err(_) => Ok(Self::none()),
            })
            .clone()
    }

    /// How many writes were counted so far.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    pub(super) fn delay(&self) -> Option<Duration> {
        self.delay
    }

    /// Counts a write that is about to be committed. An error means it must be rolled back.
    pub(super) fn before_commit(&self, resource: impl FnOnce() -> String) -> Result<u64, Error> {
        let nth = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        if self.list.is_empty() {
            return Ok(nth);
        }
        let resource = resource();
        for fault in self.list.iter() {
            match fault {
                Fault::KillBefore(n) if *n == nth => kill_self(),
                Fault::FailNth(n) if *n == nth => {
                    let failed = format!("write {nth} ({resource}) failed: a fault of {FAULTS_VARIABLE}");
                    return Err(Error::Unavailable(failed.into()));
                }
                Fault::FailMatching(text) if resource.contains(text.as_str()) => {
                    let failed = format!("the write of {resource} failed: a fault of {FAULTS_VARIABLE}");
                    return Err(Error::Unavailable(failed.into()));
                }
                _ => {}
            }
        }
        Ok(nth)
    }

    pub(super) fn after_commit(&self, nth: u64) {
        if self.list.contains(&Fault::KillAfter(nth)) {
            kill_self();
        }
    }
}

impl FromStr for Faults {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let mut list = Vec::new();
        let mut delay = None;
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let error = || FaultError { word: word.to_owned() };
            let count = |n: &str| n.parse::<u64>().ok().filter(|n| *n > 0).ok_or_else(error);
            if let Some(n) = word.strip_prefix("kill@") {
                list.push(Fault::KillBefore(count(n)?));
            } else if let Some(n) = word.strip_prefix("kill-after@") {
                list.push(Fault::KillAfter(count(n)?));
            } else if let Some(n) = word.strip_prefix("fail@") {
                list.push(Fault::FailNth(count(n)?));
            } else if let Some(text) = word.strip_prefix("fail:").filter(|text| !text.is_empty()) {
                list.push(Fault::FailMatching(text.to_owned()));
            } else if let Some(time) = word.strip_prefix("delay=") {
                // `ms` before `s`, which it ends in.
                delay = Some(if let Some(n) = time.strip_suffix("ms") {
                    Duration::from_millis(count(n)?)
                } else if let Some(n) = time.strip_suffix('s') {
                    Duration::from_secs(count(n)?)
                } else {
                    return Err(error());
                });
            } else {
                return Err(error());
            }
        }
        Ok(Self { list: list.into(), writes: Arc::default(), delay })
    }
}

/// Ends this process like a power cut: no destructor runs, no buffer is flushed.
#[expect(unsafe_code, reason = "the standard library sends no signals")]
fn kill_self() -> ! {
    // SAFETY: both calls take and return plain integers and touch no memory of ours.
    unsafe {
        libc::kill(libc::getpid(), libc::SIGKILL);
    }
    std::process::abort()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_understood_or_named() {
        let faults: Faults = "kill@7, kill-after@2,fail@1,fail:quota compute/,delay=50ms".parse().expect("well-formed");
        assert_eq!(
            faults.list.as_ref(),
            [
                Fault::KillBefore(7),
                Fault::KillAfter(2),
                Fault::FailNth(1),
                Fault::FailMatching("quota compute/".into())
            ]
        );
        assert_eq!(faults.delay, Some(Duration::from_millis(50)));
        for word in ["kill", "kill@", "kill@0", "fail@x", "fail:", "delay=5", "delay=ms", "sleep"] {
            assert_eq!(word.parse::<Faults>().expect_err(word).word, word);
        }
    }
}
