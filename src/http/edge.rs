//! What every request passes on its way in and out: its id, its log line and numbers, its deadline, its headers.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};
use futures_util::FutureExt;
use ipnet::IpNet;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::app::App;
use crate::http::client::{Client, client, is_trusted_proxy};
use crate::http::context::{self, Context};
use crate::http::problem::Problem;
use crate::telemetry::traces::{self, Parent, TRACEPARENT};

/// Label of requests that no route takes: a raw path would let strangers fill the metrics.
const UNMATCHED: &str = "unmatched";
/// Methods by their own names; any other one is the client's invention, and would fill the metrics like a path.
const METHODS: [&str; 9] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"];
/// Label of those others, which traces know by this name.
const OTHER_METHOD: &str = "_OTHER";

/// Everything comes from us and nobody may frame it; pages need no inline script or style.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// For a year, and not for its neighbours, which may be somebody else's.
const HTTPS_ONLY: &str = "max-age=31536000";

/// Gives the request its id, a tracing span, one log line and its metrics.
pub(crate) async fn observe(
    proxies: web::Data<Vec<IpNet>>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    if let Some(client) = client(request.peer_addr(), request.headers(), &proxies) {
        request.extensions_mut().insert(Client(client));
    }
    let method = method(request.method());
    // Looked up before the request is handed on: one that runs out of time never comes back.
    let route = route(&request);
    let span = tracing::info_span!(
        "request",
        trace_id = Empty,
        otel_trace_id = Empty,
        user_id = Empty,
        job_id = Empty
    );
    let trace_id = identify(&request, &span, (method, route.as_deref()), &proxies);
    let endpoint = route.unwrap_or_else(|| UNMATCHED.to_owned());
    Context::of(&request, trace_id.clone())
        .scope(
            async move {
                let outcome = next.call(request).await;
                let (outcome, status) = match outcome {
                    Ok(mut response) => {
                        put(response.headers_mut(), "x-request-id", &trace_id);
                        let status = response.status().as_u16();
                        (Ok(response), status)
                    }
                    // Answered here, while the request's context is still at hand.
                    Err(error) => {
                        let mut response = error.error_response();
                        put(response.headers_mut(), "x-request-id", &trace_id);
                        let status = response.status().as_u16();
                        (Err(InternalError::from_response(error, response).into()), status)
                    }
                };
                count(method, &endpoint, status, started.elapsed());
                outcome
            }
            .instrument(span),
        )
        .await
}

/// Gives a request its id, and its span a place in a trace. The two ids are the same unless the client brings a request
/// id of its own, so that what a person quotes is what a trace is found by.
///
/// Only a trusted proxy says which trace the request goes on from, and with that whether it is sent: anybody else could
/// have all of theirs sent, or put them into somebody's trace.
fn identify(
    request: &ServiceRequest,
    span: &Span,
    (method, route): (&'static str, Option<&str>),
    proxies: &[IpNet],
) -> String {
    let told = request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok());
    let parent = told.filter(|_| is_trusted_proxy(request.peer_addr(), proxies)).and_then(Parent::parse);
    traces::asked(span, method, route, parent.as_ref());
    let id = context::given_id(request.headers())
        .or_else(|| traces::trace_id(span))
        .or_else(|| parent.as_ref().map(Parent::trace_id))
        .unwrap_or_else(context::new_id);
    traces::name(span, &id);
    id
}

fn method(method: &Method) -> &'static str {
    METHODS.into_iter().find(|known| *known == method.as_str()).unwrap_or(OTHER_METHOD)
}

/// The pattern of the route that the request will take. It is looked up by the path that routes are found by, in which
/// `%6C` is an `l`: by the path as it was sent, whoever writes a letter that way would take a route that is not counted.
pub(crate) fn route(request: &ServiceRequest) -> Option<String> {
    request.resource_map().match_pattern(request.match_info().as_str())
}

fn count(method: &'static str, endpoint: &str, status: u16, took: Duration) {
    traces::answered(&Span::current(), status, context::code());
    let labels = [("method", method.to_owned()), ("endpoint", endpoint.to_owned())];
    metrics::histogram!("api_request_duration_seconds", &labels).record(took);
    let [by_method, by_endpoint] = labels;
    let by_status = ("status_code", status.to_string());
    metrics::counter!("api_requests_total", &[by_method, by_endpoint.clone(), by_status]).increment(1);
    if status >= 400 {
        let kind = ("error_type", context::code().unwrap_or("other").to_owned());
        metrics::counter!("api_errors_total", &[kind, by_endpoint]).increment(1);
    }
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(method, endpoint, status, duration_ms, code = context::code(), "answered");
}

/// Answers 503 for a request that takes too long, and 500 for one that panics.
pub(crate) async fn guard(
    app: web::Data<App>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let seconds = app.config.server.request_seconds;
    let answer = AssertUnwindSafe(next.call(request)).catch_unwind();
    match tokio::time::timeout(Duration::from_secs(seconds), answer).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => {
            tracing::error!("a request panicked");
            Err(Problem::internal().into())
        }
        Err(_) => Err(Problem::timed_out(seconds).into()),
    }
}

/// Tells browsers to trust nothing that we do not need. A route may have set a policy of its own.
pub(crate) async fn secure(
    app: web::Data<App>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_https = app.config.server.is_https();
    let mut outcome = next.call(request).await.map_err(|error| {
        let mut response = error.error_response();
        harden(response.headers_mut(), is_https);
        Error::from(InternalError::from_response(error, response))
    });
    if let Ok(response) = &mut outcome {
        harden(response.headers_mut(), is_https);
    }
    outcome
}

fn harden(headers: &mut HeaderMap, is_https: bool) {
    let fixed = [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ];
    for (name, value) in fixed {
        put(headers, name, value);
    }
    // What is somebody's is kept by nobody else; what may be kept says so.
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if is_https {
        put(headers, "strict-transport-security", HTTPS_ONLY);
    }
    if !headers.contains_key("content-security-policy") {
        put(headers, "content-security-policy", POLICY);
    }
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic; that is how it reports")]

    use actix_web::http::Method;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, init_service, try_call_service};
    use actix_web::{App as Routes, HttpResponse, web};
    use ipnet::IpNet;

    use crate::app::App;
    use crate::config::Config;
    use crate::http::edge::{guard, method, observe};
    use crate::shutdown::Shutdown;
    use crate::telemetry::panics::counted;

    #[actix_web::test]
    async fn a_request_that_panics_answers_500_and_counts_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::defaults().unwrap();
        config.data_dir = dir.path().to_owned();
        let app = App::build(config, Shutdown::new()).await.unwrap();
        let panicking = || async {
            if true {
                panic!("what it says may be somebody's");
            }
            HttpResponse::Ok().finish()
        };
        let routes = Routes::new()
            .app_data(web::Data::new(app))
            .app_data(web::Data::new(Vec::<IpNet>::new()))
            .wrap(from_fn(guard))
            .wrap(from_fn(observe))
            .route("/", web::get().to(panicking));
        let service = init_service(routes).await;
        let counted = counted::begin();
        let error = try_call_service(&service, TestRequest::get().to_request()).await.err().unwrap();
        assert_eq!(error.error_response().status(), 500);
        assert_eq!(counted.panics(), 1);
    }

    #[test]
    fn what_a_client_calls_a_method_is_no_label() {
        assert_eq!(method(&Method::PATCH), "PATCH");
        assert_eq!(method(&Method::from_bytes(b"BREW").unwrap()), "_OTHER");
    }
}
