//! When to make a request again, and after how long.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use super::context::RequestContext;

/// How long to wait between attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The longest pause after the first attempt. It doubles after each further one.
    pub first_pause: Duration,
    /// What it doubles up to.
    pub longest_pause: Duration,
    /// The longest `Retry-After` that is followed. A server with a longer one has failed.
    pub longest_retry_after: Duration,
}

/// How an attempt failed.
#[derive(Debug)]
pub enum AttemptError<E> {
    /// Another attempt would fail the same way.
    Final(E),
    /// Another attempt may succeed.
    Temporary {
        /// What happened.
        error: E,
        /// How many attempts a failure of this kind is worth, the first included.
        max_attempts: u32,
        /// The server's `Retry-After`.
        retry_after: Option<Duration>,
    },
}

/// Why there is no other attempt.
#[derive(Debug, PartialEq, Eq)]
pub enum RetryError<E> {
    /// The run was cancelled.
    Cancelled,
    /// The last attempt failed.
    Failed {
        /// The error of that attempt.
        error: E,
        /// How many there were.
        attempts: u32,
        /// The server's `Retry-After`, where that is too long.
        retry_after: Option<Duration>,
    },
}

impl RetryPolicy {
    /// Makes attempts until one succeeds, one is final, there were enough of them, the next would begin after the deadline, or
    /// the run is cancelled.
    ///
    /// # Errors
    /// The error of the last attempt.
    pub async fn run<T, E, F>(
        &self,
        ctx: &RequestContext,
        deadline: Option<Instant>,
        attempt: impl Fn() -> F,
    ) -> Result<T, RetryError<E>>
    where
        F: Future<Output = Result<T, AttemptError<E>>>,
    {
        let mut attempts = 1;
        loop {
            let failed = |error, retry_after| RetryError::Failed { error, attempts, retry_after };
            let (error, max_attempts, retry_after) = match ctx.run(attempt()).await {
                Err(_) => return Err(RetryError::Cancelled),
                Ok(Ok(done)) => return Ok(done),
                Ok(Err(AttemptError::Final(error))) => return Err(failed(error, None)),
                Ok(Err(AttemptError::Temporary { error, max_attempts, retry_after })) => {
                    (error, max_attempts, retry_after)
                }
            };
            let Some(pause) = self.pause(attempts, retry_after) else { return Err(failed(error, retry_after)) };
            if attempts >= max_attempts || deadline.is_some_and(|deadline| Instant::now() + pause >= deadline) {
                return Err(failed(error, None));
            }
            tracing::debug!(attempts, ?pause, "trying again after a pause");
            if ctx.sleep(pause).await.is_err() {
                return Err(RetryError::Cancelled);
            }
            attempts += 1;
        }
    }

    /// How long to wait after attempt number `nth`: somewhere in the upper half of a time that doubles, so that many who
    /// failed together do not come back together; or the server's `Retry-After`. `None`: that is too long.
    pub fn pause(&self, nth: u32, retry_after: Option<Duration>) -> Option<Duration> {
        let longest = self.first_pause.saturating_mul(1 << nth.saturating_sub(1).min(16)).min(self.longest_pause);
        let random = (RandomState::new().build_hasher().finish() % 1000) as f64 / 1000.0;
        let ours = longest.mul_f64(0.5 + random / 2.0);
        match retry_after {
            Some(retry_after) if retry_after > self.longest_retry_after => None,
            Some(retry_after) => Some(retry_after.max(ours)),
            None => Some(ours),
        }
    }
}

/// The value of a `Retry-After` header: seconds, or a date.
pub fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value.trim()).ok()?;
    let date = UNIX_EPOCH + Duration::from_secs(date.timestamp().as_second().try_into().ok()?);
    date.duration_since(now).ok()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const POLICY: RetryPolicy = RetryPolicy {
        first_pause: Duration::from_millis(100),
        longest_pause: Duration::from_millis(300),
        longest_retry_after: Duration::from_millis(300),
    };
    const QUICK: RetryPolicy = RetryPolicy { first_pause: Duration::from_millis(1), ..POLICY };

    fn temporary(max_attempts: u32, retry_after: Option<Duration>) -> AttemptError<&'static str> {
        AttemptError::Temporary { error: "busy", max_attempts, retry_after }
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_obey_the_server() {
        for (nth, longest) in [(1, 100), (2, 200), (3, 300), (60, 300)] {
            let pause = POLICY.pause(nth, None).expect("a pause").as_millis();
            assert!((longest / 2..=longest).contains(&pause), "{nth}: {pause} ms");
        }
        assert_eq!(POLICY.pause(1, Some(Duration::from_millis(250))), Some(Duration::from_millis(250)));
        assert_eq!(POLICY.pause(1, Some(Duration::from_secs(3600))), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_445_412_400);
        assert_eq!(retry_after(" 7 ", now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(Duration::from_secs(80)));
        assert_eq!(retry_after("Wed, 21 Oct 2014 07:28:00 GMT", now), None, "a date in the past, and a wrong weekday");
        assert_eq!(retry_after("soon", now), None);
    }

    #[tokio::test]
    async fn attempts_end_with_success_or_with_what_the_last_one_said() {
        let (ctx, made) = (RequestContext::default(), Cell::new(0));
        let run =
            async |policy: &RetryPolicy, deadline, outcome: &dyn Fn(u32) -> Result<u32, AttemptError<&'static str>>| {
                made.set(0);
                let attempt = || {
                    made.set(made.get() + 1);
                    std::future::ready(outcome(made.get()))
                };
                (policy.run(&ctx, deadline, attempt).await, made.get())
            };
        let failed = |attempts, retry_after| Err(RetryError::Failed { error: "busy", attempts, retry_after });
        let busy_until = |n| move |nth| if nth < n { Err(temporary(3, None)) } else { Ok(nth) };
        assert_eq!(run(&QUICK, None, &busy_until(3)).await, (Ok(3), 3));
        assert_eq!(run(&QUICK, None, &busy_until(4)).await, (failed(3, None), 3));
        assert_eq!(run(&QUICK, None, &|_| Err(AttemptError::Final("busy"))).await, (failed(1, None), 1));
        let hour = Some(Duration::from_secs(3600));
        assert_eq!(run(&QUICK, None, &|_| Err(temporary(3, hour))).await, (failed(1, hour), 1), "too long to wait for");
        let soon = Some(Instant::now() + Duration::from_millis(20));
        assert_eq!(
            run(&POLICY, soon, &busy_until(2)).await,
            (failed(1, None), 1),
            "the pause is longer than what is left"
        );
    }

    #[tokio::test]
    async fn cancelling_ends_attempts_and_pauses() {
        let patient = RetryPolicy { first_pause: Duration::from_secs(3600), longest_pause: Duration::MAX, ..POLICY };
        for pending in [true, false] {
            let ctx = RequestContext::default();
            let attempt = || async {
                if pending {
                    std::future::pending::<()>().await;
                }
                Err::<(), _>(temporary(9, None))
            };
            let (ended, ()) = futures_util::future::join(patient.run(&ctx, None, attempt), async {
                tokio::task::yield_now().await;
                ctx.cancel.cancel();
            })
            .await;
            assert_eq!(ended, Err(RetryError::Cancelled));
        }
    }
}
