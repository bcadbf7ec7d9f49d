//! What every request passes on its way in and out: its id, its log line and numbers, its deadline, its headers.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};
use futures_util::FutureExt;
use ipnet::IpNet;
use tracing::Instrument;

use crate::app::App;
use crate::http::client::{Client, client};
use crate::http::context::{self, Context};
use crate::http::problem::Problem;

/// Label of requests that no route takes: a raw path would let strangers fill the metrics.
const UNMATCHED: &str = "unmatched";

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
    let context = Context::of(&request);
    let trace_id = context.trace_id().to_owned();
    let method = request.method().as_str().to_owned();
    // Looked up before the request is handed on: one that runs out of time never comes back.
    let endpoint = route(&request).unwrap_or_else(|| UNMATCHED.to_owned());
    let span = tracing::info_span!(
        "request",
        trace_id = %trace_id,
        user_id = tracing::field::Empty,
        job_id = tracing::field::Empty,
    );
    context
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
                count(&method, &endpoint, status, started.elapsed());
                outcome
            }
            .instrument(span),
        )
        .await
}

/// The pattern of the route that the request will take. It is looked up by the path that routes are found by, in which
/// `%6C` is an `l`: by the path as it was sent, whoever writes a letter that way would take a route that is not counted.
pub(crate) fn route(request: &ServiceRequest) -> Option<String> {
    request.resource_map().match_pattern(request.match_info().as_str())
}

fn count(method: &str, endpoint: &str, status: u16, took: Duration) {
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
