//! Calls in flight, and their cancellation.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// Hands every call the token that StopProvider fires.
///
/// Core sends StopProvider once, on Ctrl-C, while other calls are in progress, and needs their answers. It also sends calls
/// that it had scheduled before: those are cancelled before they begin, since a call that begins to wait then has no other
/// StopProvider that ends it. A process in debug mode serves several runs: the next one configures the provider again.
#[derive(Debug, Default)]
pub(super) struct Work(Mutex<CancellationToken>);

impl Work {
    /// The token for a new call.
    pub(super) fn token(&self) -> CancellationToken {
        self.lock().child_token()
    }

    /// Cancels every call of this run.
    pub(super) fn stop(&self) {
        self.lock().cancel();
    }

    /// A run begins: what cancelled the one before does not count.
    pub(super) fn begin_run(&self) {
        let mut token = self.lock();
        if token.is_cancelled() {
            *token = CancellationToken::new();
        }
    }

    fn lock(&self) -> MutexGuard<'_, CancellationToken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_reaches_every_call_until_the_next_run() {
        let work = Work::default();
        let before = work.token();
        work.stop();
        assert!(before.is_cancelled());
        assert!(work.token().is_cancelled(), "a call of the same run");
        work.begin_run();
        let after = work.token();
        assert!(!after.is_cancelled());
        work.begin_run();
        work.stop();
        assert!(after.is_cancelled());
    }
}
