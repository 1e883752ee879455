//! The common part of all calls: a span, a duration, and a response in every case.

use crate::codes;
use std::hash::{BuildHasher as _, RandomState};
use std::pin::Pin;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use futures_util::{Stream, StreamExt as _, stream};
use tonic::Status;
use tracing::Instrument as _;
use tracing::field::Empty;

use super::super::logging::keys;
use super::super::panics::{Panicked, caught};
use super::super::proto::tfplugin6 as wire;
use super::super::to_wire;
use crate::sdk::{Diagnostic, Diagnostics, FunctionError};

/// The field set of `proto/tfplugin6.proto`.
const PROTOCOL_VERSION: &str = "6.11";

/// The subject of a call, for the log.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject<'a> {
    None,
    Resource(&'a str),
    DataSource(&'a str),
    Function(&'a str),
}

/// A call in flight.
pub(super) struct Call {
    name: &'static str,
    span: tracing::Span,
    began: Instant,
}

impl Call {
    pub(super) fn new(name: &'static str, subject: Subject<'_>, address: &'static str) -> Self {
        // At error level, so that lines of every level have these fields.
        let span = tracing::error_span!(
            "rpc",
            { keys::RPC } = name,
            { keys::REQUEST_ID } = Empty,
            { keys::PROVIDER_ADDRESS } = address,
            { keys::PROTOCOL_VERSION } = PROTOCOL_VERSION,
            { keys::RESOURCE_TYPE } = Empty,
            { keys::DATA_SOURCE_TYPE } = Empty,
            { keys::FUNCTION } = Empty,
        );
        if !span.is_disabled() {
            span.record(keys::REQUEST_ID, request_id());
            match subject {
                Subject::None => &span,
                Subject::Resource(name) => span.record(keys::RESOURCE_TYPE, name),
                Subject::DataSource(name) => span.record(keys::DATA_SOURCE_TYPE, name),
                Subject::Function(name) => span.record(keys::FUNCTION, name),
            };
        }
        Self { name, span, began: Instant::now() }
    }

    /// Runs the call. Errors and panics become diagnostics of the response.
    pub(super) async fn answer<A: Answer>(self, work: impl Future<Output = Result<A, Diagnostics>>) -> A {
        let Self { name, span, began } = self;
        let work = async {
            tracing::trace!("received a request");
            let answer = settled(name, caught(work).await);
            answered(began, answer.counts());
            answer
        };
        work.instrument(span).await
    }

    /// Runs a call with several response messages. An error or a panic becomes the last of them.
    pub(super) fn stream<A: Answer + Send + 'static>(
        self,
        work: impl Stream<Item = Result<A, Diagnostics>> + Send + 'static,
    ) -> Messages<A> {
        let Self { name, span, began } = self;
        span.in_scope(|| tracing::trace!("received a request"));
        let work: Pin<Box<dyn Stream<Item = _> + Send>> = Box::pin(work);
        Box::pin(stream::unfold((Some(work), (0, 0)), move |(work, (errors, warnings))| {
            let next = async move {
                let mut work = work?;
                // The guard owns the work: what a panic left half done is dropped there.
                let next = caught(async move { work.next().await.map(|message| (message, work)) }).await;
                let (result, rest) = match next {
                    Ok(Some((Ok(message), rest))) => (Ok(Ok(message)), Some(rest)),
                    Ok(Some((Err(diagnostics), _))) => (Ok(Err(diagnostics)), None),
                    Ok(None) => {
                        answered(began, (errors, warnings));
                        return None;
                    }
                    Err(panicked) => (Err(panicked), None),
                };
                let message: A = settled(name, result);
                let (more_errors, more_warnings) = message.counts();
                let counts = (errors + more_errors, warnings + more_warnings);
                if rest.is_none() {
                    answered(began, counts);
                }
                Some((Ok(message), (rest, counts)))
            };
            next.instrument(span.clone())
        }))
    }
}

/// The response messages for core.
pub(super) type Messages<A> = Pin<Box<dyn Stream<Item = Result<A, Status>> + Send>>;

/// The result of a call as a message.
fn settled<A: Answer>(call: &str, result: Result<Result<A, Diagnostics>, Panicked>) -> A {
    match result {
        Ok(Ok(answer)) => answer,
        Ok(Err(diagnostics)) => A::failed(diagnostics),
        Err(panicked) => {
            // The message is in the log only: it may contain a value.
            let place = panicked.place.map(|place| format!(" at {place}")).unwrap_or_default();
            let bug = format!("The call `{call}` panicked{place}. The log (TF_LOG=ERROR) has its message.");
            A::failed(Diagnostic::bug(bug).into())
        }
    }
}

fn answered(began: Instant, (errors, warnings): (u64, u64)) {
    tracing::debug!(
        { keys::DURATION } = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        { keys::ERRORS } = errors,
        { keys::WARNINGS } = warnings,
        "sent a response",
    );
}

/// Identifies the lines of this call among those of all processes.
fn request_id() -> String {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("{:016x}-{}", *PROCESS, COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A response that can contain errors.
pub(super) trait Answer: Sized {
    /// A response with diagnostics only.
    fn failed(diagnostics: Diagnostics) -> Self;
    /// The numbers of errors and warnings in it.
    fn counts(&self) -> (u64, u64);
}

/// Counts the diagnostics of a response.
fn counts(diagnostics: &[wire::Diagnostic]) -> (u64, u64) {
    let of = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity() == severity).count() as u64;
    (of(wire::diagnostic::Severity::Error), of(wire::diagnostic::Severity::Warning))
}

macro_rules! answers {
    ($($messages:ident),* $(,)?) => {$(
        impl Answer for wire::$messages::Response {
            // Some messages have no other field.
            #[allow(clippy::needless_update, reason = "some responses have no other field")]
            fn failed(diagnostics: Diagnostics) -> Self {
                Self { diagnostics: to_wire::diagnostics(diagnostics), ..Default::default() }
            }

            fn counts(&self) -> (u64, u64) {
                counts(&self.diagnostics)
            }
        }
    )*};
}

answers! {
    get_metadata, get_provider_schema, get_functions, get_resource_identity_schemas,
    validate_provider_config, configure_provider,
    validate_resource_config, upgrade_resource_state, read_resource, plan_resource_change, apply_resource_change,
    import_resource_state, move_resource_state, upgrade_resource_identity, generate_resource_config,
    validate_data_resource_config, read_data_source,
    validate_ephemeral_resource_config, open_ephemeral_resource, renew_ephemeral_resource, close_ephemeral_resource,
    validate_list_resource_config, plan_action, validate_action_config,
    validate_state_store, configure_state_store, read_state_bytes, write_state_bytes, lock_state, unlock_state, get_states, delete_state,
}

impl Answer for wire::stop_provider::Response {
    fn failed(diagnostics: Diagnostics) -> Self {
        Self { error: text(&diagnostics) }
    }

    fn counts(&self) -> (u64, u64) {
        (u64::from(!self.error.is_empty()), 0)
    }
}

impl Answer for wire::call_function::Response {
    fn failed(diagnostics: Diagnostics) -> Self {
        let first = diagnostics.iter().next().map_or(codes::BUG, |diagnostic| diagnostic.code);
        let text = FunctionError::whole(first, text(&diagnostics)).sentence();
        let error = wire::FunctionError { text, function_argument: None };
        Self { result: None, error: Some(error) }
    }

    fn counts(&self) -> (u64, u64) {
        (u64::from(self.error.is_some()), 0)
    }
}

impl Answer for wire::list_resource::Event {
    fn failed(diagnostics: Diagnostics) -> Self {
        Self { diagnostic: to_wire::diagnostics(diagnostics), ..Default::default() }
    }

    fn counts(&self) -> (u64, u64) {
        counts(&self.diagnostic)
    }
}

impl Answer for wire::invoke_action::Event {
    fn failed(diagnostics: Diagnostics) -> Self {
        let completed = wire::invoke_action::event::Completed { diagnostics: to_wire::diagnostics(diagnostics) };
        Self { r#type: Some(wire::invoke_action::event::Type::Completed(completed)) }
    }

    fn counts(&self) -> (u64, u64) {
        match &self.r#type {
            Some(wire::invoke_action::event::Type::Completed(completed)) => counts(&completed.diagnostics),
            _ => (0, 0),
        }
    }
}

/// Diagnostics as text, for messages that have only a text field.
fn text(diagnostics: &Diagnostics) -> String {
    let texts = diagnostics.iter().map(|diagnostic| format!("{}: {}", diagnostic.summary, diagnostic.detail));
    texts.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    type Event = wire::list_resource::Event;

    fn texts(event: &Event) -> Vec<&str> {
        event.diagnostic.iter().map(|diagnostic| diagnostic.summary.as_str()).collect()
    }

    async fn all(work: impl Stream<Item = Result<Event, Diagnostics>> + Send + 'static) -> Vec<Event> {
        let messages = Call::new("ListResource", Subject::Resource("anu_made_up"), "example.com/a/b").stream(work);
        messages.map(|message| message.expect("a message, never a status")).collect().await
    }

    #[tokio::test]
    async fn a_stream_is_passed_on_to_its_end() {
        assert_eq!(all(stream::iter([Ok(Event::default()), Ok(Event::default())])).await.len(), 2);
        assert!(all(stream::iter([])).await.is_empty());
    }

    #[tokio::test]
    async fn an_error_is_the_last_message_of_a_stream() {
        let failed = Diagnostics::from(Diagnostic::new(codes::INVALID_VALUE, "For this test."));
        let events = all(stream::iter([Ok(Event::default()), Err(failed), Ok(Event::default())])).await;
        assert_eq!(events.iter().map(texts).collect::<Vec<_>>(), [vec![], vec!["Invalid value"]]);
    }

    #[tokio::test]
    async fn a_panic_is_the_last_message_of_a_stream() {
        let work = stream::iter(0..3).map(|nth| if nth == 1 { panic!("secret") } else { Ok(Event::default()) });
        let events = all(work).await;
        let [first, last] = events.as_slice() else { panic!("{events:?}") };
        assert!(first.diagnostic.is_empty());
        let [bug] = last.diagnostic.as_slice() else { panic!("{last:?}") };
        assert!(bug.detail.contains("The call `ListResource` panicked"), "{}", bug.detail);
        assert!(!bug.detail.contains("secret"), "{}", bug.detail);
    }
}
