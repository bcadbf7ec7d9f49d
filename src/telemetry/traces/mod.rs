//! Traces: a request and all the work that it asks for as one tree of spans, in whichever processes that is done.
//!
//! They are made of the same `tracing` spans as the log's lines and sent by OTLP where `telemetry.otlp_endpoint` says so;
//! `shape` says what each is called there, `export` sends them. A task takes along where its trace goes on and which
//! request asked for it ([`carried`]), so that the lines of its attempts name that request, also where no traces are sent.
//! Attributes are identifiers, names of our own and counts: never a path, an address or a word of a document.

mod export;
mod shape;

use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{SpanContext, Status, TraceContextExt as _, TracerProvider as _};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::config;
use crate::telemetry::ids;
use crate::telemetry::traces::shape::Shaped;

pub(in crate::telemetry) use crate::telemetry::traces::export::FLUSH;

/// Whether traces are sent; nothing is made up for them otherwise.
static ON: AtomicBool = AtomicBool::new(false);

/// The header by which the world tells where a trace goes on (W3C Trace Context).
pub const TRACEPARENT: &str = "traceparent";
/// How attempts end that did what was wanted of them.
const GOOD_ENDS: [&str; 3] = ["completed", "cancelled", "released"];

/// A span that another one goes on from, in another process or before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent(SpanContext);

impl Parent {
    /// What a `traceparent` says; `None` when it says nothing that can be used.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &Header(text));
        let parent = context.span().span_context().clone();
        parent.is_valid().then_some(Self(parent))
    }

    /// The trace's id: 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        self.0.trace_id().to_string()
    }
}

/// One header, as the propagator asks for it.
struct Header<'a>(&'a str);

impl Extractor for Header<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == TRACEPARENT).then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

/// Whether traces are sent.
#[must_use]
pub fn are_sent() -> bool {
    ON.load(Ordering::Relaxed)
}

/// What sends the traces of this process; `None` where none are wanted. Waits for nobody.
///
/// # Errors
/// What is wrong with the settings, as a sentence.
pub(in crate::telemetry) fn provider(
    settings: &config::Telemetry,
) -> Result<Option<SdkTracerProvider>, String> {
    if settings.otlp_endpoint.is_empty() { Ok(None) } else { export::provider(settings).map(Some) }
}

/// The layer that makes traces of spans.
pub(in crate::telemetry) fn layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    ON.store(true, Ordering::Relaxed);
    tracing_opentelemetry::layer()
        .with_tracer(Shaped(provider.tracer(env!("CARGO_PKG_NAME"))))
        // Where in our sources a span begins and on which thread tells whoever reads a trace nothing, with every span.
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        // What is around a span is what `tracing` says, on every thread.
        .with_context_activation(false)
}

/// Tells a request's span what is asked, and where its trace began if that was elsewhere. Before anything else is done
/// with the span. `route` is the pattern; `None` where there is none.
pub fn asked(span: &Span, method: &'static str, route: Option<&str>, parent: Option<&Parent>) {
    if !are_sent() {
        return;
    }
    hang(span, parent);
    span.set_attribute(shape::METHOD, method);
    if let Some(route) = route {
        span.set_attribute(shape::ROUTE, route.to_owned());
    }
}

/// Tells a request's span how it was answered; `code` is the problem's, where it is one.
pub fn answered(span: &Span, status: u16, code: Option<&'static str>) {
    if !are_sent() {
        return;
    }
    span.set_attribute("http.response.status_code", i64::from(status));
    // What a client does wrong is no error of the server.
    if status >= 500 {
        span.set_attribute("error.type", code.map_or_else(|| status.to_string(), ToOwned::to_owned));
        span.set_status(Status::error(""));
    }
}

/// The id of the trace that a span is part of; `None` where no traces are sent.
#[must_use]
pub fn trace_id(span: &Span) -> Option<String> {
    let context = where_it_is(span)?;
    Some(context.trace_id().to_string())
}

/// Puts the id of the request that the work is for into the lines of its span, and where the trace has another one, that
/// as well. The span has the fields `trace_id` and `otel_trace_id`, empty until now.
pub fn name(span: &Span, request: &str) {
    span.record("trace_id", request);
    if let Some(trace) = trace_id(span).filter(|trace| trace != request) {
        span.record("otel_trace_id", trace);
    }
}

/// The span of putting tasks of a kind into a queue; none where no traces are sent, or nothing around it would be its
/// trace.
#[must_use]
pub fn enqueue(queue: &'static str, kind: &str, tasks: usize) -> Span {
    if !are_sent() || Span::current().is_none() {
        return Span::none();
    }
    let span = tracing::info_span!("enqueue");
    span.set_attribute(shape::KIND, kind.to_owned());
    message(&span, queue, "enqueue", "send");
    if tasks > 1 {
        span.set_attribute("messaging.batch.message_count", i64::try_from(tasks).unwrap_or(i64::MAX));
    }
    span
}

/// Tells the span of an enqueue which task came of it.
pub fn enqueued(span: &Span, task: &impl ToString) {
    if are_sent() {
        span.set_attribute("messaging.message.id", task.to_string());
    }
}

/// What a task takes along of the span that it is put in under: the request's id and, where traces are sent, where the
/// trace goes on. `None` where neither is known.
#[must_use]
pub fn carried() -> Option<String> {
    let span = Span::current();
    if span.is_none() {
        return None;
    }
    let (request, context) = (ids::of(&span), where_it_is(&span));
    match (request, context) {
        (request, Some(context)) => {
            let request = request.unwrap_or_else(|| context.trace_id().to_string());
            Some(format!("{request} {}", traceparent(&context)))
        }
        (request, None) => request,
    }
}

/// Lets an attempt's span go on from what its task took along. Before anything else is done with the span, which has the
/// fields that [`name`] wants.
pub fn resume(span: &Span, carried: Option<&str>) {
    let (request, parent) = match carried.map(|carried| carried.split_once(' ').unwrap_or((carried, ""))) {
        Some((request, parent)) => (Some(request), Parent::parse(parent)),
        None => (None, None),
    };
    if are_sent() {
        hang(span, parent.as_ref());
    }
    // What nobody asked for is named after its own trace.
    if let Some(request) = request.map(ToOwned::to_owned).or_else(|| trace_id(span)) {
        name(span, &request);
    }
}

/// Tells an attempt's span what it is an attempt of.
pub fn attempted(span: &Span, queue: &'static str, task: &impl ToString) {
    if are_sent() {
        message(span, queue, "run", "process");
        span.set_attribute("messaging.message.id", task.to_string());
    }
}

/// Tells an attempt's span how it ended.
pub fn ended(span: &Span, outcome: &'static str) {
    if !are_sent() {
        return;
    }
    span.set_attribute("outcome", outcome);
    if !GOOD_ENDS.contains(&outcome) {
        span.set_attribute("error.type", outcome);
        span.set_status(Status::error(""));
    }
}

fn message(span: &Span, queue: &'static str, name: &'static str, kind: &'static str) {
    span.set_attribute("messaging.system", "resume_optimizer");
    span.set_attribute("messaging.destination.name", queue);
    span.set_attribute("messaging.operation.name", name);
    span.set_attribute("messaging.operation.type", kind);
}

fn hang(span: &Span, parent: Option<&Parent>) {
    if let Some(Parent(parent)) = parent {
        // Refused for a span that is not recorded, which has no parent to have.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent.clone()));
    }
}

/// Where in which trace a span is; begins it there.
fn where_it_is(span: &Span) -> Option<SpanContext> {
    if !are_sent() {
        return None;
    }
    let context = span.context().span().span_context().clone();
    context.is_valid().then_some(context)
}

fn traceparent(context: &SpanContext) -> String {
    let (trace, span, flags) = (context.trace_id(), context.span_id(), context.trace_flags());
    format!("00-{trace}-{span}-{:02x}", flags.to_u8())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use tracing::field::Empty;
    use tracing_subscriber::layer::SubscriberExt as _;

    use crate::telemetry::ids::{self, Ids};
    use crate::telemetry::traces::{Parent, carried, resume};

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn what_is_no_traceparent_is_none() {
        let told = format!("00-{TRACE}-00f067aa0ba902b7-01");
        assert_eq!(Parent::parse(&told).unwrap().trace_id(), TRACE);
        for odd in
            ["", "00", TRACE, &told.to_uppercase(), &told.replace("00f067aa0ba902b7", "0000000000000000")]
        {
            assert_eq!(Parent::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_task_takes_the_id_of_its_request_along_also_where_no_traces_are_sent() {
        assert_eq!(carried(), None, "where nobody asks");
        tracing::subscriber::with_default(tracing_subscriber::registry().with(Ids), || {
            let request = tracing::info_span!("request", trace_id = "r1");
            let taken = request.in_scope(|| tracing::info_span!("stage").in_scope(carried));
            assert_eq!(taken.as_deref(), Some("r1"));
            // By itself, with a trace that somebody else sends, and not at all.
            let with_trace = format!("r1 00-{TRACE}-00f067aa0ba902b7-01");
            for (taken, expected) in [(Some("r1"), Some("r1")), (Some(&with_trace), Some("r1")), (None, None)]
            {
                let attempt = tracing::info_span!("task", trace_id = Empty, otel_trace_id = Empty);
                resume(&attempt, taken);
                assert_eq!(ids::of(&attempt).as_deref(), expected);
            }
        });
    }
}
