//! `GET`, `PUT` and `DELETE /api/v1/files/{file_id}/resume`

use actix_web::http::header::{ETAG, IF_MATCH};
use actix_web::{FromRequest as _, HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::correction::FileResume;
use crate::domain::id::FileId;
use crate::domain::resume::Resume;
use crate::http::caller::Caller;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::service::corrections::{self, Current};
use crate::service::files;

/// A resume as its owner says it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorrectedResume {
    /// The whole resume: what is left out is not in it. JSON Resume 1.0.0 with the `x-` fields of this service; other
    /// fields are refused. Of what only a reading has, `x-skillsFromText` counts: where it is `true` and the skills are
    /// those that were found in running text, they stay out of the person's own list. Without it they are confirmed as
    /// that list.
    #[schema(value_type = Resume)]
    resume: Value,
}

/// A file whose owner corrected the employer, for the document of this interface.
fn example() -> Value {
    json!({
        "resume": { "basics": { "name": "Mira Holm" }, "work": [{ "name": "Fjordline", "position": "Engineer", "startDate": "2020-03" }] },
        "read": { "basics": { "name": "Mira Holm" }, "work": [{ "name": "Fjordline, Bergen", "startDate": "2020-03" }] },
        "corrected_at": "2026-03-01T09:30:00.123456Z",
        "readability": [],
        "readers": [],
        "notes": []
    })
}

/// What is understood of an uploaded file, or what its owner corrected it to, what simple readers lose of it, and what
/// applicant tracking systems would trip over.
#[utoipa::path(get, path = "/api/v1/files/{file_id}/resume", tag = "files", params(("file_id" = FileId, Path)), responses(
    (status = 200, description = "The resume that jobs use, with what was read where that is another one.",
     body = FileResume, headers(("etag" = String, description = "Names this state, for `If-Match`.")),
     example = json!(example())),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 404, description = "`not_found`"),
    (status = 409, description = "`file_damaged`"),
    (status = 422, description = "`unreadable_file`")))]
pub(crate) async fn show(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<FileId>,
) -> Result<HttpResponse, Problem> {
    Ok(present(corrections::find(&app, caller.user.id, *id).await?))
}

/// Corrects what was read of a file. Jobs that start from now on and analyses use the corrected resume; what it says counts
/// as the person's own words, what was left out of it does not.
#[utoipa::path(put, path = "/api/v1/files/{file_id}/resume", tag = "files", params(
    ("file_id" = FileId, Path),
    ("If-Match" = Option<String>, Header, description = "The `etag` of the state that was corrected: another one is \
     answered with 412 and stays. Without it the last one wins.")),
    request_body(content = CorrectedResume, example = json!({
        "resume": {
            "basics": { "name": "Mira Holm", "email": "mira@example.org", "location": { "address": "Bergen, Norway" } },
            "work": [{ "name": "Fjordline", "position": "Engineer", "startDate": "2020-03", "highlights": ["Moved 40 services to Kubernetes"] }],
            "skills": [{ "name": "Languages", "keywords": ["Python", "Rust"] }]
        }
    })), responses(
    (status = 200, description = "What jobs use now.", body = FileResume,
     headers(("etag" = String, description = "Names this state, for `If-Match`.")),
     example = json!(example())),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`key_scope`: the API key may only read."),
    (status = 404, description = "`not_found`"),
    (status = 409, description = "`file_damaged`, `gone`"),
    (status = 412, description = "`resume_changed`: it is no longer the state that `If-Match` names."),
    (status = 413, description = "`request_too_large`"),
    (status = 415, description = "`unsupported_media_type`"),
    (status = 422, description = "`invalid_request`: each field is named by its path, `resume.work[0].startDate`; \
     `unreadable_file`")))]
pub(crate) async fn correct(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<FileId>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    // Somebody else's file is not there, whatever is sent for it.
    files::find(&app, caller.user.id, *id).await?;
    let input = Json::<CorrectedResume>::from_request(&request, &mut payload.into_inner()).await?;
    let (expected, given) = (if_match(&request), input.0.resume);
    let current =
        corrections::correct(&app, caller.user.id, *id, given, expected.as_deref(), &caller.origin).await?;
    Ok(present(current))
}

/// Takes a correction back: jobs use what was read again. Where there is none, nothing happens.
#[utoipa::path(delete, path = "/api/v1/files/{file_id}/resume", tag = "files", params(
    ("file_id" = FileId, Path),
    ("If-Match" = Option<String>, Header, description = "The `etag` of the state that is taken back: another one is \
     answered with 412 and stays.")),
    responses(
    (status = 204, description = "There is no correction."),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`key_scope`: the API key may only read."),
    (status = 404, description = "`not_found`"),
    (status = 412, description = "`resume_changed`: it is no longer the state that `If-Match` names.")))]
pub(crate) async fn delete(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<FileId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let expected = if_match(&request);
    corrections::delete(&app, caller.user.id, *id, expected.as_deref(), &caller.origin).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn present(current: Current) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, format!("\"{}\"", current.tag))).json(current.shown)
}

/// The tags of `If-Match` (RFC 9110, 13.1.1); nothing where it is absent or takes any state. A weak one counts: a proxy that
/// compresses answers makes tags weak, and ours name a state, not bytes.
fn if_match(request: &HttpRequest) -> Option<Vec<String>> {
    let mut tags = Vec::new();
    for header in request.headers().get_all(IF_MATCH) {
        // What is no text is no tag of ours, and still a condition.
        for tag in header.to_str().unwrap_or_default().split(',') {
            let tag = tag.trim();
            if tag == "*" {
                return None;
            }
            let bare = tag.strip_prefix("W/").unwrap_or(tag);
            tags.push(bare.trim_matches('"').to_owned());
        }
    }
    (!tags.is_empty()).then_some(tags)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use crate::http::api::file_resume::if_match;

    #[track_caller]
    fn check(headers: &[&str], expected: Option<&[&str]>) {
        let request = headers
            .iter()
            .fold(TestRequest::default(), |request, value| request.append_header(("if-match", *value)));
        let tags = if_match(&request.to_http_request());
        let tags = tags.as_ref().map(|tags| tags.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(tags.as_deref(), expected, "{headers:?}");
    }

    #[test]
    fn a_condition_is_read_as_clients_and_proxies_write_it() {
        check(&[], None);
        check(&["*"], None);
        check(&["\"ab\""], Some(&["ab"]));
        check(&["W/\"ab\", \"cd\"", "\"ef\""], Some(&["ab", "cd", "ef"]));
        check(&[""], Some(&[""]));
    }
}
