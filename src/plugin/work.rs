//! Work in flight, and how it is given up.

use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// Hands every call the token that StopProvider fires. Core sends StopProvider once, on Ctrl-C, while other calls are in
/// flight, and goes on talking to us: what is under way should end early and still be answered, and what comes after
/// must not be cancelled before it begins.
#[derive(Debug, Default)]
pub(super) struct Work(Mutex<CancellationToken>);

impl Work {
    /// The token for a call that begins now.
    pub(super) fn token(&self) -> CancellationToken {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).child_token()
    }

    /// Cancels everything begun so far, and nothing that begins later.
    pub(super) fn stop(&self) {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_reaches_what_began_before_and_nothing_after() {
        let work = Work::default();
        let before = work.token();
        work.stop();
        let after = work.token();
        assert!(before.is_cancelled());
        assert!(!after.is_cancelled());
        work.stop();
        assert!(after.is_cancelled());
    }
}
