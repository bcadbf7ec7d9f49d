//! Errors on the wire: RFC 9457 problem details, or a page for a browser. The only place that turns errors into status codes.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use url::form_urlencoded;
use utoipa::ToSchema;

use crate::http::context;
use crate::http::web::pages;
use crate::service::ServiceError;

/// Seconds after which asking again makes sense when something is busy or down.
const RETRY_SECONDS: u64 = 5;

/// An error on its way out.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Problem(Box<Details>);

/// An error answer (RFC 9457, `application/problem+json`).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Details {
    /// `about:blank`: `code` tells the kinds apart.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status code.
    status: u16,
    /// What happened and what mends it, for a person.
    detail: String,
    /// Stable name of the reason, for a program.
    #[schema(example = "not_found")]
    code: &'static str,
    /// The request's id, to quote when asking for help.
    trace_id: String,
    /// What is wrong with the input, field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemField>,
    #[serde(skip)]
    retry_after: Option<u64>,
    /// Methods that the address takes.
    #[serde(skip)]
    allow: Option<&'static str>,
    /// Where a browser is sent instead of being shown the error.
    #[serde(skip)]
    go_to: Option<String>,
}

/// One field of the input and what is wrong with it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ProblemField {
    /// The field's name, with `.` between levels.
    #[schema(example = "email")]
    field: String,
    /// A sentence with the limit and what was sent.
    message: String,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(Details {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            code,
            trace_id: context::trace_id(),
            errors: Vec::new(),
            retry_after: None,
            allow: None,
            go_to: None,
        }))
    }

    fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// No route has this path, or it names something by what cannot be an identifier.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// No route has this path.
    pub(crate) fn no_such_route() -> Self {
        Self::not_found("There is nothing at this address; /docs lists what there is.")
    }

    /// An identifier that cannot be one names nothing.
    pub(crate) fn no_such_object() -> Self {
        Self::not_found("There is nothing with this identifier.")
    }

    /// The route exists, the method does not.
    pub(crate) fn method_not_allowed(methods: &'static str) -> Self {
        let mut problem = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This address does not take that method; /docs lists what each one takes.",
        );
        problem.0.allow = Some(methods);
        problem
    }

    /// The body cannot be read as what it says it is.
    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed_request", detail)
    }

    /// The body is of a type that the route does not take.
    pub(crate) fn media_type(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
    }

    /// More bytes than the route takes.
    pub(crate) fn body_too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "request_too_large",
            format!("The body of this request may have at most {limit} bytes."),
        )
    }

    /// A page that needs a signed-in person; a browser is sent to sign in and then back to `wanted`.
    pub(crate) fn sign_in_first(wanted: &str) -> Self {
        let mut problem = Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "Sign in to see this page.");
        let next: String = form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
        problem.0.go_to = Some(format!("/signin?next={next}"));
        problem
    }

    /// A form of whoever is not signed in any more. A browser sends what it sent once more when its page is loaded again,
    /// and elsewhere it would be forgotten: so it is not sent to sign in.
    pub(crate) fn signed_out_meanwhile() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "not_signed_in",
            "You were signed out meanwhile, and nothing is lost: keep this page, sign in in another tab, then load this \
             page again, and your browser sends what you wrote once more.",
        )
    }

    /// A form without the token that its page was given.
    pub(crate) fn stale_form() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "stale_form",
            "This form is no longer valid. Go back, reload the page and send it again.",
        )
    }

    /// More requests than one client may send.
    pub(crate) fn rate_limited(seconds: u64) -> Self {
        let wait = seconds.max(1);
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            format!("Too many requests from this address; try again in {wait} s."),
        )
        .retry_after(wait)
    }

    /// An account watches as many jobs as it may.
    pub(crate) fn watching_too_many(seconds: u64) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            "You are watching as many jobs as one account may at once; close another page, or ask for the job itself.",
        )
        .retry_after(seconds)
    }

    /// The answer took longer than a client should wait.
    pub(crate) fn timed_out(seconds: u64) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "timed_out",
            format!(
                "The answer was not ready within {seconds} s; nothing is wrong with the request. Try again."
            ),
        )
        .retry_after(RETRY_SECONDS)
    }

    /// A defect; the log has the rest under the same id.
    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "Something broke on our side. Quote the trace_id when you ask for help.",
        )
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        let status = match &error {
            ServiceError::NotFound { .. } => StatusCode::NOT_FOUND,
            ServiceError::Conflict { .. } => StatusCode::CONFLICT,
            ServiceError::Changed { .. } => StatusCode::PRECONDITION_FAILED,
            ServiceError::Invalid { .. } | ServiceError::Unreadable { .. } => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            ServiceError::Unauthorized { .. } => StatusCode::UNAUTHORIZED,
            ServiceError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            ServiceError::Unsupported { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ServiceError::QuotaExceeded { .. } | ServiceError::TooSoon { .. } => {
                StatusCode::TOO_MANY_REQUESTS
            }
            ServiceError::Forbidden { .. } => StatusCode::FORBIDDEN,
            ServiceError::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            ServiceError::Internal(source) => {
                tracing::error!(exception = %chain(source.as_ref()), "a request failed on our side");
                return Self::internal();
            }
        };
        let mut problem = Self::new(status, error.code(), error.to_string());
        match error {
            ServiceError::Invalid { fields, .. } => {
                problem.0.errors = fields
                    .into_iter()
                    .map(|field| ProblemField { field: field.field, message: field.message })
                    .collect();
            }
            ServiceError::Unavailable { source, .. } => {
                if let Some(source) = source {
                    tracing::warn!(exception = %chain(source.as_ref()), "something that is needed is down or busy");
                }
                problem = problem.retry_after(RETRY_SECONDS);
            }
            ServiceError::TooSoon { seconds }
            | ServiceError::QuotaExceeded { seconds: Some(seconds), .. } => {
                problem = problem.retry_after(seconds);
            }
            _ => {}
        }
        problem
    }
}

/// An error with all its causes on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        context::note_code(self.0.code);
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.0.retry_after {
            response.insert_header((RETRY_AFTER, seconds));
        }
        if let Some(methods) = self.0.allow {
            response.insert_header((ALLOW, methods));
        }
        if self.status_code() == StatusCode::UNAUTHORIZED {
            response.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        if context::wants_page() {
            if let Some(page) = &self.0.go_to {
                return pages::redirect(page);
            }
            return pages::problem(response, self.0.title, &self.0.detail, &self.0.trace_id);
        }
        response
            .content_type("application/problem+json")
            .body(serde_json::to_string(self).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError;

    use crate::http::problem::Problem;
    use crate::service::{FieldError, ServiceError};

    #[track_caller]
    fn check(error: ServiceError, status: u16, code: &str) {
        let problem = Problem::from(error);
        assert_eq!((problem.status_code().as_u16(), problem.0.code), (status, code));
        assert_eq!(problem.error_response().status().as_u16(), status);
    }

    #[test]
    fn every_kind_of_error_has_its_status() {
        let detail = || "A sentence.".to_owned();
        check(ServiceError::NotFound { what: "job" }, 404, "not_found");
        check(ServiceError::Conflict { code: "email_taken", detail: detail() }, 409, "email_taken");
        check(ServiceError::Changed { code: "resume_changed", detail: detail() }, 412, "resume_changed");
        check(ServiceError::invalid(vec![FieldError::new("email", "No.")]), 422, "invalid_request");
        check(ServiceError::Unauthorized { code: "invalid_token", detail: "No." }, 401, "invalid_token");
        check(ServiceError::TooLarge { detail: detail() }, 413, "file_too_large");
        check(ServiceError::Unsupported { detail: detail() }, 415, "unsupported_file_type");
        check(ServiceError::Unreadable { detail: detail() }, 422, "unreadable_file");
        check(ServiceError::quota(detail()), 429, "quota_exceeded");
        check(ServiceError::TooSoon { seconds: 2 }, 429, "too_many_attempts");
        check(ServiceError::Forbidden { code: "key_scope", detail: "No." }, 403, "key_scope");
        check(ServiceError::Unavailable { detail: detail(), source: None }, 503, "unavailable");
        check(ServiceError::internal("secret detail"), 500, "internal_error");
    }

    #[test]
    fn a_defect_shows_nothing_of_itself() {
        let problem = Problem::from(ServiceError::internal("the password is hunter2"));
        assert!(!serde_json::to_string(&problem).unwrap_or_default().contains("hunter2"));
    }
}
