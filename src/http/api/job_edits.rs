//! `PUT /api/v1/jobs/{job_id}/edits`

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::domain::id::JobId;
use crate::domain::outcome::Outcome;
use crate::http::caller::Caller;
use crate::http::context;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::service::jobs::{self, Decided};

/// Accepts or rejects edits and takes confirmed facts; the documents follow.
#[utoipa::path(put, path = "/api/v1/jobs/{job_id}/edits", tag = "jobs", params(("job_id" = JobId, Path)),
    request_body = Decided, responses(
    (status = 200, description = "The result with those decisions.", body = Outcome),
    (status = 400, description = "`malformed_request`"),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`key_scope`: the API key may only read."),
    (status = 404, description = "`not_found`"),
    (status = 409, description = "`job_not_completed`, `result_changed`"),
    (status = 413, description = "`request_too_large`"),
    (status = 415, description = "`unsupported_media_type`"),
    (status = 422, description = "`unknown_edit`, `invalid_fact`, `invalid_request`")))]
pub(crate) async fn decide(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<JobId>,
    input: Json<Decided>,
) -> Result<HttpResponse, Problem> {
    context::note_job(*id);
    Ok(HttpResponse::Ok().json(jobs::decide(&app, caller.user.id, *id, input.0).await?))
}
