//! One JSON object a line, with the fields that log collectors are configured for.

use std::fmt;
use std::io::Write;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_appender::non_blocking::NonBlocking;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// A layer that writes events as JSON; fields of the spans around an event are laid flat beside its own.
pub(crate) struct JsonLines {
    to: NonBlocking,
}

impl JsonLines {
    pub(crate) fn new(to: NonBlocking) -> Self {
        Self { to }
    }
}

/// The fields of one span, kept with it.
struct SpanFields(Map<String, Value>);

impl<S> Layer<S> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else {
            return;
        };
        let mut extensions = span.extensions_mut();
        // Two of these layers may be in force; the fields are the same for both.
        if extensions.get_mut::<SpanFields>().is_none() {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            extensions.insert(SpanFields(fields.0));
        }
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else {
            return;
        };
        if let Some(SpanFields(kept)) = span.extensions_mut().get_mut::<SpanFields>() {
            let mut fields = Fields::default();
            record.record(&mut fields);
            kept.extend(fields.0);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut spans = Map::new();
        for span in context.event_scope(event).into_iter().flatten().collect::<Vec<_>>().into_iter().rev() {
            if let Some(SpanFields(fields)) = span.extensions().get::<SpanFields>() {
                spans.extend(fields.clone());
            }
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut line = object(event, fields.0, spans).to_string();
        line.push('\n');
        // Nobody is left to tell when logging itself fails.
        let _ = self.to.clone().write_all(line.as_bytes());
    }
}

fn object(event: &Event<'_>, mut fields: Map<String, Value>, spans: Map<String, Value>) -> Value {
    let about = event.metadata();
    // Events of the `log` crate arrive with a common description and bring their own as fields.
    let mut own = |name: &str| fields.shift_remove(name);
    let logger = own("log.target").unwrap_or_else(|| about.target().into());
    let module = own("log.module_path").unwrap_or_else(|| about.module_path().into());
    let line = own("log.line").unwrap_or_else(|| about.line().into());
    own("log.file");
    let message = own("message").unwrap_or_else(|| about.name().into());
    let exception = own("exception").or_else(|| own("error"));

    let mut object = Map::new();
    object.insert("timestamp".to_owned(), timestamp().into());
    object.insert("level".to_owned(), about.level().as_str().into());
    object.insert("logger".to_owned(), logger);
    object.insert("message".to_owned(), message);
    object.insert("module".to_owned(), module);
    object.insert("line".to_owned(), line);
    if let Some(exception) = exception {
        object.insert("exception".to_owned(), exception);
    }
    for (name, value) in spans.into_iter().chain(fields) {
        // The fixed fields keep their meaning whatever an event calls its own.
        if !FIXED.contains(&name.as_str()) {
            object.insert(name, value);
        }
    }
    Value::Object(object)
}

const FIXED: &[&str] = &["timestamp", "level", "logger", "message", "module", "line"];

fn timestamp() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// Collects fields as JSON values.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn set(&mut self, field: &Field, value: Value) {
        // `r#type` is how a field named like a keyword is written.
        let name = field.name();
        self.0.insert(name.strip_prefix("r#").unwrap_or(name).to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value.into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        self.set(field, text.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, format!("{value:?}").into());
    }
}

#[cfg(test)]
pub(in crate::telemetry) mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may panic; that is how it reports"
    )]

    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use serde_json::Value;
    use tracing::Dispatch;
    use tracing_subscriber::layer::SubscriberExt;

    use crate::telemetry::json::JsonLines;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that `work` logs.
    fn lines(work: impl FnOnce()) -> Vec<Value> {
        lines_of(|lines| tracing_subscriber::registry().with(lines).into(), work)
    }

    /// The lines that `work` logs where they go through what `wrap` makes of them.
    pub(in crate::telemetry) fn lines_of(
        wrap: impl FnOnce(JsonLines) -> Dispatch,
        work: impl FnOnce(),
    ) -> Vec<Value> {
        let memory = Memory::default();
        let (to, guard) = tracing_appender::non_blocking(memory.clone());
        tracing::dispatcher::with_default(&wrap(JsonLines::new(to)), work);
        drop(guard);
        let bytes = memory.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_has_the_fields_that_collectors_look_for() {
        let lines = lines(|| tracing::warn!(queue = "default", waiting = 3, "the queue is long"));
        let line = &lines[0];
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["message"], "the queue is long");
        assert_eq!(line["logger"], line["module"]);
        assert!(line["line"].is_u64());
        assert_eq!(line["waiting"], 3);
        assert!(chrono::DateTime::parse_from_rfc3339(line["timestamp"].as_str().unwrap()).is_ok());
    }

    #[test]
    fn an_event_carries_the_ids_of_the_spans_around_it() {
        let lines = lines(|| {
            let outer = tracing::info_span!("request", trace_id = "t1", user_id = tracing::field::Empty);
            outer.record("user_id", "u1");
            let _entered = outer.enter();
            let _inner = tracing::info_span!("attempt", job_id = "j1", task_id = "k1").entered();
            let error = io::Error::other("the disk is full");
            tracing::error!(error = &error as &dyn std::error::Error, line = "mine", "cannot store");
        });
        let line = &lines[0];
        for (name, value) in [("trace_id", "t1"), ("user_id", "u1"), ("job_id", "j1"), ("task_id", "k1")] {
            assert_eq!(line[name], value);
        }
        assert_eq!(line["exception"], "the disk is full");
        assert!(line["line"].is_u64(), "an event cannot take a fixed field over");
    }
}
