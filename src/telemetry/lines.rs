//! What a layer of the log sees: events by its own filter, and our own spans whatever that says.
//!
//! A filter of the log is about lines. What a line is about (`trace_id`, `job_id`, …) is said by the spans around it, so
//! a quiet log, or the one of errors alone, needs them as well; and traces are made of them.

use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Filter};

/// What the names of our modules begin with.
const OURS: &str = "resume_optimizer";

/// A filter of lines that leaves our own spans be.
#[derive(Debug)]
pub(in crate::telemetry) struct Lines<F>(pub(in crate::telemetry) F);

/// Whether it is a span that this program makes of itself. Those of other people's crates may hold what they work on.
pub(in crate::telemetry) fn is_our_span(about: &Metadata<'_>) -> bool {
    about.is_span() && *about.level() <= Level::INFO && about.target().starts_with(OURS)
}

impl<S, F: Filter<S>> Filter<S> for Lines<F> {
    fn enabled(&self, about: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        is_our_span(about) || self.0.enabled(about, context)
    }

    fn callsite_enabled(&self, about: &'static Metadata<'static>) -> Interest {
        // Asked in any case: a filter by the fields of spans learns of them here.
        let interest = self.0.callsite_enabled(about);
        if is_our_span(about) { Interest::always() } else { interest }
    }

    fn event_enabled(&self, event: &Event<'_>, context: &Context<'_, S>) -> bool {
        self.0.event_enabled(event, context)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.0.max_level_hint().map(|level| level.max(LevelFilter::INFO))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.0.on_new_span(attributes, id, context);
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        self.0.on_record(id, record, context);
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        self.0.on_enter(id, context);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        self.0.on_exit(id, context);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.0.on_close(id, context);
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::Layer as _;
    use tracing_subscriber::filter::LevelFilter;
    use tracing_subscriber::layer::SubscriberExt as _;

    use crate::telemetry::json::tests::lines_of;
    use crate::telemetry::lines::Lines;

    #[test]
    fn a_log_of_errors_alone_says_what_they_are_about() {
        let lines = lines_of(
            |lines| tracing_subscriber::registry().with(lines.with_filter(Lines(LevelFilter::ERROR))).into(),
            || {
                let request = tracing::info_span!("request", trace_id = "r1");
                let _entered = request.enter();
                // Not ours, and not as loud as it would have to be.
                let _theirs =
                    tracing::info_span!(target: "somebody", "theirs", word = "of a document").entered();
                tracing::warn!("not this one");
                tracing::error!("this one");
            },
        );
        assert_eq!(lines.len(), 1, "{lines:?}");
        let line = lines.first().cloned().unwrap_or_default();
        assert_eq!(
            (line.get("message"), line.get("trace_id")),
            (Some(&"this one".into()), Some(&"r1".into()))
        );
        assert!(line.get("word").is_none(), "{line}");
    }
}
