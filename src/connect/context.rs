//! Cancellation of a run.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// Carried through every call that may wait for another machine, a process or a lock.
///
/// It has no deadline: core gives a provider none. What must not wait without end has a limit of its own, and states it.
#[derive(Debug, Clone, Default)]
pub struct RequestContext {
    /// Fires when the user presses Ctrl-C. Work ends soon after, at a point where the same call resumes it.
    pub cancel: CancellationToken,
}

/// The user stopped the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the run was cancelled")]
pub struct Cancelled;

impl RequestContext {
    /// Does the work, unless the run is cancelled before it is done. Work that is given up is dropped; where the run is
    /// cancelled already, it is not begun.
    ///
    /// # Errors
    /// When the run is cancelled.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, Cancelled> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Cancelled),
            done = work => Ok(done),
        }
    }

    /// Waits this long.
    ///
    /// # Errors
    /// When the run is cancelled.
    #[allow(clippy::disallowed_methods, reason = "this is the replacement")]
    pub async fn sleep(&self, time: Duration) -> Result<(), Cancelled> {
        self.run(tokio::time::sleep(time)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cancelled_run_begins_nothing_and_waits_for_nothing() {
        let ctx = RequestContext::default();
        assert_eq!(ctx.run(async { 7 }).await, Ok(7));
        ctx.cancel.cancel();
        assert_eq!(ctx.run(async { panic!("begun") }).await, Err::<(), _>(Cancelled));
        assert_eq!(ctx.sleep(Duration::MAX).await, Err(Cancelled));
    }

    #[tokio::test]
    async fn cancelling_ends_work_that_never_would() {
        let ctx = RequestContext::default();
        let (ended, ()) = futures_util::future::join(ctx.run(std::future::pending::<()>()), async {
            tokio::task::yield_now().await;
            ctx.cancel.cancel();
        })
        .await;
        assert_eq!(ended, Err(Cancelled));
    }
}
