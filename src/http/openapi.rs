//! The OpenAPI 3.1 document, collected from the handlers that it describes.

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Document, Ref, RefOr};
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
        api::me_password::change,
        api::files::list,
        api::files::upload,
        api::file::show,
        api::file::delete,
        api::file_content::show,
        api::file_resume::show,
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

/// Every error has the same body, so that no route has to repeat it.
struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut Document) {
        let body = Content::builder().schema(Some(Ref::from_schema_name("Problem"))).build();
        for item in document.paths.paths.values_mut() {
            let operations =
                [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
            for operation in operations.into_iter().flatten() {
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

/// The document as JSON.
#[must_use]
pub fn document() -> String {
    // Only maps with keys that are no text cannot be written as JSON; there are none in it.
    Api::openapi().to_pretty_json().unwrap_or_default()
}
