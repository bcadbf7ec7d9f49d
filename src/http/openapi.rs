//! The OpenAPI 3.1 document, collected from the handlers that it describes.

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Document, Ref, RefOr, Response};
use utoipa::{Modify, OpenApi};

use crate::http::{api, operations, problem};

/// The media type of every error.
const PROBLEM: &str = "application/problem+json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "resume-optimizer",
        description = "A resume and a job posting in; an honest match report and a tailored resume out, in which \
                       nothing is invented.\n\nErrors are problem details (RFC 9457) with a stable `code`. Lists \
                       are pages: pass `next_cursor` as `cursor`. Every answer carries `x-request-id`."
    ),
    paths(
        api::register::register,
        api::login::login,
        api::refresh::refresh,
        api::logout::logout,
        api::me::show,
        api::me::change,
        api::me::erase,
        api::me_export::export,
        api::api_keys::list,
        api::api_keys::create,
        api::api_keys::delete,
        api::me_password::change,
        api::files::list,
        api::files::upload,
        api::file::show,
        api::file::delete,
        api::file_content::show,
        api::file_resume::show,
        api::file_resume::correct,
        api::file_resume::delete,
        api::jobs::list,
        api::jobs::create,
        api::optimize::optimize,
        api::analyze::analyze,
        api::job::show,
        api::job::delete,
        api::job_events::follow,
        api::job_cancel::cancel,
        api::job_retry::retry,
        api::job_result::show,
        api::job_edits::decide,
        api::job_document::download,
        operations::live,
        operations::ready,
        operations::metrics,
    ),
    components(schemas(problem::Details)),
    tags(
        (name = "auth", description = "Signing up, in and out."),
        (name = "account", description = "The caller's own account."),
        (name = "files", description = "Uploaded resumes."),
        (name = "jobs", description = "Optimizations and their results."),
        (name = "operations", description = "For operators and their tools."),
    ),
    modifiers(&Signed, &Problems)
)]
struct Api;

/// Every route needs an access token unless it says otherwise.
struct Signed;

impl Modify for Signed {
    fn modify(&self, document: &mut Document) {
        let scheme = Http::builder()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("An access token from `POST /api/v1/auth/login`."))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("access_token", SecurityScheme::Http(scheme));
        document.security = Some(vec![SecurityRequirement::new::<&str, [&str; 0], &str>("access_token", [])]);
    }
}

/// Every error has the same body, and some can come from every route, so that none has to repeat them.
struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut Document) {
        let body = Content::builder().schema(Some(Ref::from_schema_name("Problem"))).build();
        for (path, item) in &mut document.paths.paths {
            let operations = [
                ("get", &mut item.get),
                ("post", &mut item.post),
                ("put", &mut item.put),
                ("patch", &mut item.patch),
                ("delete", &mut item.delete),
            ];
            for (method, operation) in operations {
                let Some(operation) = operation else {
                    continue;
                };
                operation.operation_id = Some(operation_id(method, path));
                let always = [("429", "`rate_limited`"), ("503", "`unavailable`, `timed_out`: try again.")];
                let of_body = [
                    ("400", "`malformed_request`"),
                    ("413", "`request_too_large`, `file_too_large`"),
                    ("415", "`unsupported_media_type`, `unsupported_file_type`"),
                    ("422", "`invalid_request`: each field that needs another look is named."),
                ];
                let has_body = operation.request_body.is_some();
                let of_body = of_body.into_iter().filter(|_| has_body);
                for (status, says) in always.into_iter().chain(of_body) {
                    let responses = &mut operation.responses.responses;
                    let response = || RefOr::T(Response::builder().description(says).build());
                    responses.entry(status.to_owned()).or_insert_with(response);
                }
                for (status, response) in &mut operation.responses.responses {
                    if let RefOr::T(response) = response
                        && status.starts_with(['4', '5'])
                        && response.content.is_empty()
                    {
                        response.content.insert(PROBLEM.to_owned(), RefOr::T(body.clone()));
                    }
                }
            }
        }
    }
}

/// A name that no other operation has: `get_jobs_by_job_id_result`.
fn operation_id(method: &str, path: &str) -> String {
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    let words = path.split(['/', '.', '-']).filter(|word| !word.is_empty());
    words.fold(method.to_owned(), |name, word| {
        match word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
            Some(parameter) => format!("{name}_by_{parameter}"),
            None => format!("{name}_{word}"),
        }
    })
}

/// The document as JSON.
#[must_use]
pub fn document() -> String {
    // Only maps with keys that are no text cannot be written as JSON; there are none in it.
    Api::openapi().to_pretty_json().unwrap_or_default()
}
