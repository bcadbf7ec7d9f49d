//! Parsing at the door: bodies, queries and identifiers become types once, with the field named when they cannot.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::domain::job::JobStatus;
use crate::http::problem::Problem;
use crate::service::listing::Listing;
use crate::service::{FieldError, ServiceError};

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            if !is_json(&request) {
                return Err(Problem::media_type(
                    "Send the body as JSON, with the header Content-Type: application/json.",
                ));
            }
            let limit =
                request.app_data::<web::Data<App>>().map_or(0, |app| app.config.server.max_json_bytes);
            let body = collect(&mut payload, limit).await?;
            parse_json(&body).map(Self)
        })
    }
}

/// Whether the request says that its body is JSON.
pub(crate) fn is_json(request: &HttpRequest) -> bool {
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Reads a whole body of at most `limit` bytes.
pub(crate) async fn collect(payload: &mut Payload, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    let mut received = 0_usize;
    // A client that is still sending sees no answer: what is too large is read to its end, within reason.
    let patience = limit.saturating_mul(64);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| broken(&error))?;
        received = received.saturating_add(chunk.len());
        if received <= limit {
            body.extend_from_slice(&chunk);
        } else if received > patience {
            break;
        }
    }
    if received > limit { Err(Problem::body_too_large(limit)) } else { Ok(body) }
}

fn broken(error: &PayloadError) -> Problem {
    Problem::malformed(format!("The body of this request did not arrive whole: {error}."))
}

/// Reads JSON; what does not fit is named by its field.
pub(crate) fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // Read into a structure, a list would pass for its fields in order.
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(ServiceError::invalid_field("body", "The body is a JSON object, not a list.").into());
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() {
            misfit(&path, &inner.to_string())
        } else {
            Problem::malformed(format!("The body is not valid JSON: {inner}."))
        }
    })?;
    reader.end().map_err(|error| Problem::malformed(format!("The body is not valid JSON: {error}.")))?;
    Ok(value)
}

/// Turns the parser's sentence into one for the person, with the field's name.
fn misfit(path: &str, message: &str) -> Problem {
    let message = message.split(" at line ").next().unwrap_or(message);
    let quoted = || message.split('`').nth(1).unwrap_or_default().to_owned();
    let parent = if path == "." { String::new() } else { format!("{path}.") };
    let field = if message.starts_with("missing field") {
        FieldError::new(format!("{parent}{}", quoted()), "This field is required.")
    } else if message.starts_with("unknown field") {
        let known = message.split_once("expected ").map_or("", |(_, known)| known).replace('`', "");
        // The path of an unknown field already ends in its name.
        let name = if path.ends_with(&quoted()) { path.to_owned() } else { format!("{parent}{}", quoted()) };
        let allowed = if known.is_empty() { String::new() } else { format!(" Known: {known}.") };
        FieldError::new(name, format!("There is no such field.{allowed}"))
    } else {
        let name = if path == "." { "body" } else { path };
        FieldError::new(name, format!("This does not fit: {message}."))
    };
    ServiceError::invalid(vec![field]).into()
}

/// Reads JSON that stands in one field of a form.
pub(crate) fn parse_json_field<T: DeserializeOwned>(field: &str, text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|error| {
        let message = format!("This is JSON that does not fit: {error}.");
        ServiceError::invalid_field(field, message).into()
    })
}

/// The header that makes a request safe to repeat.
pub(crate) fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get("idempotency-key") else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| {
        ServiceError::invalid_field(
            "Idempotency-Key",
            "An Idempotency-Key is made of visible ASCII characters.",
        )
    })?;
    Ok(Some(text.trim().to_owned()))
}

/// `?limit=`, `?cursor=` and `?status=` of a list.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ListQuery {
    /// How many to answer with, 1 to 100.
    limit: Option<String>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
    /// Only jobs of this status.
    status: Option<String>,
}

impl ListQuery {
    /// Reads the query of a request.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        web::Query::<Self>::from_query(request.query_string()).map(web::Query::into_inner).map_err(|error| {
            let message = error.to_string();
            let field = message.split('`').nth(1).unwrap_or("query").to_owned();
            ServiceError::invalid(vec![FieldError::new(
                field,
                "A list takes limit, cursor and, for jobs, status.",
            )])
            .into()
        })
    }

    /// How many to answer with.
    fn limit(&self) -> Result<u32, Problem> {
        let Some(text) = &self.limit else {
            return Ok(20);
        };
        text.parse().ok().filter(|limit| (1..=100).contains(limit)).ok_or_else(|| {
            ServiceError::invalid_field("limit", format!("limit is a number from 1 to 100, not {text:?}."))
                .into()
        })
    }

    /// Which page that is.
    pub(crate) fn listing(&self) -> Result<Listing<'_>, Problem> {
        Ok(Listing { limit: self.limit()?, cursor: self.cursor() })
    }

    /// Fails for a list that has no statuses.
    pub(crate) fn refuse_status(&self) -> Result<(), Problem> {
        match self.status {
            None => Ok(()),
            Some(_) => Err(ServiceError::invalid_field("status", "This list takes limit and cursor.").into()),
        }
    }

    /// Where the page before ended.
    fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref().filter(|cursor| !cursor.is_empty())
    }

    /// Only jobs of this status.
    pub(crate) fn status(&self) -> Result<Option<JobStatus>, Problem> {
        let Some(text) = &self.status else {
            return Ok(None);
        };
        JobStatus::parse(text).map(Some).ok_or_else(|| {
            let known = "queued, running, completed, failed or cancelled";
            ServiceError::invalid_field("status", format!("status is {known}, not {text:?}.")).into()
        })
    }
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError;
    use serde::Deserialize;

    use crate::http::extract::parse_json;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its reading is looked at")]
    struct Example {
        email: String,
        #[serde(default)]
        options: Options,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Options {
        #[serde(rename = "limit")]
        _limit: u32,
    }

    #[track_caller]
    fn check(body: &str, status: u16, field: &str) {
        let Err(problem) = parse_json::<Example>(body.as_bytes()) else {
            assert_eq!(status, 200, "{body}");
            return;
        };
        let text = serde_json::to_value(&problem).unwrap_or_default();
        assert_eq!(problem.status_code().as_u16(), status, "{text}");
        let found = text.pointer("/errors/0/field").and_then(|field| field.as_str()).unwrap_or_default();
        assert_eq!(found, field, "{text}");
    }

    #[test]
    fn what_does_not_fit_is_named() {
        check(r#"{"email": "a@b.c"}"#, 200, "");
        check(r#"{"email": "a@b.c""#, 400, "");
        check("", 400, "");
        check(r#"{"email": "a@b.c"} x"#, 400, "");
        check("{}", 422, "email");
        check(r#"{"email": 1}"#, 422, "email");
        check(r#"{"email": "a", "e-mail": "b"}"#, 422, "e-mail");
        check(r#"{"email": "a", "options": {"limit": "many"}}"#, 422, "options.limit");
        check(r#"{"email": "a", "options": {"limits": 1}}"#, 422, "options.limits");
        check("[]", 422, "body");
    }
}
