//! One span and one log line for each request that leaves this process, however it ends.

use std::time::Instant;

use tracing::Span;
use tracing::field::Empty;

use super::keys;

/// A request under way. Dropped without an end, it was given up.
pub(super) struct RequestLog {
    span: Span,
    began: Instant,
    ended: bool,
}

impl RequestLog {
    /// Of a request that begins now. The address has no secrets in it.
    pub(super) fn begin(method: &str, address: &str) -> Self {
        let span = tracing::debug_span!(
            "request",
            { keys::METHOD } = method,
            { keys::ADDRESS } = address,
            { keys::STATUS } = Empty,
            { keys::DURATION } = Empty,
        );
        Self { span, began: Instant::now(), ended: false }
    }

    /// The head of an answer is there.
    pub(super) fn answered(mut self, status: u16) {
        self.span.record(keys::STATUS, status);
        self.end();
        tracing::debug!(parent: &self.span, "request answered");
    }

    /// There is no answer. The reason has no secrets in it.
    pub(super) fn failed(mut self, error: &str) {
        self.end();
        tracing::debug!(parent: &self.span, error, "request failed");
    }

    fn end(&mut self) {
        self.ended = true;
        self.span.record(keys::DURATION, u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX));
    }
}

impl Drop for RequestLog {
    fn drop(&mut self) {
        if !self.ended {
            self.end();
            tracing::debug!(parent: &self.span, "request given up");
        }
    }
}
