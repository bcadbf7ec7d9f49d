//! What our spans are in OpenTelemetry's words: their names and kinds, and which of them begin a trace.
//!
//! Names are few and stay: a route's pattern, a kind of task, a stage. Fields of the spans stay attributes under the
//! names that they have in the log, so that what is searched for in the one is found in the other.

use std::borrow::Cow;

use opentelemetry::trace::{Link, SpanBuilder, SpanKind, TraceId, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingResult, SdkTracer, ShouldSample, Span};

/// The method of a request.
pub(in crate::telemetry::traces) const METHOD: &str = "http.request.method";
/// The pattern of a request's route.
pub(in crate::telemetry::traces) const ROUTE: &str = "http.route";
/// The kind of a task.
pub(in crate::telemetry::traces) const KIND: &str = "kind";
/// The stage of a job.
const STAGE: &str = "stage";
/// Asked every few seconds for ever by whoever looks after the service: most traces would be of these.
const PROBES: [&str; 3] = ["/health", "/ready", "/metrics"];

/// A tracer that gives spans their names and kinds.
#[derive(Debug)]
pub(in crate::telemetry::traces) struct Shaped(pub(in crate::telemetry::traces) SdkTracer);

impl Tracer for Shaped {
    type Span = Span;

    fn build_with_context(&self, mut builder: SpanBuilder, parent: &Context) -> Span {
        let attributes = builder.attributes.as_deref().unwrap_or_default();
        let (name, kind) = shape(&builder.name, attributes);
        if let Some(name) = name {
            builder.name = Cow::Owned(name);
        }
        builder.span_kind = Some(kind);
        self.0.build_with_context(builder, parent)
    }
}

/// What a span is called, where that is not its own name, and what kind it is of.
fn shape(name: &str, attributes: &[KeyValue]) -> (Option<String>, SpanKind) {
    let of = |key: &str| attribute(attributes, key);
    match name {
        "request" => {
            let method = of(METHOD).filter(|method| *method != OTHER_METHOD);
            let named =
                [method.as_deref().unwrap_or("HTTP"), of(ROUTE).as_deref().unwrap_or_default()].join(" ");
            (Some(named.trim_end().to_owned()), SpanKind::Server)
        }
        "enqueue" => (of(KIND).map(|kind| format!("enqueue {kind}")), SpanKind::Producer),
        "task" => (of(KIND).map(|kind| format!("run {kind}")), SpanKind::Consumer),
        "stage" => (of(STAGE).map(Cow::into_owned), SpanKind::Internal),
        _ => (None, SpanKind::Internal),
    }
}

/// Stands for the methods that clients make up.
const OTHER_METHOD: &str = "_OTHER";

fn attribute<'a>(attributes: &'a [KeyValue], key: &str) -> Option<Cow<'a, str>> {
    attributes.iter().find(|attribute| attribute.key.as_str() == key).map(|found| found.value.as_str())
}

/// Whether a trace is sent: its beginning decides for all of it, in whichever processes it goes on.
pub(in crate::telemetry::traces) fn sampler(ratio: f64) -> Sampler {
    Sampler::ParentBased(Box::new(Beginnings(Sampler::TraceIdRatioBased(ratio))))
}

/// Decides about traces that begin here. Their ids are ours, so that nobody chooses one that is sent.
#[derive(Debug, Clone)]
struct Beginnings(Sampler);

impl ShouldSample for Beginnings {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let is_probe = attribute(attributes, ROUTE).is_some_and(|route| PROBES.contains(&&*route));
        let sampler = if is_probe { &Sampler::AlwaysOff } else { &self.0 };
        sampler.should_sample(parent, trace_id, name, kind, attributes, links)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use opentelemetry::KeyValue;
    use opentelemetry::trace::{SpanKind, TraceId};
    use opentelemetry_sdk::trace::{SamplingDecision, ShouldSample as _};

    use crate::telemetry::traces::shape::{KIND, METHOD, ROUTE, sampler, shape};

    #[track_caller]
    fn check(name: &str, attributes: &[(&'static str, &'static str)], expected: &str, kind: &SpanKind) {
        let attributes: Vec<_> = attributes.iter().map(|(key, value)| KeyValue::new(*key, *value)).collect();
        let (named, found) = shape(name, &attributes);
        assert_eq!((named.as_deref().unwrap_or(name), &found), (expected, kind));
    }

    #[test]
    fn spans_have_few_names() {
        let route = "/api/v1/jobs/{job_id}";
        check("request", &[(METHOD, "GET"), (ROUTE, route)], "GET /api/v1/jobs/{job_id}", &SpanKind::Server);
        check("request", &[(METHOD, "GET")], "GET", &SpanKind::Server);
        check("request", &[(METHOD, "_OTHER")], "HTTP", &SpanKind::Server);
        check("enqueue", &[(KIND, "optimize")], "enqueue optimize", &SpanKind::Producer);
        check("task", &[(KIND, "optimize")], "run optimize", &SpanKind::Consumer);
        check("stage", &[("stage", "match")], "match", &SpanKind::Internal);
        check("job", &[], "job", &SpanKind::Internal);
    }

    #[test]
    fn probes_begin_no_trace_and_the_ratio_is_kept() {
        let sent = |ratio: f64, route: &'static str| {
            let sampler = sampler(ratio);
            let begins = |number: u64| {
                let id = TraceId::from(u128::from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
                let attributes = [KeyValue::new(ROUTE, route)];
                let result = sampler.should_sample(None, id, "request", &SpanKind::Server, &attributes, &[]);
                result.decision == SamplingDecision::RecordAndSample
            };
            u32::try_from((1..=1000).filter(|number| begins(*number)).count()).unwrap()
        };
        assert_eq!(sent(1.0, "/api/v1/jobs"), 1000);
        assert_eq!(sent(0.0, "/api/v1/jobs"), 0);
        assert!((200..300).contains(&sent(0.25, "/api/v1/jobs")));
        for probe in ["/health", "/ready", "/metrics"] {
            assert_eq!(sent(1.0, probe), 0);
        }
    }
}
