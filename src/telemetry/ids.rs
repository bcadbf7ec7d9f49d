//! The id of the request that a piece of work is for, to be had wherever its span is the current one.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Span, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

/// The field that has it, in spans and in lines.
const FIELD: &str = "trace_id";

/// A layer that keeps each span's id with it.
#[derive(Debug)]
pub(in crate::telemetry) struct Ids;

/// The id of one span, kept with it.
struct RequestId(String);

/// The id of this span, or of the next one around it that has one.
pub(in crate::telemetry) fn of(span: &Span) -> Option<String> {
    let found = span.with_subscriber(|(id, dispatch)| {
        let registry = dispatch.downcast_ref::<Registry>()?;
        let mut around = registry.span(id)?.scope();
        around.find_map(|span| span.extensions().get::<RequestId>().map(|id| id.0.clone()))
    });
    found.flatten()
}

impl<S> Layer<S> for Ids
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut seen = Seen(None);
        attributes.record(&mut seen);
        keep(seen, id, &context);
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        let mut seen = Seen(None);
        record.record(&mut seen);
        keep(seen, id, &context);
    }
}

fn keep<S>(seen: Seen, id: &Id, context: &Context<'_, S>)
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    if let (Some(request), Some(span)) = (seen.0, context.span(id)) {
        span.extensions_mut().replace(RequestId(request));
    }
}

/// The id among a span's fields.
struct Seen(Option<String>);

impl Visit for Seen {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == FIELD {
            self.0 = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == FIELD {
            self.0 = Some(format!("{value:?}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use crate::telemetry::ids::{self, Ids};

    #[test]
    fn work_knows_the_request_that_it_is_for() {
        let lines = tracing_subscriber::registry().with(Ids);
        tracing::subscriber::with_default(lines, || {
            let nobodys = tracing::info_span!("work", job_id = "j1");
            assert_eq!(ids::of(&nobodys), None);
            let request = tracing::info_span!("request", trace_id = tracing::field::Empty);
            assert_eq!(ids::of(&request), None);
            request.record("trace_id", "r1");
            let inner = request.in_scope(|| tracing::info_span!("work", job_id = "j1"));
            assert_eq!(ids::of(&inner).as_deref(), Some("r1"));
            let own = request.in_scope(|| tracing::info_span!("task", trace_id = %"r2"));
            assert_eq!(ids::of(&own).as_deref(), Some("r2"), "its own comes first");
        });
        assert_eq!(ids::of(&tracing::info_span!("work")), None, "where nobody listens");
    }
}
