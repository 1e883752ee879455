//! The handling of panics.
//!
//! A panic in an RPC becomes an error diagnostic, and the process continues. A panic elsewhere must be printed for Terraform,
//! which shows a crash only if a line on stderr starts with `panic: ` as in Go; it ignores Rust's "thread 'x' panicked at".
//! The hook prints such a line, except in an RPC.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

/// The name of the runtime's threads.
pub(super) const WORKER: &str = "anu-worker";

/// The number of RPCs in flight.
pub(super) fn under_way() -> usize {
    UNDER_WAY.load(Ordering::Relaxed)
}

static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Whether this thread is polling an RPC.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// The place of this thread's last panic.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A caught panic. Its message may contain a user's values, so it is in the log only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Panicked {
    /// File and line.
    pub place: Option<String>,
}

/// Replaces Rust's hook.
pub(super) fn install_hook() {
    std::panic::set_hook(Box::new(report));
}

fn report(info: &PanicHookInfo<'_>) {
    let message = text(info.payload());
    let place = info.location().map(|place| format!("{}:{}", place.file(), place.line()));
    tracing::error!(place, message, "a panic: this is a bug in anu");
    if is_caught() {
        PLACE.set(place);
    } else {
        let place = place.unwrap_or_default();
        // Not a log line: Terraform must receive it even if logging is off.
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            format!("panic: {message}\n\nat {place}\nThis is a bug in anu.\n").as_bytes(),
        );
    }
}

/// Whether a panic on this thread becomes a diagnostic: it is in an RPC, or in a task of the runtime while an RPC is in flight,
/// because tokio returns the panic to the awaiting call.
fn is_caught() -> bool {
    INSIDE.get() || (under_way() > 0 && std::thread::current().name().is_some_and(|name| name == WORKER))
}

fn text(payload: &(dyn Any + Send)) -> &str {
    let string = payload.downcast_ref::<String>().map(String::as_str);
    string.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("(no message)")
}

/// Runs an RPC and catches its panics.
pub(super) async fn caught<F: Future>(work: F) -> Result<F::Output, Panicked> {
    let _under_way = UnderWay::new();
    let mut work = Some(Box::pin(work));
    std::future::poll_fn(move |context| {
        let Some(running) = work.as_mut() else { return Poll::Pending };
        let _inside = Inside::enter();
        match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(_) => {
                let place = PLACE.take();
                // After a panic the drop of inconsistent state may panic again.
                let left = work.take();
                let _ = catch_unwind(AssertUnwindSafe(|| drop(left)));
                Poll::Ready(Err(Panicked { place }))
            }
        }
    })
    .await
}

/// Runs a long computation on a thread for blocking work, so that the runtime's threads remain free for cancellation and other
/// calls. A panic continues in the caller, with its place.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let span = tracing::Span::current();
    let done = tokio::task::spawn_blocking(move || {
        let _entered = span.entered();
        let _inside = Inside::enter();
        catch_unwind(AssertUnwindSafe(work)).map_err(|payload| (payload, PLACE.take()))
    });
    match done.await {
        Ok(Ok(done)) => done,
        Ok(Err((payload, place))) => {
            PLACE.set(place);
            resume_unwind(payload)
        }
        // The runtime ends, and the caller with it.
        Err(_) => std::future::pending().await,
    }
}

struct UnderWay;

impl UnderWay {
    fn new() -> Self {
        UNDER_WAY.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        UNDER_WAY.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Records that this thread polls an RPC, until it is dropped.
struct Inside(bool);

impl Inside {
    fn enter() -> Self {
        Self(INSIDE.replace(true))
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_answer_and_work_goes_on() {
        assert_eq!(caught(async { 1 }).await, Ok(1));
        let panicked = caught(async {
            tokio::task::yield_now().await;
            panic!("secret");
        });
        assert!(panicked.await.is_err());
        assert!(!INSIDE.get());
        assert_eq!(caught(async { 2 }).await, Ok(2));
    }

    #[tokio::test]
    async fn a_panic_of_blocking_work_is_an_answer_too() {
        assert_eq!(caught(blocking(|| 1)).await, Ok(1));
        assert!(caught(blocking(|| panic!("secret"))).await.is_err());
        assert!(!INSIDE.get());
        assert_eq!(caught(blocking(|| 2)).await, Ok(2));
    }

    #[tokio::test]
    async fn a_second_panic_while_dropping_is_caught_too() {
        struct Twice;
        impl Future for Twice {
            type Output = ();
            fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<()> {
                panic!("first");
            }
        }
        impl Drop for Twice {
            fn drop(&mut self) {
                panic!("second");
            }
        }
        assert!(caught(Twice).await.is_err());
    }
}
