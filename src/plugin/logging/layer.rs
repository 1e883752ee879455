//! The `tracing` layer: collects the fields of an event and its spans, and writes a [`Line`].

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde_json::Value as Json;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::line::Line;
use crate::connect::error_chain;

/// Writes events in hclog's format.
pub(super) struct Hclog<W> {
    level: LevelFilter,
    write: W,
}

impl<W: Fn(&[u8])> Hclog<W> {
    pub(super) fn new(level: LevelFilter, write: W) -> Self {
        Self { level, write }
    }

    /// anu's events at the selected level. From libraries only warnings and errors: at lower levels HTTP libraries log
    /// headers, which contain tokens.
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let ours = ["anu", "terraform_provider_anu"].iter().any(|name| {
            metadata.target().strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        });
        let most = if ours { Level::TRACE } else { Level::WARN };
        *metadata.level() <= most && *metadata.level() <= self.level
    }
}

impl<S, W> Layer<S> for Hclog<W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: Fn(&[u8]) + 'static,
{
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            record.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut gathered = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(fields) = span.extensions().get::<Fields>() {
                gathered.0.extend(fields.0.iter().map(|(name, value)| (*name, value.clone())));
            }
        }
        // A span's field called "message" is not the event's message.
        gathered.0.remove(MESSAGE);
        event.record(&mut gathered);
        let message = match gathered.0.remove(MESSAGE) {
            Some(Json::String(text)) => text,
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let metadata = event.metadata();
        let line = Line { level: *metadata.level(), module: metadata.target(), message, fields: gathered.0 };
        #[allow(
            clippy::disallowed_methods,
            reason = "the rendering of a line receives the time, and is tested without this"
        )]
        (self.write)(&line.render(Timestamp::now()));
    }
}

const MESSAGE: &str = "message";

/// Fields by name.
#[derive(Debug, Default)]
struct Fields(BTreeMap<&'static str, Json>);

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Json>) {
        let name = field.name();
        self.0.insert(name.strip_prefix("r#").unwrap_or(name), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no infinity and no NaN.
        let number = serde_json::Number::from_f64(value).map(Json::Number);
        self.set(field, number.unwrap_or_else(|| value.to_string().into()));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.set(field, error_chain(value));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::registry::Registry;

    use super::*;

    fn logged(level: LevelFilter, work: impl FnOnce()) -> Vec<Json> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        let layer = Hclog::new(level, move |line: &[u8]| {
            sink.lock().expect("sound").push(serde_json::from_slice::<Json>(line).expect("JSON"));
        });
        tracing::subscriber::with_default(Registry::default().with(layer), work);
        let lines = lines.lock().expect("sound");
        lines.clone()
    }

    #[test]
    fn an_event_carries_the_fields_of_its_spans() {
        let lines = logged(LevelFilter::DEBUG, || {
            let outer =
                tracing::error_span!("rpc", { super::super::keys::RPC } = "ReadResource", late = tracing::field::Empty);
            outer.record("late", 2);
            let _outer = outer.enter();
            let _inner = tracing::info_span!("call", url = "https://example.com", message = "not this one").entered();
            tracing::info!(n = 3, infinite = f64::INFINITY, "hello {}", "world");
            tracing::trace!("too fine");
        });
        assert_eq!(lines.len(), 1);
        let line = &lines[0];
        assert_eq!(line["@message"], "hello world");
        assert_eq!(line["@level"], "info");
        assert_eq!(line["tf_rpc"], "ReadResource");
        assert_eq!((&line["late"], &line["n"]), (&2.into(), &3.into()));
        assert_eq!(line["url"], "https://example.com");
        assert_eq!(line["infinite"], "inf");
    }

    #[test]
    fn invalid_fields_are_harmless() {
        let lines = logged(LevelFilter::TRACE, || {
            tracing::info!("@message" = 3, "@level" = true, "@timestamp" = 1.5, r#type = "x", "hello");
            tracing::info!(message = 7);
            tracing::info!(n = 1);
            let error = std::io::Error::other(std::io::Error::other("the cause"));
            tracing::error!(error = &error as &dyn std::error::Error, "failed");
        });
        assert_eq!(lines.len(), 4);
        for line in &lines {
            for name in ["@message", "@level", "@timestamp", "@module"] {
                assert!(line[name].is_string(), "{name} of {line}");
            }
        }
        assert_eq!(lines[0]["type"], "x");
        assert_eq!(lines[1]["@message"], "7");
        assert_eq!(lines[2]["@message"], "");
    }

    #[test]
    fn libraries_log_only_warnings_and_errors() {
        let lines = logged(LevelFilter::TRACE, || {
            tracing::debug!(target: "h2::client", "authorization: secret");
            tracing::warn!(target: "hyper", "gone");
            tracing::trace!(target: "anu::x", "ours");
            tracing::trace!(target: "anupam", "not ours");
        });
        let messages: Vec<_> = lines.iter().filter_map(|line| line["@message"].as_str()).collect();
        assert_eq!(messages, ["gone", "ours"]);
    }
}
