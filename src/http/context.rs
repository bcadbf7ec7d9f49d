//! What is known about the request being answered: its id, whether a page or JSON is wanted, and who asks.

use std::cell::Cell;
use std::future::Future;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{ACCEPT, HeaderMap};
use uuid::Uuid;

use crate::domain::id::{JobId, UserId};

/// Longest request id that is taken over from the client.
const MAX_ID_BYTES: usize = 128;

tokio::task_local! {
    // A request is answered within one task, and errors are written where no request is at hand.
    static CURRENT: Context;
}

/// Facts of one request, for its answer and its log line.
#[derive(Debug)]
pub(crate) struct Context {
    trace_id: String,
    wants_page: bool,
    code: Cell<Option<&'static str>>,
}

impl Context {
    /// Reads the head of a request that has this id.
    pub(crate) fn of(request: &ServiceRequest, trace_id: String) -> Self {
        let accepts_pages = request
            .headers()
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("text/html"));
        Self {
            trace_id,
            wants_page: accepts_pages && !request.path().starts_with("/api/"),
            code: Cell::new(None),
        }
    }

    /// Runs the rest of the request with this context.
    pub(crate) async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }
}

/// The id that a request brings along, where it is harmless: so one id follows a request through several services.
pub(crate) fn given_id(headers: &HeaderMap) -> Option<String> {
    let given = headers.get("x-request-id").and_then(|value| value.to_str().ok());
    given.filter(|id| is_harmless(id)).map(ToOwned::to_owned)
}

/// An id for a request that brings none.
pub(crate) fn new_id() -> String {
    Uuid::now_v7().simple().to_string()
}

fn is_harmless(id: &str) -> bool {
    (1..=MAX_ID_BYTES).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// The id of the request being answered; empty outside of one.
pub(crate) fn trace_id() -> String {
    CURRENT.try_with(|context| context.trace_id.clone()).unwrap_or_default()
}

/// Whether a person's browser waits for a page.
pub(crate) fn wants_page() -> bool {
    CURRENT.try_with(|context| context.wants_page).unwrap_or_default()
}

/// Notes who asks, for every log line of the request.
pub(crate) fn note_user(id: UserId) {
    tracing::Span::current().record("user_id", tracing::field::display(id));
}

/// Notes which job the request is about, for every log line of it.
pub(crate) fn note_job(id: JobId) {
    tracing::Span::current().record("job_id", tracing::field::display(id));
}

/// Notes the stable name of the error that is answered.
pub(crate) fn note_code(code: &'static str) {
    let _ = CURRENT.try_with(|context| context.code.set(Some(code)));
}

/// The stable name of the error that was answered, if one was.
pub(crate) fn code() -> Option<&'static str> {
    CURRENT.try_with(|context| context.code.get()).unwrap_or_default()
}
